"""
The time of an iteration on P ranks:

    T(P, n) = 8 w n / (P B) + a ceil(log2 P) (alpha + beta b)

w words of memory traffic for each unknown, B bytes/s of memory bandwidth for each rank, a Allreduces of b bytes each.
Recursive doubling needs ceil(log2 P) exchanges with partners; each takes alpha + beta b.
"""

import math
import statistics
from dataclasses import dataclass

WORD = 8  # bytes


@dataclass(frozen=True)
class Network:
    name: str
    alpha: float  # seconds
    beta: float  # seconds per byte
    misfit: float  # largest relative error of the fit


@dataclass(frozen=True)
class Solver:
    name: str
    words: float
    allreduces: float
    payload: float  # bytes


def exchanges(ranks):
    return math.ceil(math.log2(ranks))


def fit(probe):
    """
    alpha and beta through the probe's seconds per exchange t at sizes b, with the least sum of squares of the relative
    errors (alpha + beta b - t) / t: a plain sum would see the longest message only. beta is not let below 0.
    """
    steps = exchanges(probe["ranks"])
    points = [(point["bytes"], point["seconds"] / steps) for point in probe["allreduces"]]
    weight = sum(1.0 / t**2 for _, t in points)
    size = sum(b / t**2 for b, t in points) / weight
    time = sum(1.0 / t for _, t in points) / weight
    rise = sum((b - size) * (t - time) / t**2 for b, t in points)
    beta = max(0.0, rise / sum((b - size) ** 2 / t**2 for b, t in points))
    alpha = time - beta * size
    misfit = max(abs(alpha + beta * b - t) / t for b, t in points)
    return Network(probe["network"], alpha, beta, misfit)


def local_seconds(solver, unknowns, bandwidth):
    """For `unknowns` of one rank, at its share of the bandwidth."""
    return WORD * solver.words * unknowns / bandwidth


def reduction_seconds(solver, network, ranks):
    return solver.allreduces * exchanges(ranks) * (network.alpha + network.beta * solver.payload)


def seconds(solver, network, ranks, n, bandwidth):
    return local_seconds(solver, n / ranks, bandwidth) + reduction_seconds(solver, network, ranks)


def traffic(runs, name):
    """(Allreduces of an iteration, bytes of each) where the first trial step was accepted."""
    records = [r["records"][name] for r in runs]
    calls, iterations = (sum(r[key] for r in records) for key in ("plain_allreduces", "plain_iterations"))
    return calls / iterations, sum(r["plain_allreduce_bytes"] for r in records) / calls


def words(result, name):
    """Words of such an iteration for each unknown: its time at the bandwidth of two threads measured beside it."""
    def of_run(run):
        record = run["records"][name]
        seconds_each = record["plain_seconds_optimizer"] / record["plain_iterations"]
        return seconds_each * run["bandwidth"]["2"] / (WORD * result["n"])
    return statistics.median(of_run(run) for run in result["runs"])
