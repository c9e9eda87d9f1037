"""SciPy's L-BFGS-B on the suite, without bounds."""

import numpy
from runner import run
from scipy.optimize import fmin_l_bfgs_b

UNLIMITED = 10**9


def solve(problem):
    def evaluate(x):
        g = numpy.empty_like(problem.g)
        return problem.evaluate(numpy.ascontiguousarray(x), g), g

    x, _, said = fmin_l_bfgs_b(evaluate, problem.x, m=10, factr=0.0, pgtol=0.0, maxiter=UNLIMITED, maxfun=UNLIMITED)
    problem.end(str(said["task"]), x)


if __name__ == "__main__":
    run(solve)
