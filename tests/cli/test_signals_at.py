#!/usr/bin/env python3
"""Signals that arrive at a chosen place: in an evaluation, between two trials of a line search, while a checkpoint is
written; in one rank, or in mpirun, which hands them on. Each time the run stops at one iteration, known beforehand,
with a checkpoint from which it goes on to the end of a run that nobody stopped, in every bit of x and every counter.

    test_signals_at.py BINARY FAULT_PRELOAD [--mpiexec mpirun] [--all]

Without --all every place is tried with fewer signals and numbers of ranks.
"""

import json
import os
import random
import shutil
import signal
import sys

from bits import can_read, unknowns
from command import check_same_end, main, needs_hdf5, rows, write

ALL = "--all" in sys.argv
if ALL:
    sys.argv.remove("--all")
PRELOAD = os.path.abspath(sys.argv.pop(2))
ROWS, LIMIT, EVERY = 300, 12, 4
FLAGS = ["fit", "data.svm", "--loss", "logistic", "--l2", "0.001", "--tolerance-grad", 0, "--tolerance-change", 0,
         "--line-search", "strong_wolfe", "--wolfe", 0.9, "--first-step", "scaled", "--max-iter", LIMIT,
         "--trace", "t.csv"]
CHECKPOINT = os.path.join("saves", "c.h5")
FILES = ["--checkpoint", CHECKPOINT, "--resume"]
USR1, USR2, TERM = int(signal.SIGUSR1), int(signal.SIGUSR2), int(signal.SIGTERM)
KNOWN = ["FAULT_PLAN", "FAULT_RANK", "FAULT_BELOW", "FAULT_REPORT", "LD_PRELOAD"]


def clear():
    shutil.rmtree("saves", ignore_errors=True)
    os.mkdir("saves")
    for name in filter(os.path.exists, ["t.csv", "report"]):
        os.remove(name)


def make_data():
    """Rows of equal length, so that all ranks have as many."""
    generator = random.Random(1)
    lines = ["%d %s\n" % (row % 2, " ".join("%d:%08.3f" % (i, generator.gauss(row % 2, 5)) for i in range(1, 9)))
             for row in range(ROWS)]
    write("data.svm", "".join(lines))


class Whole:
    """The run that nobody stops: what it ends with, and a search of two trials in it."""

    def __init__(self, command, ranks):
        clear()
        self.values = command.result(*FLAGS, *FILES, expect=3, ranks=ranks)
        self.trace = rows("t.csv")
        self.unknowns = unknowns(CHECKPOINT)
        evaluations = [int(row.split(",")[1]) for row in self.trace]
        self.last_trial = dict(enumerate(evaluations, 1))  # by iteration; a search begins behind that of the one before
        self.searching = [i for i in range(5, LIMIT) if self.last_trial[i] - self.last_trial[i - 1] > 1][0]
        self.direct = [i for i in range(3, LIMIT) if self.last_trial[i] - self.last_trial[i - 1] == 1][0]


def whole_run(command, ranks, known={}):
    if ranks not in known:
        known[ranks] = Whole(command, ranks)
    return known[ranks]


def with_data(test):
    def wrapped(command):
        if not can_read(command):
            return "no h5py"
        make_data()
        return test(command)

    wrapped.__name__ = test.__name__
    return needs_hdf5(wrapped)


def start_with_plan(command, ranks, rank, steps, flags):
    """The result of a run with a plan for one rank. Every step of it must have struck."""
    variables = {"LD_PRELOAD": PRELOAD, "FAULT_PLAN": ",".join(steps), "FAULT_BELOW": os.path.abspath("saves"),
                 "FAULT_REPORT": os.path.abspath("report")}
    if ranks > 1:
        variables["FAULT_RANK"] = str(rank)
    os.environ.update(variables)
    try:
        process = command.start(*flags, "--json", "--quiet", ranks=ranks)
    finally:
        for name in KNOWN:
            os.environ.pop(name, None)
    done = command.finish(process)
    struck = open("report").read().splitlines() if os.path.exists("report") else []
    assert struck == steps, "of %s only %s struck: exit status %d\n%s" % (steps, struck, done.exit_status, done.stderr)
    return done


def check_stops(command, ranks, rank, steps, at, *flags):
    """A run with the plan stops at iteration `at`, or one of them, and what goes on from there ends as it must."""
    name = "%d ranks, in rank %d: %s" % (ranks, rank, ", ".join(steps))
    whole = whole_run(command, ranks)
    clear()
    done = start_with_plan(command, ranks, rank, steps, [*FLAGS, *FILES, *flags])
    assert done.exit_status == 75, "%s: exit status %d\n%s" % (name, done.exit_status, done.stderr)
    values = json.loads(done.stdout)
    assert values["reason"] == "stop_requested", "%s: %s" % (name, values)
    assert values["n_iter"] in (at if isinstance(at, tuple) else (at,)), "%s: %d" % (name, values["n_iter"])
    assert rows("t.csv") == whole.trace[:values["n_iter"]], "%s: another trace" % name
    left = sorted(os.listdir("saves"))
    assert left in (["c.h5"], ["c.h5", "c.h5.1"]), "%s: %s is left" % (name, left)

    again = command.result(*FLAGS, *FILES, expect=3, ranks=ranks)
    assert again["resumed_from"] == values["n_iter"] and again["resumed_file"] == CHECKPOINT, "%s: %s" % (name, again)
    check_same_end(again, whole.values)
    assert unknowns(CHECKPOINT) == whole.unknowns, "%s: other unknowns" % name
    assert rows("t.csv") == whole.trace, "%s: then another trace" % name


