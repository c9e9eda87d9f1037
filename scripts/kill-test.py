#!/usr/bin/env python3
"""Kills runs that checkpoint every iteration, again and again, and restarts them until they end.

    kill-test.py KILLS [--directory D]... [--command build/secant] [--mpiexec mpirun] [--seed N] [-- FLAGS...]

KILLS times a SIGKILL hits all processes of a run: at times that are uniform over it, and every third time while a
checkpoint is being written. Every restart must load a checkpoint, the newest one and no older than the last restart
did; and the end must be that of a run which nobody interrupted, in every bit of x and loss and in every counter. After
every kill each checkpoint that is there must be intact, and in the end no file must be left that none of them needs.
Directories default to one on the disk and one in memory (/dev/shm). FLAGS go to the command: --checkpoint-incremental
for one. Exit status 1 at the first failure, 77 without h5py.
"""

import argparse
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FILES = ["--checkpoint", "c.h5", "--checkpoint-every", "1", "--checkpoint-keep", "2"]
PROBLEMS = [["rosenbrock", "--problem-option", "n=3000"],
            ["minimal-surface", "--problem-option", "nx=60", "--problem-option", "ny=50"]]
LIMIT = ["--tolerance-grad", "0", "--tolerance-change", "0", "--max-iter", "25", "--json", "--quiet"]
COMPARED = ["status", "reason", "loss", "grad_inf", "n_iter", "func_evals", "allreduces"]
LIMIT_REACHED = 3
PATIENCE = 200


class Run:
    """One start of the command in a directory. Its processes share a session, by which all of them are found."""

    def __init__(self, words, directory):
        self.scratch = tempfile.mkdtemp(prefix="kill-")
        environment = dict(os.environ, TMPDIR=self.scratch, OMPI_MCA_btl_vader_backing_directory=self.scratch)
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(words, cwd=directory, env=environment, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, start_new_session=True)

    def members(self):
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % entry) as file:
                    state, _, _, session = file.read().rsplit(")", 1)[1].split()[:4]
            except OSError:
                continue  # it has ended since
            if int(session) == self.process.pid and state != "Z":
                found.append(int(entry))
        return found

    def kill(self):
        """Returns only when no process is left that could still write."""
        members = self.members()
        while members:
            for pid in members:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            members = self.members()
        self.finish()

    def finish(self):
        try:
            self.stdout, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            sys.exit("FAILED: no end after %d s" % PATIENCE)
        self.errors.seek(0)
        self.stderr = self.errors.read()
        self.errors.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


def unknowns(checkpoint):
    import h5py

    with h5py.File(checkpoint, "r") as file:
        return [file["parameters"][name]["x"][...].tobytes() for name in sorted(file["parameters"])]


def outcome(run, directory):
    """What the run left; it must have reached its limit."""
    if run.process.returncode != LIMIT_REACHED:
        sys.exit("FAILED: exit status %d\n%s" % (run.process.returncode, run.stderr))
    values = json.loads(run.stdout)
    check_no_file_is_left(directory)
    return [values[key] for key in COMPARED], unknowns(os.path.join(directory, "c.h5"))


def referred(checkpoint):
    """The files of pairs that an incremental checkpoint needs, beside itself."""
    import h5py

    with h5py.File(checkpoint, "r") as file:
        if "pairs" not in file:
            return set()
        names = file["pairs"]
        return {os.path.join(names.attrs["directory"].decode(), name.decode()) for name in names[...]}


def check_no_file_is_left(directory):
    """After a save that was not interrupted."""
    there = {os.path.relpath(name, directory) for name in glob.glob(os.path.join(directory, "**"), recursive=True)
             if os.path.isfile(name)}
    checkpoints = {"c.h5", "c.h5.1"} & there
    needed = checkpoints.union(*(referred(os.path.join(directory, name)) for name in checkpoints))
    if there - {"c.h5.1.tmp"} != needed:  # a second name of a checkpoint, which the next save removes
        sys.exit("FAILED: there are %s, but needed are %s" % (sorted(there), sorted(needed)))


