"""Turns the records of the suite into Markdown, pictures and a table."""

import collections
import os
import subprocess

import honesty
import pictures
import scores
from solvers import SECANT, is_bounded

PACKAGES = ("python3-scipy", "liblbfgs-dev", "petsc-dev", "libnlopt-dev", "python3-torch")
LEAST_SHARE, LEAST_LEAD, MOST_RATIO, MOST_UNBOUNDED = 95.0, 8.0, 1.0, 200  # what is aimed at


def _row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells):
    return [_row(*cells), "|" + "---|" * len(cells)]


def _version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
    return f"{package} {done.stdout}" if done.returncode == 0 and done.stdout else f"{package} unknown"


def _share(count, of):
    return 100.0 * count / of


def _introduction(found, names):
    count, families = len(names), collections.Counter(scores.family_of(found["own"][name]) for name in names)
    listed = ", ".join(f"{number} of {name}" for name, number in families.items())
    unbounded = sum(not is_bounded(record) for record in found["own"].values())
    yield "# Problems solved"
    yield "Written by `./scripts/bench-suite.sh`; do not edit."
    yield (f"Secant and other L-BFGS solvers on the {count} problems of the suite (`secant run --list`) that have a "
           f"lower bound: {listed}. Another {unbounded} have none and come in a chapter of their own.")
    yield ("A problem is solved at the first evaluation with |g|_inf <= 1e-6 max(1, |f|), f and g finite and f no "
           "higher than at the start, if that is among the first 20000; where the least value f* is known and smaller, "
           "|f*| stands for |f|, so that a point where f is huge does not count. One recorder looks at every point "
           "that a solver evaluates and stops it there, so that all are judged alike; their own tests for convergence "
           "are switched off as far as they can be. An evaluation is that of f together with g. Problems without a "
           "minimum, whose gradient vanishes at infinity only, are solved in the same sense. All solvers have a "
           "history of 10 pairs and otherwise their own defaults; each problem is solved in a process of its own with "
           "one thread, at most 60 seconds of it. Where a solver ends with an error or a signal before, the problem is "
           "not solved.")
    options = f" Secant ran with {', '.join(found['options'])}." if found["options"] else ""
    yield "Versions: " + ", ".join(map(_version, PACKAGES)) + "." + options
    if found["absent"]:
        yield "Left out: " + "; ".join(f"{name} ({reason})" for name, reason in found["absent"].items()) + "."


def _score_rows(records, names):
    secant, common = records[SECANT.name], scores.solved_by_all(records, names)
    least = scores.least_values(records, names)
    families = [family for family, _ in scores.FAMILIES]
    yield from _head("", "solved", "%", *families, "evaluations against Secant's, both solve alike",
                     f"the same, all solve alike ({len(common)})", "at a higher value")
    for solver, one in records.items():
        done = scores.solved(one, names)
        parts = []
        for family in families:
            members = [name for name in names if scores.family_of(one[name]) == family]
            parts.append(f"{len(scores.solved(one, members))} of {len(members)}")
        mean, both = scores.ratio(one, secant, names)
        higher = sum(scores.is_higher(one[name], least[name]) for name in done)
        yield _row(solver, len(done), f"{_share(len(done), len(names)):.1f}", *parts, f"{mean:.3f} ({both})",
                   f"{scores.ratio(one, secant, common)[0]:.3f}", higher)


def _targets(found, names):
    records, secant = found["records"], found["records"][SECANT.name]
    share = _share(len(scores.solved(secant, names)), len(names))
    peers = {name: one for name, one in records.items() if name != SECANT.name}
    common = scores.solved_by_all(records, names)
    false = sum(1 for record in found["own"].values() if _falsehood(found, record))
    slow = [r for r in found["own"].values() if not is_bounded(r) and not _is_reported(found, r)]
    yield "problems solved, %", f">= {LEAST_SHARE:g}", f"{share:.1f}", share >= LEAST_SHARE
    if peers:
        lead = share - max(_share(len(scores.solved(one, names)), len(names)) for one in peers.values())
        most = max(scores.ratio(secant, one, common)[0] for one in peers.values())
        yield "percentage points more than the best peer", f">= {LEAST_LEAD:g}", f"{lead:.1f}", lead >= LEAST_LEAD
        yield ("evaluations against the peer with the fewest, on what all solve alike", f"<= {MOST_RATIO:g}",
               f"{most:.3f}", most <= MOST_RATIO)
    yield "reasons that are false", 0, false, false == 0
    yield (f"unbounded problems that end neither as such nor at a stationary point within {MOST_UNBOUNDED} evaluations",
           0, len(slow), not slow)


def _target_rows(found, names):
    yield from _head("Secant", "aimed at", "measured", "")
    for what, limit, value, reached in _targets(found, names):
        yield _row(what, limit, value, "reached" if reached else "**missed**")


def _how_ended(record):
    if record["signal"]:
        return f"signal {record['signal']}"
    return record["reason"] or "evaluation limit"


