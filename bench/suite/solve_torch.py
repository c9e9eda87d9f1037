"""torch.optim.LBFGS with its strong Wolfe search on the suite, on arrays that the objective shares with it."""

import torch
from runner import run

UNLIMITED = 10**9


def solve(problem):
    parameter = torch.nn.Parameter(torch.from_numpy(problem.x))
    parameter.grad = torch.from_numpy(problem.g)
    optimizer = torch.optim.LBFGS([parameter], lr=1.0, max_iter=UNLIMITED, max_eval=UNLIMITED, tolerance_grad=0.0,
                                  tolerance_change=0.0, history_size=10, line_search_fn="strong_wolfe")

    def evaluate():
        return torch.tensor(problem.evaluate(problem.x, problem.g), dtype=torch.float64)

    optimizer.step(evaluate)
    problem.end("step returned", problem.x)


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(solve)
