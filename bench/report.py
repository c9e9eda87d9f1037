"""Turns what driver.py measured into Markdown and pictures."""

import os
import statistics

import cases
import convergence
import machine
import pictures
from network import chapter, latency

WORD = 8  # bytes
BUSY = 0.03  # share of the processors that others may use before the figures are suspect


def spread(values):
    """(median, least, largest)"""
    return statistics.median(values), min(values), max(values)


def figure(triple, digits=3):
    return f"{triple[0]:.{digits}g} ({triple[1]:.{digits}g} - {triple[2]:.{digits}g})"


def seconds(run, name):
    return run["records"][name]["seconds_optimizer_per_iteration"]


def plain_seconds(run, name):
    """Per iteration, of those whose first trial step was accepted."""
    record = run["records"][name]
    count = record["plain_iterations"]
    return record["plain_seconds_optimizer"] / count if count > 0 else float("nan")


def roofline(result, run, name):
    """Seconds to read the history twice, 4mn words: at the bandwidth measured between the contender's own iterations,
    or, for smaller problems, in the same repetition."""
    record = run["records"][name]
    processors = record["threads"] * record["ranks"]
    rate = record.get("yardstick_bytes_per_second", 0.0) * record["ranks"] or run["bandwidth"][str(processors)]
    return 4.0 * result["m"] * result["n"] * WORD / rate


def names_of(result):
    order = [c.name for c in cases.CONTENDERS + cases.ON_HOSTS]
    return sorted(result["runs"][0]["records"], key=order.index)


def find(run, n, m):
    hosts = [r for r in run.get("network", {}).get("results", []) if r["delay_us"] == latency.MAIN_DELAY_US]
    return next((r for r in run["results"] + hosts if (r["n"], r["m"]) == (n, m)), None)


def ratio(target, result, run):
    """The figure of a target in one repetition."""
    record = run["records"][target.contender]
    if target.against == cases.ALLREDUCES:
        return record["plain_allreduces"] / record["plain_iterations"]
    if target.against == cases.ROOFLINE:
        return plain_seconds(run, target.contender) / roofline(result, run, target.contender)
    if target.against == cases.MEMORY:
        return round(record["memory_vectors"], 1) / (2 * result["m"] + 3)  # tables and buffers are less than a tenth
    quotient = seconds(run, target.contender) / seconds(run, target.against)
    if target.at_equal_bandwidth:
        other = run["records"][target.against]
        quotient *= record["yardstick_bytes_per_second"] / other["yardstick_bytes_per_second"]
    return quotient


def is_measured(target, result):
    if result is None:
        return False
    names = names_of(result)
    figures = (cases.ROOFLINE, cases.ALLREDUCES, cases.MEMORY)
    return target.contender in names and (target.against in names or target.against in figures)


def target_rows(run):
    yield "| Secant against | n | m | aimed at | measured | |"
    yield "|---|---|---|---|---|---|"
    for target in cases.TARGETS:
        result = find(run, target.n, target.m)
        head = f"| {target.what} | {target.n:.0e} | {target.m} | {target.limit} |"
        if not is_measured(target, result):
            yield f"{head} | not measured |"
            continue
        triple = spread([ratio(target, result, r) for r in result["runs"]])
        yield f"{head} {figure(triple)} | {'reached' if triple[0] <= target.limit else '**missed**'} |"


def bandwidth_rows(run):
    yield "| n | m | 1 thread, GB/s | 2 threads, GB/s |"
    yield "|---|---|---|---|"
    for result in run["results"]:
        if not result["runs"][0]["bandwidth"]:
            continue
        rates = [spread([r["bandwidth"][t] * 1e-9 for r in result["runs"]]) for t in ("1", "2")]
        yield f"| {result['n']:.0e} | {result['m']} | {figure(rates[0])} | {figure(rates[1])} |"


def reference_of(names):
    return "Secant, 2 threads" if "Secant, 2 threads" in names else "Secant, 1 thread"


def median_of(result, name, key):
    return statistics.median([r["records"][name][key] / r["records"][name]["iterations"] for r in result["runs"]])


def payload_of(result, name):
    """Bytes of an Allreduce in iterations whose first trial step was accepted."""
    records = [r["records"][name] for r in result["runs"]]
    calls = sum(r["plain_allreduces"] for r in records)
    return f"{sum(r['plain_allreduce_bytes'] for r in records) / calls:.0f}" if calls > 0 else "-"


def label(run, record, name):
    crowded = record["threads"] * record["ranks"] > run["processors"]
    return f"{name} (more ranks than processors)" if crowded else name


