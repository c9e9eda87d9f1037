#!/usr/bin/env python3
"""Checkpoints whose pairs are in files of their own: --checkpoint-incremental, and what inspect makes of them."""

import os
import re
import shutil
import subprocess
import sys

from bits import unknowns
from command import check_same_end, main, needs_hdf5, options, refused

JOB = ["run", "rosenbrock", *options(n=3000), "--history-size", 5, "--json", "--quiet", "--tolerance-grad", 0]
SAVED = [*JOB, "--checkpoint", "c.h5", "--checkpoint-every", 1]
INCREMENTAL = [*SAVED, "--checkpoint-incremental"]
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "checkpoint-format.md")


def run(command, words, *flags, status=3, **how):
    done = command.run(*words, *flags, **how)
    assert done.exit_status == status, "%d: %s%s" % (done.exit_status, done.stdout, done.stderr)
    return done


def pairs():
    return sorted(os.listdir("c.h5.pairs")) if os.path.isdir("c.h5.pairs") else []


@needs_hdf5
def runs_go_on_with_the_same_bits_whoever_saved_them(command):
    want = run(command, JOB, "--max-iter", 16).json()
    seldom = [*INCREMENTAL, "--checkpoint-every", 4]
    for ranks, io, then in [(1, "auto", 3), (2, "auto", 1), (3, "gather", 2)]:
        ranks, then = min(ranks, command.ranks[-1]), min(then, command.ranks[-1])
        run(command, seldom, "--max-iter", 9, "--io", io, ranks=ranks)
        got = run(command, seldom, "--resume", "--max-iter", 16, ranks=then).json()
        assert got["resumed_from"] == 9, got
        check_same_end(got, want)
        shutil.rmtree("c.h5.pairs")


@needs_hdf5
def only_what_is_needed_is_there(command):
    run(command, INCREMENTAL, "--max-iter", 9)
    assert len(pairs()) in (5, 6) and all(re.fullmatch(r"[0-9a-f]{32}\.h5", name) for name in pairs()), pairs()
    with open("c.h5.pairs/mine.txt", "w") as file:
        file.write("keep this")
    run(command, SAVED, "--resume", "--max-iter", 12, "--checkpoint-keep", 1)  # full ones from now on
    assert pairs() == ["mine.txt"], pairs()
    os.remove("c.h5.pairs/mine.txt")
    run(command, INCREMENTAL, "--resume", "--max-iter", 14, "--checkpoint-keep", 1)
    assert len(pairs()) == 5, pairs()
    run(command, SAVED, "--resume", "--max-iter", 16)
    run(command, SAVED, "--resume", "--max-iter", 18)
    assert not os.path.exists("c.h5.pairs")


@needs_hdf5
def a_pair_that_is_gone_is_named_and_the_checkpoint_before_is_loaded(command):
    run(command, INCREMENTAL, "--max-iter", 7, "--checkpoint-keep", 3)  # the last two are of one state
    before = set(pairs())
    run(command, INCREMENTAL, "--resume", "--max-iter", 8, "--checkpoint-keep", 3)
    newest = (set(pairs()) - before).pop()
    os.remove(os.path.join("c.h5.pairs", newest))
    for flags in ([], ["--verify"], ["--export", "copy.h5"], ["--diff", "c.h5.1"]):
        done = command.run("inspect", "c.h5", *flags)
        assert done.exit_status == 1 and newest in done.stderr, (flags, done.stdout, done.stderr)
    assert not os.path.exists("copy.h5")
    done = run(command, INCREMENTAL, "--resume", "--max-iter", 12)
    assert done.json()["resumed_file"] in ("c.h5.1", "c.h5.2") and newest in done.stderr, (done.stdout, done.stderr)
    check_same_end(done.json(), run(command, JOB, "--max-iter", 12).json())
    assert command.run("inspect", "--verify", "c.h5").exit_status == 0


