"""Writes more_thuente.inc: the trial steps of MINPACK-2's dcsrch, as SciPy 1.10 has it, on the six test functions of
More and Thuente 1994, each from four first steps. Run by hand with a SciPy that still has minpack2:
    python3 more_thuente.py > more_thuente.inc
The numbers of evaluations are those of the paper's tables I to VI."""

import math
import warnings

warnings.simplefilter("ignore")
import numpy  # noqa: E402
from scipy import __version__ as scipy_version  # noqa: E402
from scipy.optimize import minpack2  # noqa: E402

XTOL, LONGEST = 1e-15, 1e10


def first(t):
    return -t / (t * t + 2.0), (t * t - 2.0) / (t * t + 2.0) ** 2


def second(t):
    u = t + 0.004
    return (u - 2.0) * u * u * u * u, (5.0 * u - 8.0) * u * u * u


def third(t):
    beta, waves = 0.01, 39.0
    if t <= 1.0 - beta:
        value, slope = 1.0 - t, -1.0
    elif t >= 1.0 + beta:
        value, slope = t - 1.0, 1.0
    else:
        value, slope = (t - 1.0) * (t - 1.0) / (2.0 * beta) + beta / 2.0, (t - 1.0) / beta
    angle = waves * math.pi / 2.0 * t
    value += 2.0 * (1.0 - beta) / (waves * math.pi) * math.sin(angle)
    return value, slope + (1.0 - beta) * math.cos(angle)


def yanai(beta1, beta2):
    weight1, weight2 = math.sqrt(1.0 + beta1 * beta1) - beta1, math.sqrt(1.0 + beta2 * beta2) - beta2

    def function(t):
        root1, root2 = math.sqrt((1.0 - t) * (1.0 - t) + beta2 * beta2), math.sqrt(t * t + beta1 * beta1)
        return weight1 * root1 + weight2 * root2, weight1 * (t - 1.0) / root1 + weight2 * t / root2

    return function


TABLES = [(first, 0.001, 0.1), (second, 0.1, 0.1), (third, 0.1, 0.1), (yanai(0.001, 0.001), 0.001, 0.001),
          (yanai(0.01, 0.001), 0.001, 0.001), (yanai(0.001, 0.01), 0.001, 0.001)]
PUBLISHED = [[6, 3, 1, 4], [12, 8, 8, 11], [12, 12, 10, 13], [4, 1, 3, 4], [6, 3, 7, 8], [13, 11, 8, 11]]


def trials(function, armijo, wolfe, step):
    counts, reals = numpy.zeros(2, numpy.intc), numpy.zeros(13)
    value, slope = function(0.0)
    task, steps = b"START", []
    step, value, slope, task = minpack2.dcsrch(step, value, slope, armijo, wolfe, XTOL, task, 0.0, LONGEST, counts,
                                               reals)
    while task[:2] == b"FG":
        steps.append(step)
        value, slope = function(step)
        step, value, slope, task = minpack2.dcsrch(step, value, slope, armijo, wolfe, XTOL, task, 0.0, LONGEST,
                                                   counts, reals)
    assert task[:4] == b"CONV", task
    return steps


def main():
    print(f"/* Written by more_thuente.py: function, c1, c2, trial steps of MINPACK-2's dcsrch, SciPy {scipy_version}. */")
    for number, (function, armijo, wolfe) in enumerate(TABLES):
        for start in range(4):
            steps = trials(function, armijo, wolfe, (1e-3, 1e-1, 1e1, 1e3)[start])
            assert len(steps) == PUBLISHED[number][start], (number, start, len(steps))
            listed = ", ".join(float(step).hex() for step in steps)
            print(f"{{{number + 1}, {armijo}, {wolfe}, {len(steps)}, {{{listed}}}}},")


if __name__ == "__main__":
    main()
