"""Evaluations until the gradient has fallen to a given share of its first: a count, the same on every machine."""

import subprocess

import cases

SHARE = 1e-6
N, M = 1024, 10
PROBLEMS = ("rosenbrock", "chained_rosenbrock", "quadratic", "minimal_surface", "logistic")

CONTENDERS = (
    cases.Contender("Secant", "run_secant"),
    cases.Contender("Secant, f32 history", "run_secant", arguments=("--option", "history_dtype=f32"),
                    option="history_dtype"),
    cases.Contender("liblbfgs", "run_liblbfgs"),
    cases.Contender("TAO lmvm", "run_tao"),
    cases.Contender("TAO lmvm, scalar J0", "run_tao", arguments=cases.SCALAR),
    cases.Contender("NLopt", "run_nlopt"),
    cases.Contender("SciPy", "run_scipy.py"),
    cases.Contender("torch", "run_torch.py"),
)


def run(count, absent):
    """`count(contender, case, extra arguments)` runs a program and returns what it prints."""
    case = cases.Case(N, M, timed=1, rounds=1)
    records = {}
    for contender in (c for c in CONTENDERS if c.name not in absent):
        records[contender.name] = {}
        for problem in PROBLEMS:
            try:
                found = count(contender, case, ("--problem", problem, "--until", SHARE))
            except subprocess.CalledProcessError:
                found = None
            records[contender.name][problem] = found
    return records


def _cell(record):
    if record is None:
        return "failed"
    return str(record["evaluations"]) if record["reached"] else f"not in {record['evaluations']}"


def chapter(records):
    yield "## Evaluations to a given gradient"
    yield (f"Evaluations of f and its gradient until |g|_inf was first at most {SHARE:g} of its value at the start, "
           f"counted by the objective, alike for all; n = {N}, m = {M}, one thread, each library's own line search "
           "(Secant: strong_wolfe). `quadratic` has a diagonal Hessian of condition 1e4, which TAO's default J0, a "
           "diagonal too, can learn. torch keeps a pair only if y.s > 1e-10, an absolute bound: where f itself is "
           "small, as in `minimal_surface` and `logistic`, it turns away good pairs near the minimum.")
    rows = ["| | " + " | ".join(f"`{problem}`" for problem in PROBLEMS) + " |", "|---" * (len(PROBLEMS) + 1) + "|"]
    for name, found in records.items():
        rows.append(f"| {name} | " + " | ".join(_cell(found[problem]) for problem in PROBLEMS) + " |")
    yield "\n".join(rows)
