#!/usr/bin/env python3
"""2k iterations = k iterations, a checkpoint, a new process, k more: equal in every bit of the whole state, for `run` and `fit`."""

import os
import random
import signal
import sys

from command import SKIPPED, check_same_end, main, needs_hdf5, options, wait_for_rows

try:
    import h5py
except ImportError:
    print("skipped: no h5py")
    sys.exit(SKIPPED)

HALF = 12


def write_data(folder):
    """400 rows of 60 features with many zeros, three classes."""
    random.seed(7)
    path = os.path.join(folder, "data.svm")
    with open(path, "w") as file:
        for row in range(400):
            features = sorted(random.sample(range(1, 61), 20))
            file.write("%d %s\n" % (row % 3, " ".join("%d:%r" % (i, random.gauss(row % 3, 2)) for i in features)))
    return path


def jobs(folder):
    yield ["run", "rosenbrock", *options(n=4096)]
    yield ["run", "minimal-surface", *options(nx=50, ny=41)]
    yield ["run", "quadratic", *options(n=2000), "--direction", "two_loop"]
    yield ["run", "rosenbrock", *options(n=4096), "--history-dtype", "f32"]
    yield ["fit", write_data(folder), "--loss", "softmax", "--l2", "0.001"]


def state_of(checkpoint):
    """Every dataset and attribute of a checkpoint, as bytes."""
    entries = {}

    def note(name, item):
        for key, value in item.attrs.items():
            entries[name + "@" + key] = value.tobytes() if hasattr(value, "tobytes") else value
        if isinstance(item, h5py.Dataset):
            entries[name] = item[...].tobytes()

    with h5py.File(checkpoint, "r") as file:
        file.visititems(note)
    return entries


def check_same_state(got, want):
    got, want = state_of(got), state_of(want)
    assert got.keys() == want.keys(), got.keys() ^ want.keys()
    assert any(name.endswith("/x") for name in want), want.keys()
    different = [name for name in want if got[name] != want[name] and not name.startswith("options@")]
    assert different == [], "the states differ in %s" % different


def check_run(command, folder, job, interrupt):
    """`interrupt(flags, checkpoint, trace)` leaves a checkpoint of a run that is not at its end."""
    whole, halves = os.path.join(folder, "whole.h5"), os.path.join(folder, "halves.h5")
    flags = [*job, "--json", "--quiet", "--tolerance-grad", "0", "--max-iter", 2 * HALF]
    want = command.run(*flags, "--checkpoint", whole)
    assert want.exit_status == 3, want.stderr
    interrupt(job, halves)
    got = command.run(*flags, "--checkpoint", halves, "--resume")
    assert got.exit_status == 3, got.stderr
    assert 0 < got.json()["resumed_from"] < 2 * HALF, got.stdout
    check_same_end(got.json(), want.json())
    check_same_state(halves, whole)
    os.remove(halves)


@needs_hdf5
def a_limit_and_a_new_process_leave_no_trace(command):
    folder = os.getcwd()

    def interrupt(job, checkpoint):
        first = command.run(*job, "--quiet", "--tolerance-grad", "0", "--max-iter", HALF, "--checkpoint", checkpoint)
        assert first.exit_status == 3, first.stderr

    for job in jobs(folder):
        check_run(command, folder, job, interrupt)


@needs_hdf5
def a_kill_after_a_periodic_checkpoint_leaves_no_trace(command):
    folder = os.getcwd()

    def interrupt(job, checkpoint):
        trace = checkpoint + ".csv"
        process = command.start(*job, "--quiet", "--tolerance-grad", "0", "--max-iter", 2 * HALF - 1, "--checkpoint",
                                checkpoint, "--checkpoint-every", 5, "--trace", trace)
        wait_for_rows(trace, 6, process)
        for rank in command.processes(process):
            try:
                os.kill(rank, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was faster
        command.finish(process)
        os.remove(trace)

    for job in jobs(folder):
        check_run(command, folder, job, interrupt)


if __name__ == "__main__":
    main([a_limit_and_a_new_process_leave_no_trace, a_kill_after_a_periodic_checkpoint_leaves_no_trace])
