"""Runs the command under test, alone or on several ranks. Used by the scripts beside it."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

TIMEOUT_SECONDS = 60


class Command:
    def __init__(self, binary, mpiexec):
        self.binary = binary
        self.mpiexec = mpiexec
        self.ranks = [1] + ([2, 3, 4] if mpiexec else [])

    def run(self, *arguments, ranks=1, threads=1):
        """Runs `secant arguments...`; a hang is a failure of the test."""
        line = [self.binary, *map(str, arguments)]
        if ranks > 1:
            line = [self.mpiexec, "--oversubscribe", "-n", str(ranks), *line]
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        return subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, env=environment)

    def result(self, *arguments, expect=0, **how):
        """The JSON object that a run prints."""
        done = self.run(*arguments, "--json", "--quiet", **how)
        assert done.returncode == expect, f"exit status {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)


def sentences(done):
    """What the command said on stderr; mpirun adds lines of its own."""
    return [line for line in done.stderr.splitlines() if line.startswith("secant: ")]


def near(got, want, tolerance=1e-9):
    assert abs(got - want) <= tolerance * max(1.0, abs(want)), f"{got!r} is not {want!r}"


def main(tests):
    """Runs each test in a directory of its own and says how it went."""
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--mpiexec", default=None)
    chosen = parser.parse_args()
    command = Command(os.path.abspath(chosen.binary), chosen.mpiexec)
    failed = 0
    for test in tests:
        directory = tempfile.mkdtemp(prefix="secant-test-")
        try:
            os.chdir(directory)
            skipped = test(command)
            print(f"{'skipped, ' + skipped if skipped else 'ok'}: {test.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED: {test.__name__}\n{traceback.format_exc()}", flush=True)
        finally:
            os.chdir("/")
            shutil.rmtree(directory)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
