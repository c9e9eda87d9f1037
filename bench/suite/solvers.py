"""Who takes part in the comparison, and how a solver is run on the suite."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
UNBOUNDED = 1  # the trait of suite.h


@dataclass(frozen=True)
class Solver:
    """A program with its arguments."""

    name: str
    program: str
    arguments: tuple = ()


SECANT = Solver("Secant", "solve_secant")
PEERS = (
    Solver("SciPy L-BFGS-B", "solve_scipy.py"),
    Solver("liblbfgs", "solve_liblbfgs"),
    Solver("liblbfgs, Wolfe backtracking", "solve_liblbfgs", ("--search", "wolfe")),
    Solver("TAO lmvm", "solve_tao"),
    Solver("TAO lmvm, scalar J0", "solve_tao", ("--scalar",)),
    Solver("NLopt", "solve_nlopt"),
    Solver("torch, strong Wolfe", "solve_torch.py"),
)


def programs_of(build):
    return os.path.join(os.path.abspath(build), "bench", "suite")


def _command(solver, programs):
    if solver.program.endswith(".py"):
        return [sys.executable, os.path.join(HERE, solver.program), "--library", programs, *solver.arguments]
    return [os.path.join(programs, solver.program), *solver.arguments]


def run(solver, programs, extra=()):
    """The records of all problems by name. Raises CalledProcessError or OSError if the solver cannot run."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    done = subprocess.run([*_command(solver, programs), *extra], env=environment, capture_output=True, text=True,
                          check=True)
    return {record["problem"]: record for record in map(json.loads, done.stdout.splitlines())}


def is_bounded(record):
    return not record["traits"] & UNBOUNDED
