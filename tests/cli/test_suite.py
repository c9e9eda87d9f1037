#!/usr/bin/env python3
"""The suite of test problems in the command: --list, runs by name, the same bits on any number of ranks."""

import math

from command import main, options, refused

LARGE = ["rosenbrock", "quadratic", "minimal-surface"]
SAME = ["reason", "loss", "grad_inf", "n_iter", "func_evals"]


def list_names_every_problem_once(command):
    result = command.run("run", "--list", "--json")
    assert result.exit_status == 0 and result.stderr == "", result.stderr
    problems = result.json()
    names = [problem["name"] for problem in problems]
    assert len(set(names)) == len(names) > 100 and names[:3] == LARGE, names
    by_name = {problem["name"]: problem for problem in problems}
    assert by_name["wood"]["n"] == 4 and by_name["wood"]["optimum"] == 0 and "1981" in by_name["wood"]["source"]
    assert by_name["minimal-surface"]["n"] == 10000 and by_name["minimal-surface"]["optimum"] is None
    assert by_name["unbounded-linear"]["optimum"] is None and not by_name["unbounded-linear"]["bounded"]
    assert by_name["hemisphere"]["optimum"] == -math.sqrt(26), by_name["hemisphere"]


def lines_for_people_name_the_same_problems(command):
    problems = command.run("run", "--list", "--json").json()
    lines = command.run("run", "--list").stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [problem["name"] for problem in problems]
    assert [int(line.split()[1]) for line in lines] == [problem["n"] for problem in problems]


def help_points_to_the_list(command):
    text = command.run("run", "--help").stdout
    assert all(name in text for name in LARGE) and "--list" in text, text
    assert "helical-valley" not in text, text


def problems_run_by_name(command):
    for name, evaluations in [("beale", 100), ("hemisphere", 100), ("single-constant", 1), ("osborne-2", 1000)]:
        values = command.result("run", name)
        assert values["reason"] in ("gradient", "precision") and values["func_evals"] <= evaluations, values
        assert abs(values["loss"] - values["optimum"]) <= 1e-5 * max(1e-3, abs(values["optimum"])), values
        assert values["problem"] == "run " + name, values


def every_twentieth_problem_can_be_evaluated(command):
    for problem in command.run("run", "--list", "--json").json()[3::20]:
        result = command.run("run", problem["name"], "--max-eval", 2, "--json", "--quiet")
        assert result.exit_status in (0, 1, 3) and result.json()["func_evals"] >= 1, (problem, result.stderr)


def other_numbers_of_unknowns_have_no_optimum(command):
    values = command.result("run", "penalty-1", *options(n=20))
    assert values["problem"] == "run penalty-1 n=20" and "optimum" not in values, values
    assert command.result("run", "penalty-1")["optimum"] == 7.08765e-5


def ranks_and_threads_do_not_change_the_bits(command):
    for words in [["watson-12"], ["noisy-gradient"], ["broyden-banded", *options(n=1000)]]:
        flags = ["run", *words, "--max-eval", 150, "--json", "--quiet"]
        alone = command.run(*flags).json()
        for how in [{"threads": 2}] + [{"ranks": ranks} for ranks in command.ranks if ranks == 3]:
            values = command.run(*flags, **how).json()
            assert all(values[key] == alone[key] for key in SAME), (how, values, alone)


def mistakes_are_answered_with_the_nearest(command):
    refused(command, ["run", "helical-vally"], 'no problem "helical-vally"', 'did you mean "helical-valley"?')
    refused(command, ["run", "beale", "--problem-option", "n=4"], "problem beale has no options")
    refused(command, ["run", "extended-powell-singular", *options(n=10)], "n is 10; it must be a multiple of 4")
    refused(command, ["run", "extended-rosenbrock", *options(n=0)], "n is 0")
    refused(command, ["run", "--list", "one", "two"], '"two" is one argument too many')


main([
    list_names_every_problem_once,
    lines_for_people_name_the_same_problems,
    help_points_to_the_list,
    problems_run_by_name,
    every_twentieth_problem_can_be_evaluated,
    other_numbers_of_unknowns_have_no_optimum,
    ranks_and_threads_do_not_change_the_bits,
    mistakes_are_answered_with_the_nearest,
])
