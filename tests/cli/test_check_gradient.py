#!/usr/bin/env python3
"""--check-gradient: right gradients pass and the run goes on as without, wrong ones end it before it begins.

    test_check_gradient.py BINARY [--mpiexec X] DIRECTORY

DIRECTORY has the shared objects that were made from tests/cli/objectives/.
"""

import os
import sys

from command import check_same_end, main, needs_hdf5, options, refused, write

DIRECTORY = os.path.abspath(sys.argv.pop())
ODD = os.path.join(DIRECTORY, "odd.so")


def some(command):
    """Numbers of ranks to try."""
    return [1, 3] if command.mpiexec else [1]


def a_right_gradient_passes_and_the_run_does_not_notice(command):
    for words in [["beale"], ["rosenbrock", *options(n=500)], [ODD], [ODD, *options(f32=1)]]:
        plain = command.result("run", *words)
        for ranks in some(command):
            done = command.run("run", *words, "--check-gradient", "--json", "--quiet", ranks=ranks)
            values = done.json()
            assert "passes its test" in done.stderr and len(done.sentences) == 1, done.stderr
            assert values["gradient_check"] == "passes" and values["check_evals"] > 5, values
            assert abs(values["told_slope"] - values["measured_slope"]) <= 1e-3 * abs(values["told_slope"]), values
            check_same_end(values, plain)
        assert "gradient_check" not in plain


def a_wrong_gradient_ends_the_run_before_it_begins(command):
    for ranks in some(command):
        wrong = options(wrong_gradient=ranks - 1)
        for more in ([], options(f32=1)):
            words = ["run", ODD, "--check-gradient", "--json", "--quiet", *wrong, *more]
            refused(command, words, "the gradient is wrong", "does not begin", exit_status=1, ranks=ranks)


def what_cannot_be_told_does_not_stop_a_run(command):
    done = command.run("run", "single-constant", "--check-gradient", "--json", "--quiet")
    assert done.exit_status == 0 and done.json()["gradient_check"] == "cannot_tell", done.stderr
    assert "could not be tested" in done.stderr, done.stderr


def a_fit_is_tested_too(command):
    write("data.svm", "".join("%d 1:%g 2:%g\n" % (k % 2, 0.1 * k, (k * 7) % 5) for k in range(20)))
    for ranks in some(command):
        words = ["fit", "data.svm", "--loss", "logistic", "--l2", 0.1, "--check-gradient", "--json", "--quiet"]
        done = command.run(*words, ranks=ranks)
        assert done.exit_status == 0 and done.json()["gradient_check"] == "passes", done.stderr


@needs_hdf5
def a_resumed_run_is_tested_where_it_goes_on(command):
    words = ["run", "rosenbrock", *options(n=100), "--quiet", "--json"]
    whole = command.run(*words).json()
    command.run(*words, "--max-iter", 5, "--checkpoint", "half.h5")
    done = command.run(*words, "--checkpoint", "half.h5", "--resume", "--check-gradient")
    assert done.json()["gradient_check"] == "passes", done.stderr
    check_same_end(done.json(), whole)


main([
    a_right_gradient_passes_and_the_run_does_not_notice,
    a_wrong_gradient_ends_the_run_before_it_begins,
    what_cannot_be_told_does_not_stop_a_run,
    a_fit_is_tested_too,
    a_resumed_run_is_tested_where_it_goes_on,
])
