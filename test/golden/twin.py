"""The PyTorch twin: the same runs as cases.ts, in f64, from modules and autograd alone.

    python test/golden/twin.py

reads inputs.safetensors beside this file and writes expected/<case>.safetensors. It knows nothing of opsin's ops,
graphs or interventions: a clamp here is a function from a value to a value, and its gradient is what autograd makes of
it. Case names are those of cases.ts; PROVENANCE.md has the versions that made the committed files.
"""

import json
import math
import platform
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent
CAUSAL, FORBIDDEN, ABSENT = -1e20, -1e9, -1e9


# ---- the model -------------------------------------------------------------------------------------------------------


class Forward:
    """One pass: hands every named value to the clamp of that name, and keeps what comes back."""

    def __init__(self, clamps):
        self.clamps = clamps
        self.values = {}

    def __call__(self, name, value):
        if name in self.clamps:
            value = self.clamps[name](value)
        if value.requires_grad:
            value.retain_grad()
        self.values[name] = value
        return value


def make_norm(config):
    width, eps = config["dModel"], config["eps"]
    if config["norm"] == "layernorm":
        return nn.LayerNorm(width, eps=eps)
    if config["norm"] == "rmsnorm":
        return nn.RMSNorm(width, eps=eps)
    return nn.Identity()


def normed(module, x, at, name):
    """Applies a norm; what it divides by and what comes of that before the gain is only looked at here."""
    if not isinstance(module, nn.Identity):
        mean = x.mean(-1, keepdim=True) if isinstance(module, nn.LayerNorm) else 0
        scale = ((x - mean).square().mean(-1, keepdim=True) + module.eps).sqrt()
        at(f"{name}.scale", scale.detach())
        at(f"{name}.normalized", ((x - mean) / scale).detach())
    return module(x)


def rotate(x, base):
    """[batch, pos, head, d_head]: adjacent pairs are complex numbers, turned by pos · base^(−2j/d_head)."""
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    speed = base ** -torch.arange(0, 1, 2 / x.shape[-1], dtype=x.dtype)
    angle = torch.outer(torch.arange(x.shape[1], dtype=x.dtype), speed)[:, None, :]
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(-2)


