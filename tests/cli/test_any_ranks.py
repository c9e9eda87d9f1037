#!/usr/bin/env python3
"""`secant run` has the same bits on any number of ranks and threads where the problem is cut at tiles."""

import os

from command import main, options, rows

VALUES = ["loss", "grad_inf", "n_iter", "func_evals", "allreduces"]


def unknowns(checkpoint):
    """The x of a checkpoint, as bytes."""
    import h5py

    found = []

    def note(name, item):
        if isinstance(item, h5py.Dataset) and name.split("/")[-1] == "x":
            found.append(item[...].tobytes())

    with h5py.File(checkpoint, "r") as file:
        file.visititems(note)
    assert len(found) == 1 and len(found[0]) > 0, found
    return found[0]


def can_read(command):
    try:
        import h5py  # noqa: F401
    except ImportError:
        return False
    return command.has_hdf5


def outcome(command, job, ranks, threads):
    """What a run leaves: its values, its trace, and its unknowns where a checkpoint can be read."""
    flags = ["--tolerance-grad", "0", "--trace", "t.csv", "--threads", threads]
    x = None
    if can_read(command):
        flags += ["--checkpoint", "c.h5"]
    values = command.result("run", *job, *flags, expect=3, ranks=ranks, threads=threads)
    assert values["ranks"] == ranks and values["threads"] == threads, values
    trace = rows("t.csv")
    assert len(trace) == values["n_iter"], trace
    os.remove("t.csv")
    if can_read(command):
        x = unknowns("c.h5")
        os.remove("c.h5")
    return {"values": [values[key] for key in VALUES], "trace": trace, "x": x}


def check_same(command, job, ways):
    """All ways to run a job, (ranks, threads) each, against the first one."""
    want = None
    for ranks, threads in ways:
        got = outcome(command, job, ranks, threads)
        want = want or got
        for key in want:
            assert got[key] == want[key], "%s: %s differs on %d ranks with %d threads: %.300r, not %.300r" % (
                job, key, ranks, threads, got[key], want[key])


def every_way(command):
    return [(ranks, threads) for ranks in command.ranks for threads in (1, 2, 3)]


def large_problems_do_not_depend_on_ranks_and_threads(command):
    """Large enough that a quarter still occupies three threads."""
    for job in [["rosenbrock", *options(n=540000)], ["quadratic", *options(n=540001, condition=1e4)]]:
        check_same(command, [*job, "--max-iter", 8], every_way(command))


def small_problems_do_not_depend_on_ranks(command):
    """Tiles shrink with the problem, to 512 and 8 unknowns; a shard can be empty."""
    jobs = [["quadratic", *options(n=50001, condition=1e4), "--direction", "two_loop", "--max-iter", 30],
            ["rosenbrock", *options(n=20000), "--history-size", 5, "--max-iter", 15],
            ["quadratic", *options(n=999), "--max-iter", 40],
            ["quadratic", *options(n=11), "--max-iter", 5]]
    for job in jobs:
        check_same(command, job, [(ranks, 1) for ranks in command.ranks])


def strips_of_rows_do_not_depend_on_threads(command):
    """Rows of 701 nodes are no multiple of a tile."""
    for ranks in command.ranks[:2]:
        check_same(command, ["minimal-surface", *options(nx=701, ny=403), "--max-iter", 12],
                   [(ranks, threads) for threads in (1, 2, 3)])


if __name__ == "__main__":
    main([large_problems_do_not_depend_on_ranks_and_threads, small_problems_do_not_depend_on_ranks,
          strips_of_rows_do_not_depend_on_threads])
