"""
Runs every contender on every case, in turns, and writes the report.

    driver.py --build DIRECTORY --output FILE.md [--quick] [--repetitions K] [--only PART]...
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time

import cases
import convergence
import report
from network import latency
from said import last_words

PARTS = ("sizes", "network", "evaluations")
HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST_READ = 1 << 28  # words: a larger array tells nothing new
PYTHON_SHARE = 10  # Python's solvers take that many times fewer rounds


def environment(threads):
    """Every library that brings threads of its own gets as many as the contender is to have."""
    count = str(threads)
    return dict(os.environ, OMP_NUM_THREADS=count, OPENBLAS_NUM_THREADS=count, MKL_NUM_THREADS=count,
                OMP_DYNAMIC="false")


def command(contender, case, programs):
    """The command line of a contender, or None if its program was not built."""
    python = contender.program.endswith(".py")
    path = os.path.join(HERE if python else programs, contender.program)
    if not os.path.exists(path):
        return None
    rounds = max(1, case.rounds // PYTHON_SHARE) if python else case.rounds
    line = [path, "--n", case.n, "--m", case.m, "--timed", case.timed, "--rounds", rounds]
    line += ["--threads", contender.threads, *contender.arguments]
    if python:
        line = [sys.executable, *line, "--library", programs]
    if contender.ranks > 1:
        binding = "core" if contender.ranks * contender.threads <= os.cpu_count() else "none"
        line = ["mpirun", "--oversubscribe", "--bind-to", binding, "-n", contender.ranks, *line]
    return [str(word) for word in line]


def is_there(contender, programs):
    """Whether a contender can take part here; if not, why."""
    line = command(contender, cases.QUICK[0], programs)
    if line is None:
        return f"{contender.program} was not built"
    if contender.option:
        question = [os.path.join(programs, contender.program), "--has-option", contender.option]
        answer = subprocess.run(question, check=False)
        return "" if answer.returncode == 0 else f"this build has no option {contender.option}"
    tried = subprocess.run(line, env=environment(contender.threads), capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else last_words(tried.stderr)


def measure(line, threads):
    done = subprocess.run(line, env=environment(threads), capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def count_evaluations(programs):
    def count(contender, case, extra):
        return measure(command(contender, case, programs) + [str(word) for word in extra], contender.threads)
    return count


def measure_bandwidth(case, threads, programs):
    words = min(2 * case.m * case.n, LARGEST_READ)
    line = [os.path.join(programs, "bandwidth"), "--words", str(words), "--threads", str(threads)]
    return measure(line, threads)["bytes_per_second"]


def repeat(case, contenders, programs):
    """One repetition: everybody once, with the machine's bandwidth among them."""
    bandwidth = {}
    if case.n >= 1000000:
        bandwidth = {str(threads): measure_bandwidth(case, threads, programs) for threads in (1, 2)}
    records = {c.name: measure(command(c, case, programs), c.threads) for c in contenders if c.name in case.names}
    return {"bandwidth": bandwidth, "records": records}


def run_case(case, contenders, programs, repetitions):
    begin = time.time()
    runs = []
    for repetition in range(repetitions):
        turned = contenders[repetition % len(contenders):] + contenders[:repetition % len(contenders)]
        runs.append(repeat(case, turned, programs))
    print(f"n = {case.n}, m = {case.m}: {time.time() - begin:.0f} s", flush=True)
    return {"n": case.n, "m": case.m, "timed": case.timed, "rounds": case.rounds, "runs": runs}


def processor_seconds():
    """What all programs together have used since the machine started, and this one with those that it ran."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system = (int(ticks) for ticks in file.readline().split()[1:4])
    own = os.times()
    return (user + nice + system) / os.sysconf("SC_CLK_TCK"), sum(own[:4])


def share_of_others(before, seconds):
    """The share of the processors that programs of others used in these seconds."""
    everybody, ours = (now - then for now, then in zip(processor_seconds(), before))
    return max(0.0, (everybody - ours) / (seconds * os.cpu_count())) if seconds > 1.0 else 0.0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build directory with SECANT_BUILD_BENCH")
    parser.add_argument("--output", required=True, help="Markdown to write; pictures go to a directory of its name")
    parser.add_argument("--quick", action="store_true", help="two sizes only: whether everything works")
    parser.add_argument("--repetitions", type=int, help="default 7, with --quick 2")
    parser.add_argument("--only", choices=PARTS, action="append", help="leave out the other parts")
    return parser.parse_args()


def find_absent(programs):
    """The contenders that cannot take part, and why."""
    asked = cases.CONTENDERS + cases.ON_HOSTS + convergence.CONTENDERS
    absent = {c.name: is_there(c, programs) for c in asked}
    absent = {name: reason for name, reason in absent.items() if reason}
    for name, reason in absent.items():
        print(f"{name}: left out, {reason}", flush=True)
    return absent


def run_parts(parts, absent, programs, repetitions, quick):
    """What is asked for, each part under its name in the record of the run."""
    begin, before = time.time(), processor_seconds()
    found = {"results": []}
    if "sizes" in parts:
        present = tuple(c for c in cases.CONTENDERS if c.name not in absent)
        plan = cases.QUICK if quick else cases.FULL
        found["results"] = [run_case(case, present, programs, repetitions) for case in plan]
    if "evaluations" in parts:
        found["evaluations"] = convergence.run(count_evaluations(programs), absent)
    found["others"] = share_of_others(before, time.time() - begin)
    if "network" in parts:  # its ranks are nobody's children and would count as others
        found["network"] = latency.try_run(absent, programs, environment(1), repetitions, quick)
    return found


def end_by_signal(*_):
    sys.exit(143)  # through the exception, so that hosts are removed on the way out


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, end_by_signal)
    programs = os.path.join(os.path.abspath(arguments.build), "bench")
    repetitions = arguments.repetitions or (2 if arguments.quick else 7)
    begin = time.time()
    absent = find_absent(programs)
    found = run_parts(arguments.only or PARTS, absent, programs, repetitions, arguments.quick)
    run = {**found, "absent": absent, "repetitions": repetitions, "system": platform.release(),
           "minutes": (time.time() - begin) / 60.0, "processors": os.cpu_count(),
           "build": os.path.abspath(arguments.build)}
    with open(os.path.join(arguments.build, "benchmarks.json"), "w", encoding="utf-8") as file:
        json.dump(run, file, indent=1)
    report.write(run, arguments.output)
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
