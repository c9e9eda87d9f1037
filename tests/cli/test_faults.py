#!/usr/bin/env python3
"""The n-th call of every kind that writes fails on one rank, and disks are full: the command from outside.

    test_faults.py BINARY FAULT_PRELOAD [--mpiexec mpirun]

A run either goes on and says that a checkpoint was not written, or stops with one sentence and a documented exit
status; the checkpoint before it still loads, and the run that goes on from it ends with the bits of one that nothing
befell. A few calls of each kind are tried; scripts/fault-test.py tries all of them, and test_save_faults_mpi.c all of
one save.
"""

import os
import sys

from command import main, needs_hdf5
from faults import FULL, KINDS, Scene, mount, unmount

PRELOAD = os.path.abspath(sys.argv.pop(2))


@needs_hdf5
def some_calls_fail_on_one_process(command):
    scene = Scene(command, PRELOAD, 1, "auto")
    for kind, code in KINDS:
        for call in (1, 7):
            scene.suffer("%s %d fail %d" % (kind, call, code), 0)
    assert scene.struck > 10, "only %d faults" % scene.struck


@needs_hdf5
def a_disk_fails_for_good_on_one_process(command):
    scene = Scene(command, PRELOAD, 1, "auto")
    for kind, code in KINDS[:4]:
        assert scene.suffer("%s 1 fail-on %d" % (kind, code), 0), "%s is never called" % kind


@needs_hdf5
def some_calls_fail_on_one_of_three_ranks(command):
    if not command.mpiexec:
        return "no MPI"
    for io, rank in [("gather", 0), ("mpio", 0), ("mpio", 2)]:
        scene = Scene(command, PRELOAD, 3, io)
        for plan in ["open 1 fail 5", "write 3 fail 5", "write 4 fail-on 28", "fsync 1 fail 5", "rename 2 fail 5"]:
            assert scene.suffer(plan, rank) or (rank > 0 and "rename" in plan), plan
        assert scene.complaints == 0, "HDF5 complained at the exit"


@needs_hdf5
def a_full_disk_keeps_the_checkpoint(command):
    if not mount("small"):
        return "no permission to mount a small disk"
    try:
        for ranks, io in [(1, "auto"), (2, "gather"), (3, "mpio")][:3 if command.mpiexec else 1]:
            scene = Scene(command, PRELOAD, ranks, io, "small")
            for free in FULL if ranks == 1 else FULL[2:4]:
                scene.fill(free)
    finally:
        unmount("small")


main([some_calls_fail_on_one_process, a_disk_fails_for_good_on_one_process, some_calls_fail_on_one_of_three_ranks,
      a_full_disk_keeps_the_checkpoint])
