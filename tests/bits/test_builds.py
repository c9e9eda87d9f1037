#!/usr/bin/env python3
"""The same bits from other compilers, optimisation levels and vector widths, on several ranks and threads.

usage: test_builds.py COMMAND --mpiexec MPIEXEC

COMMAND is what the others are compared with. They are built from the tree this file is in.
"""

import copy
import os
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))

from bits import check_equal, dense_softmax, outcome, sparse_logistic  # noqa: E402
from command import main, options  # noqa: E402

WAYS = [(1, 3), (3, 2)]  # ranks, threads
wanted = {}  # by job and number of ranks


def jobs():
    """Jobs, and whether their bits hold on any number of ranks."""
    yield ["run", "rosenbrock", *options(n=100000), "--max-iter", 20], True
    yield ["run", "minimal-surface", *options(nx=301, ny=200), "--max-iter", 20], True
    yield sparse_logistic(), False
    yield dense_softmax(), False


def want(command, job, ranks):
    """The outcome of the build that is compared with, on one thread."""
    key = (*job, ranks)
    if key not in wanted:
        wanted[key] = outcome(command, job, ranks, 1)
    return wanted[key]


def check(command, other, what):
    for job, any_ranks in jobs():
        for ranks, threads in WAYS:
            check_equal(outcome(other, job, ranks, threads), want(command, job, 1 if any_ranks else ranks),
                        "%s, %s on %d ranks with %d threads" % (what, job, ranks, threads))


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, "%s\n%s" % (" ".join(words), done.stdout)


def build(command, compiler, flags, *settings):
    """The command as this compiler makes it, with no more than it needs; in the directory "build"."""
    run("cmake", "-S", SOURCE, "-B", "build", "-DCMAKE_C_COMPILER=" + compiler, "-DCMAKE_BUILD_TYPE=Release",
        "-DCMAKE_C_FLAGS_RELEASE=" + flags, "-DSECANT_BUILD_TESTS=OFF", *settings)
    run("cmake", "--build", "build", "--target", "secant_command", "--parallel", str(os.cpu_count()))
    other = copy.copy(command)
    other.words = [os.path.abspath("build/secant")]
    return other


def has_openmp(compiler):
    with open("probe.c", "w") as file:
        file.write("#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n")
    return subprocess.run([compiler, "-fopenmp", "probe.c", "-o", "probe"], stderr=subprocess.DEVNULL).returncode == 0


def gcc_at_O2_with_narrower_vectors(command):
    if not shutil.which("gcc"):
        return "gcc is not installed"
    for bits in (256, 128):
        other = build(command, "gcc", "-O2 -DNDEBUG", "-DSECANT_VECTOR_BITS=%d" % bits)
        check(command, other, "gcc -O2, vectors of at most %d bits" % bits)


def gcc_for_this_processor(command):
    """No product and sum may be contracted to one operation, though the processor has it."""
    if not shutil.which("gcc"):
        return "gcc is not installed"
    check(command, build(command, "gcc", "-O3 -march=native -DNDEBUG"), "gcc -O3 -march=native")


def clang(command):
    if not shutil.which("clang"):
        return "clang is not installed"
    openmp = has_openmp("clang")
    if not openmp:
        print("clang comes without OpenMP (libomp-dev): its build has one thread")
    check(command, build(command, "clang", "-O3 -DNDEBUG", "-DSECANT_WITH_OPENMP=%d" % openmp), "clang -O3")


if __name__ == "__main__":
    main([gcc_at_O2_with_narrower_vectors, gcc_for_this_processor, clang])
