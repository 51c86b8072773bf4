"""Twins of composed models, in f64: logits, loss and the gradient of every parameter.

    python test/golden/compositions.py

writes compositions.safetensors beside this file: per model its weights (by opsin's names, matrices [in, out]), inputs,
logits, loss and gradients. gpt2, neox and llama are Hugging Face `transformers` with random weights; the others are written
here, from the papers' formulas and torch alone. PROVENANCE.md has the versions that made the committed file.
"""

import math
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from transformers.models.gpt_neox import modeling_gpt_neox
from transformers.models.llama import modeling_llama
from transformers.models.qwen2 import modeling_qwen2
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)
OUT: dict[str, torch.Tensor] = {}
BATCH, LENGTH, VOCAB, WIDTH = 2, 6, 11, 8


def keep(model: str, **groups):
    for group, tensors in groups.items():
        for name, value in tensors.items():
            value = value.detach()
            value = value.to(torch.int32) if not value.is_floating_point() else value.to(torch.float64)
            OUT[f"{model}/{group}/{name}"] = value.contiguous().clone()


def ids(*shape):
    return torch.randint(0, VOCAB, shape)


# The modules of `transformers` compute RMS norms and rotary angles in float32 whatever the model's precision. Their formulas
# stay, their casts go.


def rms_norm(self, x):
    return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


