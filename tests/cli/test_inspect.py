#!/usr/bin/env python3
"""`secant inspect`: what it tells, for people and as JSON, what it finds, what it copies, and its exit status."""

import os
import subprocess

import h5py
from command import check_same_end, main, needs_hdf5, options, refused, rows, write


def save(command, name, iterations, problem="rosenbrock", *flags):
    done = command.run("run", problem, "--json", "--quiet", "--checkpoint", name, "--max-iter", iterations, *flags)
    assert done.exit_status == 3, done.stderr
    return done.json()


def inspect(command, *words, expect=0):
    done = command.run("inspect", *words)
    assert done.exit_status == expect, "%s: exit status %d\n%s" % (words, done.exit_status, done.stderr)
    return done


def entry(entries, path, name=None):
    found = [one for one in entries if one["path"] == path and one.get("name") == name]
    assert len(found) == 1, (path, name, found)
    return found[0]


@needs_hdf5
def description_has_what_the_run_reported(command):
    run = save(command, "c.h5", 12, "rosenbrock", "--wolfe", "0.8")
    tree = inspect(command, "c.h5", "--json").json()
    for key in ["n_iter", "func_evals", "loss", "grad_inf", "reason"]:
        assert tree["state"][key] == run[key], (key, tree["state"][key], run[key])
    assert tree["problem"] == run["problem"] and tree["n"] == 1000 and tree["dtype"] == "float64", tree
    assert tree["bytes"] == os.path.getsize("c.h5") and tree["format"] == "secant-checkpoint", tree
    x = entry(tree["datasets"], "/parameters/0/x")
    assert x["type"] == "float64" and x["shape"] == [1000] and x["nonfinite"] == 0 and len(x["checksum"]) == 16, x
    assert x["inf_norm"] == max(-x["minimum"], x["maximum"]) > 0, x
    lines = inspect(command, "c.h5").stdout.splitlines()
    shown = dict(line.split(None, 1) for line in lines[:12])
    assert list(shown)[:7] == ["problem", "n", "n_iter", "func_evals", "loss", "grad_inf", "reason"], lines
    assert float(shown["loss"]) == run["loss"] and int(shown["n_iter"]) == 12, shown
    changed = [line.split()[:2] for line in lines if "(default" in line]
    assert ["wolfe", "0.8"] in changed and ["max_iter", "12"] in changed, changed
    assert "history_size" not in [name for name, value in changed], changed


@needs_hdf5
def checkpoints_one_iteration_apart_differ(command):
    before, after = save(command, "a.h5", 12), save(command, "b.h5", 13)
    tree = inspect(command, "--diff", "a.h5", "b.h5", "--json", expect=1).json()
    assert tree["equal"] == 0 and tree["a"] == "a.h5" and tree["b"] == "b.h5", tree
    x = entry(tree["datasets"], "/parameters/0/x")
    assert x["equal"] == 0 and x["count"] == 1000 and x["differing"] > 0 and x["largest_absolute"] > 0, x
    loss = entry(tree["attributes"], "/state", "loss")["first"]
    assert float(loss["a"]) == float.fromhex(loss["a_hex"]) == before["loss"], loss
    assert float(loss["b"]) == float.fromhex(loss["b_hex"]) == after["loss"], loss
    assert entry(tree["attributes"], "/", "problem")["equal"] == 1
    text = inspect(command, "a.h5", "b.h5", "--diff", expect=1).stdout
    assert "/state n_iter" in text and "12 | 13" in text and "/parameters/0/x" in text, text
    assert "/ problem" not in text, text


@needs_hdf5
def equal_runs_have_equal_checkpoints(command):
    save(command, "a.h5", 9)
    save(command, "b.h5", 9)
    assert inspect(command, "--diff", "a.h5", "b.h5", "--json").json()["equal"] == 1
    assert "equal              yes" in inspect(command, "--diff", "a.h5", "b.h5").stdout


@needs_hdf5
def copy_resumes_as_the_original(command):
    problem = ["run", "minimal-surface", "--json", "--quiet", *options(nx=40, ny=30), "--resume"]
    save(command, "c.h5", 14, "minimal-surface", *options(nx=40, ny=30))
    write("copy.h5", "an older file\n")
    told = inspect(command, "c.h5", "--export", "copy.h5", "--json").json()
    assert told == {"file": "c.h5", "exported": "copy.h5"}, told
    assert inspect(command, "--diff", "c.h5", "copy.h5", "--json").json()["equal"] == 1
    assert "intact" in inspect(command, "copy.h5", "--verify").stdout
    want = command.run(*problem, "--checkpoint", "c.h5", "--trace", "a.csv")
    got = command.run(*problem, "--checkpoint", "copy.h5", "--trace", "b.csv")
    assert want.exit_status == got.exit_status == 0, got.stderr
    assert got.json()["resumed_from"] == 14, got.stdout
    check_same_end(got.json(), want.json())
    assert rows("a.csv") == rows("b.csv") != [], "the traces differ"


