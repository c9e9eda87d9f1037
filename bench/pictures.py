"""Draws the report's pictures."""

import os
import statistics

import cases
from network import chapter, model

WORD = 8  # bytes


def _pyplot():
    """matplotlib, or None where it is not installed: the tables say the same."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "secant", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot
    return pyplot


def _times(result, name):
    return [r["records"][name]["seconds_optimizer_per_iteration"] for r in result["runs"]]


def _names(result):
    return [c.name for c in cases.CONTENDERS if c.name in result["runs"][0]["records"]]


def _save(pyplot, figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _draw_bars(pyplot, result, path):
    """One bar for each contender, with the span from the least to the largest."""
    names = _names(result)[::-1]
    factor, unit = (1e3, "ms") if result["n"] >= 100000 else (1e6, "us")
    middle = [statistics.median(_times(result, name)) * factor for name in names]
    below = [m - min(_times(result, name)) * factor for m, name in zip(middle, names)]
    above = [max(_times(result, name)) * factor - m for m, name in zip(middle, names)]
    colours = ["#1f6f8b" if name.startswith("Secant") else "#b0b0b0" for name in names]
    figure, axes = pyplot.subplots(figsize=(7, 0.3 * len(names) + 1))
    axes.barh(names, middle, xerr=[below, above], color=colours, ecolor="#404040", capsize=2)
    axes.set_xlabel(f"{unit} per iteration, without the objective")
    axes.set_title(f"n = {result['n']:.0e}, m = {result['m']}")
    _save(pyplot, figure, path)


def _read_time(result, threads):
    words = 4.0 * result["m"] * result["n"]
    return statistics.median([words * WORD / r["bandwidth"][str(threads)] for r in result["runs"]])


def _draw_roofline(pyplot, results, path):
    """Time against m, beside the time to read the history twice."""
    results = sorted(results, key=lambda r: r["m"])
    pairs = [r["m"] for r in results]
    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name in _names(results[0]):
        if all(name in r["runs"][0]["records"] for r in results):
            axes.plot(pairs, [statistics.median(_times(r, name)) * 1e3 for r in results], "o-", label=name)
    for threads, style in ((1, ":"), (2, "--")):
        label = f"reading 4mn words, {threads} thread{'s' if threads > 1 else ''}"
        axes.plot(pairs, [_read_time(r, threads) * 1e3 for r in results], style, color="black", label=label)
    axes.set_xlabel("pairs of the history, m")
    axes.set_ylabel("ms per iteration, without the objective")
    axes.set_title(f"n = {results[0]['n']:.0e}")
    axes.set_xticks(pairs)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=7)
    _save(pyplot, figure, path)


def _draw_scaling(axes, made, unknowns, title):
    networks, solvers, bandwidth = made
    for network, style in zip(chapter.shown(networks), ("-", "--", ":")):
        for solver, colour in zip(solvers, ("#1f6f8b", "#b05020", "#808080")):
            times = [model.seconds(solver, network, p, unknowns(p), bandwidth) * 1e3 for p in chapter.RANKS]
            axes.loglog(chapter.RANKS, times, style, color=colour, label=f"{solver.name}; {network.name}")
    axes.set_xlabel("ranks, P")
    axes.set_title(title)


def draw_model(run, directory):
    """The path of the picture of the model, or None where there is nothing to draw it with or from."""
    pyplot, made = _pyplot(), chapter.constants(run)
    if pyplot is None or made is None:
        return None
    path = os.path.join(directory, "model.svg")
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.5), sharey=True)
    _draw_scaling(left, made, lambda ranks: chapter.FIXED_N, f"n = {chapter.FIXED_N:.0e}")
    _draw_scaling(right, made, lambda ranks: chapter.FIXED_SHARD * ranks, f"n = {chapter.FIXED_SHARD:.0e} P")
    left.set_ylabel("ms per iteration, without the objective")
    left.legend(fontsize=6)
    _save(pyplot, figure, path)
    return path


def draw(run, directory):
    """Yields (title, path) of every picture drawn."""
    pyplot = _pyplot()
    if pyplot is None:
        return
    for result in run["results"]:
        if result["m"] == 10:
            path = os.path.join(directory, f"bars-{result['n']}.svg")
            _draw_bars(pyplot, result, path)
            yield f"Time per iteration at n = {result['n']:.0e}, m = 10", path
    large = [r for r in run["results"] if r["runs"][0]["bandwidth"]]
    for n in sorted({r["n"] for r in large}):
        same = [r for r in large if r["n"] == n]
        if len(same) > 1:
            path = os.path.join(directory, f"roofline-{n}.svg")
            _draw_roofline(pyplot, same, path)
            yield f"Time per iteration over m at n = {n:.0e}", path
