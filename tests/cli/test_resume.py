#!/usr/bin/env python3
"""A run that stops at a limit and is resumed ends as one that never stopped: to the last bit and in every counter."""

import os
import signal

from command import check_same_end, main, needs_hdf5, options, refused, rows, wait_for_rows, write

PROBLEMS = [
    ("rosenbrock", options(n=5000)),
    ("quadratic", options(n=3000, condition=1e5)),
    ("minimal-surface", options(nx=40, ny=30)),
]
STOPS = [0, 1, 2, 14, 21]  # the quadratic has a diagonal H0 from iteration 21 on
LIMIT = 22
FILES = ["--checkpoint", "c.h5", "--checkpoint-keep", 1, "--trace", "part.csv", "--resume"]


@needs_hdf5
def chain_of_resumed_runs_ends_as_an_uninterrupted_one(command):
    for name, flags in PROBLEMS:
        flags = ["run", name, "--json", "--quiet", "--tolerance-grad", "1e-13", *flags]
        want = command.run(*flags, "--max-iter", LIMIT, "--trace", "whole.csv")
        before = None
        for stop in [*STOPS, LIMIT]:
            got = command.run(*flags, "--max-iter", stop, *FILES)
            assert got.exit_status == want.exit_status == 3, got.stderr
            assert got.json()["resumed_from"] == before and got.json()["n_iter"] == stop, got.stdout
            said = "there is no checkpoint c.h5 yet: starting afresh" if before is None else "resuming from checkpoint"
            assert len(got.sentences) == 1 and said in got.sentences[0], got.sentences
            before = stop
        check_same_end(got.json(), want.json())
        assert rows("part.csv") == rows("whole.csv"), "%s: the traces differ" % name
        os.remove("c.h5")
        os.remove("part.csv")


@needs_hdf5
def converged_run_says_so_and_does_nothing(command):
    job = ["run", "rosenbrock", "--json", *FILES]
    first = command.run(*job)
    assert first.exit_status == 0 and first.json()["reason"] == "gradient", first.stderr
    with open("c.h5", "rb") as file:
        before = file.read()
    for limit in [[], ["--max-iter", 3], ["--tolerance-grad", 1e-3]]:
        again = command.run(*job, *limit)
        assert again.exit_status == 0, again.stderr
        check_same_end(again.json(), first.json())
        assert again.json()["resumed_from"] == first.json()["n_iter"]
        assert len(again.sentences) == 1 and "had converged at iteration" in again.sentences[0], again.sentences
    with open("c.h5", "rb") as file:
        assert file.read() == before, "the checkpoint was touched"


@needs_hdf5
def converged_run_goes_on_under_a_stricter_tolerance(command):
    job = ["run", "rosenbrock", "--json", "--quiet", *FILES]
    for loose, strict, reason in [
        (["--tolerance-grad", 1e-2], ["--tolerance-grad", 1e-10], "gradient"),
        (["--tolerance-change", 1e-2], ["--tolerance-change", 1e-7], None),
    ]:
        first, second = command.run(*job, *loose).json(), command.run(*job, *strict).json()
        assert first["status"] == second["status"] == "converged", (first, second)
        assert second["resumed_from"] == first["n_iter"] < second["n_iter"], (first, second)
        assert second["grad_inf"] < first["grad_inf"] and second["loss"] < first["loss"], (first, second)
        assert reason in (None, second["reason"]), second
        os.remove("c.h5")


@needs_hdf5
def result_outlives_a_final_checkpoint_that_fails(command):
    """The directory goes away under a run without iterations to spare: it reports what it found, and fails."""
    os.mkdir("inner")
    flags = ["run", "quadratic", "--json", "--quiet", "--tolerance-grad", 0, "--scaling", "last_pair",
             *options(n=50000, condition=1e12)]
    process = command.start(*flags, "--checkpoint", "inner/c.h5", "--trace", "t.csv", "--max-iter", 600)
    wait_for_rows("t.csv", 5, process)
    os.rmdir("inner")
    done = command.finish(process)
    assert done.exit_status == 1, "exit status %d\n%s" % (done.exit_status, done.stderr)
    assert done.json()["reason"] == "max_iter" and done.json()["n_iter"] == 600, done.stdout
    assert len(done.sentences) == 1 and "checkpoint inner/c.h5 was not written" in done.sentences[0], done.sentences


@needs_hdf5
def killed_run_goes_on_from_its_last_periodic_checkpoint(command):
    flags = ["run", "quadratic", "--json", "--quiet", "--tolerance-grad", "0", "--scaling", "last_pair",
             *options(n=100000, condition=1e12)]
    want = command.run(*flags, "--max-iter", 80, "--trace", "whole.csv")
    flags += ["--checkpoint-every", 7, *FILES]
    process = command.start(*flags, "--max-iter", 1000000)
    wait_for_rows("part.csv", 30, process)
    for pid in command.processes(process):
        os.kill(pid, signal.SIGKILL)
    command.finish(process)
    got = command.run(*flags, "--max-iter", 80)
    start = got.json()["resumed_from"]
    if start < 80:  # else the run was quicker than this test
        assert start >= 28 and start % 7 == 0, start
        check_same_end(got.json(), want.json())
        assert rows("part.csv") == rows("whole.csv"), "the traces differ"


def refused_unchanged(command, words, part):
    with open("c.h5", "rb") as file:
        before = file.read()
    refused(command, ["run", *words, "--checkpoint", "c.h5", "--resume", "--quiet"], part)
    with open("c.h5", "rb") as file:
        assert file.read() == before, "the file was touched"


@needs_hdf5
def checkpoint_of_another_problem_is_refused_and_kept(command):
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", "c.h5")
    refused_unchanged(command, ["quadratic"], "rosenbrock")
    refused_unchanged(command, ["rosenbrock", *options(n=100)], "n=1000")


@needs_hdf5
def damaged_checkpoint_is_refused_and_kept(command):
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", "c.h5")
    with open("c.h5", "r+b") as file:
        file.truncate(os.path.getsize("c.h5") // 2)
    refused_unchanged(command, ["rosenbrock"], "c.h5")
    write("c.h5", "this is no HDF5 file\n")
    refused_unchanged(command, ["rosenbrock"], "c.h5")


@needs_hdf5
def foreign_trace_is_not_continued(command):
    command.run("run", "rosenbrock", "--quiet", "--checkpoint", "c.h5", "--max-iter", 3)
    write("part.csv", "my notes\n")
    result = command.run("run", "rosenbrock", "--quiet", *FILES)
    assert result.exit_status == 2 and "not a trace of secant" in result.stderr, result.stderr
    with open("part.csv") as file:
        assert file.read() == "my notes\n"


@needs_hdf5
def first_run_says_that_it_overwrites(command):
    flags = ["run", "rosenbrock", "--json", "--quiet", "--checkpoint", "c.h5"]
    assert command.run(*flags).sentences == []
    result = command.run(*flags)
    assert result.exit_status == 0 and result.json()["resumed_from"] is None
    assert len(result.sentences) == 1 and "will be overwritten" in result.sentences[0], result.sentences


main([
    chain_of_resumed_runs_ends_as_an_uninterrupted_one,
    converged_run_says_so_and_does_nothing,
    converged_run_goes_on_under_a_stricter_tolerance,
    result_outlives_a_final_checkpoint_that_fails,
    killed_run_goes_on_from_its_last_periodic_checkpoint,
    checkpoint_of_another_problem_is_refused_and_kept,
    damaged_checkpoint_is_refused_and_kept,
    foreign_trace_is_not_continued,
    first_run_says_that_it_overwrites,
])
