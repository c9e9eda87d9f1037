#!/usr/bin/env python3
"""SECANT_FAULT: each kind of fault, on one rank of several: runs end with finite values or one sentence, and go on later."""

import math
import os
import signal
import time

import command as harness
from command import check_same_end, main, needs_hdf5, options, rows, write

JOB = ["run", "minimal-surface", *options(nx=12, ny=12)]
NOT_FINITE = ["nan", "inf", "-inf", "gnan", "ginf"]
WARNING = "warning: SECANT_FAULT is set, so this run is made to fail"


class Fault:
    """Sets the variable for a while."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        os.environ["SECANT_FAULT"] = self.text

    def __exit__(self, *_):
        del os.environ["SECANT_FAULT"]


def run(command, fault, *flags, **how):
    with Fault(fault):
        return command.run(*JOB, "--json", "--quiet", *flags, **how)


def some(command):
    return [1, 3] if command.mpiexec else [1]


def struck(done, word, evaluation, ranks):
    """The ranks at which the fault was made."""
    for rank in ranks:
        line = "fault: %s at evaluation %d on rank %d" % (word, evaluation, rank)
        assert line in done.stderr.splitlines(), "%s\n%s" % (line, done.stderr)
    assert done.stderr.count("fault: ") == len(ranks), done.stderr


def values_that_are_not_finite_do_not_stay(command):
    """A later evaluation is repaired by a shorter step, and the run ends where it would have ended."""
    want = command.result(*JOB)
    for ranks in some(command):
        for word in NOT_FINITE:
            for evaluation in (2, 5) if ranks == 1 else (5,):
                fault = "closure:%d:%s,rank=%d" % (evaluation, word, ranks - 1)
                done = run(command, fault, "--trace", "t.csv", ranks=ranks)
                assert done.exit_status == 0, "%s: %d\n%s" % (fault, done.exit_status, done.stderr)
                struck(done, word, evaluation, [ranks - 1])
                assert done.sentences == [WARNING], done.sentences
                values = done.json()
                assert values["status"] == "converged", values
                assert abs(values["loss"] - want["loss"]) < 1e-9, (fault, values)
                numbers = [float(text) for row in rows("t.csv") for text in row.split(",")]
                assert all(map(math.isfinite, numbers)), "%s: the trace is not finite" % fault


def a_start_that_is_not_finite_is_reported(command):
    for ranks in some(command):
        for word in NOT_FINITE if ranks == 1 else ["gnan"]:
            done = run(command, "closure:1:%s,rank=%d" % (word, ranks - 1), ranks=ranks)
            assert done.exit_status == 1 and done.json()["reason"] == "not_finite", done.stdout + done.stderr


def without_a_rank_all_ranks_have_the_fault(command):
    ranks = max(some(command))
    done = run(command, "closure:3:gnan", ranks=ranks)
    assert done.exit_status == 0, done.stderr
    struck(done, "gnan", 3, range(ranks))


def several_faults_stand_side_by_side(command):
    ranks = max(some(command))
    done = run(command, " closure:2:nan ; closure:4:sleep=0;;closure:6:ginf,rank=0;closure:1000000:kill ", ranks=ranks)
    assert done.exit_status == 0, done.stderr
    assert done.stderr.count("fault: ") == 2 * ranks + 1, done.stderr


@needs_hdf5
def a_failure_ends_all_ranks_and_the_run_can_go_on(command):
    want = command.result(*JOB)
    for ranks in some(command):
        files = ["--checkpoint", "f%d.h5" % ranks, "--checkpoint-every", 2]
        done = run(command, "closure:9:fail,rank=%d" % (ranks - 1), *files, ranks=ranks)
        assert done.exit_status == 1 and done.stdout == "", done.stdout
        text = "the objective reported failure on rank %d in evaluation 9" % (ranks - 1)
        assert done.sentences == [WARNING, text], done.sentences
        got = command.result(*JOB, *files, "--resume", ranks=ranks)
        assert got["resumed_from"] > 0, got
        check_same_end(got, dict(want, allreduces=got["allreduces"]))


@needs_hdf5
def a_kill_ends_all_ranks_and_the_run_can_go_on(command):
    want = command.result(*JOB)
    for ranks in some(command):
        files = ["--checkpoint", "k%d.h5" % ranks, "--checkpoint-every", 2]
        done = run(command, "closure:9:kill,rank=%d" % (ranks - 1), *files, ranks=ranks)
        killed = 128 + signal.SIGKILL if ranks > 1 or command.under_mpirun else -signal.SIGKILL
        assert done.exit_status == killed and done.stdout == "", done.exit_status
        got = command.result(*JOB, *files, "--resume", ranks=ranks)
        assert got["resumed_from"] > 0, got
        check_same_end(got, dict(want, allreduces=got["allreduces"]))


def a_slow_evaluation_runs_into_the_time_limit(command):
    for ranks in some(command):
        began = time.monotonic()
        done = run(command, "closure:3:sleep=0.4,rank=%d" % (ranks - 1), "--max-time", 0.3, ranks=ranks)
        assert time.monotonic() - began >= 0.4
        assert done.exit_status == 1 and done.json()["reason"] == "max_time", done.stdout + done.stderr


def fit_has_faults_too(command):
    write("data", "".join("%d 1:%d 2:%d\n" % (i % 2, i, i * i % 7) for i in range(40)))
    words = ["fit", "data", "--loss", "logistic", "--quiet"]
    with Fault("closure:2:fail"):
        done = command.run(*words)
    assert done.exit_status == 1 and done.sentences[0] == WARNING, done.stderr
    assert len(done.sentences) == 2, done.sentences


def wrong_texts_are_refused(command):
    form = "is not of the form closure:EVALUATION:KIND[,rank=RANK]"
    for text, part in [
        ("nan", '"nan" ' + form),
        ("closure:7", '"closure:7" ' + form),
        ("checkpoint:7:fail", '"checkpoint:7:fail" ' + form),
        ("closure:7:nan,2", '"closure:7:nan,2" ' + form),
        ("closure:7:nan,rank=0,rank=1", "rank is 0,rank=1"),
        ("closure:0:nan", "evaluation is 0"),
        ("closure:7x:nan", "evaluation is 7x"),
        ("closure:7:", '"" is none of nan, inf'),
        ("closure:7:none", '"none" is none of nan, inf'),
        ("closure:7:sleep=-1", "sleep is -1"),
        ("closure:7:sleep=nan", "sleep is nan"),
        ("closure:7:nan,rank=3", "rank is 3"),
        ("closure:7:nan;" * 17, "more than 16 faults"),
    ]:
        with Fault(text):
            for ranks in some(command) if text.endswith("rank=3") else [1]:
                harness.refused(command, [*JOB, "--quiet"], "SECANT_FAULT: ", part, ranks=ranks)


def an_empty_text_is_none(command):
    for text in ("", " ", ";"):
        done = run(command, text)
        assert done.exit_status == 0 and done.sentences == [], done.stderr


main([
    values_that_are_not_finite_do_not_stay,
    a_start_that_is_not_finite_is_reported,
    without_a_rank_all_ranks_have_the_fault,
    several_faults_stand_side_by_side,
    a_failure_ends_all_ranks_and_the_run_can_go_on,
    a_kill_ends_all_ranks_and_the_run_can_go_on,
    a_slow_evaluation_runs_into_the_time_limit,
    fit_has_faults_too,
    wrong_texts_are_refused,
    an_empty_text_is_none,
])
