#!/usr/bin/env python3
"""Results of `secant run`: JSON, lines for people, exit status, trace, progress."""

import os
import subprocess

from command import main, options, rows

KEYS = ["status", "reason", "loss", "grad_inf", "n_iter", "func_evals", "allreduces", "wall_s", "optimizer_s", "ranks",
        "threads", "resumed_from", "problem"]
PASSES = ["pass_a_s", "pass_b_s", "reduction_s"]
TIMINGS = [*PASSES, "closure_s", "checkpoint_s"]


def every_problem_reaches_its_optimum(command):
    for name, flags in [
        ("rosenbrock", []),
        ("rosenbrock", options(n=2)),
        ("quadratic", options(n=1000, condition=1e3)),
        ("quadratic", options(n=1)),
        ("minimal-surface", options(nx=20, ny=2)),
    ]:
        result = command.run("run", name, "--json", "--quiet", *flags)
        assert result.exit_status == 0, "%s: exit status %d\n%s" % (name, result.exit_status, result.stderr)
        assert result.sentences == [], result.sentences
        values = result.json()
        assert [key for key in KEYS if key not in values] == [], values
        assert values["status"] == "converged" and values["reason"] == "gradient", values
        assert values["resumed_from"] is None
        assert values["problem"].startswith("run " + name)
        assert values["grad_inf"] <= 1e-7
        if "optimum" in values:
            assert values["loss"] - values["optimum"] < 1e-9, values


def lines_for_people_carry_the_same_values(command):
    values = command.run("run", "rosenbrock", "--json", "--quiet").json()
    lines = command.run("run", "rosenbrock", "--quiet").stdout.splitlines()
    shown = dict(line.split(None, 1) for line in lines)
    assert shown["reason"] == "gradient tolerance reached", shown
    assert float(shown["loss"]) == values["loss"], shown
    assert int(shown["func_evals"]) == values["func_evals"], shown
    assert shown["resumed_from"] == "-", shown


def json_says_where_the_time_went(command):
    for flags in [[], ["--checkpoint", "c.h5"]] if command.has_hdf5 else [[]]:
        values = command.run("run", "rosenbrock", "--json", "--quiet", *flags, *options(n=100000)).json()
        assert all(values[key] > 0 for key in [*PASSES, "closure_s"]), values
        assert (values["checkpoint_s"] > 0) == bool(flags), values
        assert sum(values[key] for key in PASSES) <= values["optimizer_s"] + 1e-9, values
        assert sum(values[key] for key in TIMINGS) <= values["wall_s"] + 1e-9, values
    lines = command.run("run", "rosenbrock", "--quiet").stdout
    assert [key for key in TIMINGS if key in lines] == [], lines


def limits_have_an_exit_status_of_their_own(command):
    for flags, reason in [(["--max-iter", 3], "max_iter"), (["--max-eval", 5], "max_eval"), (["--max-iter", 0], "max_iter")]:
        result = command.run("run", "rosenbrock", "--json", "--quiet", *flags)
        assert result.exit_status == 3, "%s: exit status %d" % (flags, result.exit_status)
        assert result.json()["status"] == "limit" and result.json()["reason"] == reason, result.stdout


def stop_without_a_checkpoint_is_a_failure(command):
    flags = ["--max-time", "0.2", "--tolerance-grad", "0", "--max-iter", "100000000", "--scaling", "last_pair",
             *options(n=100000, condition=1e12)]
    result = command.run("run", "quadratic", "--json", "--quiet", *flags)
    assert result.exit_status == 1, result.exit_status
    assert result.json()["status"] == "stopped" and result.json()["reason"] == "max_time", result.stdout
    assert len(result.sentences) == 1 and "no checkpoint was written" in result.sentences[0], result.sentences


def trace_has_one_row_for_each_iteration(command):
    result = command.run("run", "minimal-surface", "--json", "--quiet", "--trace", "t.csv")
    values = result.json()
    with open("t.csv") as file:
        assert file.readline().startswith("iteration,evaluations,loss,grad_inf,step,step_inf,seconds,")
    columns = [row.split(",") for row in rows("t.csv")]
    assert [int(row[0]) for row in columns] == list(range(1, values["n_iter"] + 1))
    assert int(columns[-1][1]) == values["func_evals"]
    assert float(columns[-1][2]) == values["loss"] and float(columns[-1][3]) == values["grad_inf"], columns[-1]
    losses = [float(row[2]) for row in columns]
    assert losses == sorted(losses, reverse=True), "the loss went up"


def progress_goes_to_stderr_unless_quiet(command):
    loud = command.run("run", "rosenbrock", "--json")
    assert "iteration 1 " in loud.stderr and loud.stderr.count("iteration 1 ") == 1, loud.stderr
    loud.json()
    assert "iteration" not in command.run("run", "rosenbrock", "--json", "--quiet").stderr


def result_that_cannot_be_printed_is_a_failure(command):
    if command.under_mpirun or not os.path.exists("/dev/full"):
        return "mpirun reads the output, and prints it itself"
    with open("/dev/full", "w") as full:
        done = subprocess.run(command.words + ["run", "rosenbrock", "--quiet"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"could not be printed" in done.stderr, done


main([
    every_problem_reaches_its_optimum,
    lines_for_people_carry_the_same_values,
    json_says_where_the_time_went,
    limits_have_an_exit_status_of_their_own,
    stop_without_a_checkpoint_is_a_failure,
    trace_has_one_row_for_each_iteration,
    progress_goes_to_stderr_unless_quiet,
    result_that_cannot_be_printed_is_a_failure,
])