@needs_hdf5
def inspect_treats_it_as_a_full_one(command):
    run(command, INCREMENTAL, "--max-iter", 9)
    run(command, [*JOB, "--checkpoint", "full.h5"], "--max-iter", 9)
    done = run(command, ["inspect", "c.h5", "--json"], status=0).json()
    entries = {entry["path"]: entry for entry in done["datasets"]}
    assert entries["/pairs"]["shape"] == [5] and entries["/pairs"]["attributes"]["directory"] == "c.h5.pairs", entries
    assert entries["/parameters/0/s"]["shape"] == [5, 3000] and entries["/parameters/0/s"]["inf_norm"] > 0, entries
    assert "state" in run(command, ["inspect", "--verify", "c.h5"], status=0).stdout
    run(command, ["inspect", "--export", "copy.h5", "c.h5"], status=0)
    for a, b in [("c.h5", "full.h5"), ("full.h5", "c.h5"), ("copy.h5", "full.h5")]:
        assert "yes" in run(command, ["inspect", "--diff", a, b], status=0).stdout
    full, copy = (run(command, ["inspect", name, "--json"], status=0).json()["datasets"]
                  for name in ("full.h5", "copy.h5"))
    assert full == copy


@needs_hdf5
def it_is_found_wherever_it_lies(command):
    """In another directory, and with a name that means something to HDF5 or to printf."""
    os.mkdir("a%b dir")
    job = [*JOB, "--checkpoint", "a%b dir/%d%s.h5", "--checkpoint-incremental"]
    run(command, job, "--max-iter", 9)
    run(command, [*JOB, "--checkpoint", "full.h5"], "--max-iter", 9)
    run(command, ["inspect", "--diff", "a%b dir/%d%s.h5", "full.h5"], status=0)
    os.rename("a%b dir", "moved")
    run(command, ["inspect", "--diff", "moved/%d%s.h5", "full.h5"], status=0)
    os.chdir("moved")
    got = run(command, [*JOB, "--checkpoint", "%d%s.h5", "--resume"], "--max-iter", 12).json()
    check_same_end(got, run(command, JOB, "--max-iter", 12).json())


@needs_hdf5
def the_documented_scripts_read_and_verify_it(command):
    try:
        import h5py  # noqa: F401
        import xxhash  # noqa: F401
    except ImportError as error:
        return str(error)
    with open(DOCUMENT) as file:
        reading, verifying = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
    run(command, INCREMENTAL, "--max-iter", 9, ranks=command.ranks[-1])

    def script(text):
        return subprocess.run([sys.executable, "-c", text, "c.h5"], capture_output=True, text=True)

    assert "(3000,) 5 pairs" in script(reading).stdout, script(reading)
    assert script(verifying).stdout == "sound\n", script(verifying)
    name = os.path.join("c.h5.pairs", pairs()[0])
    with open(name, "r+b") as file:
        file.seek(30000)
        file.write(b"damage")
    assert script(verifying).returncode != 0
    os.remove(name)
    assert script(verifying).returncode != 0


@needs_hdf5
def the_unknowns_are_those_of_a_full_checkpoint(command):
    try:
        import h5py  # noqa: F401
    except ImportError as error:
        return str(error)
    run(command, INCREMENTAL, "--max-iter", 9)
    x = unknowns("c.h5")
    run(command, SAVED, "--max-iter", 9)
    assert unknowns("c.h5") == x


@needs_hdf5
def what_cannot_work_is_refused(command):
    refused(command, [*JOB, "--checkpoint-incremental"], "--checkpoint-incremental needs --checkpoint")
    with open("c.h5.pairs", "w") as file:
        file.write("no directory")
    refused(command, [*INCREMENTAL, "--max-iter", 3], "c.h5.pairs", "directory")


main([runs_go_on_with_the_same_bits_whoever_saved_them, only_what_is_needed_is_there,
      a_pair_that_is_gone_is_named_and_the_checkpoint_before_is_loaded, inspect_treats_it_as_a_full_one,
      it_is_found_wherever_it_lies, the_documented_scripts_read_and_verify_it,
      the_unknowns_are_those_of_a_full_checkpoint, what_cannot_work_is_refused])
