"""What the programs that bring a solver in Python to the suite have in common: see runner.h and recorder.h."""

import argparse
import ctypes
import os
import sys
import traceback

import numpy

_POINTER = ctypes.POINTER(ctypes.c_double)


def _pointer(array):
    return array.ctypes.data_as(_POINTER)


class Problem:
    """The current problem, in a process of its own."""

    def __init__(self, library, recorder, n):
        self.calls, self.recorder = library, recorder
        self.x, self.g = numpy.zeros(n), numpy.zeros(n)
        library.suite_recorder_enter()
        library.suite_recorder_start(recorder, _pointer(self.x))

    def evaluate(self, x, g):
        return self.calls.suite_recorder_evaluate(self.recorder, _pointer(x), _pointer(g))

    def end(self, reason, x):
        x = numpy.ascontiguousarray(x, dtype=numpy.float64)
        self.calls.suite_recorder_end(self.recorder, reason.encode("ascii", "replace"), _pointer(x))


def _load(directory):
    library = ctypes.CDLL(os.path.join(directory, "libbench_suite.so"))
    library.suite_recorder_create.restype = ctypes.c_void_p
    library.suite_recorder_name.restype = ctypes.c_char_p
    library.suite_recorder_begin.argtypes = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    library.suite_recorder_start.argtypes = ctypes.c_void_p, _POINTER
    library.suite_recorder_evaluate.argtypes = ctypes.c_void_p, _POINTER, _POINTER
    library.suite_recorder_evaluate.restype = ctypes.c_double
    library.suite_recorder_end.argtypes = ctypes.c_void_p, ctypes.c_char_p, _POINTER
    library.suite_recorder_print.argtypes = ctypes.c_void_p, ctypes.c_int
    return library


def _names(library):
    index = 0
    while (name := library.suite_recorder_name(index)) is not None:
        yield name.decode("ascii")
        index += 1


def _solve(solve, library, recorder, n):
    """Never returns: an exception of the solver is how it stopped. What it prints must not get among the records."""
    try:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        problem = Problem(library, recorder, n)
        start = problem.x.copy()
        try:
            solve(problem)
        except Exception as error:  # pylint: disable=broad-except
            problem.end(f"{type(error).__name__}: {error}", start)
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
    os._exit(1)


def _run_problem(solve, library, recorder, name, to_the_end):
    n = library.suite_recorder_begin(recorder, name.encode("ascii"), to_the_end)
    if n == 0:
        sys.exit(f"suite: there is no problem {name}")
    child = os.fork()
    if child == 0:
        _solve(solve, library, recorder, n)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        sys.exit(f"suite: {name}: it failed")
    if library.suite_recorder_print(recorder, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0) != 0:
        sys.exit("suite: stdout")


def run(solve):
    """Calls solve(problem), which ends by problem.end(), for all problems, or those named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", dest="programs", required=True, help="directory of libbench_suite.so")
    parser.add_argument("--problem", action="append")
    parser.add_argument("--to-the-end", action="store_true")
    given = parser.parse_args()
    library = _load(given.programs)
    recorder = library.suite_recorder_create()
    if not recorder:
        sys.exit("suite: out of memory")
    for name in given.problem or _names(library):
        _run_problem(solve, library, recorder, name, given.to_the_end)
