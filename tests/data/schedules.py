#!/usr/bin/env python3
"""Records learning rates of torch.optim.lr_scheduler into schedules.json beside this script.

Each case is a schedule of one optimizer with learning rate `base`; `lr` lists the learning rate after creation and after each
step. See schedules.md.
"""
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as torch_schedules

MAKERS = {
    "constant": lambda o, a: torch_schedules.ConstantLR(o, factor=a[0], total_iters=a[1]),
    "step_decay": lambda o, a: torch_schedules.StepLR(o, step_size=a[0], gamma=a[1]),
    "exponential": lambda o, a: torch_schedules.ExponentialLR(o, gamma=a[0]),
    "cosine_annealing": lambda o, a: torch_schedules.CosineAnnealingLR(o, T_max=a[0], eta_min=a[1]),
    "linear": lambda o, a: torch_schedules.LinearLR(o, start_factor=a[0], end_factor=a[1], total_iters=a[2]),
}

# name, base, parts (kind and arguments in the order of secant/schedule.h), milestones, steps
CASES = [
    ("constant", 0.05, [("constant", [0.5, 4])], [], 10),
    ("constant_one_step", 3e-4, [("constant", [0.1, 1])], [], 3),
    ("step_decay", 0.05, [("step_decay", [30, 0.1])], [], 100),
    ("step_decay_growing", 0.05, [("step_decay", [3, 1.5])], [], 20),
    ("exponential", 0.7, [("exponential", [0.9])], [], 60),
    ("cosine", 1.0, [("cosine_annealing", [10, 0.05])], [], 45),
    ("cosine_to_zero", 2.0, [("cosine_annealing", [7, 0.0])], [], 7),
    ("linear_up", 0.05, [("linear", [0.5, 1.0, 4])], [], 10),
    ("linear_down", 0.3, [("linear", [1.0, 0.25, 9])], [], 20),
    # the example of the documentation of Optimizer.load_state_dict: linear warm-up, then cosine
    ("warm_up_then_cosine", 3e-4, [("linear", [0.1, 1.0, 20]), ("cosine_annealing", [80, 3e-5])], [20], 120),
    ("three_parts", 0.2, [("constant", [0.1, 2]), ("exponential", [0.9]), ("step_decay", [2, 0.5])], [2, 7], 15),
]


def record(base, parts, milestones, steps):
    optimizer = torch.optim.LBFGS([torch.zeros(2, dtype=torch.float64, requires_grad=True)], lr=base)
    schedules = [MAKERS[kind](optimizer, arguments) for kind, arguments in parts]
    schedule = schedules[0]
    if milestones:
        schedule = torch_schedules.SequentialLR(optimizer, schedulers=schedules, milestones=milestones)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps):
        optimizer.step(lambda: torch.zeros(()))
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def main():
    warnings.simplefilter("ignore")  # SequentialLR steps a part by an epoch number, which torch announces to remove
    cases = [
        {
            "name": name,
            "base": base,
            "parts": [{"kind": kind, "arguments": arguments} for kind, arguments in parts],
            "milestones": milestones,
            "lr": record(base, parts, milestones, steps),
        }
        for name, base, parts, milestones, steps in CASES
    ]
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = '{"format": "schedules-1", "torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, lines)
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
