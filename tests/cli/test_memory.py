#!/usr/bin/env python3
"""The plan of memory: a line on stderr before the run, `memory_bytes` in JSON, and problems no machine can hold."""

import re

from command import main, options

LINE = re.compile(r"^memory: ([0-9.e+]+) (B|kB|MB|GB|TB|PB|EB) for a history of (\d+) pairs of (\d+) unknowns"
                  r"(?:, ([0-9.e+]+) (B|kB|MB|GB|TB|PB|EB) on each of (\d+) ranks)?$", re.M)
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15, "EB": 1e18}


def close(amount, unit, want):
    """Whether a printed amount is `want` to its three digits."""
    return abs(float(amount) * UNITS[unit] - want) <= 0.0051 * want


def the_plan_comes_first_and_json_has_it(command):
    for ranks in command.ranks:
        done = command.run("run", "rosenbrock", "--json", "--history-size", 7, *options(n=200000), ranks=ranks)
        planned = done.json()["memory_bytes"]
        lines = LINE.findall(done.stderr)
        assert len(lines) == 1, done.stderr
        assert done.stderr.index("memory: ") < done.stderr.index("iteration "), done.stderr
        amount, unit, pairs, unknowns, share, share_unit, of_ranks = lines[0]
        assert (pairs, unknowns) == ("7", "200000"), lines
        assert close(amount, unit, planned), lines
        assert 15 * 8 * 200000 < planned < 1.02 * 18 * 8 * 200000, planned
        if ranks == 1:
            assert share == "", lines
        else:
            assert of_ranks == str(ranks) and close(share, share_unit, planned / ranks), lines


def fit_says_it_too(command):
    with open("data.svm", "w") as file:
        for i in range(40):
            file.write("%d 1:%d 2:%d 5000:1\n" % (i % 2, i % 7, i % 3))
    for ranks in command.ranks[:2]:
        flags = ["fit", "data.svm", "--loss", "logistic", "--l2", "0.1", "--history-size", "5", "--json"]
        done = command.run(*flags, ranks=ranks)
        assert [line[2:4] for line in LINE.findall(done.stderr)] == [("5", "5001")], done.stderr
        assert 11 * 8 * 5001 < done.json()["memory_bytes"] < 1.2 * 14 * 8 * 5001, done.stdout


def quiet_is_quiet(command):
    done = command.run("run", "rosenbrock", "--quiet")
    assert "memory" not in done.stderr and "memory" not in done.stdout, done.stderr + done.stdout
    assert command.result("run", "rosenbrock")["memory_bytes"] > 0


def a_problem_beyond_all_memory_ends_with_a_sentence(command):
    """A vector is larger than the address space of a process: no system grants it, however generous it is."""
    for n in [10 ** 14, 10 ** 15]:
        done = command.run("run", "rosenbrock", "--json", *options(n=n))
        assert done.exit_status == 1 and done.stdout == "", done.stderr
        assert [line[3] for line in LINE.findall(done.stderr)] == [str(n)], done.stderr
        assert len(done.sentences) == 2, done.sentences
        assert done.sentences[0].startswith("warning: ") and "this machine has" in done.sentences[0], done.sentences
        assert "no memory for a problem of %d unknowns" % n in done.sentences[1], done.sentences


main([
    the_plan_comes_first_and_json_has_it,
    fit_says_it_too,
    quiet_is_quiet,
    a_problem_beyond_all_memory_ends_with_a_sentence,
])
