#!/usr/bin/env python3
"""Bad usage: exit status 2, one sentence by one rank, nothing on stdout. And the help."""

import os

from command import main, needs_hdf5, refused


def bad_words_are_refused_with_the_nearest_good_one(command):
    refused(command, [], "subcommand is missing")
    refused(command, ["rum"], 'did you mean "run"?')
    refused(command, ["run"], "secant run needs PROBLEM")
    refused(command, ["run", "rosenbrok"], 'did you mean "rosenbrock"?')
    refused(command, ["run", "rosenbrock", "--histroy-size", "5"], "no flag --histroy-size", "did you mean --history-size?")
    refused(command, ["run", "rosenbrock", "--problem-option", "m=4"], 'did you mean "n"?')
    refused(command, ["run", "rosenbrock", "quadratic"], '"quadratic" is one argument too many')


def names_of_flags_cannot_be_cut_short(command):
    refused(command, ["run", "rosenbrock", "--tolerance", "5"], "no flag --tolerance;", "did you mean --tolerance-grad?")
    refused(command, ["run", "rosenbrock", "--checkpoint-e=5"], "did you mean --checkpoint-every?")


def bad_values_are_refused_with_name_value_and_range(command):
    for words, parts in [
        (["--history-size", "-3"], ["--history-size is -3", "0 .. 10000"]),
        (["--threads", "-1"], ["--threads is -1", "0 .. 4096"]),
        (["--max-time", "nan"], ["--max-time is nan", ">= 0"]),
        (["--tolerance-grad", "tiny"], ["--tolerance-grad is tiny", ">= 0"]),
        (["--line-search", "wolfe"], ["--line-search is wolfe", "strong_wolfe"]),
        (["--armijo", "0.95"], ["armijo", "0.95", "wolfe"]),
        (["--checkpoint-every", "1.5"], ["checkpoint-every", "1.5", ">= 0"]),
        (["--problem-option", "n=7"], ["n is 7", "even"]),
        (["--resume"], ["--resume needs --checkpoint"]),
        (["--trace="], ["--trace must not be empty"]),
        (["--trace"], ["--trace needs an argument"]),
        (["--json=yes"], ["--json takes no argument"]),
    ]:
        refused(command, ["run", "rosenbrock"] + words, *parts)


def files_that_cannot_be_written_are_found_before_the_run(command):
    with open("file", "w") as file:
        file.write("a regular file, below which even root can write nothing\n")
    os.symlink("/dev/null", "device")
    for what in ["trace", "checkpoint"] if command.has_hdf5 else ["trace"]:
        for path in ["missing/out", "file/out", ".", "/proc/out", "device"]:
            refused(command, ["run", "rosenbrock", "--" + what, path], "%s %s cannot be written: " % (what, path))


@needs_hdf5
def two_outputs_cannot_be_one_file(command):
    with open("there", "w") as file:
        file.write("kept\n")
    for checkpoint, trace in [("new", "new"), ("new", "./new"), ("there", os.path.abspath("there"))]:
        refused(command, ["run", "rosenbrock", "--checkpoint", checkpoint, "--trace", trace], "are the same file")
    with open("there") as file:
        assert file.read() == "kept\n"


def help_and_version_are_printed_once(command):
    for words, start in [
        (["--help"], "usage: secant SUBCOMMAND"),
        (["run", "--help"], "usage: secant run PROBLEM"),
        (["run", "rosenbrock", "-h"], "usage: secant run PROBLEM"),
        (["fit", "--help"], "usage: secant fit DATA"),
        (["inspect", "--help"], "usage: secant inspect FILE"),
        (["predict", "--help"], "usage: secant predict MODEL DATA"),
        (["--version"], "secant "),
    ]:
        result = command.run(*words)
        assert result.exit_status == 0, "%s: exit status %d" % (words, result.exit_status)
        assert result.stdout.startswith(start) and result.stdout.count("usage: ") <= 1, result.stdout
        assert result.sentences == [], result.sentences
        assert max(map(len, result.stdout.splitlines())) <= 100, "%s: lines of more than 100 columns" % words


def help_names_every_problem_and_option(command):
    for subcommand, words in [
        ("run", ["rosenbrock", "quadratic", "minimal-surface", "condition", "--problem-option", "--history-size", "--checkpoint-every"]),
        ("fit", ["logistic", "poisson", "--loss", "--labels", "--l2", "--no-intercept", "--scale", "--rows", "--features",
                 "--model", "--checkpoint", "--resume", "--trace", "--json", "--quiet", "--threads", "--max-time"]),
        ("predict", ["--labels", "--scale", "--rows", "--output", "--json"]),
    ]:
        text = command.run(subcommand, "--help").stdout
        assert [word for word in words if word not in text] == [], text


main([
    bad_words_are_refused_with_the_nearest_good_one,
    names_of_flags_cannot_be_cut_short,
    bad_values_are_refused_with_name_value_and_range,
    files_that_cannot_be_written_are_found_before_the_run,
    two_outputs_cannot_be_one_file,
    help_and_version_are_printed_once,
    help_names_every_problem_and_option,
])
