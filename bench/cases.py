"""Who is measured on what, and which ratios are aimed at."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contender:
    """A program with its arguments. `option`: of Secant, measured only if the build has it."""

    name: str
    program: str
    threads: int = 1
    ranks: int = 1
    arguments: tuple = ()
    option: str = ""
    timed: int = 0  # where it is not the case that says how many iterations are timed


@dataclass(frozen=True)
class Case:
    """One problem size. `timed` iterations are under the clock, `rounds` times in one process."""

    n: int
    m: int
    timed: int
    rounds: int
    names: tuple = field(default_factory=tuple)


@dataclass(frozen=True)
class Target:
    """`what` holds when the median of `contender` / `against`, or of another figure, is at most `limit`.

    `at_equal_bandwidth`: each time is first multiplied by the bandwidth that was read between its own iterations."""

    what: str
    n: int
    m: int
    contender: str
    against: str
    limit: float
    at_equal_bandwidth: bool = False


SCALAR = ("-tao_lmvm_mat_lmvm_scale_type", "scalar")

CONTENDERS = (
    Contender("Secant, 1 thread", "run_secant"),
    Contender("Secant, 2 threads", "run_secant", threads=2),
    Contender("Secant, 2 ranks", "run_secant", ranks=2, arguments=("--mpi",)),
    Contender("Secant, 2 threads, fast sums", "run_secant", threads=2, arguments=("--option", "reduction=fast"),
              option="reduction"),
    Contender("Secant, 2 threads, f32 history", "run_secant", threads=2, arguments=("--option", "history_dtype=f32"),
              option="history_dtype"),
    Contender("Secant, 4 ranks", "run_secant", ranks=4, arguments=("--mpi",)),
    Contender("liblbfgs", "run_liblbfgs"),
    Contender("TAO lmvm, 1 rank", "run_tao"),
    Contender("TAO lmvm, scalar J0, 1 rank", "run_tao", arguments=SCALAR),
    Contender("TAO lmvm, 2 ranks", "run_tao", ranks=2),
    Contender("TAO lmvm, scalar J0, 2 ranks", "run_tao", ranks=2, arguments=SCALAR),
    Contender("TAO lmvm, scalar J0, 4 ranks", "run_tao", ranks=4, arguments=SCALAR),
    Contender("NLopt", "run_nlopt"),
    Contender("SciPy", "run_scipy.py"),
    Contender("torch, 1 thread", "run_torch.py"),
    Contender("torch, 2 threads", "run_torch.py", threads=2),
)

# One on each of several hosts. TAO waits for the network so long that a few iterations are enough.
ON_HOSTS = (
    Contender("Secant, 4 hosts", "run_secant", arguments=("--mpi",), timed=20),
    Contender("TAO lmvm, 4 hosts", "run_tao", timed=6),
    Contender("TAO lmvm, scalar J0, 4 hosts", "run_tao", arguments=SCALAR, timed=6),
)

_SECANT = tuple(c.name for c in CONTENDERS if c.program == "run_secant" and c.ranks <= 2)
_SMALL = tuple(c.name for c in CONTENDERS if c.threads == 1)
_SMALL_FEW_RANKS = tuple(c.name for c in CONTENDERS if c.threads == 1 and c.ranks <= 2)
_MIDDLE = tuple(c.name for c in CONTENDERS if not (c.program == "run_tao" and c.ranks == 1))
_MIDDLE_FEW_RANKS = tuple(c.name for c in CONTENDERS if c.name in _MIDDLE and c.ranks <= 2)
_BETWEEN = ("Secant, 1 thread", "Secant, 2 threads", "Secant, 2 ranks", "liblbfgs", "TAO lmvm, scalar J0, 2 ranks",
            "SciPy", "torch, 1 thread")
_LARGE = ("Secant, 1 thread", "Secant, 2 threads", "liblbfgs")
_LARGE_AND_TAO = _SECANT + ("liblbfgs", "TAO lmvm, scalar J0, 2 ranks")

FULL = (
    Case(1000, 5, 20, 200, _SMALL_FEW_RANKS),
    Case(1000, 10, 20, 200, _SMALL),
    Case(1000, 20, 20, 200, _SMALL_FEW_RANKS),
    Case(10000, 10, 20, 30, _BETWEEN),
    Case(100000, 10, 20, 3, _BETWEEN),
    Case(1000000, 5, 12, 1, _MIDDLE_FEW_RANKS),
    Case(1000000, 10, 12, 1, _MIDDLE),
    Case(1000000, 20, 12, 1, _MIDDLE_FEW_RANKS),
    Case(10000000, 5, 8, 1, _LARGE),
    Case(10000000, 10, 12, 1, _LARGE_AND_TAO),
    Case(10000000, 20, 12, 1, _LARGE),
)

QUICK = (Case(1000, 10, 20, 50, _SMALL), Case(1000000, 10, 6, 1, _MIDDLE))

# What a ratio can be taken against, beside a contender's time.
ROOFLINE, ALLREDUCES, MEMORY = "roofline", "allreduces", "memory"

TARGETS = (
    Target("reading 4mn words with 2 threads", 10000000, 10, "Secant, 2 threads", ROOFLINE, 1.40),
    Target("reading 4mn words with 2 threads", 10000000, 20, "Secant, 2 threads", ROOFLINE, 1.25),
    Target("liblbfgs, one thread each", 1000000, 10, "Secant, 1 thread", "liblbfgs", 0.7),
    Target("liblbfgs, one thread each", 10000000, 10, "Secant, 1 thread", "liblbfgs", 0.7),
    Target("liblbfgs, Secant with two threads", 1000000, 10, "Secant, 2 threads", "liblbfgs", 0.4),
    Target("liblbfgs, Secant with two threads", 10000000, 10, "Secant, 2 threads", "liblbfgs", 0.4),
    Target("TAO lmvm, two ranks each", 1000000, 10, "Secant, 2 ranks", "TAO lmvm, 2 ranks", 0.45),
    Target("TAO lmvm with scalar J0, two ranks each", 1000000, 10, "Secant, 2 ranks", "TAO lmvm, scalar J0, 2 ranks",
           0.6),
    Target("torch, two threads each", 1000000, 10, "Secant, 2 threads", "torch, 2 threads", 0.4),
    Target("SciPy, Secant with two threads", 1000000, 10, "Secant, 2 threads", "SciPy", 0.25),
    Target("f64 history, f32 history above it", 10000000, 10, "Secant, 2 threads, f32 history", "Secant, 2 threads",
           0.6, at_equal_bandwidth=True),
    Target("liblbfgs, small problem", 1000, 10, "Secant, 1 thread", "liblbfgs", 1.0),
    Target("fast sums, reproducible ones above them", 1000000, 10, "Secant, 2 threads",
           "Secant, 2 threads, fast sums", 1.05),
    Target("fast sums, reproducible ones above them", 10000000, 10, "Secant, 2 threads",
           "Secant, 2 threads, fast sums", 1.05, at_equal_bandwidth=True),
    Target("Allreduces of an iteration", 1000000, 10, "Secant, 2 ranks", ALLREDUCES, 1.0),
    Target("TAO lmvm, 4 hosts, 1 ms one way", 4000, 10, "Secant, 4 hosts", "TAO lmvm, 4 hosts", 0.1),
    Target("vectors of memory beyond x and g, above 2m + 3", 10000000, 10, "Secant, 1 thread", MEMORY, 1.0),
)
