"""The C functions of measure.h for Python's runners: same arguments, same objective, same clock, same report."""

import ctypes
import os
import sys

import numpy

_vector = ctypes.POINTER(ctypes.c_double)


def _pointer(array):
    return array.ctypes.data_as(_vector)


class Done(Exception):
    """With --until: nothing more is counted."""


class Measure:
    """Made from sys.argv, plus --library DIRECTORY: where libbench_measure.so lies."""

    def __init__(self):
        directory = sys.argv[sys.argv.index("--library") + 1]
        self._c = ctypes.CDLL(os.path.join(directory, "libbench_measure.so"))
        self._c.bench_measure_create.restype = ctypes.c_void_p
        self._c.bench_measure_count.restype = ctypes.c_size_t
        self._c.bench_measure_done.restype = ctypes.c_bool
        self._c.bench_measure_evaluate.restype = ctypes.c_double
        self._c.bench_measure_evaluate.argtypes = [ctypes.c_void_p, ctypes.c_int, _vector, _vector]
        arguments = [argument.encode() for argument in sys.argv]
        argv = (ctypes.c_char_p * len(arguments))(*arguments)
        self._measure = ctypes.c_void_p(self._c.bench_measure_create(len(arguments), argv))
        self.n = self._c.bench_measure_count(self._measure)
        self.iterations = self._c.bench_measure_iterations(self._measure)

    def number(self, flag, otherwise):
        return int(sys.argv[sys.argv.index(flag) + 1]) if flag in sys.argv else otherwise

    def begin(self, x, g):
        self._c.bench_measure_begin(self._measure, _pointer(x), _pointer(g))

    def evaluate(self, completed, x, g):
        loss = self._c.bench_measure_evaluate(self._measure, completed, _pointer(x), _pointer(g))
        if self._c.bench_measure_done(self._measure):
            raise Done
        return loss

    def report(self, solver, x):
        """Prints the line and returns the exit status."""
        loss, grad_inf, g = ctypes.c_double(), ctypes.c_double(), numpy.empty_like(x)
        self._c.bench_measure_final(self._measure, _pointer(x), _pointer(g), ctypes.byref(loss), ctypes.byref(grad_inf))
        return self._c.bench_measure_report(self._measure, solver.encode(), 1, loss, grad_inf)