def waves(length, width):
    """sin on even entries, cos on odd ones, of p · 10000^(−2⌊i/2⌋/width)."""
    position = torch.arange(length)[:, None]
    entry = torch.arange(width)
    angle = position * 10000.0 ** (-2 * (entry // 2).double() / width)
    return torch.where(entry % 2 == 0, angle.sin(), angle.cos())


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        width, inner = config["dModel"], config["heads"] * config["dHead"]
        self.q = nn.Linear(width, inner, bias=False)
        self.k = nn.Linear(width, inner, bias=False)
        self.v = nn.Linear(width, inner, bias=False)
        self.out = nn.Linear(inner, width, bias=False)

    def forward(self, x, at, name):
        heads = self.config["heads"]
        q, k, v = (at(f"{name}.{part}", getattr(self, part)(x).unflatten(-1, (heads, -1))) for part in "qkv")
        if self.config["positions"] == "rotary":
            base = self.config["rotaryBase"]
            q, k = at(f"{name}.rot_q", rotate(q, base)), at(f"{name}.rot_k", rotate(k, base))
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(self.config["dHead"])
        if self.config["causal"]:
            future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(future, CAUSAL)
        pattern = at(f"{name}.pattern", at(f"{name}.scores", scores).softmax(-1))
        z = at(f"{name}.z", torch.einsum("bhqk,bkhd->bqhd", pattern, v))
        each = [z[:, :, h] @ part.T for h, part in enumerate(self.out.weight.chunk(heads, dim=1))]
        return at(f"{name}.result", torch.stack(each, 2)).sum(2)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln1 = make_norm(config)
        self.attn = Attention(config)
        self.mlp = None
        if config["mlpRatio"] is not None:
            width, hidden = config["dModel"], round(config["mlpRatio"] * config["dModel"])
            self.ln2 = make_norm(config)
            self.mlp = nn.ModuleDict({"in": nn.Linear(width, hidden), "out": nn.Linear(hidden, width)})

    def forward(self, x, at, name):
        x = at(f"{name}.resid_pre", x)
        x = x + at(f"{name}.attn_out", self.attn(normed(self.ln1, x, at, f"{name}.ln1"), at, f"{name}.attn"))
        if self.mlp is not None:
            x = at(f"{name}.resid_mid", x)
            pre = at(f"{name}.mlp.pre", self.mlp["in"](normed(self.ln2, x, at, f"{name}.ln2")))
            post = at(f"{name}.mlp.post", F.gelu(pre, approximate="tanh"))
            x = x + at(f"{name}.mlp_out", self.mlp["out"](post))
        return at(f"{name}.resid_post", x)


class Transformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        width, inputs = config["dModel"], config["inputs"]
        if inputs["kind"] == "exemplars":
            vocab = inputs["labels"]
            embed = {"exemplar": nn.Linear(inputs["features"], width), "label": nn.Embedding(vocab, width)}
        else:
            vocab = inputs["vocab"]
            embed = {"token": nn.Embedding(vocab, width)}
        if config["positions"] == "learned":
            embed["pos"] = nn.Embedding(config["maxLength"], width)
        self.embed = nn.ModuleDict(embed)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["layers"]))
        self.ln_final = make_norm(config)
        self.unembed = nn.Linear(width, vocab)

    def tokens(self, batch):
        if "tokens" in batch:
            return self.embed["token"](batch["tokens"])
        exemplars = self.embed["exemplar"](batch["features"])
        labels = self.embed["label"](batch["labels"])
        pairs = torch.stack([exemplars[:, :-1], labels], 2).flatten(1, 2)
        return torch.cat([pairs, exemplars[:, -1:]], 1)

    def forward(self, batch, clamps):
        at = Forward(clamps)
        x = at("embed", self.tokens(batch))
        length, width = x.shape[1:]
        if self.config["positions"] == "learned":
            x = x + at("pos_embed", self.embed["pos"](torch.arange(length)).expand_as(x))
        if self.config["positions"] == "sinusoidal":
            x = x + at("pos_embed", waves(length, width).expand_as(x))
        for i, block in enumerate(self.blocks):
            x = block(x, at, f"blocks.{i}")
        read = normed(self.ln_final, x, at, "ln_final")
        if self.config["readout"] == "last":
            read = read[:, -1:]
        at("logits", self.unembed(read))
        return at.values

    def named_weights(self):
        """Every parameter under opsin's name, and whether opsin stores it transposed ([in, out])."""
        for path, module in self.named_modules():
            for name, parameter in module.named_parameters(recurse=False):
                yield f"{path}.{name}", parameter, isinstance(module, nn.Linear) and name == "weight"


# ---- the clamps ------------------------------------------------------------------------------------------------------
# A case is a function of (run, batch, step): `run(clamps)` is one more pass over the batch. It gives the clamps of the
# pass that counts: from the name of a value to a function of that value.


def replace(value, new, head=None, rows=None, straight=False):
    """`new` in place of the chosen heads and rows of scores or patterns [batch, head, query, key].

    The old value gets no gradient there, or with `straight` that of the new one.
    """
    chosen = torch.zeros(value.shape[-3:], dtype=torch.bool)
    heads = range(value.shape[1]) if head is None else head
    for h in heads:
        chosen[h, slice(None) if rows is None else rows] = True
    if straight:
        return value + torch.where(chosen, new - value, torch.zeros(())).detach()
    return torch.where(chosen, new, value)


def previous_token(length, strength):
    pattern = torch.diag(torch.full((length,), 1 - strength)) + torch.diag(torch.full((length - 1,), strength), -1)
    pattern[0, 0] = 1
    return pattern


