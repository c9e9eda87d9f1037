#!/usr/bin/env python3
"""`secant run ./objective.so`: the examples, and shared objects that are wrong in one way each.

    test_plugin.py BINARY [--mpiexec X] DIRECTORY

DIRECTORY has the shared objects that were made from examples/objective/ and tests/cli/objectives/.
"""

import math
import os
import sys

import command as harness
from command import check_same_end, main, near, needs_hdf5, options, write

DIRECTORY = os.path.abspath(sys.argv.pop())


def objective(name):
    return os.path.join(DIRECTORY, name + ".so")


def some(command):
    """Numbers of ranks to try."""
    return [1, 3] if command.mpiexec else [1]


def result(command, name, *flags, ranks=1, **values):
    return command.result("run", objective(name), *flags, *options(**values), ranks=ranks)


def most(command):
    return max(some(command))


def refused(command, name, *parts, ranks=1, **values):
    harness.refused(command, ["run", objective(name), "--quiet", *options(**values)], *parts, ranks=ranks)


def numbers(name):
    with open(name) as file:
        return [float(line) for line in file]


def the_chain_has_the_same_bits_on_any_number_of_ranks(command):
    runs = [result(command, "chain", ranks=ranks, n=200, output="u%d" % ranks) for ranks in some(command)]
    for ranks, values in zip(some(command), runs):
        check_same_end(values, runs[0])
        assert values["problem"] == "run chain 1 n=200" and values["ranks"] == ranks, values
        near(values["loss"], -(1 - 1 / 201**2) / 24, 1e-12)
        near(values["loss"], values["optimum"], 1e-12)
        assert numbers("u%d" % ranks) == numbers("u1")
    for i, u in enumerate(numbers("u1")):
        x = (i + 1) / 201
        near(u, x * (1 - x) / 2, 1e-5)


def chains_shorter_than_the_number_of_ranks(command):
    for n in (1, 9):
        values = result(command, "chain", ranks=most(command), n=n)
        near(values["loss"], values["optimum"], 1e-12)


def the_decay_is_found_from_the_rows_of_all_ranks(command):
    write("rows", "".join("%r %r\n" % (t / 20, 3 * math.exp(-0.7 * t / 20) + 0.5) for t in range(100)))
    for ranks in some(command):
        done = command.run("run", objective("decay"), "--quiet", *options(data="rows"), ranks=ranks)
        assert done.exit_status == 0, done.stderr
        words = next(line for line in done.stderr.splitlines() if line.startswith("y = ")).split()
        near(float(words[2]), 3, 1e-6)
        near(float(words[3][len("exp(-"):]), 0.7, 1e-6)
        near(float(words[6].rstrip(",")), 0.5, 1e-6)


def the_decay_says_what_is_wrong_with_its_rows(command):
    refused(command, "decay", "decay.so: --problem-option data=FILE is missing")
    refused(command, "decay", "decay.so: missing cannot be opened", data="missing", ranks=most(command))
    refused(command, "decay", "decay.so: rows: row 2 is not two numbers", data=write("rows", "1 2\n3 x\n"))


@needs_hdf5
def a_stopped_run_goes_on_to_the_same_end(command):
    whole = result(command, "chain", n=200)
    for ranks in some(command):
        flags = ["--checkpoint", "c%d.h5" % ranks, "--resume"]
        command.result("run", objective("chain"), *options(n=200), *flags, "--max-iter", 100, ranks=ranks, expect=3)
        # Where the result goes is no part of the problem.
        got = result(command, "chain", *flags, ranks=ranks, n=200, output="u")
        assert got["resumed_from"] == 100, got
        check_same_end(got, dict(whole, allreduces=got["allreduces"]))
        assert len(numbers("u")) == 200


@needs_hdf5
def a_checkpoint_of_another_problem_is_refused(command):
    for name, values in [("chain", {"n": 200}), ("odd", {})]:
        result(command, "chain", "--checkpoint", "c.h5")
        words = ["run", objective(name), "--quiet", "--checkpoint", "c.h5", "--resume", *options(**values)]
        harness.refused(command, words, "run chain 1 n=100")


def options_are_checked_by_name(command):
    refused(command, "chain", 'chain.so has no option "m"; did you mean "n"?', m=3)
    for text in ("7", "=7", ""):
        words = ["run", objective("chain"), "--problem-option=" + text]
        harness.refused(command, words, "not of the form name=value" if text else "must not be empty")
    refused(command, "chain", "chain.so: n must be an integer > 0", n="7x")
    words = ["run", objective("chain"), *options(n=5), *options(n=6)]
    assert command.result(*words)["problem"] == "run chain 1 n=6"


