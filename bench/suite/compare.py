"""
Runs Secant and its peers on the problem suite and writes the report.

    compare.py --build DIRECTORY --output FILE.md [--option NAME=VALUE]... [--again]

--option: of Secant, instead of the default preset. --again: reports the last run of this build once more.
"""

import argparse
import csv
import json
import os
import subprocess
import time

import report
import solvers


def _parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build directory with SECANT_BUILD_BENCH")
    parser.add_argument("--output", required=True, help="Markdown to write; pictures go to a directory of its name")
    parser.add_argument("--option", action="append", default=[], help="an option of Secant, name=value")
    parser.add_argument("--again", action="store_true", help="run nothing, report the last run of this build")
    return parser.parse_args()


def _run_all(programs, extra):
    """The records of everybody, and for those left out, why."""
    records, absent = {}, {}
    for solver in (solvers.SECANT, *solvers.PEERS):
        begin = time.time()
        try:
            records[solver.name] = solvers.run(solver, programs, extra if solver == solvers.SECANT else ())
        except (OSError, subprocess.CalledProcessError) as error:
            if solver == solvers.SECANT:
                raise
            words = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            absent[solver.name] = words[-1] if words else "it failed"
            print(f"{solver.name}: left out, {absent[solver.name]}", flush=True)
            continue
        print(f"{solver.name}: {time.time() - begin:.0f} s", flush=True)
    return records, absent


def _write_table(records, path):
    """Evaluations of everybody on every problem; empty where it was not solved."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["problem", "n", *records])
        for name, record in records[solvers.SECANT.name].items():
            if solvers.is_bounded(record):
                table.writerow([name, record["n"], *(one[name]["solved"] or "" for one in records.values())])


def _find(given, path):
    programs = solvers.programs_of(given.build)
    extra = [word for option in given.option for word in ("--option", option)]
    records, absent = _run_all(programs, extra)
    found = {"records": records, "absent": absent, "options": given.option,
             "own": solvers.run(solvers.SECANT, programs, [*extra, "--to-the-end"])}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)


def main():
    given = _parse()
    path = os.path.join(given.build, "suite.json")
    if not given.again:
        _find(given, path)
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    directory = os.path.splitext(given.output)[0]
    os.makedirs(directory, exist_ok=True)
    _write_table(found["records"], os.path.join(directory, "evaluations.csv"))
    report.write(found, given.output)
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