def memory_of(result, name):
    if result["n"] < 1000000:
        return "-"
    return f"{statistics.median([r['records'][name]['memory_vectors'] for r in result['runs']]):.1f}"


def case_rows(run, result):
    names = names_of(result)
    reference = reference_of(names)
    unit, factor = ("ms", 1e3) if result["n"] >= 100000 else ("us", 1e6)
    yield (f"| | {unit} per iteration | {reference} / this | against 4mn words | evaluations | Allreduces "
           "| bytes of each | vectors of memory |")
    yield "|---|---|---|---|---|---|---|---|"
    for name in names:
        time = spread([seconds(r, name) * factor for r in result["runs"]])
        quotient = spread([seconds(r, reference) / seconds(r, name) for r in result["runs"]])
        workers = result["runs"][0]["records"][name]
        read = "-"
        count = workers["threads"] * workers["ranks"]
        if str(count) in result["runs"][0]["bandwidth"]:
            read = figure(spread([plain_seconds(r, name) / roofline(result, r, name) for r in result["runs"]]))
        yield (f"| {label(run, workers, name)} | {figure(time)} | {figure(quotient)} | {read} "
               f"| {median_of(result, name, 'evaluations'):.2f} | {median_of(result, name, 'allreduces'):.1f} "
               f"| {payload_of(result, name)} | {memory_of(result, name)} |")


def introduction(run):
    yield "# Benchmarks"
    yield "Written by `./scripts/bench.sh`; do not edit."
    yield (f"Every figure is the median of {run['repetitions']} repetitions in which all contenders took turns, "
           "with the least and the largest in brackets; ratios were formed within each repetition. Time per iteration "
           "is the optimizer's own: the time in the objective, the same C function for all, is subtracted. It is taken "
           "after the history has filled. Secant's H0 is a scalar (`scaling` last_pair), as it is with the others but "
           "for TAO's default, a diagonal.")
    yield ("The memory of a shared machine is now faster, now slower. At n = 1e7 every contender in C therefore reads "
           "an array of 512 MiB right before each iteration, off the clock, and its figure against reading 4mn words "
           "takes that bandwidth. Two ratios among the targets, f32 history and fast sums at n = 1e7, are of times "
           "multiplied by it: both sides wait for the memory only.")
    yield ("Figures against reading 4mn words of 8 bytes, and the Allreduces among the targets, are over the "
           "iterations whose first trial step was accepted; all others are over all iterations. Evaluations and "
           "Allreduces are per iteration. Allreduces are counted where MPI is called; TAO's include the one that its "
           "objective makes to add up f. Their bytes are those of iterations whose first trial step was accepted. "
           "Memory is what the peak resident size grew by after x and g were in place, on one rank, in vectors of its "
           "length. NLopt does not tell when an iteration ends: its figures are per evaluation. SciPy and torch call "
           "the objective through ctypes.")


def conditions(run):
    yield "## Machine\n\n" + "\n".join(machine.describe(run))
    if run["others"] > BUSY:
        yield (f"**The machine was not idle**: other programs used {run['others']:.0%} of its processors meanwhile. "
               "Contenders with two threads or ranks suffer most from that.")
    if run["absent"]:
        yield "Left out: " + "; ".join(f"{name} ({reason})" for name, reason in run["absent"].items()) + "."


def sections(run, directory):
    yield from introduction(run)
    yield from conditions(run)
    yield "## Targets\n\n" + "\n".join(target_rows(run))
    for title, path in pictures.draw(run, directory):
        yield f"![{title}]({os.path.basename(directory)}/{os.path.basename(path)})"
    yield ("## Read bandwidth\n\nThe mean of five reads of an array as large as the history, at most 2 GiB.\n\n"
           + "\n".join(bandwidth_rows(run)))
    for result in run["results"]:
        rounds = "" if result["rounds"] == 1 else f", {result['rounds']} times over"
        yield (f"## n = {result['n']:.0e}, m = {result['m']}\n\n{result['timed']} iterations{rounds}.\n\n"
               + "\n".join(case_rows(run, result)))
    yield from later_chapters(run, directory)


def later_chapters(run, directory):
    if "network" in run:
        path = pictures.draw_model(run, directory)
        yield from chapter.hosts_chapter(run["network"])
        name = f"{os.path.basename(directory)}/{os.path.basename(path)}" if path else ""
        picture = f"![Model of the time per iteration]({name})" if name else ""
        yield from chapter.model_chapter(run, picture)
    if "evaluations" in run:
        yield from convergence.chapter(run["evaluations"])


def write(run, path):
    directory = os.path.splitext(path)[0]
    os.makedirs(directory, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(sections(run, directory)) + "\n")