def ways(command):
    """(ranks, the rank that is hit, what happens there). TERM is not for mpirun, which would soon kill all ranks."""
    one, handed_on = ["signal %d" % number for number in (USR1, USR2, TERM)], "signal-parent %d"
    found = [(1, 0, one[0]), (2, 0, handed_on % USR1), (3, 1, one[0])]
    if ALL:
        found = [(ranks, rank, action) for ranks in (1, 2, 3) for rank in range(ranks)
                 for action in one + [handed_on % USR1, handed_on % USR2] * (ranks > 1)]
    return [way for way in found if way[0] == 1 or command.mpiexec]


def in_evaluation(number, ranks, part=0.5):
    """The call of exp, one for each row of a rank, at which that part of evaluation `number` is done."""
    return int((number - 1 + part) * ROWS / ranks)


@with_data
def signal_in_an_evaluation(command):
    for ranks, rank, action in ways(command):
        whole = whole_run(command, ranks)
        call = in_evaluation(whole.last_trial[whole.direct], ranks)
        check_stops(command, ranks, rank, ["evaluate %d %s" % (call, action)], whole.direct)


@with_data
def signal_in_a_line_search(command):
    """In a trial that does not end the search, the run goes back to the last accepted point; in one that does, it stops
    at the new one. A signal behind the look at the flag waits for the next trial, unless another rank was faster."""
    for ranks, rank, action in ways(command):
        whole = whole_run(command, ranks)
        found = whole.searching
        accepted = whole.last_trial[found]
        trial = "evaluate %d %s" % (in_evaluation(accepted - 1, ranks), action)
        check_stops(command, ranks, rank, [trial], found - 1)
        trial = "evaluate %d %s" % (in_evaluation(accepted, ranks, 0.1), action)
        check_stops(command, ranks, rank, [trial], found)
        if ranks == 1:
            continue  # without MPI there is no call between two trials
        between = ["evaluate %d pass 0" % in_evaluation(accepted, ranks, 0), "reduce 1 %s" % action]
        check_stops(command, ranks, rank, between, (found - 1, found) if "parent" in action else found)


def places_in_a_save(ranks, rank):
    """(kind, call, io): calls of that rank while it writes a checkpoint. Data so small are written by rank 0."""
    if ranks == 1:
        places = [("open", 1, "auto"), ("write", 1, "auto"), ("fsync", 1, "auto"), ("rename", 1, "auto")]
    elif rank == 0:
        places = [("write", 1, "mpio"), ("fsync", 1, "mpio"), ("write", 5, "gather"), ("rename", 1, "gather")]
    else:
        places = [("open", 1, "mpio")]
    return places if ALL else places[1:3] or places


@with_data
def signal_while_a_checkpoint_is_written(command):
    """The save is finished; the next iteration is the last."""
    for ranks, rank, action in ways(command):
        for kind, call, io in places_in_a_save(ranks, rank):
            steps = ["evaluate 1 pass 0", "%s %d %s" % (kind, call, action)]
            check_stops(command, ranks, rank, steps, EVERY + 1, "--checkpoint-every", EVERY, "--io", io)


@with_data
def second_signal_while_the_checkpoint_of_the_first_is_written(command):
    for ranks, rank, action in ways(command):
        whole = whole_run(command, ranks)
        for kind, call, io in places_in_a_save(ranks, rank):
            steps = ["evaluate %d %s" % (in_evaluation(whole.last_trial[whole.direct], ranks), action),
                     "%s %d %s" % (kind, call, action)]
            check_stops(command, ranks, rank, steps, whole.direct, "--io", io)


@with_data
def signal_while_the_last_checkpoint_is_written_changes_nothing(command):
    for ranks, rank, action in ways(command):
        whole = whole_run(command, ranks)
        kind, call, io = places_in_a_save(ranks, rank)[-1]
        clear()
        done = start_with_plan(command, ranks, rank, ["%s %d %s" % (kind, call, action)], [*FLAGS, *FILES, "--io", io])
        assert done.exit_status == 3, "exit status %d\n%s" % (done.exit_status, done.stderr)
        check_same_end(json.loads(done.stdout), whole.values)
        assert unknowns(CHECKPOINT) == whole.unknowns


@with_data
def signal_before_the_run_begins_stops_it_at_its_start(command):
    if not command.mpiexec:
        return "no MPI"
    for ranks, rank, action in ways(command):
        if "parent" not in action:  # mpirun may have another rank that has not even reached main()
            check_stops(command, ranks, rank, ["begin 1 %s" % action], 0)


main([
    signal_in_an_evaluation,
    signal_in_a_line_search,
    signal_while_a_checkpoint_is_written,
    second_signal_while_the_checkpoint_of_the_first_is_written,
    signal_while_the_last_checkpoint_is_written_changes_nothing,
    signal_before_the_run_begins_stops_it_at_its_start,
])
