#!/usr/bin/env python3
"""The scripts in docs/checkpoint-format.md read and verify what the command writes."""

import os
import re
import subprocess
import sys

from command import main, needs_hdf5, options

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "checkpoint-format.md")


def scripts():
    with open(DOCUMENT) as file:
        found = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
    assert len(found) == 2, len(found)
    return found


def run(script, path):
    return subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)


def missing():
    try:
        import h5py  # noqa: F401
        import xxhash  # noqa: F401
    except ImportError as error:
        return str(error)
    return None


def save(command, ranks):
    job = ["run", "rosenbrock", *options(n=3000), "--max-iter", 7, "--checkpoint", "c.h5", "--quiet"]
    done = command.run(*job, ranks=ranks)
    assert done.exit_status == 3, done.stderr


@needs_hdf5
def the_reading_script_reads(command):
    if missing():
        return missing()
    save(command, 1)
    done = run(scripts()[0], "c.h5")
    assert done.returncode == 0 and re.search(r"\(3000,\) [1-7] pairs", done.stdout), done


@needs_hdf5
def the_verifying_script_tells_sound_from_damaged(command):
    if missing():
        return missing()
    for ranks in command.ranks:
        save(command, ranks)
        done = run(scripts()[1], "c.h5")
        assert done.returncode == 0 and done.stdout == "sound\n", done
        size = os.path.getsize("c.h5")
        for at in (0, 50, 4095, 4096, size // 2, size - 1):
            with open("c.h5", "r+b") as file:
                file.seek(at)
                byte = file.read(1)
                file.seek(at)
                file.write(bytes([byte[0] ^ 4]))
            assert run(scripts()[1], "c.h5").returncode != 0, at
            with open("c.h5", "r+b") as file:
                file.seek(at)
                file.write(byte)


if __name__ == "__main__":
    main([the_reading_script_reads, the_verifying_script_tells_sound_from_damaged])