class Series:
    """Restarts of one job until it ends, and what they said."""

    def __init__(self, words, directory, command, chance):
        self.words, self.directory, self.command, self.chance = words, directory, command, chance
        self.restarts, self.saves_hit, self.reached = 0, 0, -1

    def path(self, name):
        return os.path.join(self.directory, name)

    def clear(self):
        shutil.rmtree(self.directory)
        os.mkdir(self.directory)

    def is_saving(self):
        return os.path.exists(self.path("c.h5.tmp")) or bool(glob.glob(self.path("c.h5.pairs/*.tmp")))

    def check_kept(self):
        """What a kill left must be good, the newest checkpoint and the one before it."""
        for name in filter(os.path.exists, [self.path("c.h5"), self.path("c.h5.1")]):
            done = subprocess.run([self.command, "inspect", "--verify", name], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit("FAILED: a kill left a bad checkpoint\n" + done.stderr)

    def started(self):
        """Also returns whether there is something to load."""
        self.restarts += 1
        return Run(self.words + ["--resume"], self.directory), os.path.exists(self.path("c.h5"))

    def check_said(self, run, loadable):
        """Of a run that was killed before it spoke nothing is known; whatever was said must be good."""
        found = re.search(r"resuming from checkpoint (\S+) at iteration (\d+)", run.stderr)
        bad = [word for word in ("skipped", "not written", "cannot") if word in run.stderr]
        if loadable and "starting afresh" in run.stderr or bad:
            sys.exit("FAILED: a restart did not load the newest checkpoint\n" + run.stderr)
        if found and (found[1] != "c.h5" or int(found[2]) < self.reached):
            sys.exit("FAILED: iteration %d had been reached before\n%s" % (self.reached, run.stderr))
        self.reached = int(found[2]) if found else self.reached

    def wait_to_kill(self, run, longest, during_save):
        time.sleep(self.chance.uniform(0, longest))
        end = time.monotonic() + longest
        while during_save and run.process.poll() is None and time.monotonic() < end:
            if self.is_saving():
                time.sleep(self.chance.uniform(0, 0.004))
                return

    def kill_once(self, longest, during_save):
        """Whether the kill hit a run that had not ended."""
        run, loadable = self.started()
        self.wait_to_kill(run, longest, during_save)
        alive = run.process.poll() is None
        run.kill()
        self.saves_hit += alive and self.is_saving()
        self.check_said(run, loadable)
        self.check_kept()
        return alive, run


def test(words, directory, command, kills, chance):
    """Kills a job `kills` times; jobs that end are compared and begun anew. Returns restarts and hits of a save."""
    began = time.monotonic()
    whole = Run(words, directory)
    whole.finish()
    longest = time.monotonic() - began
    want = outcome(whole, directory)
    series = Series(words, directory, command, chance)
    done = 0
    while True:
        series.clear()
        series.reached = -1
        ended = False
        while done < kills and not ended:
            alive, run = series.kill_once(longest, done % 3 == 2)
            done += alive
            ended = not alive
        if not ended:
            run, loadable = series.started()
            run.finish()
            series.check_said(run, loadable)
        if outcome(run, directory) != want:
            sys.exit("FAILED: the end is not that of the uninterrupted run: %s" % run.stdout)
        if done >= kills:
            return series


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int)
    parser.add_argument("--directory", action="append")
    parser.add_argument("--command", default="build/secant")
    parser.add_argument("--mpiexec")
    parser.add_argument("--seed", type=int, default=1)
    words = sys.argv[1:]
    own = words.index("--") if "--" in words else len(words)
    given, flags = parser.parse_args(words[:own]), words[own + 1:]
    try:
        import h5py  # noqa: F401
    except ImportError:
        sys.exit(77)
    command = os.path.abspath(given.command)
    starts = [[command]] + ([[given.mpiexec, "--oversubscribe", "-n", "2", command]] if given.mpiexec else [])
    above = given.directory or [d for d in (tempfile.gettempdir(), "/dev/shm") if os.access(d, os.W_OK)]
    cases = [(start, problem, d) for problem in PROBLEMS for d in above for start in starts]
    if given.kills < 2 * len(cases):  # a short test: half of them, in which each problem, start and directory appears
        cases = [case for i, case in enumerate(cases) if bin(i).count("1") % 2 == 0]
    chance = random.Random(given.seed)
    began = time.monotonic()
    restarts = saves_hit = 0
    for i, (start, problem, place) in enumerate(cases):
        kills = (i + 1) * given.kills // len(cases) - i * given.kills // len(cases)
        directory = tempfile.mkdtemp(prefix="secant-kill-", dir=place)
        try:
            series = test(start + ["run", *problem, *LIMIT, *FILES, *flags], directory, command, kills, chance)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        restarts, saves_hit = restarts + series.restarts, saves_hit + series.saves_hit
        print("%-16s %d ranks  %-10s %4d kills, %d of them during a save, %d starts" % (
            problem[0], 1 if len(start) == 1 else 2, place, kills, series.saves_hit, series.restarts), flush=True)
    print("%d kills, %d during a save, %d starts, none lost, %.0f s" % (
        given.kills, saves_hit, restarts, time.monotonic() - began))


if __name__ == "__main__":
    main()
