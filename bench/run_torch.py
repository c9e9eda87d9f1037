"""Times torch.optim.LBFGS with its strong Wolfe search, on arrays that the objective shares with it."""

import sys

import numpy
import torch
from measure import Done, Measure


def run_round(measure, pairs, x, g):
    measure.begin(x, g)
    parameter = torch.nn.Parameter(torch.from_numpy(x))
    parameter.grad = torch.from_numpy(g)
    optimizer = torch.optim.LBFGS([parameter], lr=1.0, max_iter=measure.iterations, max_eval=10**9, tolerance_grad=0.0,
                                  tolerance_change=0.0, history_size=pairs, line_search_fn="strong_wolfe")
    state = optimizer.state[parameter]

    def evaluate():
        completed = max(state.get("n_iter", 0) - 1, 0)
        return torch.tensor(measure.evaluate(completed, x, g), dtype=torch.float64)

    try:
        optimizer.step(evaluate)
    except Done:
        pass


def main():
    measure = Measure()
    torch.set_num_threads(measure.number("--threads", 1))
    x, g = numpy.empty(measure.n), numpy.empty(measure.n)
    for _ in range(measure.number("--rounds", 1)):
        run_round(measure, measure.number("--m", 10), x, g)
    return measure.report("torch", x)


if __name__ == "__main__":
    sys.exit(main())
