"""Times SciPy's L-BFGS-B, without bounds."""

import sys

import numpy
from measure import Measure
from scipy.optimize import fmin_l_bfgs_b


def run_round(measure, pairs, x, g):
    completed = 0

    def evaluate(point):
        return measure.evaluate(completed, point, g), g

    def progress(_point):
        nonlocal completed
        completed += 1

    measure.begin(x, g)
    return fmin_l_bfgs_b(evaluate, x, m=pairs, factr=0.0, pgtol=0.0, maxiter=measure.iterations, maxfun=10**9,
                         callback=progress)[0]


def main():
    measure = Measure()
    x, g = numpy.empty(measure.n), numpy.empty(measure.n)
    for _ in range(measure.number("--rounds", 1)):
        result = run_round(measure, measure.number("--m", 10), x, g)
    return measure.report("scipy", numpy.ascontiguousarray(result))


if __name__ == "__main__":
    sys.exit(main())
