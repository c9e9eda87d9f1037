"""Starts the command for the tests of this folder, alone or under mpirun, and checks what comes back.

Every test is called in one of two ways:

    test_x.py COMMAND...               COMMAND starts the command: "build/secant", or "mpirun -n 3 build/secant"
    test_x.py BINARY [--mpiexec X]     the tests choose their numbers of ranks, and X starts several

Exit status 77 means skipped.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77
TIMEOUT = 60


class Result:
    def __init__(self, exit_status, stdout, stderr):
        self.exit_status, self.stdout, self.stderr = exit_status, stdout, stderr
        # What the command said; mpirun adds lines of its own.
        self.sentences = [line[8:] for line in stderr.splitlines() if line.startswith("secant: ")]

    def json(self):
        return json.loads(self.stdout)


class Command:
    def __init__(self, words):
        if not words:
            sys.exit(__doc__)
        self.mpiexec = words[2] if words[1:2] == ["--mpiexec"] else None
        self.words = words[:1] if self.mpiexec else words
        self.words[-1] = os.path.abspath(self.words[-1])  # the tests change the directory
        self.under_mpirun = len(self.words) > 1
        self.has_hdf5 = None  # main() finds out
        self.ranks = [1, 2, 3, 4] if self.mpiexec else [1]  # what run(ranks=...) takes

    def start(self, *arguments, ranks=1, threads=1):
        words = self.words + [str(argument) for argument in arguments]
        if ranks > 1:
            words = [self.mpiexec, "--oversubscribe", "-n", str(ranks)] + words
        # When a rank ends with a status other than 0, Open MPI waits a second before it makes sure that all ranks do.
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OMPI_MCA_odls_base_sigkill_timeout="0")
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def finish(self, process):
        """Waits for the end; a hang is a failure of the test."""
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError("no end after %d s: deadlock?\n%s" % (TIMEOUT, stderr))
        return Result(process.returncode, stdout, stderr)

    def run(self, *arguments, **how):
        return self.finish(self.start(*arguments, **how))

    def result(self, *arguments, expect=0, **how):
        """The JSON object that a run prints."""
        done = self.run(*arguments, "--json", "--quiet", **how)
        assert done.exit_status == expect, "exit status %d: %s" % (done.exit_status, done.stderr)
        return done.json()

    def processes(self, started):
        """Process ids of the ranks of what start() gave, in no particular order."""
        return children_of(started.pid) if self.under_mpirun else [started.pid]


def children_of(parent):
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % entry) as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) == parent:
                    found.append(int(entry))
        except OSError:
            pass  # it has ended since
    return sorted(found)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return name


def near(got, want, tolerance=1e-9):
    assert abs(got - want) <= tolerance * max(1.0, abs(want)), "%r is not %r" % (got, want)


def refused(command, arguments, *parts, exit_status=2, **how):
    """One sentence, which holds every one of `parts`, nothing on stdout, and the directory as it was."""
    before = sorted(os.listdir("."))
    done = command.run(*arguments, **how)
    assert done.exit_status == exit_status, "%s: exit status %d\n%s" % (arguments, done.exit_status, done.stderr)
    assert len(done.sentences) == 1, "%s: %s" % (arguments, done.sentences)
    for part in parts:
        assert part in done.sentences[0], "%s: %s instead of %r" % (arguments, done.sentences, part)
    assert done.stdout == "", "%s: %s" % (arguments, done.stdout)
    assert sorted(os.listdir(".")) == before, os.listdir(".")


def rows(trace):
    """Complete rows of a trace as CSV, without the columns that hold seconds; [] while there is no file."""
    try:
        with open(trace) as file:
            lines = file.read().split("\n")[:-1]
    except FileNotFoundError:
        return []
    steady = [i for i, name in enumerate((lines or [""])[0].split(",")) if not holds_seconds(name)]
    return [",".join(line.split(",")[i] for i in steady) for line in lines[1:]]


def holds_seconds(name):
    """Whether a column of a trace, or a key of its rows, is a time."""
    return name == "seconds" or name.endswith("_s")


def wait_for_rows(trace, count, process):
    deadline = time.monotonic() + TIMEOUT
    while len(rows(trace)) < count:
        assert process.poll() is None, "the run ended before iteration %d" % count
        assert time.monotonic() < deadline, "no iteration %d after %d s" % (count, TIMEOUT)
        time.sleep(0.01)


def options(**values):
    """Flags for the options of a problem."""
    return [word for name, value in values.items() for word in ("--problem-option", "%s=%s" % (name, value))]


def find_hdf5(command):
    """A build without HDF5 must refuse a checkpoint before it runs."""
    result = command.run("run", "rosenbrock", "--quiet", "--checkpoint", "probe.h5")
    command.has_hdf5 = result.exit_status == 0
    if not command.has_hdf5:
        assert result.exit_status == 2 and result.stdout == "" and os.listdir(".") == [], result.stderr
        assert len(result.sentences) == 1 and "HDF5" in result.sentences[0], result.stderr


def needs_hdf5(test):
    """Decorator of a test that a build without HDF5 skips."""

    @functools.wraps(test)
    def wrapped(command):
        return test(command) if command.has_hdf5 else "built without HDF5"

    return wrapped


SAME_AFTER_RESUME = ["status", "reason", "loss", "grad_inf", "n_iter", "func_evals", "allreduces"]


def check_same_end(got, want):
    """Two JSON results of which nothing but times and resumed_from may differ. Floats are compared exactly."""
    for key in SAME_AFTER_RESUME:
        assert got[key] == want[key], "%s is %r, not %r" % (key, got[key], want[key])


def main(tests):
    """Runs the functions in `tests`, each with the command and in an empty directory of its own. A test that returns a
    text was skipped for that reason."""
    command = Command(sys.argv[1:])
    skipped, failed = 0, 0
    for test in [find_hdf5] + tests:
        directory = tempfile.mkdtemp(prefix="secant-test-")
        began = time.monotonic()
        try:
            os.chdir(directory)
            reason = test(command)
            skipped += bool(reason)
            verdict = "skipped" if reason else "ok"
            print("%-8s %5.1f s  %s" % (verdict, time.monotonic() - began, test.__name__), reason or "", flush=True)
        except Exception:
            failed += 1
            print("FAILED: %s\n%s" % (test.__name__, traceback.format_exc()), flush=True)
        finally:
            os.chdir("/")
            shutil.rmtree(directory, ignore_errors=True)
    print("%d of %d failed, %d skipped" % (failed, len(tests), skipped))
    sys.exit(1 if failed else SKIPPED if skipped == len(tests) else 0)
