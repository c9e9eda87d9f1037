"""Minimisations that torch.optim.LBFGS ends with NaN (as reported in issue 5953 of PyTorch) and `secant run` does not.

Usage: torch_nan.py SECANT [--verbose]

Both get the same functions from the same start: here in PyTorch, in the command as problems of its suite, written apart.
The formulas are compared first, by the loss at the start. Then each case says with which options torch is lost: fixed
steps or its line search. The command must end at a finite point that is no worse than the start, and say why it stopped.
Exits with 77 if there is no torch.
"""
import json
import math
import subprocess
import sys

try:
    import torch
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

STEPS = 20  # calls of step(), each of 20 iterations
ENDS = {"gradient", "step", "loss", "directional_derivative", "precision", "max_iter", "max_eval", "line_search",
        "unbounded"}


def vector(values):
    return torch.tensor(values, dtype=torch.float64)


# ---- the problems, as src/cli/problems/suite describes them ---------------------------------------------------------


def features(rows, columns):
    """a_k0 = 1, a_kj = sin(1.3 (k + 1) (j + 1) + j)."""
    return vector([[1.0 if j == 0 else math.sin(1.3 * (k + 1) * (j + 1) + j) for j in range(columns)]
                   for k in range(rows)])


ROWS = features(40, 5)
SIDES = torch.where(ROWS[:, 1] > ROWS[:, 2], 1.0, -1.0).to(torch.float64)


def logistic_steep(x):
    """Separable, features of size 1000; the logarithm as it stands in textbooks."""
    return torch.log(1 + torch.exp(-SIDES * (1000 * ROWS @ x))).sum() + 0.5 * x @ x


def poisson(x):
    z = ROWS[:30, :4] @ x
    counts = torch.arange(30, dtype=torch.float64) % 4
    return (torch.exp(z) - counts * z).sum()


def autoencoder(x):
    hidden_weights, hidden_biases, weights, biases = torch.split(x, [8, 2, 8, 4])
    inputs = torch.eye(4, dtype=torch.float64)
    hidden = torch.tanh(inputs @ hidden_weights.reshape(2, 4).T + hidden_biases)
    return ((hidden @ weights.reshape(4, 2).T + biases - inputs)**2).sum()


def matrix_factorisation(x):
    u, v = x[:10].reshape(5, 2), x[10:].reshape(4, 2)
    m = vector([[math.cos(r + 1) * math.cos(c + 2) + math.sin(2 * r) * (c + 1) / 4 for c in range(4)]
                for r in range(5)])
    return ((u @ v.T - m)**2).sum()


def exponential(x):
    u = torch.arange(1, len(x) + 1, dtype=torch.float64) * x
    return (torch.exp(u) - u).sum()


def log_barrier(x):
    return (torch.arange(1, len(x) + 1, dtype=torch.float64) * x - torch.log(x)).sum()


def entropy(x):
    i = torch.arange(len(x), dtype=torch.float64)
    return (x * torch.log(x) - (1 - 0.5 * i) * x).sum()


def square_root_wall(x):
    return (x - 2 * torch.sqrt(x)).sum()


def hemisphere(x):
    return -torch.sqrt(1 - x @ x) - 5 * x[0]


def half_sines(n):
    return [0.5 * math.sin(3 * i) for i in range(n)]


# Problem of the suite, formula, start, and what torch is lost with: learning rate and line search.
CASES = [
    ("logistic-steep", logistic_steep, [0.0] * 5, 1, None),
    ("poisson", poisson, [2.0] * 4, 10, None),
    ("autoencoder", autoencoder, half_sines(22), 10, None),
    ("matrix-factorisation", matrix_factorisation, half_sines(18), 10, None),
    ("exponential-overflow", exponential, [-5.0] * 8, 1, None),
    ("exponential-overflow", exponential, [-5.0] * 8, 10, "strong_wolfe"),
    ("exponential-peak", exponential, [300 / (i + 1) for i in range(4)], 10, "strong_wolfe"),
    ("log-barrier", log_barrier, [1.0] * 10, 1, None),
    ("log-barrier", log_barrier, [1.0] * 10, 1, "strong_wolfe"),
    ("entropy", entropy, [1.0] * 10, 1, "strong_wolfe"),
    ("square-root-wall", square_root_wall, [50.0 * (i + 1) for i in range(5)], 1, "strong_wolfe"),
    ("hemisphere", hemisphere, [0.0] * 2, 1, "strong_wolfe"),
]


# ---- both sides -----------------------------------------------------------------------------------------------------


def run_torch(formula, start, lr, line_search):
    """The loss at the start, and the loss and the point at the end."""
    x = vector(start).requires_grad_()
    optimizer = torch.optim.LBFGS([x], lr=lr, line_search_fn=line_search)

    def closure():
        optimizer.zero_grad()
        loss = formula(x)
        loss.backward()
        return loss

    begin = formula(x).item()
    for _ in range(STEPS):
        optimizer.step(closure)
    return begin, formula(x).item(), x.detach()


def run_secant(secant, name, *flags):
    words = [secant, "run", name, "--json", "--quiet", *flags]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=False, timeout=60).stdout)


def lost(loss, x):
    return math.isnan(loss) or bool(torch.isnan(x).any())


def compare(secant, name, formula, start, lr, line_search):
    """One line for people, and what is wrong, or None."""
    begin, loss, x = run_torch(formula, start, lr, line_search)
    first = run_secant(secant, name, "--max-iter", "0")["loss"]
    end = run_secant(secant, name, "--lr", str(lr))
    line = "%-22s from %-12.6g lr %-3g torch, %-12s: %-8s secant: %r (%s)" % (
        name, begin, lr, line_search or "fixed steps", "NaN" if lost(loss, x) else "%.6g" % loss, end["loss"],
        end["reason"])
    if abs(first - begin) > 1e-9 * max(1.0, abs(begin)):
        return line, "the start is %r in the command and %r here: not the same function" % (first, begin)
    if not lost(loss, x):
        return line, "torch was expected to end with NaN"
    if end["loss"] is None or not end["loss"] <= first or end["reason"] not in ENDS:
        return line, "the command must end at a finite point, with a reason"
    return line, None


def main():
    secant, verbose, failed = sys.argv[1], "--verbose" in sys.argv, 0
    torch.set_num_threads(1)
    for case in CASES:
        line, wrong = compare(secant, *case)
        failed += wrong is not None
        if verbose or wrong:
            print(line, "-- " + wrong if wrong else "")
    print("%d cases, %d failed" % (len(CASES), failed))
    sys.exit(1 if failed else 0)


main()