def _unsolved_rows(records, names):
    secant = records[SECANT.name]
    yield from _head("", "n", "Secant ends", "evaluations", "solved by (evaluations)")
    for name in names:
        record = secant[name]
        if record["solved"]:
            continue
        others = [f"{solver} ({one[name]['solved']})" for solver, one in records.items() if one[name]["solved"]]
        yield _row(f"`{name}`", record["n"], _how_ended(record), record["evaluations"], ", ".join(others) or "nobody")


def _only_secant(records, names):
    peers = [one for solver, one in records.items() if solver != SECANT.name]
    return [f"`{name}`" for name in scores.solved(records[SECANT.name], names)
            if not any(one[name]["solved"] for one in peers)]


def _falsehood(found, record):
    return honesty.falsehood(record, [one[record["problem"]] for one in found["records"].values()])


def _reason_rows(found):
    own = found["own"]
    counts = collections.Counter(_how_ended(record) for record in own.values())
    false = collections.Counter(_how_ended(record) for record in own.values() if _falsehood(found, record))
    yield from _head("reason", "problems", "false")
    for reason, count in sorted(counts.items()):
        yield _row(reason, count, false[reason])


def _number(value):
    return "not finite" if value is None else f"{value:.3g}"


def _odd_rows(own, choose):
    rows = [_row(f"`{name}`", record["n"], _how_ended(record), _number(record["loss"]), _number(record["gradient"]),
                 words) for name, record in own.items() if (words := choose(name, record))]
    return [*_head("", "n", "reason", "f", "\\|g\\|_inf", ""), *rows] if rows else ["None."]


def _who_solves(records):
    def choose(name, record):
        if not is_bounded(record) or not honesty.is_doubtful(record):
            return ""
        others = [solver for solver, one in records.items() if one[name]["solved"]]
        return "solved by " + ", ".join(others) if others else "solved by nobody"
    return choose


def _honesty(found):
    own = found["own"]
    yield "## Reasons"
    yield ("Secant with its own tolerances (tolerance_grad 1e-7), on all problems: why it says that it ended, held "
           "against f and g at the point it returned.")
    yield "\n".join(_reason_rows(found))
    yield "False ones:"
    yield "\n".join(_odd_rows(own, lambda _, record: _falsehood(found, record)))
    yield ("At the precision limit although |g|_inf is above the bound that makes a problem solved; who goes below it "
           "is named, be it at another point:")
    yield "\n".join(_odd_rows(own, _who_solves(found["records"])))


def _is_reported(found, record):
    """A stationary point is a true end too: f may be bounded near it, or level out at infinity."""
    true_end = record["reason"] == "unbounded" or (record["reason"] == "gradient" and not _falsehood(found, record))
    return true_end and record["evaluations"] <= MOST_UNBOUNDED


def _fall(record):
    return str(record["bottomless"]) if record["bottomless"] else f"- ({_how_ended(record)})"


def _unbounded(found):
    records = found["records"]
    peers = [solver for solver in records if solver != SECANT.name]
    yield "## Unbounded problems"
    yield ("Secant with its own tolerances: evaluations until it ended, and why. The others: evaluations until f was "
           "below -1e20, or in brackets how they ended before.")
    rows = _head("", "n", "Secant", "reason", *peers)
    for name, record in found["own"].items():
        if not is_bounded(record):
            rows.append(_row(f"`{name}`", record["n"], record["evaluations"], _how_ended(record),
                             *(_fall(records[solver][name]) for solver in peers)))
    yield "\n".join(rows)


def _sections(found, directory):
    records = found["records"]
    names, folder = scores.bounded(found["own"]), os.path.basename(directory)
    yield from _introduction(found, names)
    yield "## Targets\n\n" + "\n".join(_target_rows(found, names))
    yield "## Solvers\n\n" + "\n".join(_score_rows(records, names))
    yield ("Ratios are geometric means, in brackets over how many problems; above 1 the solver needs more evaluations "
           "than Secant. Solved alike: at values of f within 1e-3 max(1, |f|) of each other; at another stationary "
           "point the counts cannot be compared. \"At a higher value\": problems solved at a stationary point whose f "
           "is above the lowest that any solver found, by more than 1e-3 max(1, |f|). All counts are in "
           f"[evaluations.csv]({folder}/evaluations.csv).")
    for title, name in pictures.draw(records, names, directory):
        yield f"![{title}]({folder}/{name})"
    yield "Profiles as in Dolan and Moré 2002 and Moré and Wild 2009, the latter without a scaling by n."
    yield "## Problems that Secant does not solve\n\n" + "\n".join(_unsolved_rows(records, names))
    only = _only_secant(records, names)
    yield "Solved by Secant alone: " + (", ".join(only) if only else "none") + "."
    yield from _honesty(found)
    yield from _unbounded(found)


def write(found, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(_sections(found, os.path.splitext(path)[0])) + "\n")