def on_labels(weights):
    """[batch, pairs] → a row of attention [batch, 1, 1, length]: labels stand between the exemplars."""
    row = torch.zeros(weights.shape[0], 2 * weights.shape[1] + 1)
    row[:, 1::2] = weights
    return row[:, None, None]


def induction(batch, strength):
    right = batch["labels"] == batch["targets"][:, None]
    share = torch.where(right, strength, 1 - strength)
    return on_labels(share / torch.where(right, right.sum(1, True), (~right).sum(1, True)))


def match(batch, temperature):
    *context, query = batch["features"].unbind(1)
    similarity = torch.stack([F.cosine_similarity(exemplar, query, dim=-1) for exemplar in context], 1)
    return on_labels((similarity / temperature).softmax(1))


def copied(batch, scores, head, vocab):
    """The output of a perfect copy: a context label's logit is the logsumexp of the scores at its tokens."""
    seen = scores[:, head, -1, 1::2]
    logits = []
    for label in range(vocab):
        here = batch["labels"] == label
        total = torch.where(here, seen, torch.tensor(-torch.inf)).logsumexp(1)
        logits.append(torch.where(here.any(1), total, torch.tensor(ABSENT)))
    return torch.stack(logits, 1)[:, None]


def silence(heads):
    def clamp(v):
        kept = [h for h in range(v.shape[2]) if h not in heads]
        return torch.zeros_like(v).index_copy(2, torch.tensor(kept), v[:, :, kept])

    return clamp


def no_look_back(scores):
    back = torch.diag(torch.ones(scores.shape[-1] - 1), -1).bool()
    return replace(scores, scores.masked_fill(back, FORBIDDEN), head=[0, 2])


def temperatures(scores):
    """What the causal mask hides stays as hidden as it was."""
    hidden = scores <= CAUSAL
    return (scores / torch.tensor([1.7, 1, 1, 0.5])[:, None, None]).masked_fill(hidden, CAUSAL)


def copy(run, batch, step):
    seen = []

    def look(scores):
        seen.append(scores)
        return scores

    return {"blocks.1.attn.scores": look, "logits": lambda logits: copied(batch, seen[0], 3, logits.shape[-1])}


def first_layer(run, batch, step):
    embedding = run({})["embed"]
    shifted = torch.cat([embedding[:, :1], embedding[:, :-2], embedding[:, -1:]], 1)
    patterns = run({"blocks.0.resid_post": lambda _: shifted})["blocks.1.attn.pattern"]
    return {"blocks.0.resid_post": lambda _: embedding.clone(), "blocks.1.attn.pattern": lambda _: patterns.clone()}


def preserve(gradient):
    def case(run, batch, step):
        clean = run({})

        def keep(name):
            return lambda _: clean[name].clone() if gradient == "source" else clean[name].detach()

        patterns = ["blocks.0.attn.pattern", "blocks.1.attn.pattern"]
        return {"blocks.0.attn.v": silence([1, 2]), **{name: keep(name) for name in patterns}}

    return case


def window(run, batch, step):
    if not 5 <= step < 12:
        return {}
    return {"blocks.0.attn.pattern": lambda p: replace(p, previous_token(p.shape[-1], 1.0), head=[0, 3])}


def inductive(run, batch, step):
    return {"blocks.1.attn.pattern": lambda p: replace(p, induction(batch, 0.8), head=[2], rows=[-1])}


def straight_through(run, batch, step):
    return {
        "blocks.0.attn.pattern": lambda p: replace(p, previous_token(p.shape[-1], 0.7), straight=True),
        "blocks.1.attn.pattern": lambda p: replace(p, induction(batch, 0.8), [2], [-1], straight=True),
    }


def last_without_head_1(result):
    kept = torch.ones(result.shape[1:3])
    kept[-1, 1] = 0
    return result * kept[:, :, None]


