#!/usr/bin/env python3
"""Every call by which a rank touches the disk fails: the n-th one of each kind, for n = 1, 2, ... until none does.

    fault-test.py BINARY FAULT_PRELOAD [--mpiexec mpirun] [--ranks 1,2,3] [--io gather,mpio] [--kinds open,write,...]
                  [--step N] [--patience SECONDS] [--sticks] [--incremental]

After each fault the command must have gone on, or stopped with a sentence; a checkpoint must load that is no older than
the one before; the run that goes on from it must end as one that nothing befell, to the bit; and nothing but
checkpoints may be left. With --sticks all later calls of the kind fail too. A run that takes longer than the patience
hangs. Prints what does not hold, with the plan of tests/checkpoint/fault_preload.c that repeats it; exit status 1 if
there is any, 77 without h5py.
"""

import argparse
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "cli"))
import command as commands  # noqa: E402
from faults import KINDS, Scene  # noqa: E402


def numbers(text):
    return [int(word) for word in text.split(",")]


def suffer_all(scene, rank, kind, code, given):
    """All calls of a kind on one rank. Returns what did not hold."""
    bad, call, there = [], 1, True
    while there:
        try:
            there = scene.suffer("%s %d %s %d" % (kind, call, "fail-on" if given.sticks else "fail", code), rank)
        except AssertionError as failure:
            bad.append(str(failure))
            print("FAILED: %s" % failure, flush=True)
            there = os.path.exists(scene.report)
        call += given.step
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("preload")
    parser.add_argument("--mpiexec")
    parser.add_argument("--ranks", type=numbers, default=[1, 2, 3])
    parser.add_argument("--io", default="gather,mpio")
    parser.add_argument("--kinds", default=",".join(kind for kind, _ in KINDS))
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--patience", type=int, default=60)
    parser.add_argument("--sticks", action="store_true")
    parser.add_argument("--incremental", action="store_true")
    given = parser.parse_args()
    try:
        import h5py  # noqa: F401
    except ImportError:
        sys.exit(77)
    commands.TIMEOUT = given.patience
    command = commands.Command([given.binary] + (["--mpiexec", given.mpiexec] if given.mpiexec else []))
    preload = os.path.abspath(given.preload)
    cases = [(ranks, io) for ranks in given.ranks if ranks == 1 or given.mpiexec for io in given.io.split(",")]
    bad = 0
    for ranks, io in cases:
        with tempfile.TemporaryDirectory(prefix="secant-fault-") as directory:
            os.chdir(directory)
            scene = Scene(command, preload, ranks, io, incremental=given.incremental)
            began, failures = time.monotonic(), 0
            for rank in range(ranks):
                for kind, code in KINDS:
                    if kind in given.kinds.split(","):
                        failures += len(suffer_all(scene, rank, kind, code, given))
            print("%d ranks, io %-7s %4d faults, %d failures, %d words of HDF5 at the exit, %.0f s" % (
                ranks, io + ":", scene.struck, failures, scene.complaints, time.monotonic() - began), flush=True)
            bad += failures
            os.chdir("/")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
