#!/usr/bin/env python3
"""A run that stops at a limit and is resumed ends as one that never stopped: to the last bit and in every counter."""

import os
import signal
import sys

from command import SKIPPED, check_same_end, has_checkpoints, main, options, rows, wait_for_rows

PROBLEMS = [
    ("rosenbrock", options(n=5000)),
    ("quadratic", options(n=3000, condition=1e5)),
    ("minimal-surface", options(nx=40, ny=30)),
]
LIMIT = 28


def run(command, name, flags, *more):
    return command.run("run", name, "--json", "--quiet", "--tolerance-grad", "1e-13", *flags, *more)


def supported(command, folder):
    if not has_checkpoints(command, folder):
        print("skipped: built without HDF5")
        sys.exit(SKIPPED)


def resumed_run_ends_as_an_uninterrupted_one(command, folder):
    for name, flags in PROBLEMS:
        for stop in [0, 1, 2, LIMIT // 2, LIMIT - 1]:
            whole, part = os.path.join(folder, "whole.csv"), os.path.join(folder, "part.csv")
            files = ["--checkpoint", os.path.join(folder, "%s-%d.h5" % (name, stop)), "--trace", part, "--resume"]
            want = run(command, name, flags, "--max-iter", LIMIT, "--trace", whole)
            first = run(command, name, flags, "--max-iter", stop, *files)
            assert first.exit_status == 3 and first.json()["resumed_from"] is None, first.stderr
            assert "starting afresh" in first.stderr, first.stderr
            second = run(command, name, flags, "--max-iter", LIMIT, *files)
            assert second.exit_status == want.exit_status == 3, second.stderr
            assert second.json()["resumed_from"] == stop, second.stdout
            check_same_end(second.json(), want.json())
            assert rows(part) == rows(whole), "%s, stopped at %d: the traces differ" % (name, stop)


def converged_run_stays_where_it_is(command, folder):
    files = ["--checkpoint", os.path.join(folder, "c.h5"), "--resume"]
    first = command.run("run", "rosenbrock", "--json", *files)
    second = command.run("run", "rosenbrock", "--json", *files)
    assert first.exit_status == second.exit_status == 0, second.stderr
    for key in ["loss", "grad_inf", "n_iter", "reason"]:
        assert second.json()[key] == first.json()[key], key
    assert second.json()["resumed_from"] == first.json()["n_iter"]


def killed_run_goes_on_from_its_last_periodic_checkpoint(command, folder):
    trace, whole, checkpoint = (os.path.join(folder, name) for name in ["t.csv", "whole.csv", "c.h5"])
    flags = ["run", "quadratic", "--json", "--quiet", "--tolerance-grad", "0", *options(n=100000, condition=1e12)]
    want = command.run(*flags, "--max-iter", 80, "--trace", whole)
    flags += ["--checkpoint", checkpoint, "--checkpoint-every", 7, "--trace", trace, "--resume"]
    process = command.start(*flags, "--max-iter", 1000000)
    wait_for_rows(trace, 30, process)
    for pid in command.ranks(process):
        os.kill(pid, signal.SIGKILL)
    command.finish(process)
    got = command.run(*flags, "--max-iter", 80)
    start = got.json()["resumed_from"]
    if start < 80:  # else the run was quicker than this test
        assert start >= 28 and start % 7 == 0, start
        check_same_end(got.json(), want.json())
        assert rows(trace) == rows(whole), "the traces differ"


def refused_unchanged(command, checkpoint, words, part):
    with open(checkpoint, "rb") as file:
        before = file.read()
    result = command.run("run", *words, "--checkpoint", checkpoint, "--resume", "--quiet")
    assert result.exit_status == 2, "%s: exit status %d\n%s" % (words, result.exit_status, result.stderr)
    assert len(result.sentences) == 1 and part in result.sentences[0], result.sentences
    with open(checkpoint, "rb") as file:
        assert file.read() == before, "the file was touched"


def checkpoint_of_another_problem_is_refused_and_kept(command, folder):
    checkpoint = os.path.join(folder, "c.h5")
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", checkpoint)
    refused_unchanged(command, checkpoint, ["quadratic"], "rosenbrock")
    refused_unchanged(command, checkpoint, ["rosenbrock", *options(n=100)], "n=1000")
    refused_unchanged(command, checkpoint, ["rosenbrock", "--history-size", "3"], "history")


def damaged_checkpoint_is_refused_and_kept(command, folder):
    checkpoint = os.path.join(folder, "c.h5")
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", checkpoint)
    with open(checkpoint, "r+b") as file:
        file.truncate(os.path.getsize(checkpoint) // 2)
    refused_unchanged(command, checkpoint, ["rosenbrock"], checkpoint)
    with open(checkpoint, "w") as file:
        file.write("this is no HDF5 file\n")
    refused_unchanged(command, checkpoint, ["rosenbrock"], checkpoint)


def foreign_trace_is_not_continued(command, folder):
    checkpoint, trace = os.path.join(folder, "c.h5"), os.path.join(folder, "notes.txt")
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", checkpoint)
    with open(trace, "w") as file:
        file.write("my notes\n")
    result = command.run("run", "rosenbrock", "--quiet", "--checkpoint", checkpoint, "--resume", "--trace", trace)
    assert result.exit_status == 2 and "not a trace of secant" in result.stderr, result.stderr
    with open(trace) as file:
        assert file.read() == "my notes\n"


def first_run_says_that_it_overwrites(command, folder):
    flags = ["run", "rosenbrock", "--json", "--quiet", "--checkpoint", os.path.join(folder, "c.h5")]
    assert command.run(*flags).sentences == []
    result = command.run(*flags)
    assert result.exit_status == 0 and result.json()["resumed_from"] is None
    assert len(result.sentences) == 1 and "will be overwritten" in result.sentences[0], result.sentences


main([
    supported,
    resumed_run_ends_as_an_uninterrupted_one,
    converged_run_stays_where_it_is,
    killed_run_goes_on_from_its_last_periodic_checkpoint,
    checkpoint_of_another_problem_is_refused_and_kept,
    damaged_checkpoint_is_refused_and_kept,
    foreign_trace_is_not_continued,
    first_run_says_that_it_overwrites,
])
