#!/usr/bin/env python3
"""Bad usage and bad input: exit status 2, one sentence by one rank, nothing on stdout."""

import os

from command import main


def refused(command, words, part):
    result = command.run(*words)
    assert result.exit_status == 2, "%s: exit status %d\n%s" % (words, result.exit_status, result.stderr)
    assert len(result.sentences) == 1, "%s: %s" % (words, result.sentences)
    assert part in result.sentences[0], "%s: %s" % (words, result.sentences)
    assert result.stdout == "", "%s: %s" % (words, result.stdout)


def bad_words_are_refused_with_the_nearest_good_one(command, folder):
    refused(command, [], "subcommand is missing")
    refused(command, ["rum"], 'did you mean "run"?')
    refused(command, ["run"], "secant run needs PROBLEM")
    refused(command, ["run", "rosenbrok"], 'did you mean "rosenbrock"?')
    refused(command, ["run", "rosenbrock", "--histroy-size", "5"], "did you mean --history-size?")
    refused(command, ["run", "rosenbrock", "--problem-option", "m=4"], 'did you mean "n"?')
    refused(command, ["run", "rosenbrock", "quadratic"], "one argument too many")


def bad_values_are_refused_with_name_value_and_range(command, folder):
    for words, parts in [
        (["--history-size", "-3"], ["history_size", "-3", "0 .. 10000"]),
        (["--tolerance-grad", "tiny"], ["tolerance_grad", "tiny", ">= 0"]),
        (["--line-search", "wolfe"], ["line_search", "wolfe", "strong_wolfe"]),
        (["--checkpoint-every", "1.5"], ["checkpoint-every", "1.5", ">= 0"]),
        (["--problem-option", "n=7"], ["n is 7", "even"]),
        (["--resume"], ["--checkpoint"]),
    ]:
        for part in parts:
            refused(command, ["run", "rosenbrock"] + words, part)


def files_that_cannot_be_written_are_found_before_the_run(command, folder):
    missing = os.path.join(folder, "missing", "file")
    refused(command, ["run", "rosenbrock", "--checkpoint", missing], "checkpoint %s cannot be written" % missing)
    refused(command, ["run", "rosenbrock", "--trace", missing], "trace %s cannot be written" % missing)
    refused(command, ["run", "rosenbrock", "--checkpoint", folder], "cannot be written")
    refused(command, ["run", "rosenbrock", "--trace", folder], "cannot be written")


def help_and_version_are_printed_once(command, folder):
    for words, part in [
        (["--help"], "usage: secant SUBCOMMAND"),
        (["run", "--help"], "usage: secant run PROBLEM"),
        (["run", "rosenbrock", "-h"], "usage: secant run PROBLEM"),
        (["--version"], "secant "),
    ]:
        result = command.run(*words)
        assert result.exit_status == 0, "%s: exit status %d" % (words, result.exit_status)
        assert result.stdout.startswith(part), result.stdout
        assert result.stdout.count(part) == (1 if part.startswith("usage") else result.stdout.count(part))
        assert result.sentences == [], result.sentences


def help_names_every_problem_and_option(command, folder):
    text = command.run("run", "--help").stdout
    for word in ["rosenbrock", "quadratic", "minimal-surface", "condition", "--history-size", "--checkpoint-every"]:
        assert word in text, word


main([
    bad_words_are_refused_with_the_nearest_good_one,
    bad_values_are_refused_with_name_value_and_range,
    files_that_cannot_be_written_are_found_before_the_run,
    help_and_version_are_printed_once,
    help_names_every_problem_and_option,
])