def options_stand_in_the_text_of_the_problem_by_name(command):
    """`oldest` has no function that describes it."""
    values = result(command, "oldest", zebra=1, ape="a=b", emu="")
    assert values["problem"] == "run odd 1 ape=a=b emu= zebra=1", values


def files_that_are_no_objectives(command):
    write("text.so", "int main;\n")
    write("empty.so", "")
    for name in ("missing.so", "./missing", "/nowhere/x.so"):
        words = "objective %s cannot be loaded: " % name, "No such file"
        harness.refused(command, ["run", name], *words, ranks=most(command) if name == "./missing" else 1)
    harness.refused(command, ["run", "./text.so"], "./text.so cannot be loaded: ")
    harness.refused(command, ["run", "empty.so"], "empty.so cannot be loaded: ")
    harness.refused(command, ["run", "./"], "./ cannot be loaded: ")
    refused(command, "undefined", "undefined.so cannot be loaded: undefined symbol: defined_nowhere")
    refused(command, "wrong_symbol", "does not define the symbol secant_objective_plugin", ranks=most(command))


def tables_that_are_wrong(command):
    refused(command, "wrong_abi", "built for version 7 of secant/objective.h", "has version 1", ranks=most(command))
    refused(command, "wrong_size", "has struct_size 8")
    refused(command, "wrong_flavour", "unknown flavour 5")
    refused(command, "no_evaluate", "lacks its function evaluate")
    refused(command, "later_used", "newer secant/objective.h")


def tables_that_are_older_or_newer_than_the_command(command):
    for name in ("oldest", "odd"):  # odd's has a field more, which is not used
        near(result(command, name)["loss"], 0, 1e-12)


def failures_of_the_last_rank_are_failures_of_all(command):
    ranks = most(command)
    last = ranks - 1
    where = " (rank %d)" % last if last else ""
    for name, part, status in [
        ("fail_create", "odd.so: rank %d has no luck%s" % (last, where), 2),
        ("fail_create_silently", "odd.so: its function create failed and returned 41" + where, 2),
        ("huge", "parameter 0 of objective %s has 18446744073709551615 elements" % objective("odd"), 2),
        ("nowhere", "odd.so has no parameters", 2),
        ("fail_evaluate", "the objective reported failure on rank %d in evaluation 2" % last, 1),
    ]:
        words = ["run", objective("odd"), "--quiet", *options(**{name: last})]
        harness.refused(command, words, part, ranks=ranks, exit_status=status)
    if last:
        refused(command, "odd", '"run odd 1 n=20 of another kind" here', other=last, ranks=ranks)


def parameters_that_cannot_be(command):
    refused(command, "odd", "odd.so has no parameters", none=0)
    refused(command, "odd", "NULL array", null=0)
    refused(command, "odd", "shape", wrong_shape=1)
    refused(command, "odd", "longer than 1023 characters", long=1)


def a_result_that_cannot_be_kept_is_reported_and_a_failure(command):
    ranks = most(command)
    done = command.run("run", objective("odd"), "--json", "--quiet", *options(fail_finish=ranks - 1), ranks=ranks)
    assert done.exit_status == 1 and done.json()["status"] == "converged", done.stdout
    assert len(done.sentences) == 1 and "odd.so: the result found no place" in done.sentences[0], done.sentences
    done = command.run("run", objective("chain"), "--quiet", *options(output="missing/u"), ranks=ranks)
    assert done.exit_status == 1 and "missing/u could not be written" in done.sentences[0], done.stderr


def parameters_in_single_precision(command):
    near(result(command, "odd", ranks=most(command), f32=1)["loss"], 0, 1e-10)
    single, double = (result(command, "odd", **values)["memory_bytes"] for values in ({"f32": 1}, {}))
    assert single < double, (single, double)


main([
    the_chain_has_the_same_bits_on_any_number_of_ranks,
    chains_shorter_than_the_number_of_ranks,
    the_decay_is_found_from_the_rows_of_all_ranks,
    the_decay_says_what_is_wrong_with_its_rows,
    a_stopped_run_goes_on_to_the_same_end,
    a_checkpoint_of_another_problem_is_refused,
    options_are_checked_by_name,
    options_stand_in_the_text_of_the_problem_by_name,
    files_that_are_no_objectives,
    tables_that_are_wrong,
    tables_that_are_older_or_newer_than_the_command,
    failures_of_the_last_rank_are_failures_of_all,
    parameters_that_cannot_be,
    a_result_that_cannot_be_kept_is_reported_and_a_failure,
    parameters_in_single_precision,
])
