"""Runs of the command in which a call fails or the disk is full, and what must hold after each of them."""

import errno
import os
import shutil
import subprocess

from bits import unknowns
from command import check_same_end, options

FIRST, FAULTY, LAST = 3, 4, 6
DOCUMENTED = [0, 1, 2, 3, 75]
KINDS = [("open", errno.EIO), ("write", errno.EIO), ("write", errno.ENOSPC), ("fsync", errno.EIO),
         ("rename", errno.EIO), ("truncate", errno.EIO), ("link", errno.EIO), ("link", errno.EPERM),
         ("close", errno.EIO), ("fallocate", errno.ENOSPC)]
FULL = (0, 4096, 20000, 60000, 120000)  # bytes that are left
DISK = 1 << 20
FORBIDDEN = ["HDF5-DIAG", "HDF5 ERROR", "egmentation", "Aborted"]
AT_EXIT = "HDF5: infinite loop closing library"  # HDF5 1.10, after a file that it could not open


class Scene:
    """One job, the files that it has at iteration FIRST, and its end if nothing befalls it. Its files are in `place`;
    what must not be counted or found there is beside it."""

    def __init__(self, command, preload, ranks, io, place="work", incremental=False):
        self.command, self.preload, self.ranks, self.io = command, preload, ranks, io
        self.more = ["--checkpoint-incremental"] if incremental else []
        self.place, self.report = os.path.abspath(place), os.path.abspath("report")
        self.start, self.name = os.path.abspath("start"), ""
        self.struck, self.complaints = 0, 0
        shutil.rmtree(self.start, ignore_errors=True)
        os.makedirs(self.place, exist_ok=True)
        self.clear()
        self.run(FIRST)
        shutil.copytree(self.place, self.start)
        done = self.run(LAST)
        assert done.exit_status == 3, done.stderr
        self.want = done.json(), unknowns(self.path("c.h5"))

    def path(self, name):
        return os.path.join(self.place, name)

    def clear(self):
        for entry in os.scandir(self.place):
            shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)

    def put_back(self):
        self.clear()
        shutil.copytree(self.start, self.place, dirs_exist_ok=True)
        if os.path.exists(self.report):
            os.remove(self.report)

    def run(self, limit, variables={}, ranks=1):
        """One start, with more variables in its environment."""
        before = dict(os.environ)
        os.environ.update(variables)
        try:
            process = self.command.start(
                "run", "rosenbrock", *options(n=40), "--checkpoint", self.path("c.h5"), "--checkpoint-every", 1,
                "--json", "--quiet", "--io", self.io, "--resume", "--max-iter", limit,
                *self.more, ranks=ranks)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return self.command.finish(process)

    def check_faulty(self, done):
        self.complaints += AT_EXIT in done.stderr
        said = [sentence for sentence in done.sentences if "resuming" not in sentence]
        assert done.exit_status in DOCUMENTED, "%s: exit status %d\n%s" % (self.name, done.exit_status, done.stderr)
        assert not any(word in done.stderr for word in FORBIDDEN), "%s\n%s" % (self.name, done.stderr)
        if done.exit_status in (1, 2):
            assert said, "%s: exit status %d without a word" % (self.name, done.exit_status)
        assert len(set(said)) <= FAULTY - FIRST + 1, "%s: %s" % (self.name, said)  # one for each save that failed

    def check_goes_on(self):
        """Nothing but checkpoints is left; a run that nothing befalls loads one of them, and ends as it must."""
        left = set(os.listdir(self.place)) - {"c.h5", "c.h5.1"} - ({"c.h5.pairs"} if self.more else set())
        assert not left, "%s: %s is left" % (self.name, left)
        done = self.run(LAST)
        assert done.exit_status == 3, "%s: then exit status %d\n%s" % (self.name, done.exit_status, done.stderr)
        assert "skipped" not in done.stderr, "%s: then %s" % (self.name, done.stderr)
        assert done.json()["resumed_from"] >= FIRST, "%s: then %s" % (self.name, done.stdout)
        check_same_end(done.json(), self.want[0])
        assert unknowns(self.path("c.h5")) == self.want[1], "%s: then other unknowns" % self.name

    def suffer(self, plan, rank):
        """One run with a plan of FAULT_PRELOAD for one rank, and what comes after it. False if it had no such call."""
        self.name = "%s on rank %d of %d, io %s" % (plan, rank, self.ranks, self.io)
        self.put_back()
        variables = {"LD_PRELOAD": self.preload, "FAULT_BELOW": self.place, "FAULT_PLAN": plan,
                     "FAULT_REPORT": self.report}
        if self.ranks > 1:
            variables["FAULT_RANK"] = str(rank)
        try:
            done = self.run(FAULTY, variables, self.ranks)
        except AssertionError as failure:
            raise AssertionError("%s: %s" % (self.name, failure))
        self.check_faulty(done)
        if not os.path.exists(self.report):
            assert done.exit_status == 3, "%s: %s" % (self.name, done.stderr)
            return False
        self.struck += 1
        self.check_goes_on()
        return True

    def fill(self, free):
        """A run on a disk with that many bytes left."""
        self.name = "%d bytes free for %d ranks, io %s" % (free, self.ranks, self.io)
        self.put_back()
        left = os.statvfs(self.place).f_bavail * os.statvfs(self.place).f_frsize
        with open(self.path("filler"), "wb") as file:
            file.write(b"x" * max(0, left - free))
        self.check_faulty(self.run(FAULTY, ranks=self.ranks))
        os.remove(self.path("filler"))
        self.check_goes_on()


def mount(place):
    """Makes a small disk at `place`. False where that is not allowed."""
    os.mkdir(place)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % DISK, "tmpfs", place], capture_output=True)
    return done.returncode == 0


def unmount(place):
    subprocess.run(["umount", place], check=True)
