"""Draws the profiles: the same bytes for the same records."""

import os

import scores

STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))


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


def _draw(pyplot, curves, most, labels, path):
    """`curves`: for each solver the abscissae at which its share grows by one problem; `most`: the number of these."""
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    end = max(max(points, default=1.0) for points in curves.values())
    for (name, points), style in zip(curves.items(), STYLES):
        points = sorted(points)
        shares = [100.0 * (k + 1) / most for k in range(len(points))]
        axes.step([*points, end], [*shares, shares[-1] if shares else 0.0], where="post", label=name,
                  linestyle=style, linewidth=2.0 if name.startswith("Secant") else 1.1)
    axes.set_xscale("log")
    axes.set_xlabel(labels)
    axes.set_ylabel("problems solved, %")
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="lower right")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _ratios(records, names):
    """For each solver its evaluations over the fewest of all, on every problem it solves."""
    fewest = {}
    for name in names:
        found = [one[name]["solved"] for one in records.values() if one[name]["solved"]]
        fewest[name] = min(found, default=0)
    return {solver: [one[name]["solved"] / fewest[name] for name in scores.solved(one, names)]
            for solver, one in records.items()}


def draw(records, names, directory):
    """Yields (title, file name) of every picture drawn."""
    pyplot = _pyplot()
    if pyplot is None:
        return
    _draw(pyplot, _ratios(records, names), len(names), "evaluations, as a multiple of the fewest that any solver needs",
          os.path.join(directory, "profile.svg"))
    yield "Performance profile: share of the problems solved within a multiple of the fewest evaluations", "profile.svg"
    counts = {solver: [one[name]["solved"] for name in scores.solved(one, names)] for solver, one in records.items()}
    _draw(pyplot, counts, len(names), "evaluations", os.path.join(directory, "data-profile.svg"))
    yield "Data profile: share of the problems solved within a number of evaluations", "data-profile.svg"
