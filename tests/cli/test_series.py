#!/usr/bin/env python3
"""The last checkpoints of a run: how many are kept, by what they are timed, and which one a restart takes."""

import os
import shutil

from command import check_same_end, main, needs_hdf5, options, refused

JOB = ["run", "rosenbrock", "--json", "--quiet", "--tolerance-grad", "1e-13", "--checkpoint", "c.h5"]
FIVE = [*JOB, "--checkpoint-every", 1, "--max-iter", 5]


def files():
    return sorted(name for name in os.listdir(".") if name.startswith("c.h5"))


def damage(name):
    with open(name, "r+b") as file:
        file.truncate(os.path.getsize(name) // 2)


def resumed(command, *flags):
    done = command.run(*JOB, "--resume", *flags)
    assert done.exit_status == 3, done.stderr
    return done


@needs_hdf5
def as_many_are_kept_as_were_asked_for(command):
    for flags, want in [([], 2), (["--checkpoint-keep", 1], 1), (["--checkpoint-keep", 4], 4),
                        (["--checkpoint-keep", 3], 3), (["--checkpoint-keep", 1], 1)]:
        assert command.run(*FIVE, *flags).exit_status == 3
        assert files() == (["c.h5", "c.h5.1", "c.h5.2", "c.h5.3"])[:want], files()


@needs_hdf5
def older_checkpoints_are_those_of_the_iterations_before(command):
    command.run(*FIVE, "--checkpoint-keep", 4)
    for name, iteration in [("c.h5", 5), ("c.h5.1", 5), ("c.h5.2", 4), ("c.h5.3", 3)]:  # the end is saved once more
        os.rename(name, "one.h5")
        got = command.run(*JOB[:-1], "one.h5", "--resume", "--max-iter", 6).json()
        assert got["resumed_from"] == iteration and got["resumed_file"] == "one.h5", (name, got)
        os.remove("one.h5")


@needs_hdf5
def damaged_checkpoints_are_skipped_and_named(command):
    want = command.run(*JOB[:-2], "--max-iter", 12).json()
    command.run(*FIVE, "--checkpoint-keep", 3)
    shutil.copy("c.h5.2", "good")
    damage("c.h5")
    os.remove("c.h5.1")
    done = resumed(command, "--max-iter", 12)
    got = done.json()
    assert got["resumed_file"] == "c.h5.2" and got["resumed_from"] == 4, got
    assert len(done.sentences) == 2 and "skipped: 'c.h5'" in done.sentences[0], done.sentences
    check_same_end(got, want)


@needs_hdf5
def a_damaged_checkpoint_does_not_push_a_good_one_out(command):
    """What was loaded stays until a newer one is complete: a kill between finds it still."""
    command.run(*FIVE)
    damage("c.h5")
    with open("c.h5.1", "rb") as file:
        good = file.read()
    resumed(command, "--max-iter", 6)
    with open("c.h5.1", "rb") as file:
        assert file.read() == good, "the checkpoint that was loaded is gone"
    damage("c.h5")
    assert resumed(command, "--max-iter", 6).json()["resumed_file"] == "c.h5.1"


@needs_hdf5
def without_any_good_checkpoint_all_are_named(command):
    command.run(*FIVE)
    damage("c.h5")
    damage("c.h5.1")
    refused(command, [*JOB, "--resume"], "skipped: 'c.h5'", "skipped: 'c.h5.1'")


@needs_hdf5
def another_problem_ends_the_search_at_once(command):
    command.run(*FIVE)
    shutil.move("c.h5.1", "good")
    command.run(*JOB, *options(n=100), "--max-iter", 1, "--checkpoint-keep", 1)
    shutil.move("good", "c.h5.1")
    refused(command, [*JOB, "--resume"], "n=100")


@needs_hdf5
def a_temporary_file_is_never_looked_at(command):
    command.run(*FIVE, "--checkpoint-keep", 1)
    os.rename("c.h5", "c.h5.tmp")
    done = resumed(command, "--max-iter", 2)
    assert done.json()["resumed_from"] is None and "starting afresh" in done.stderr, done.stderr
    assert files() == ["c.h5"], files()


@needs_hdf5
def a_time_between_checkpoints_changes_no_bits(command):
    flags = ["run", "quadratic", *options(n=100000, condition=1e12), "--scaling", "last_pair", "--json", "--quiet",
             "--tolerance-grad", 0, "--max-iter", 60]
    want = command.run(*flags).json()
    done = command.run(*flags, "--checkpoint", "c.h5", "--checkpoint-every", "0.01s", "--checkpoint-keep", 50)
    check_same_end(done.json(), want)
    assert len(files()) > 3, files()
    for name in files():
        os.remove(name)
    check_same_end(command.run(*flags, "--checkpoint", "c.h5", "--checkpoint-every", "2h").json(), want)
    assert files() == ["c.h5"], files()


@needs_hdf5
def bad_counts_and_times_are_refused(command):
    for value in ["1.5", "-1", "10d", "m", "-3m", "0s", "1e999h", "3 m", "10mm"]:
        refused(command, [*JOB, "--checkpoint-every", value], "checkpoint-every is %s" % value, "10m")
    for value in ["0", "1001", "two"]:
        refused(command, [*JOB, "--checkpoint-keep", value], "checkpoint-keep is %s" % value, "between 1 and 1000")
    refused(command, ["run", "rosenbrock", "--checkpoint-every", "10m"], "--checkpoint-every needs --checkpoint")


main([as_many_are_kept_as_were_asked_for, older_checkpoints_are_those_of_the_iterations_before,
      damaged_checkpoints_are_skipped_and_named, a_damaged_checkpoint_does_not_push_a_good_one_out,
      without_any_good_checkpoint_all_are_named, another_problem_ends_the_search_at_once,
      a_temporary_file_is_never_looked_at, a_time_between_checkpoints_changes_no_bits, bad_counts_and_times_are_refused])
