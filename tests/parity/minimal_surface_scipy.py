#!/usr/bin/env python3
"""The minimal surface of `secant run` against SciPy's L-BFGS-B on an independent implementation of the same formula.

usage: minimal_surface_scipy.py COMMAND...

COMMAND is what starts the command, such as "mpirun -n 3 build/secant". Exit status 77 (skipped) without NumPy or SciPy.
"""

import json
import subprocess
import sys

try:
    import numpy as np
    from scipy.optimize import fsolve, minimize
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)


def enneper(x, y):
    """Height of Enneper's surface above (x, y), by a general solver instead of Newton's method written out."""

    def residual(ab):
        a, b = ab
        return [a + a * b * b - a**3 / 3 - x, -b - a * a * b + b**3 / 3 - y]

    a, b = fsolve(residual, [x, -y], xtol=1e-12)
    return a * a - b * b


def boundary(nx, ny):
    """The whole grid [ny + 2, nx + 2] with zeros inside."""
    u = np.zeros((ny + 2, nx + 2))
    xs, ys = np.linspace(-0.5, 0.5, nx + 2), np.linspace(-0.5, 0.5, ny + 2)
    u[0, :] = [enneper(x, -0.5) for x in xs]
    u[-1, :] = [enneper(x, 0.5) for x in xs]
    u[:, 0] = [enneper(-0.5, y) for y in ys]
    u[:, -1] = [enneper(0.5, y) for y in ys]
    return u


def area(inside, u):
    """Area of the piecewise linear surface and its gradient, cell by cell: each triangle adds to its three corners."""
    ny, nx = u.shape[0] - 2, u.shape[1] - 2
    hx, hy = 1.0 / (nx + 1), 1.0 / (ny + 1)
    u = u.copy()
    u[1:-1, 1:-1] = inside.reshape(ny, nx)
    sw, se, nw, ne = u[:-1, :-1], u[:-1, 1:], u[1:, :-1], u[1:, 1:]
    p1, q1, p2, q2 = (se - sw) / hx, (nw - sw) / hy, (ne - nw) / hx, (ne - se) / hy
    w1, w2 = np.sqrt(1 + p1**2 + q1**2), np.sqrt(1 + p2**2 + q2**2)
    g = np.zeros_like(u)
    g[:-1, :-1] -= p1 / w1 / hx + q1 / w1 / hy
    g[:-1, 1:] += p1 / w1 / hx - q2 / w2 / hy
    g[1:, :-1] += q1 / w1 / hy - p2 / w2 / hx
    g[1:, 1:] += p2 / w2 / hx + q2 / w2 / hy
    half = 0.5 * hx * hy
    return half * (w1.sum() + w2.sum()), half * g[1:-1, 1:-1].ravel()


def scipy_optimum(nx, ny):
    u = boundary(nx, ny)
    limits = {"maxiter": 100000, "maxfun": 1000000, "ftol": 0.0, "gtol": 1e-9, "maxcor": 20}
    result = minimize(area, np.zeros(nx * ny), args=(u,), jac=True, method="L-BFGS-B", options=limits)
    return result.fun


def secant_optimum(command, nx, ny):
    flags = ["run", "minimal-surface", "--problem-option", f"nx={nx}", "--problem-option", f"ny={ny}"]
    flags += ["--tolerance-grad", "1e-9", "--json", "--quiet"]
    done = subprocess.run(command + flags, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["loss"]


def main():
    command = sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    worst = 0.0
    for nx, ny in [(100, 100), (37, 5), (3, 2), (1, 1)]:
        ours, theirs = secant_optimum(command, nx, ny), scipy_optimum(nx, ny)
        print(f"nx={nx} ny={ny}: {ours:.15g}, SciPy {theirs:.15g}, difference {ours - theirs:.1e}")
        worst = max(worst, abs(ours - theirs))
    sys.exit(0 if worst <= 1e-9 else 1)


if __name__ == "__main__":
    main()
