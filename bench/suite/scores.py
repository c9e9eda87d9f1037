"""Counts and means over the records of solvers: records[solver][problem]."""

import math

from solvers import is_bounded

FAMILIES = (
    ("Moré, Garbow, Hillstrom 1981", ("Moré",)),
    ("Andrei 2008, CUTE", ("Andrei", "Dennis")),
    ("MINPACK-2", ("MINPACK-2",)),
    ("NIST StRD", ("NIST",)),
    ("Secant", ("Secant",)),
)


def family_of(record):
    """A problem of another source is an error: a family must be named for it."""
    return next(name for name, sources in FAMILIES if record["source"].startswith(sources))


def bounded(one):
    """The problems that count, in the order of the suite."""
    return [name for name, record in one.items() if is_bounded(record)]


def solved(one, names):
    return [name for name in names if one[name]["solved"] > 0]


def geometric_mean(quotients):
    quotients = list(quotients)
    return math.exp(math.fsum(map(math.log, quotients)) / len(quotients)) if quotients else math.nan


def is_higher(record, value):
    """Whether the problem was solved at another, higher stationary point than one with this value of f."""
    return record["value"] - value > 1e-3 * max(1.0, abs(value))


def _alike(first, second):
    if not (first["solved"] and second["solved"]):
        return False
    return not is_higher(first, second["value"]) and not is_higher(second, first["value"])


def ratio(one, other, names):
    """Geometric mean of the evaluations of `one` over those of `other`, on the problems that both solve alike."""
    both = [name for name in names if _alike(one[name], other[name])]
    return geometric_mean(one[name]["solved"] / other[name]["solved"] for name in both), len(both)


def solved_by_all(records, names):
    """The problems that everybody solves, and at the same value of f."""
    least = least_values(records, names)
    return [name for name in names if all(one[name]["solved"] and not is_higher(one[name], least[name])
                                          for one in records.values())]


def least_values(records, names):
    """The lowest f at which anybody solved a problem."""
    values = {}
    for name in names:
        found = [one[name]["value"] for one in records.values() if one[name]["solved"]]
        if found:
            values[name] = min(found)
    return values
