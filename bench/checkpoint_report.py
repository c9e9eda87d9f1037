#!/usr/bin/env python3
"""Makes a page of what checkpoint_bandwidth has printed: checkpoint_report.py DIRECTORY MPIO.txt GATHER.txt"""

import os
import re
import statistics
import subprocess
import sys

PAGE = """# What a checkpoint costs

Made by `scripts/bench-checkpoint.sh`. Processor: {processor}, {processors} of them. File system: {kind}. Load average at
the end, the two ranks included: {load}.

Two ranks save a full checkpoint of {gigabytes:.2f} GB. Then each writes half as many bytes to a file of its own by plain calls
and syncs them. This is done {rounds} times in turn, from a disk that has nothing to do. Medians, in brackets the extremes:

| io | save, s | plain writes, s | ratio of the medians | ratios of the rounds |
|---|---|---|---|---|
{rows}

A save computes two checksums of each number, one from memory and one from what it reads back before it renames the file,
and is slower by that where the disk is fast. It reserves room on the disk at once and lets the disk begin while it computes,
and can so be faster than the plain writes.
"""


def rounds_of(name):
    with open(name) as file:
        return [[float(word) for word in line.split()] for line in file]


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def spread(values, form="%.2f"):
    return "%s (%s - %s)" % tuple(form % value for value in (statistics.median(values), min(values), max(values)))


def row(io, rounds):
    saved, plain = [r[1] for r in rounds], [r[2] for r in rounds]
    ratios = [a / b for a, b in zip(saved, plain)]
    ratio = statistics.median(saved) / statistics.median(plain)
    return "| %s | %s | %s | %.2f | %s |" % (io, spread(saved), spread(plain), ratio, spread(ratios))


def main():
    directory, *names = sys.argv[1:]
    rounds = {io: rounds_of(name) for io, name in zip(["mpio", "gather"], names)}
    processor = re.search(r"Model name:\s*(.*)", output_of("lscpu")).group(1)
    print(PAGE.format(processor=processor, processors=os.cpu_count(), load="%.1f" % os.getloadavg()[0],
                      kind=output_of("stat", "-f", "-c", "%T", directory),
                      gigabytes=rounds["mpio"][0][3] / 1e9, rounds=len(rounds["mpio"]),
                      rows="\n".join(row(io, values) for io, values in rounds.items())), end="")


main()
