"""Times SciPy's L-BFGS-B, without bounds."""

import sys

import numpy
from measure import Done, Measure
from scipy.optimize import fmin_l_bfgs_b


def run_round(measure, pairs, x, g):
    completed, last = 0, x

    def evaluate(point):
        nonlocal last
        last = point
        return measure.evaluate(completed, point, g), g

    def progress(_point):
        nonlocal completed
        completed += 1

    measure.begin(x, g)
    try:
        return fmin_l_bfgs_b(evaluate, x, m=pairs, factr=0.0, pgtol=0.0, maxiter=measure.iterations, maxfun=10**9,
                             callback=progress)[0]
    except Done:
        return last


def main():
    measure = Measure()
    x, g = numpy.empty(measure.n), numpy.empty(measure.n)
    for _ in range(measure.number("--rounds", 1)):
        result = run_round(measure, measure.number("--m", 10), x, g)
    return measure.report("scipy", numpy.ascontiguousarray(result))


if __name__ == "__main__":
    sys.exit(main())