CASES = {
    "none": lambda run, batch, step: {},
    "ablate": lambda run, batch, step: {"blocks.1.attn.v": silence([0, 1, 2])},
    "previous-token": lambda run, batch, step: {
        "blocks.0.attn.pattern": lambda p: replace(p, previous_token(p.shape[-1], 0.9), head=[2], rows=[1, 3])
    },
    "window": window,
    "induction": inductive,
    "induction-four-pairs": inductive,
    "match": lambda run, batch, step: {
        "blocks.1.attn.pattern": lambda p: replace(p, match(batch, 0.1), head=[2], rows=[-1])
    },
    "forbid": lambda run, batch, step: {"blocks.0.attn.scores": no_look_back},
    "temperature": lambda run, batch, step: {"blocks.1.attn.scores": temperatures},
    "copy": copy,
    "copy-four-pairs": copy,
    "first-layer": first_layer,
    "preserve-source": preserve("source"),
    "preserve-block": preserve("block"),
    "straight-through": straight_through,
    "momentum": lambda run, batch, step: {},
    "mlp": lambda run, batch, step: {},
    "bare": lambda run, batch, step: {},
    "bidirectional": lambda run, batch, step: {},
    "language": lambda run, batch, step: {"blocks.0.attn.result": last_without_head_1},
}


# ---- the runs --------------------------------------------------------------------------------------------------------


def make_optimizer(config, parameters):
    if config["kind"] == "adam":
        betas = (config["beta1"], config["beta2"])
        return torch.optim.Adam(parameters, lr=config["lr"], betas=betas, eps=config["eps"])
    return torch.optim.SGD(parameters, lr=config["lr"], momentum=config["momentum"])


def batch_of(tensors, data, step, size):
    prefix = f"{data}/"
    rows = slice(step * size, (step + 1) * size)
    batch = {name[len(prefix) :]: value[rows].long() for name, value in tensors.items() if name.startswith(prefix)}
    if "exemplars" in batch:
        batch["features"] = tensors["features"].double()[batch["exemplars"]]
    return batch


def gradient_of(value):
    return torch.zeros_like(value) if value.grad is None else value.grad.clone()


def replay(case, tensors, steps, size):
    model = Transformer(case["model"])
    with torch.no_grad():
        for name, parameter, transposed in model.named_weights():
            given = tensors[f"{case['weights']}/{name}"].double()
            parameter.copy_(given.T if transposed else given)
    optimizer = make_optimizer(case["optimizer"], model.parameters())
    clamps_of = CASES[case["name"]]
    losses, made = [], {}

    def keep(kind, name, value, transposed=False):
        made[f"{kind}/{name}"] = (value.T if transposed else value).detach().clone().contiguous()

    for step in range(steps):
        batch = batch_of(tensors, case["data"], step, size)
        optimizer.zero_grad()
        values = model(batch, clamps_of(lambda clamps: model(batch, clamps), batch, step))
        loss = F.cross_entropy(values["logits"].flatten(0, 1), batch["targets"].flatten(), ignore_index=-1)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            for name, parameter, transposed in model.named_weights():
                keep("gradient", name, gradient_of(parameter), transposed)
            for name in ["logits", *case["points"]] if case["points"] else []:
                of_gradient = name.startswith("grad(")
                keep("point", name, gradient_of(values[name[5:-1]]) if of_gradient else values[name])
        optimizer.step()
    for name, parameter, transposed in model.named_weights():
        keep("final", name, parameter, transposed)
    return {"losses": torch.tensor(losses), **made}


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    with safe_open(HERE / "inputs.safetensors", "pt") as file:
        about = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    (HERE / "expected").mkdir(exist_ok=True)
    # One entry, since safetensors writes several in no fixed order.
    made_by = {"made_by": f"twin.py, torch {torch.__version__}, python {platform.python_version()}"}
    for case in json.loads(about["cases"]):
        made = replay(case, tensors, int(about["steps"]), int(about["batch"]))
        save_file(made, HERE / "expected" / f"{case['name']}.safetensors", metadata=made_by)
        print(f"{case['name']:22} {made['losses'][0]:.6f} → {made['losses'][-1]:.6f}")


if __name__ == "__main__":
    main()
