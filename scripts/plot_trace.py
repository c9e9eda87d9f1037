#!/usr/bin/python3
"""Draws the convergence of one or several runs from their traces (`secant ... --trace FILE`, CSV or JSON Lines).

The loss above the lowest one of all files and |g|_inf, both on a logarithmic scale, with a line for each run:

    plot_trace.py a.csv b.jsonl -o convergence.svg --x seconds

Small circles on the loss are iterations that took more than one trial, a bar is where a run was resumed in another
process, a cross where it forgot its history.
"""

import argparse
import csv
import json
import math
import os
import sys

COLUMNS = ["iteration", "evaluations", "loss", "grad_inf", "seconds"]  # what every trace has
AXES = {"evaluations": "evaluations", "iterations": "iterations", "seconds": "seconds"}
MARKS = {"trials": ("o", "more than one trial"), "resumed": ("|", "resumed"), "forgotten": ("x", "history forgotten")}


def number(text):
    """A value of a row, NaN where there is none."""
    return float(text) if text not in (None, "") else math.nan


def read_csv(file):
    table = csv.DictReader(file)
    return table.fieldnames or [], list(table)


def read_lines(file):
    rows = [json.loads(line) for line in file]
    return list(rows[0]) if rows else COLUMNS, rows


def read(path):
    """A trace as columns: name to list of numbers. Exits with a sentence if the file is none."""
    try:
        with open(path, newline="") as file:
            names, rows = (read_lines if path.endswith(".jsonl") else read_csv)(file)
        if [name for name in COLUMNS if name not in names]:
            raise ValueError("it lacks columns of a trace")
        return {name: [number(row[name]) for row in rows] for name in names}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.exit("plot_trace.py: %s is no trace of secant: %s" % (path, error))


def drops(values):
    """Indices at which a column that otherwise grows is smaller than before."""
    return [i for i in range(1, len(values)) if values[i] < values[i - 1]]


def resumes(trace):
    """Indices of the first rows of a new process, whose clocks began at 0 again."""
    return sorted({i for name in ("seconds", "closure_s") for i in drops(trace.get(name, []))})


def marked(trace):
    """Indices of the rows to mark, by kind."""
    return {"trials": [i for i, trials in enumerate(trace.get("trials", [])) if trials > 1],
            "resumed": resumes(trace),
            "forgotten": drops(trace.get("pairs", []))}


def running(seconds, restarts):
    """Seconds that go on where the clock began at 0 again."""
    total, result = 0.0, []
    for i, now in enumerate(seconds):
        total += seconds[i - 1] if i in restarts else 0.0
        result.append(total + now)
    return result


def abscissa(trace, what):
    if what == "seconds":
        return running(trace["seconds"], resumes(trace))
    return trace["iteration" if what == "iterations" else "evaluations"]


def labels(paths):
    """File names without folder and suffix; whole paths where two would be the same."""
    short = [os.path.splitext(os.path.basename(path))[0] for path in paths]
    return short if len(set(short)) == len(short) else paths


def lowest(traces):
    """The lowest loss of all."""
    return min((loss for trace in traces for loss in trace["loss"] if not math.isnan(loss)), default=0.0)


def positive(values):
    """What a logarithmic scale can show; the lowest loss itself leaves a gap."""
    return [value if value > 0.0 else math.nan for value in values]


def look(kind, colour):
    """How a kind of mark is drawn: circles are hollow, the others are lines anyway."""
    symbol = MARKS[kind][0]
    if symbol == "o":
        return {"marker": symbol, "s": 9, "linewidths": 0.6, "facecolors": "none", "edgecolors": colour}
    return {"marker": symbol, "s": 60, "linewidths": 1.2, "color": colour}


def draw_run(axes, x, y, colour, label, marks, identity):
    """One line with its marks."""
    axes.plot(x, y, color=colour, linewidth=1.2, label=label, gid=identity)
    for kind, at in marks.items():
        axes.scatter([x[i] for i in at], [y[i] for i in at], **look(kind, colour))


def draw(pyplot, runs, what, best):
    """The figure of `runs`, each a label and its trace."""
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.6))
    colours = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
    kinds = set()
    for k, (label, trace) in enumerate(runs):
        x, marks, colour = abscissa(trace, what), marked(trace), colours[k % len(colours)]
        above = positive([loss - best for loss in trace["loss"]])
        draw_run(panels[0], x, above, colour, label, marks, "loss-%d" % (k + 1))
        kinds |= {kind for kind in marks if marks[kind]}
        del marks["trials"]  # once is enough
        draw_run(panels[1], x, positive(trace["grad_inf"]), colour, label, marks, "gradient-%d" % (k + 1))
    for axes, title in zip(panels, ["loss above %.10g" % best, "largest entry of the gradient"]):
        axes.set_yscale("log")
        axes.set_xlabel(AXES[what])
        axes.set_title(title, fontsize=10)
        axes.grid(True, which="major", color="#e0e0e0", linewidth=0.5)
        axes.set_axisbelow(True)
    for kind in [kind for kind in MARKS if kind in kinds]:
        panels[1].scatter([], [], label=MARKS[kind][1], **look(kind, "#606060"))
    panels[1].legend(fontsize=8, frameon=False)
    figure.tight_layout()
    return figure


def pyplot_without_a_display():
    try:
        import matplotlib
    except ImportError:
        sys.exit("plot_trace.py: needs matplotlib; on Debian: apt-get install python3-matplotlib")
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "secant", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot
    return pyplot


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="+", metavar="FILE", help="a trace, FILE.jsonl or CSV")
    parser.add_argument("-o", "--output", default="convergence.svg", help="SVG, PNG or PDF (default convergence.svg)")
    parser.add_argument("--x", choices=sorted(AXES), default="evaluations", help="default evaluations")
    parser.add_argument("--best", type=float, help="the loss to measure from (default: the lowest of all files)")
    arguments = parser.parse_args()
    traces = [read(path) for path in arguments.traces]
    best = lowest(traces) if arguments.best is None else arguments.best
    figure = draw(pyplot_without_a_display(), list(zip(labels(arguments.traces), traces)), arguments.x, best)
    try:
        figure.savefig(arguments.output, metadata={"Date": None} if arguments.output.endswith(".svg") else None)
    except (OSError, ValueError) as error:
        sys.exit("plot_trace.py: %s was not written: %s" % (arguments.output, error))


main()
