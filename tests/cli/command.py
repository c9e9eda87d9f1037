"""Starts the command for the tests of this folder, alone or under mpirun, and checks what comes back.

Every test is called as  test_x.py COMMAND...  where COMMAND starts the command: "build/secant", or
"mpirun -n 3 build/secant". Exit status 77 means skipped.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
TIMEOUT = 120


class Result:
    def __init__(self, exit_status, stdout, stderr):
        self.exit_status, self.stdout, self.stderr = exit_status, stdout, stderr
        self.sentences = [line[8:] for line in stderr.splitlines() if line.startswith("secant: ")]

    def json(self):
        return json.loads(self.stdout)


class Command:
    def __init__(self, words):
        if not words:
            sys.exit(__doc__)
        self.words = words
        self.under_mpirun = len(words) > 1

    def start(self, *flags):
        words = self.words + [str(flag) for flag in flags]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError("no end after %d s: deadlock?\n%s" % (TIMEOUT, stderr))
        return Result(process.returncode, stdout, stderr)

    def run(self, *flags):
        return self.finish(self.start(*flags))

    def ranks(self, process):
        """Process ids of the ranks, in no particular order."""
        return children_of(process.pid) if self.under_mpirun else [process.pid]


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


def rows(trace):
    """Complete rows of a trace without the column of seconds; [] while there is no file."""
    try:
        with open(trace) as file:
            lines = file.read().split("\n")[:-1]
    except FileNotFoundError:
        return []
    return [line.rsplit(",", 1)[0] for line in lines[1:]]


def wait_for_rows(trace, count, process):
    deadline = time.monotonic() + TIMEOUT
    while len(rows(trace)) < count:
        assert process.poll() is None, "the run ended before iteration %d" % count
        assert time.monotonic() < deadline, "no iteration %d after %d s" % (count, TIMEOUT)
        time.sleep(0.01)


def options(**values):
    """Flags for the options of a problem."""
    return [word for name, value in values.items() for word in ("--problem-option", "%s=%s" % (name, value))]


def has_checkpoints(command, folder):
    result = command.run("run", "rosenbrock", "--quiet", "--checkpoint", os.path.join(folder, "probe.h5"))
    if result.exit_status == 2 and "HDF5" in result.stderr:
        return False
    assert result.exit_status == 0, result.stderr
    return True


SAME_AFTER_RESUME = ["status", "reason", "loss", "grad_inf", "n_iter", "func_evals", "allreduces"]


def check_same_end(got, want):
    """Two JSON results of which nothing but times and resumed_from may differ. Floats are compared exactly."""
    for key in SAME_AFTER_RESUME:
        assert got[key] == want[key], "%s is %r, not %r" % (key, got[key], want[key])


def main(tests):
    """Runs the functions in `tests`, each with the command and an empty folder of its own."""
    command, failures = Command(sys.argv[1:]), 0
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(command, folder)
                print("ok      %s" % test.__name__, flush=True)
            except (AssertionError, ValueError, OSError) as error:
                failures += 1
                print("FAILED  %s: %s" % (test.__name__, error), flush=True)
    sys.exit(1 if failures else 0)
