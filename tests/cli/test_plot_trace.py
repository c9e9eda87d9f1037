#!/usr/bin/env python3
"""scripts/plot_trace.py draws traces of the command: test_plot_trace.py SCRIPT COMMAND."""

import os
import subprocess
import sys
import xml.etree.ElementTree

SCRIPT = os.path.abspath(sys.argv.pop(1))

from command import SKIPPED, main, write  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def plot(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def lines(picture):
    """Vertices of every line that has a name."""
    found = {}
    for group in xml.etree.ElementTree.parse(picture).iter(SVG + "g"):
        path = group.find(SVG + "path")
        if path is not None and group.get("id", "").split("-")[0] in ("loss", "gradient"):
            found[group.get("id")] = len([word for word in path.get("d").split() if word in "ML"])
    return found


def texts(picture):
    return ["".join(text.itertext()).strip() for text in xml.etree.ElementTree.parse(picture).iter(SVG + "text")]


def every_run_has_its_lines_and_always_the_same(command):
    flags = ["run", "rosenbrock", "--problem-option", "n=100", "--quiet"]
    command.run(*flags, "--trace", "quick.csv")
    command.run(*flags, "--history-size", 1, "--trace", "short memory.jsonl")
    for what in ("evaluations", "seconds"):
        done = plot("quick.csv", "short memory.jsonl", "--x", what, "--best=-1e-9", "-o", "out.svg")
        assert done.returncode == 0 and done.stdout == done.stderr == "", done
        drawn, words = lines("out.svg"), texts("out.svg")
        assert sorted(drawn) == ["gradient-1", "gradient-2", "loss-1", "loss-2"], drawn
        assert all(vertices > 5 for vertices in drawn.values()), drawn
        for word in ("quick", "short memory", what, "more than one trial"):
            assert word in words, words
        assert "resumed" not in words and "history forgotten" not in words, words
    assert plot("quick.csv", "short memory.jsonl", "--x", "seconds", "--best=-1e-9", "-o", "again.svg").returncode == 0
    with open("out.svg", "rb") as a, open("again.svg", "rb") as b:
        assert a.read() == b.read(), "the same traces give another picture"


def resumes_and_restarts_are_marked(command):
    head = "iteration,evaluations,loss,grad_inf,seconds,trials,pairs\n"
    write("a.csv", head + "1,2,9,3,0.1,1,0\n2,3,4,2,0.2,1,1\n3,4,2,1,0.05,1,2\n4,5,1.5,,0.06,1,3\n")
    write("b.csv", head + "1,2,9,3,0.1,1,0\n2,3,4,2,0.2,1,1\n3,4,2,1,0.3,1,2\n4,5,1.5,1,0.4,1,0\n")
    for name, mark, none in [("a.csv", "resumed", "history forgotten"), ("b.csv", "history forgotten", "resumed")]:
        assert plot(name, "--x", "seconds").returncode == 0
        words = texts("convergence.svg")
        assert mark in words and none not in words and "more than one trial" not in words, words


def what_is_no_trace_is_refused(command):
    for name, content in [("a.csv", "x,y\n1,2\n"), ("b.jsonl", "notes\n"), ("c.csv", None), ("d.jsonl", '{"loss": 1}\n')]:
        if content:
            write(name, content)
        done = plot(name, "-o", "out.svg")
        assert done.returncode == 1 and "%s is no trace of secant" % name in done.stderr, done
        assert "Traceback" not in done.stderr and not os.path.exists("out.svg"), done.stderr


try:
    import matplotlib  # noqa: F401
except ImportError:
    sys.exit(SKIPPED)
main([
    every_run_has_its_lines_and_always_the_same,
    resumes_and_restarts_are_marked,
    what_is_no_trace_is_refused,
])
