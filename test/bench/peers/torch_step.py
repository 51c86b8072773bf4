"""The benchmark's training step in PyTorch, spoken to in JSON lines; see ../lanes.mjs for the words."""

import json
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as error:
    print(json.dumps({"error": f"no PyTorch here: {error}"}), flush=True)
    sys.exit(0)

torch.set_num_threads(1)


class Attention(nn.Module):
    def __init__(self, d, heads, length):
        super().__init__()
        self.heads, self.width = heads, d // heads
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        angles = torch.arange(length)[:, None] * 10000.0 ** (-torch.arange(0, self.width, 2) / self.width)
        self.register_buffer("cos", torch.cos(angles))
        self.register_buffer("sin", torch.sin(angles))

    def rotate(self, x):
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = torch.stack((even * self.cos - odd * self.sin, odd * self.cos + even * self.sin), -1)
        return turned.flatten(-2)

    def forward(self, x):
        batch, length, d = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, self.width).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(self.rotate(q), self.rotate(k), v, is_causal=True)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, d))


class Block(nn.Module):
    def __init__(self, d, heads, length, ratio):
        super().__init__()
        self.ln1 = nn.LayerNorm(d)
        self.attention = Attention(d, heads, length)
        self.mlp = ratio and nn.Sequential(
            nn.LayerNorm(d), nn.Linear(d, ratio * d), nn.GELU("tanh"), nn.Linear(ratio * d, d)
        )

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(x) if self.mlp else x


class Model(nn.Module):
    def __init__(self, spec, length, outputs):
        super().__init__()
        d, heads, ratio = spec["dModel"], spec["heads"], spec.get("mlpRatio")
        self.last = spec["inputs"]["kind"] == "exemplars"
        if self.last:
            self.exemplar = nn.Linear(spec["inputs"]["features"], d)
        self.embed = nn.Embedding(outputs, d)
        self.blocks = nn.ModuleList(Block(d, heads, length, ratio) for _ in range(spec["layers"]))
        self.ln = nn.LayerNorm(d)
        self.unembed = nn.Linear(d, outputs)

    def forward(self, tokens, features):
        x = self.embed(tokens)
        if self.last:
            shown = self.exemplar(features)
            pairs = torch.stack((shown[:, :-1], x), 2).flatten(1, 2)
            x = torch.cat((pairs, shown[:, -1:]), 1)
        for block in self.blocks:
            x = block(x)
        return self.unembed(self.ln(x)[:, -1] if self.last else self.ln(x).flatten(0, 1))


class Case:
    def __init__(self, spec, variant):
        torch.set_num_threads(spec.get("threads", 1))
        self.rng = np.random.default_rng(0)
        self.spec, self.batch, task = spec, spec["batch"], spec["task"]
        self.table = torch.rand(50, 512)
        length = 5 if task["kind"] == "few-shot" else task["length"]
        outputs = 5 if task["kind"] == "few-shot" else task["vocab"]
        self.model = Model(spec["model"], length, outputs)
        self.call = torch.compile(self.model) if variant == "compiled" else self.model
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-5, fused=variant == "fused")

    def sample(self):
        task = self.spec["task"]
        if task["kind"] == "tokens":
            ids = self.rng.integers(0, task["vocab"], (self.batch, task["length"] + 1))
            return torch.from_numpy(ids[:, :-1]), None, torch.from_numpy(ids[:, 1:]).reshape(-1)
        query = self.rng.integers(0, 50, self.batch)
        other = (query + self.rng.integers(1, 50, self.batch)) % 50
        first = self.rng.random(self.batch) < 0.5
        label = self.rng.integers(0, 5, self.batch)
        wrong = (label + self.rng.integers(1, 5, self.batch)) % 5
        ids = np.stack((np.where(first, query, other), np.where(first, other, query), query), 1)
        labels = np.stack((np.where(first, label, wrong), np.where(first, wrong, label)), 1)
        return torch.from_numpy(labels), self.table[torch.from_numpy(ids)], torch.from_numpy(label)

    def step(self):
        tokens, features, targets = self.sample()
        if self.spec.get("pass") == "forward":
            with torch.inference_mode():
                return self.call(tokens, features)
        loss = F.cross_entropy(self.call(tokens, features), targets)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        return loss


def serve(make):
    cases = []
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "open":
                cases.append(make(ask["spec"], ask["variant"]))
                cases[-1].step()
                print(json.dumps({"id": len(cases) - 1, "version": f"PyTorch {torch.__version__}"}), flush=True)
                continue
            case, steps = cases[ask["id"]], 0
            wall, cpu = time.perf_counter(), time.process_time()
            while (time.perf_counter() - wall) * 1000 < ask["ms"]:
                case.step()
                steps += 1
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(json.dumps({"steps": steps, "wallMs": wall * 1000, "cpuMs": cpu * 1000}), flush=True)
        except Exception as error:  # Told, not thrown: the benchmark goes on without this case.
            print(json.dumps({"error": f"{type(error).__name__}: {str(error)[:300]}"}), flush=True)


serve(Case)
