#!/usr/bin/env python3
"""`--trace FILE`: columns, CSV and JSON Lines with the same values, and traces that go on after a resume."""

import json
import math
import os

from command import holds_seconds, main, needs_hdf5, options, refused, write

COLUMNS = ["iteration", "evaluations", "loss", "grad_inf", "step", "step_inf", "seconds", "trials", "step_norm",
           "curvature", "cosine", "pairs", "skipped_pairs", "allreduces", "pass_a_s", "pass_b_s", "reduction_s",
           "closure_s"]
WHOLE = ["iteration", "evaluations", "trials", "pairs", "skipped_pairs", "allreduces"]


def value(name, text):
    return None if text == "" else int(text) if name in WHOLE else float(text)


def refuse_constant(name):
    raise AssertionError("%s is no JSON" % name)


def read(trace):
    """Rows as dictionaries."""
    with open(trace) as file:
        lines = file.read().split("\n")
    assert lines.pop() == "", "the last line is not complete"
    if trace.endswith(".jsonl"):
        return [json.loads(line, parse_constant=refuse_constant) for line in lines]
    names = lines[0].split(",")
    return [{name: value(name, text) for name, text in zip(names, line.split(","))} for line in lines[1:]]


def steady(trace):
    """Rows without what is a time."""
    return [{name: row[name] for name in row if not holds_seconds(name)} for row in read(trace)]


def both_formats_hold_the_same_values(command):
    flags = ["rosenbrock", *options(n=200)]
    values = command.result("run", *flags, "--trace", "t.csv")
    command.result("run", *flags, "--trace", "t.jsonl")
    command.result("run", *flags, "--trace", "plain")
    with open("t.csv") as file:
        assert file.readline() == ",".join(COLUMNS) + "\n"
    assert steady("t.csv") == steady("t.jsonl") == steady("plain") != [], "the formats differ"
    for row in read("t.csv") + read("t.jsonl"):
        assert list(row) == COLUMNS, row
        assert all(isinstance(row[name], int) for name in WHOLE), row
        assert all(row[name] is None or math.isfinite(row[name]) for name in row), row
    last = read("t.jsonl")[-1]
    assert last["loss"] == values["loss"] and last["grad_inf"] == values["grad_inf"], last
    assert last["evaluations"] == values["func_evals"] and last["allreduces"] == values["allreduces"], last


def columns_fit_each_other(command):
    command.result("run", "rosenbrock", *options(n=200), "--history-size", 4, "--trace", "t.jsonl")
    rows, times = read("t.jsonl"), [name for name in COLUMNS if holds_seconds(name)]
    for before, row in zip(rows, rows[1:]):
        assert row["evaluations"] - before["evaluations"] == row["trials"] >= 1, row
        assert row["allreduces"] - before["allreduces"] >= row["trials"], row
        assert row["pairs"] == min(4, before["pairs"] + 1) and row["skipped_pairs"] == 0, row
        assert all(row[name] >= before[name] for name in times), row
    assert any(row["trials"] > 1 for row in rows) and any(row["trials"] == 1 for row in rows)
    for row in rows:
        assert 0 < row["cosine"] <= 1 + 1e-15 and row["curvature"] > 0, row
        assert row["step_inf"] <= row["step_norm"] * (1 + 1e-12) <= row["step_inf"] * 200 ** 0.5 * (1 + 1e-9), row
        assert sum(row[name] for name in times if name != "seconds") <= row["seconds"] + 1e-6, row


def refused_pairs_are_counted(command):
    result = command.run("run", "rosenbrock", "--tolerance-curvature", 2, "--max-iter", 5, "--quiet", "--trace", "t.csv")
    assert result.exit_status == 3, result.stderr
    assert [(row["skipped_pairs"], row["pairs"]) for row in read("t.csv")] == [(i, 0) for i in range(1, 6)]


@needs_hdf5
def resumed_traces_are_those_of_a_run_that_never_stopped(command):
    problem = ["run", "rosenbrock", "--tolerance-grad", 1e-12, *options(n=500), "--quiet"]
    for name in ("t.csv", "t.jsonl"):
        command.run(*problem, "--max-iter", 30, "--trace", name)
        want = steady(name)
        assert len(want) == 30
        os.remove(name)
        files = ["--checkpoint", "c.h5", "--checkpoint-keep", 1, "--trace", name, "--resume"]
        for limit in (1, 11, 12):
            assert command.run(*problem, *files, "--max-iter", limit).exit_status == 3
        with open(name, "a") as file:  # what a run wrote that was killed before its next checkpoint
            file.write(open(name).readlines()[-1].replace("12", "13", 1))
            file.write("14,37" if name == "t.csv" else '{"iteration":14,"eva')
        assert command.run(*problem, *files, "--max-iter", 30).exit_status == 3
        assert steady(name) == want, "%s differs" % name
        os.remove("c.h5")


@needs_hdf5
def what_is_no_trace_is_not_continued(command):
    files = ["--checkpoint", "c.h5", "--max-iter", 3, "--quiet"]
    command.run("run", "rosenbrock", *files, "--trace", "t.csv")
    with open("t.csv") as file:
        rows = file.read()
    for name, content in [("notes.jsonl", '{"my": "notes"}\n'), ("csv.jsonl", rows), ("text.jsonl", "notes"),
                          ("older.csv", "iteration,evaluations,loss,grad_inf,step,step_inf,seconds\n")]:
        write(name, content)
        result = command.run("run", "rosenbrock", *files, "--resume", "--trace", name)
        assert result.exit_status == 2 and "trace %s: not a trace of secant" % name in result.stderr, result.stderr
        with open(name) as file:
            assert file.read() == content


def other_suffixes_are_refused(command):
    for name in ("t.json", "t.csv.gz", "a.b/t.txt", "t."):
        os.makedirs("a.b", exist_ok=True)
        refused(command, ["run", "rosenbrock", "--trace", name],
                "trace %s: the name must end in .csv, for comma-separated values, or in .jsonl, for JSON Lines" % name)
    command.result("run", "rosenbrock", "--trace", "a.b/plain")
    assert os.path.exists("a.b/plain")


main([
    both_formats_hold_the_same_values,
    columns_fit_each_other,
    refused_pairs_are_counted,
    resumed_traces_are_those_of_a_run_that_never_stopped,
    what_is_no_trace_is_not_continued,
    other_suffixes_are_refused,
])