@needs_hdf5
def damage_is_found(command):
    save(command, "c.h5", 12)
    assert inspect(command, "c.h5", "--verify", "--json").json() == {"file": "c.h5", "state": "intact"}
    size = os.path.getsize("c.h5")
    with open("c.h5", "rb") as file:
        whole = file.read()
    for at in [3, 5000, size // 2, size - 1]:
        write("c.h5", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        done = inspect(command, "c.h5", "--verify", "--json", expect=1)
        assert done.json() == {"file": "c.h5", "state": "damaged"}, done.stdout
        assert len(done.sentences) == 1 and "c.h5" in done.sentences[0], done.sentences
    write("good.h5", whole)
    for cut in [100, size - 1]:
        write("c.h5", whole[:cut])
        inspect(command, "c.h5", "--verify", expect=1)
        for words in [["c.h5"], ["--diff", "good.h5", "c.h5"], ["c.h5", "--export", "copy.h5"]]:
            refused(command, ["inspect", *words], "c.h5", exit_status=1)


@needs_hdf5
def what_is_no_checkpoint_is_bad_input(command):
    write("letter", "This is a letter to somebody else.\n")
    write("empty", "")
    os.mkdir("directory")
    save(command, "c.h5", 3)
    for name in ["letter", "empty", "directory", "missing"]:
        refused(command, ["inspect", name], name)
    for words in [["letter", "--verify"], ["--diff", "c.h5", "letter"], ["letter", "--export", "out.h5"]]:
        refused(command, ["inspect", *words], "letter")


@needs_hdf5
def state_dict_of_another_program_is_described_but_has_nothing_to_verify(command):
    with h5py.File("s.h5", "w") as file:
        file.attrs["format"] = "secant-state-dict"
        file["state/0/d"] = [3.0, -4.0, float("nan")]
        file["state/0"].attrs["n_iter"] = 7
    tree = inspect(command, "s.h5", "--json").json()
    d = entry(tree["datasets"], "/state/0/d")
    assert d["inf_norm"] == 4 and d["nonfinite"] == 1 and "checksum" not in d, d
    assert entry(tree["groups"], "/state/0")["attributes"] == {"n_iter": 7}, tree["groups"]
    refused(command, ["inspect", "s.h5", "--verify"], "s.h5")
    inspect(command, "s.h5", "--export", "copy.h5")
    assert inspect(command, "--diff", "s.h5", "copy.h5", "--json").json()["equal"] == 1


@needs_hdf5
def one_rank_tells_and_all_end_alike(command):
    if command.ranks == [1]:
        return "one rank only"
    save(command, "a.h5", 3)
    save(command, "b.h5", 4)
    for words in [["a.h5"], ["--diff", "a.h5", "b.h5", "--json"], ["a.h5", "--export", "c.h5"]]:
        alone, together = (command.run("inspect", *words, ranks=ranks) for ranks in [1, 3])
        assert together.stdout == alone.stdout != "" and together.exit_status == alone.exit_status, together.stderr
    refused(command, ["inspect", "missing.h5"], "missing.h5", ranks=3)


@needs_hdf5
def bad_usage_is_refused(command):
    save(command, "c.h5", 3)
    refused(command, ["inspect"], "needs FILE")
    refused(command, ["inspect", "c.h5", "--diff"], "--diff needs two files")
    refused(command, ["inspect", "c.h5", "c.h5"], "takes one file")
    refused(command, ["inspect", "c.h5", "c.h5", "c.h5"], "one argument too many")
    refused(command, ["inspect", "c.h5", "--verify", "--export", "d.h5"], "exclude each other")
    refused(command, ["inspect", "c.h5", "--export", "./c.h5"], "are the same file")
    refused(command, ["inspect", "c.h5", "--export", "missing/d.h5"], "cannot be written")
    refused(command, ["inspect", "c.h5", "--verfy"], "did you mean --verify?")


@needs_hdf5
def result_that_cannot_be_printed_is_a_failure(command):
    if command.under_mpirun or not os.path.exists("/dev/full"):
        return "mpirun reads the output, and prints it itself"
    save(command, "c.h5", 3)
    with open("/dev/full", "w") as full:
        done = subprocess.run(command.words + ["inspect", "c.h5"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"could not be printed" in done.stderr, done


def build_without_hdf5_says_so(command):
    if command.has_hdf5:
        return "built with HDF5"
    write("c.h5", "anything\n")
    refused(command, ["inspect", "c.h5"], "HDF5")
    refused(command, ["inspect", "c.h5", "--verify"], "HDF5")


main([
    description_has_what_the_run_reported,
    checkpoints_one_iteration_apart_differ,
    equal_runs_have_equal_checkpoints,
    copy_resumes_as_the_original,
    damage_is_found,
    what_is_no_checkpoint_is_bad_input,
    state_dict_of_another_program_is_described_but_has_nothing_to_verify,
    one_rank_tells_and_all_end_alike,
    bad_usage_is_refused,
    result_that_cannot_be_printed_is_a_failure,
    build_without_hdf5_says_so,
])
