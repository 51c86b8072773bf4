"""The benchmark's training step in JAX, Adam inside the one jit, spoken to in JSON lines; see ../lanes.mjs."""

import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
except ImportError as error:
    print(json.dumps({"error": f"no JAX here: {error}"}), flush=True)
    sys.exit(0)

ADAM = optax.adam(1e-5)


def weight(rng, *shape):
    return jnp.asarray(rng.normal(0, shape[0] ** -0.5, shape), jnp.float32)


def norm_weights(d):
    return {"scale": jnp.ones(d), "bias": jnp.zeros(d)}


def initial(rng, model, outputs):
    d, ratio = model["dModel"], model.get("mlpRatio")
    inputs = model["inputs"]
    weights = {"embed": weight(rng, outputs, d), "ln": norm_weights(d)}
    weights["unembed"], weights["unembed_bias"] = weight(rng, d, outputs), jnp.zeros(outputs)
    if inputs["kind"] == "exemplars":
        weights["exemplar"], weights["exemplar_bias"] = weight(rng, inputs["features"], d), jnp.zeros(d)
    for layer in range(model["layers"]):
        block = {"ln1": norm_weights(d), "qkv": weight(rng, d, 3 * d), "out": weight(rng, d, d)}
        if ratio:
            block |= {"ln2": norm_weights(d), "in": weight(rng, d, ratio * d), "in_bias": jnp.zeros(ratio * d)}
            block |= {"back": weight(rng, ratio * d, d), "back_bias": jnp.zeros(d)}
        weights[f"block{layer}"] = block
    return weights


def norm(x, weights):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * weights["scale"] + weights["bias"]


def rotate(x):
    length, width = x.shape[-2:]
    angles = np.arange(length)[:, None] * 10000.0 ** (-np.arange(0, width, 2) / width)
    cos, sin = jnp.asarray(np.cos(angles), jnp.float32), jnp.asarray(np.sin(angles), jnp.float32)
    even, odd = x[..., 0::2], x[..., 1::2]
    return jnp.stack((even * cos - odd * sin, odd * cos + even * sin), -1).reshape(x.shape)


def attention(x, block, heads):
    batch, length, d = x.shape
    width = d // heads
    q, k, v = (x @ block["qkv"]).reshape(batch, length, 3, heads, width).transpose(2, 0, 3, 1, 4)
    scores = jnp.einsum("bhqd,bhkd->bhqk", rotate(q), rotate(k)) * width**-0.5
    scores = jnp.where(np.tril(np.ones((length, length), bool)), scores, -1e20)
    mixed = jnp.einsum("bhqk,bhkd->bqhd", jax.nn.softmax(scores), v)
    return mixed.reshape(batch, length, d) @ block["out"]


def loss_of(weights, tokens, shown, targets, *, model, table):
    x = weights["embed"][tokens]
    last = model["inputs"]["kind"] == "exemplars"
    if last:
        exemplars = table[shown] @ weights["exemplar"] + weights["exemplar_bias"]
        pairs = jnp.stack((exemplars[:, :-1], x), 2).reshape(x.shape[0], -1, x.shape[-1])
        x = jnp.concatenate((pairs, exemplars[:, -1:]), 1)
    for layer in range(model["layers"]):
        block = weights[f"block{layer}"]
        x = x + attention(norm(x, block["ln1"]), block, model["heads"])
        if "in" in block:
            hidden = jax.nn.gelu(norm(x, block["ln2"]) @ block["in"] + block["in_bias"])
            x = x + hidden @ block["back"] + block["back_bias"]
    x = norm(x[:, -1] if last else x, weights["ln"])
    logits = x @ weights["unembed"] + weights["unembed_bias"]
    return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()


class Case:
    def __init__(self, spec):
        self.rng = np.random.default_rng(0)
        self.batch, self.task = spec["batch"], spec["task"]
        self.weights = initial(self.rng, spec["model"], 5 if self.task["kind"] == "few-shot" else self.task["vocab"])
        self.state = ADAM.init(self.weights)
        table = jnp.asarray(self.rng.random((50, 512)), jnp.float32)

        def step(weights, state, *batch):
            loss, gradients = jax.value_and_grad(loss_of)(weights, *batch, model=spec["model"], table=table)
            updates, state = ADAM.update(gradients, state)
            return optax.apply_updates(weights, updates), state, loss

        self.jitted = jax.jit(step, donate_argnums=(0, 1))

    def sample(self):
        if self.task["kind"] == "tokens":
            ids = self.rng.integers(0, self.task["vocab"], (self.batch, self.task["length"] + 1), np.int32)
            return ids[:, :-1], None, ids[:, 1:]
        query = self.rng.integers(0, 50, self.batch, np.int32)
        other = (query + self.rng.integers(1, 50, self.batch, np.int32)) % 50
        first = self.rng.random(self.batch) < 0.5
        label = self.rng.integers(0, 5, self.batch, np.int32)
        wrong = (label + self.rng.integers(1, 5, self.batch, np.int32)) % 5
        ids = np.stack((np.where(first, query, other), np.where(first, other, query), query), 1)
        return np.stack((np.where(first, label, wrong), np.where(first, wrong, label)), 1), ids, label

    def step(self):
        self.weights, self.state, loss = self.jitted(self.weights, self.state, *self.sample())
        return loss


def main():
    cases = []
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "open":
                cases.append(Case(ask["spec"]))
                cases[-1].step().block_until_ready()
                print(json.dumps({"id": len(cases) - 1, "version": f"JAX {jax.__version__}"}), flush=True)
                continue
            case, steps = cases[ask["id"]], 0
            loss = case.step()
            loss.block_until_ready()
            wall, cpu = time.perf_counter(), time.process_time()
            while (time.perf_counter() - wall) * 1000 < ask["ms"]:
                # One step is being dispatched while the one before is computed, and no more than one.
                before, loss = loss, case.step()
                before.block_until_ready()
                steps += 1
            loss.block_until_ready()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(json.dumps({"steps": steps, "wallMs": wall * 1000, "cpuMs": cpu * 1000}), flush=True)
        except Exception as error:  # Told, not thrown: the benchmark goes on without this case.
            print(json.dumps({"error": f"{type(error).__name__}: {str(error)[:300]}"}), flush=True)


main()
