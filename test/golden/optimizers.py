"""What PyTorch's optimisers make of the same gradients, in f64.

    python test/golden/optimizers.py

writes optimizers.json beside this file: two parameters, their gradients at each step, and for each case the parameters
after each step. It knows nothing of opsin: a case is written here with torch.optim, and there (optimizers.test.ts) with
opsin's optimisers, under the same name. PROVENANCE.md has the versions that made the committed file.
"""

import json
import math
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, AdamW
from torch.optim import lr_scheduler as schedules

STEPS = 12
SHAPES = {"a": (3, 2), "b": (4,)}


def numbers(shape, generator):
    """Normal, and such that f32 holds them exactly."""
    return torch.randn(shape, generator=generator, dtype=torch.float32).double()


def make_inputs():
    generator = torch.Generator().manual_seed(7)
    start = {name: numbers(shape, generator) for name, shape in SHAPES.items()}
    gradients = [{name: numbers(shape, generator) for name, shape in SHAPES.items()} for _ in range(STEPS)]
    return start, gradients


class Case:
    """Optimisers with their schedules; which of them step, and what is clipped, is said at each step."""

    def __init__(self, make, turn=lambda step: [0], clip=None):
        self.make, self.turn, self.clip = make, turn, clip

    def run(self, start, gradients):
        parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
        made = self.make(parameters["a"], parameters["b"])
        made = made if isinstance(made, list) else [made]
        made = [one if isinstance(one, tuple) else (one, None) for one in made]
        after = []
        for step, gradient in enumerate(gradients):
            for name, parameter in parameters.items():
                parameter.grad = gradient[name].clone()
            now = self.turn(step)
            if self.clip is not None:
                taking = [p for i in now for group in made[i][0].param_groups for p in group["params"]]
                clip_grad_norm_(taking, self.clip)
            for i, (optimizer, schedule) in enumerate(made):
                if i in now:
                    optimizer.step()
                if schedule is not None:
                    schedule.step()
            after.append([x for value in parameters.values() for x in value.detach().flatten().tolist()])
        return after


def with_schedule(optimizer, make):
    return optimizer, make(optimizer)


def warm_cosine(optimizer):
    rise = schedules.LinearLR(optimizer, start_factor=0.1, total_iters=4)
    fall = schedules.CosineAnnealingLR(optimizer, T_max=8, eta_min=0.01)
    return schedules.SequentialLR(optimizer, [rise, fall], milestones=[4])


def cosine_that_stays(step):
    return (1 + math.cos(math.pi * min(step, 7) / 7)) / 2


CASES = {
    "adam": Case(lambda a, b: Adam([a, b], lr=0.1, betas=(0.8, 0.95), eps=1e-6)),
    "adamW": Case(lambda a, b: AdamW([a, b], lr=0.1, weight_decay=0.3)),
    "sgd with decay": Case(lambda a, b: SGD([a, b], lr=0.1, weight_decay=0.2)),
    "sgd with momentum and decay": Case(lambda a, b: SGD([a, b], lr=0.1, momentum=0.9, weight_decay=0.2)),
    "clipped": Case(lambda a, b: SGD([a, b], lr=0.1, momentum=0.9, weight_decay=0.2), clip=2.5),
    "constant after a warm-up": Case(
        lambda a, b: with_schedule(
            SGD([a, b], lr=0.1), lambda it: schedules.LambdaLR(it, lambda step: min(step, 5) / 5)
        )
    ),
    "linear": Case(
        lambda a, b: with_schedule(
            SGD([a, b], lr=0.5), lambda it: schedules.LinearLR(it, start_factor=1, end_factor=0.2, total_iters=8)
        )
    ),
    "cosine": Case(
        lambda a, b: with_schedule(SGD([a, b], lr=0.5), lambda it: schedules.LambdaLR(it, cosine_that_stays))
    ),
    "steps": Case(
        lambda a, b: with_schedule(
            Adam([a, b], lr=0.5), lambda it: schedules.MultiStepLR(it, milestones=[3, 7], gamma=0.1)
        )
    ),
    "adamW, clipped, cosine after a warm-up": Case(
        lambda a, b: with_schedule(AdamW([a, b], lr=0.5, weight_decay=0.1), warm_cosine), clip=1
    ),
    "groups": Case(
        lambda a, b: [SGD([a], lr=0.1, momentum=0.5), AdamW([b], lr=0.2, weight_decay=0.5)],
        turn=lambda step: [0, 1],
        clip=2.5,
    ),
    "frozen": Case(lambda a, b: Adam([b], lr=0.1), clip=1.5),
    "turns": Case(
        lambda a, b: [Adam([a], lr=0.1), with_schedule(AdamW([b], lr=0.5, weight_decay=0.1), warm_cosine)],
        turn=lambda step: [0] if step % 3 == 1 else [1],
        clip=1.5,
    ),
}


def main():
    start, gradients = make_inputs()
    flat = lambda values: [x for value in values.values() for x in value.flatten().tolist()]
    out = {
        "shapes": SHAPES,
        "start": flat(start),
        "gradients": [flat(gradient) for gradient in gradients],
        "cases": {name: case.run(start, gradients) for name, case in CASES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