def rotary_embedding(share):
    def forward(self, x, position_ids):
        dims = int(share * (self.config.hidden_size // self.config.num_attention_heads))
        frequencies = 10000.0 ** (-torch.arange(0, dims, 2) / dims)
        angles = position_ids[:, :, None] * frequencies
        both = torch.cat([angles, angles], -1)
        return both.cos(), both.sin()

    return forward


modeling_llama.LlamaRMSNorm.forward = rms_norm
modeling_qwen2.Qwen2RMSNorm.forward = rms_norm
modeling_llama.LlamaRotaryEmbedding.forward = rotary_embedding(1.0)
modeling_qwen2.Qwen2RotaryEmbedding.forward = rotary_embedding(1.0)
modeling_gpt_neox.GPTNeoXRotaryEmbedding.forward = rotary_embedding(0.5)


# ---- models of Hugging Face ------------------------------------------------------------------------------------------


def hugging_face(name, model, translate):
    """translate: from the module's (parameter name, value) to [(opsin's name, value)]."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1.0 if parameter.dim() == 1 else 0.0) * 0.5)
    model = model.double().eval()
    tokens, targets = ids(BATCH, LENGTH), ids(BATCH, LENGTH)
    logits = model(input_ids=tokens, use_cache=False).logits
    loss = F.cross_entropy(logits.reshape(-1, VOCAB), targets.reshape(-1))
    loss.backward()
    weights, gradients = {}, {}
    for key, parameter in model.named_parameters():
        for own, value in translate(key, parameter):
            weights[own] = value
        for own, value in translate(key, parameter.grad):
            gradients[own] = value
    keep(name, weights=weights, gradients=gradients, inputs={"tokens": tokens, "targets": targets})
    keep(name, out={"logits": logits, "loss": loss})


def gpt2_names(key, value):
    key = key.replace("transformer.", "").replace("h.", "blocks.")
    if key == "wte.weight":
        return [("embed.token.weight", value)]
    if key == "wpe.weight":
        return [("embed.pos.weight", value)]
    key = key.replace("ln_f", "ln_final").replace("ln_1", "ln1").replace("ln_2", "ln2")
    key = key.replace("mlp.c_fc", "mlp.in").replace("mlp.c_proj", "mlp.out").replace("attn.c_proj", "attn.out")
    if "attn.c_attn" in key:
        parts = value.split(WIDTH, dim=-1)
        return [(key.replace("c_attn", part), one) for part, one in zip("qkv", parts)]
    return [(key, value)]


def neox_names(key, value):
    key = key.replace("gpt_neox.", "").replace("layers.", "blocks.")
    if key == "embed_in.weight":
        return [("embed.token.weight", value)]
    if key in ("embed_out.weight", "lm_head.weight"):
        return [("unembed.weight", value.T)]
    key = key.replace("final_layer_norm", "ln_final").replace("input_layernorm", "ln1")
    key = key.replace("post_attention_layernorm", "ln2").replace("attention.dense", "attn.out")
    key = key.replace("mlp.dense_h_to_4h", "mlp.in").replace("mlp.dense_4h_to_h", "mlp.out")
    if "query_key_value" in key:
        heads = 2
        apart = value.reshape(heads, 3, WIDTH // heads, *value.shape[1:])  # per head: q, k, v
        parts = [apart[:, i].reshape(WIDTH, *value.shape[1:]) for i in range(3)]
        return [
            (key.replace("attention.query_key_value", f"attn.{part}"), one.T if one.dim() == 2 else one)
            for part, one in zip("qkv", parts)
        ]
    return [(key, value.T if value.dim() == 2 else value)]


def llama_names(key, value):
    key = key.replace("model.", "").replace("layers.", "blocks.")
    if key == "embed_tokens.weight":
        return [("embed.token.weight", value)]
    if key == "lm_head.weight":
        return [("unembed.weight", value.T)]
    key = "ln_final.weight" if key == "norm.weight" else key
    key = key.replace("input_layernorm", "ln1").replace("post_attention_layernorm", "ln2")
    key = key.replace("self_attn", "attn").replace("o_proj", "out").replace("down_proj", "out")
    key = key.replace("up_proj", "in").replace("gate_proj", "gate").replace("_proj", "")
    return [(key, value.T if value.dim() == 2 else value)]


hugging_face(
    "gpt2",
    GPT2LMHeadModel(GPT2Config(n_layer=2, n_head=2, n_embd=WIDTH, vocab_size=VOCAB, n_positions=LENGTH,
                               attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)),
    gpt2_names,
)
for name, parallel in (("neox", True), ("neox-serial", False)):
    hugging_face(
        name,
        GPTNeoXForCausalLM(GPTNeoXConfig(num_hidden_layers=2, num_attention_heads=2, hidden_size=WIDTH, intermediate_size=16,
                                         vocab_size=VOCAB, rotary_pct=0.5, max_position_embeddings=LENGTH,
                                         use_parallel_residual=parallel, hidden_act="gelu")),
        neox_names,
    )
hugging_face(
    "llama",
    LlamaForCausalLM(LlamaConfig(num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, hidden_size=WIDTH,
                                 intermediate_size=12, vocab_size=VOCAB, max_position_embeddings=LENGTH, rms_norm_eps=1e-5,
                                 rope_theta=10000.0, tie_word_embeddings=False)),
    llama_names,
)
hugging_face(
    "qwen",
    Qwen2ForCausalLM(Qwen2Config(num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1, hidden_size=WIDTH,
                                 intermediate_size=12, vocab_size=VOCAB, max_position_embeddings=LENGTH, rms_norm_eps=1e-5,
                                 tie_word_embeddings=True)),
    llama_names,
)


# ---- models written here ---------------------------------------------------------------------------------------------


class Weights(dict):
    """Makes each weight at its first use."""

    def __call__(self, name, *shape):
        if name not in self:
            self[name] = (torch.randn(*shape) * 0.5).requires_grad_()
        return self[name]


def causal(scores, value):
    length = scores.shape[-1]
    return scores.masked_fill(torch.ones(length, length).triu(1).bool(), value)


def heads_of(x, heads):
    return x.reshape(*x.shape[:2], heads, -1)


def attend(q, k, v, scale, softmax=True):
    scores = torch.einsum("bnhd,bmhd->bhnm", q, k) * scale
    pattern = torch.softmax(causal(scores, -torch.inf), -1) if softmax else causal(scores, 0.0)
    return torch.einsum("bhnm,bmhd->bnhd", pattern, v)


def shifted(x, by):
    return x if by == 0 else F.pad(x, (0, 0, 0, 0, by, 0))[:, : x.shape[1]]


def finish(name, weights, inputs, logits, loss):
    loss.backward()
    keep(name, weights=weights, gradients={key: value.grad for key, value in weights.items()}, inputs=inputs)
    keep(name, out={**({"logits": logits} if torch.is_tensor(logits) else logits), "loss": loss})


def token_loss(logits, targets):
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), ignore_index=-1)


def linear_attention():
    """Linear attention, values wider than keys, no norm, squared error on the last position of vectors (read in)."""
    w = Weights()
    x_in, targets = torch.randn(BATCH, LENGTH, 5), torch.randn(BATCH, 3)
    x = x_in @ w("embed.vector.weight", 5, WIDTH) + w("embed.vector.bias", WIDTH)
    b = "blocks.0.attn."
    q = heads_of(x @ w(b + "q.weight", WIDTH, 6), 2)
    k = heads_of(x @ w(b + "k.weight", WIDTH, 6), 2)
    v = heads_of(x @ w(b + "v.weight", WIDTH, 10), 2)
    z = attend(q, k, v, 0.7, softmax=False)
    x = x + z.flatten(2) @ w(b + "out.weight", 10, WIDTH)
    logits = x[:, -1:] @ w("unembed.weight", WIDTH, 3) + w("unembed.bias", 3)
    finish("linear-attention", w, {"vectors": x_in, "targets": targets}, logits, F.mse_loss(logits[:, 0], targets))


def bilinear():
    """One-hot tokens beside one-hot positions, bilinear scores, identity values, concatenated residual; soft targets."""
    w = Weights()
    vocab, length = 3, 5
    tokens = torch.randint(0, vocab, (BATCH, length))
    targets = torch.softmax(torch.randn(BATCH, vocab), -1)
    positions = torch.eye(length).expand(BATCH, -1, -1)
    x = torch.cat([F.one_hot(tokens, vocab).double(), positions], -1)
    for layer, heads in ((0, 1), (1, 2)):
        width = x.shape[-1]
        q = heads_of(x @ w(f"blocks.{layer}.attn.qk.weight", width, heads * width), heads)
        own = x[:, :, None].expand(-1, -1, heads, -1)
        z = attend(q, own, own, 1.0)
        x = torch.cat([x, z.flatten(2)], -1)
    logits = x[:, -1:] @ w("unembed.weight", x.shape[-1], vocab)
    loss = -(targets * torch.log_softmax(logits[:, 0], -1)).sum(-1).mean()
    finish("bilinear", w, {"tokens": tokens, "targets": targets}, logits, loss)


def shift_mix(kind, window=2):
    """Keys and values mixed with earlier ones, RMS norm, rotary positions in neighbouring pairs, one weight per target."""
    w = Weights()
    tokens, targets = ids(BATCH, LENGTH), ids(BATCH, LENGTH)
    targets[0, 1] = -1
    weights = torch.rand(BATCH, LENGTH) + 0.1
    x = w("embed.token.weight", VOCAB, WIDTH)[tokens]
    normed = x * torch.rsqrt((x**2).mean(-1, keepdim=True) + 1e-5) * w("blocks.0.ln1.weight", WIDTH)
    q, k, v = (heads_of(normed @ w(f"blocks.0.attn.{n}.weight", WIDTH, WIDTH), 2) for n in "qkv")
    k, v = (mixed(w(f"blocks.0.attn.shift_{n}.weight", 2, 1 if kind == "gate" else window), value, kind)
            for n, value in (("k", k), ("v", v)))
    z = attend(turned(q), turned(k), v, 1 / math.sqrt(4))
    x = x + z.flatten(2) @ w("blocks.0.attn.out.weight", WIDTH, WIDTH)
    logits = x @ w("unembed.weight", WIDTH, VOCAB) + w("unembed.bias", VOCAB)
    losses = F.cross_entropy(logits.reshape(-1, VOCAB), targets.reshape(-1), ignore_index=-1, reduction="none")
    counted = weights.reshape(-1) * (targets.reshape(-1) >= 0)
    finish(f"shift-{kind}-{window}", w, {"tokens": tokens, "targets": targets, "weights": weights}, logits,
           (losses * counted).sum() / counted.sum())


def mixed(a, value, kind):
    columns = {
        "free": lambda: [a[:, i] for i in range(a.shape[1])],
        "clip": lambda: [a[:, i].clamp(0, 1) for i in range(a.shape[1])],
        "gate": lambda: [torch.sigmoid(a[:, 0]), 1 - torch.sigmoid(a[:, 0])],
    }[kind]()
    return sum(column[:, None] * shifted(value, by) for by, column in enumerate(columns))


def turned(x):
    width = x.shape[-1]
    angle = torch.arange(x.shape[1])[:, None] * 10000.0 ** (-torch.arange(0, width, 2) / width)
    c, s = angle.cos()[None, :, None], angle.sin()[None, :, None]
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * c - odd * s, odd * c + even * s], -1).flatten(-2)


def gated_heads():
    """A gate per head; then a block of a tanh MLP and one of a ReLU MLP; two read-outs with losses of their own."""
    w = Weights()
    tokens, targets = ids(BATCH, LENGTH), ids(BATCH, LENGTH)
    facts = (torch.rand(BATCH, 4) > 0.5).double()
    x = w("embed.token.weight", VOCAB, WIDTH)[tokens]
    q, k, v = (heads_of(x @ w(f"blocks.0.attn.{n}.weight", WIDTH, WIDTH), 2) for n in "qkv")
    z = attend(q, k, v, 1 / math.sqrt(4)) * w("blocks.0.attn.gate.weight", 2)[:, None]
    x = x + z.flatten(2) @ w("blocks.0.attn.out.weight", WIDTH, WIDTH) + w("blocks.0.attn.out.bias", WIDTH)
    x = x + mlp(w, "blocks.1.", F.layer_norm(x, (WIDTH,), *norm(w, "blocks.1.ln2.")), torch.tanh)
    x = x + mlp(w, "blocks.2.", F.layer_norm(x, (WIDTH,), *norm(w, "blocks.2.ln2.")), torch.relu)
    x = F.layer_norm(x, (WIDTH,), *norm(w, "ln_final."))
    next_token = x @ w("readouts.next.unembed.weight", WIDTH, VOCAB) + w("readouts.next.unembed.bias", VOCAB)
    fact = x[:, -1:] @ w("readouts.fact.unembed.weight", WIDTH, 4) + w("readouts.fact.unembed.bias", 4)
    loss = token_loss(next_token, targets) + 0.3 * F.binary_cross_entropy_with_logits(fact[:, 0], facts)
    finish("gated-heads", w, {"tokens": tokens, "targets/next": targets, "targets/fact": facts},
           {"readouts.next.logits": next_token, "readouts.fact.logits": fact}, loss)


def mlp(w, block, x, activation):
    hidden = activation(x @ w(block + "mlp.in.weight", WIDTH, 12) + w(block + "mlp.in.bias", 12))
    return hidden @ w(block + "mlp.out.weight", 12, WIDTH) + w(block + "mlp.out.bias", WIDTH)


def norm(w, at):
    return w(at + "weight", WIDTH), w(at + "bias", WIDTH)


linear_attention()
bilinear()
for kind, window in (("free", 2), ("free", 3), ("gate", 2), ("clip", 2)):
    shift_mix(kind, window)
gated_heads()
save_file(OUT, Path(__file__).parent / "compositions.safetensors")
print(len(OUT), "tensors")
