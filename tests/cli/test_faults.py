#!/usr/bin/env python3
"""The n-th call of every kind that writes fails, for n = 1, 2, ... until none does; and disks are full.

    test_faults.py BINARY FAULT_PRELOAD [STEP]

With a STEP only every STEP-th n is tried of the kinds that are called more than 12 times.

A run either goes on and says that a checkpoint was not written, or stops with one sentence and a documented exit status;
the checkpoint before it still loads, and the run that goes on from it ends with the bits of one that nothing befell.
"""

import errno
import os
import shutil
import subprocess
import sys

from command import check_same_end, main, needs_hdf5, options
from bits import unknowns

STEP = int(sys.argv.pop()) if sys.argv[-1].isdigit() else 1
PRELOAD = os.path.abspath(sys.argv.pop())
JOB = ["run", "rosenbrock", *options(n=40), "--checkpoint", "c.h5", "--checkpoint-every", 1, "--json", "--quiet"]
FIRST, FAULTY, LAST = 3, 4, 6
DOCUMENTED = [0, 1, 2, 3, 75]
KINDS = [("open", errno.EIO), ("write", errno.EIO), ("write", errno.ENOSPC), ("fsync", errno.EIO),
         ("rename", errno.EIO), ("truncate", errno.EIO), ("link", errno.EIO), ("link", errno.EPERM),
         ("close", errno.EIO), ("fallocate", errno.ENOSPC)]


def words(command, limit):
    return command.words + [str(word) for word in JOB + ["--resume", "--max-iter", limit]]


class Fault:
    """What is to fail, in the environment of the command."""

    def __init__(self, kind, code, call, sticks=False):
        self.name = "%s call %d of %s%s" % (errno.errorcode[code], call, kind, " and all later ones" * sticks)
        self.report = os.path.abspath("../report")
        self.call = call
        self.variables = {"LD_PRELOAD": PRELOAD, "FAULT_BELOW": os.getcwd(), "FAULT_KIND": kind,
                          "FAULT_CALL": str(call), "FAULT_ERRNO": str(code), "FAULT_REPORT": self.report}
        if sticks:
            self.variables["FAULT_STICKS"] = "1"

    def befell(self):
        with open(self.report) as file:
            return int(file.read()) >= self.call


def run(command, limit, variables=None):
    return command.finish(subprocess.Popen(words(command, limit), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                           text=True, env=dict(os.environ, **(variables or {}))))


def clear():
    for name in os.listdir("."):
        os.remove(name)


def uninterrupted(command):
    """What nothing befell, and the files at iteration FIRST."""
    run(command, FIRST)
    shutil.copytree(".", "../start")
    done = run(command, LAST)
    assert done.exit_status == 3, done.stderr
    want = done.json(), unknowns("c.h5")
    clear()
    return want


def check_faulty(done, name):
    assert done.exit_status in DOCUMENTED, "%s: exit status %d\n%s" % (name, done.exit_status, done.stderr)
    assert "ERROR" not in done.stderr and "HDF5-DIAG" not in done.stderr, "%s\n%s" % (name, done.stderr)
    if done.exit_status in (1, 2):
        said = [sentence for sentence in done.sentences if "resuming" not in sentence]
        assert said, "%s: exit status %d without a word" % (name, done.exit_status)


def check_goes_on(command, name, want):
    """A run that nothing befalls loads what is there, no older than the start, and ends as it must."""
    done = run(command, LAST)
    assert done.exit_status == 3, "%s: then exit status %d\n%s" % (name, done.exit_status, done.stderr)
    assert "skipped" not in done.stderr, "%s: then %s" % (name, done.stderr)
    assert done.json()["resumed_from"] >= FIRST, "%s: then %s" % (name, done.stdout)
    check_same_end(done.json(), want[0])
    assert unknowns("c.h5") == want[1], "%s: then other unknowns" % name


def with_directories(test):
    """Runs a test in `work`, beside which there is room for what must not be counted."""

    def wrapped(command):
        os.mkdir("work")
        os.chdir("work")
        return test(command)

    wrapped.__name__ = test.__name__
    return needs_hdf5(wrapped)


def suffer(command, fault, want):
    """One run with a fault, and what comes after it. False if there was none to suffer: n is past the last call."""
    clear()
    shutil.copytree("../start", ".", dirs_exist_ok=True)
    if os.path.exists(fault.report):
        os.remove(fault.report)
    done = run(command, FAULTY, fault.variables)
    if not os.path.exists(fault.report) or not fault.befell():
        return False
    check_faulty(done, fault.name)
    check_goes_on(command, fault.name, want)
    return True


@with_directories
def every_call_may_fail_once(command):
    want = uninterrupted(command)
    for kind, code in KINDS:
        call, tried = 1, 0
        while suffer(command, Fault(kind, code, call), want):
            tried += 1
            call += 1 if call < 12 else STEP
        print("         %s: %d calls, each failed once with %s" % (kind, tried, errno.errorcode[code]))
        assert tried > 0, "%s is never called" % kind


@with_directories
def a_disk_may_fail_for_good(command):
    want = uninterrupted(command)
    for kind, code in KINDS:
        assert suffer(command, Fault(kind, code, 1, sticks=True), want), "%s is never called" % kind
    call = 2
    while suffer(command, Fault("write", errno.EIO, call, sticks=True), want):
        call += STEP


def mount(size):
    """A small disk at `small`; None where that is not allowed."""
    os.mkdir("small")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % size, "tmpfs", "small"], capture_output=True)
    return os.path.abspath("small") if done.returncode == 0 else None


@with_directories
def a_full_disk_keeps_the_checkpoint(command):
    want = uninterrupted(command)
    os.chdir("..")
    small = mount(1 << 20)
    if not small:
        return "no permission to mount a small disk"
    try:
        os.chdir(small)
        for free in (0, 4096, 20000, 60000, 120000):
            clear()
            shutil.copytree("../start", ".", dirs_exist_ok=True)
            with open("filler", "wb") as file:
                left = os.statvfs(".").f_bavail * os.statvfs(".").f_frsize
                file.write(b"x" * max(0, left - free))
            check_faulty(run(command, FAULTY), "%d bytes free" % free)
            os.remove("filler")
            check_goes_on(command, "%d bytes free" % free, want)
    finally:
        os.chdir("/")
        subprocess.run(["umount", small], check=True)


main([every_call_may_fail_once, a_disk_may_fail_for_good, a_full_disk_keeps_the_checkpoint])
