"""Measures on several hosts whose network has a delay: the solvers, and a single Allreduce."""

import json
import subprocess

import cases
from network.hosts import Hosts, obstacle
from said import of_error

HOSTS = 4
N = 4000
DELAYS_US = (250, 1000, 4000)  # one way
PAIRS = 10
MAIN_DELAY_US = 1000  # measured longest, and with other numbers of pairs too
OTHER_PAIRS = (5, 20)
# Open MPI chooses recursive doubling for all that the solvers send here; the probe's longest message needs telling.
RECURSIVE_DOUBLING = {"OMPI_MCA_coll_tuned_use_dynamic_rules": "1", "OMPI_MCA_coll_tuned_allreduce_algorithm": "3"}


def _last_line(output):
    return json.loads(output.strip().splitlines()[-1])


def _probe_hosts(hosts, delay_us, programs):
    found = _last_line(hosts.mpirun([f"{programs}/allreduce_probe", "--times", "6"], RECURSIVE_DOUBLING))
    return dict(found, network=f"{HOSTS} hosts, {delay_us / 1000:g} ms", delay_us=delay_us)


def _probe_memory(programs, environment):
    line = ["mpirun", "--oversubscribe", "-n", "2", f"{programs}/allreduce_probe", "--times", "5000"]
    done = subprocess.run(line, env=dict(environment, **RECURSIVE_DOUBLING), capture_output=True, text=True, check=True)
    return dict(_last_line(done.stdout), network="shared memory", delay_us=0)


def _measure(hosts, contender, pairs, programs):
    line = [f"{programs}/{contender.program}", "--n", N, "--m", pairs, "--timed", contender.timed,
            *contender.arguments]
    return _last_line(hosts.mpirun([str(word) for word in line]))


def _repeat(hosts, contenders, pairs, programs, repetitions):
    runs = []
    for _ in range(repetitions):
        runs.append({"bandwidth": {}, "records": {c.name: _measure(hosts, c, pairs, programs) for c in contenders}})
    return runs


def _plan(delay_us, repetitions, quick):
    """(pairs, repetitions) of what is measured at this delay."""
    if delay_us != MAIN_DELAY_US:
        return () if quick else ((PAIRS, min(3, repetitions)),)
    others = () if quick else tuple((pairs, min(3, repetitions)) for pairs in OTHER_PAIRS)
    return ((PAIRS, repetitions), *others)


def run(contenders, programs, environment, repetitions, quick):
    """What chapter.py describes. Raises OSError or SubprocessError where something does not run."""
    results, probes = [], [_probe_memory(programs, environment)]
    for delay_us in DELAYS_US:
        plan = _plan(delay_us, repetitions, quick)
        if not plan:
            continue
        with Hosts(HOSTS, delay_us, programs) as hosts:
            probes.append(_probe_hosts(hosts, delay_us, programs))
            for pairs, times in plan:
                runs = _repeat(hosts, contenders, pairs, programs, times)
                results.append({"n": N, "m": pairs, "delay_us": delay_us, "runs": runs})
    return {"results": results, "probes": probes}


def try_run(absent, programs, environment, repetitions, quick):
    """run(), or why not."""
    reason = obstacle(programs)
    if reason:
        return {"reason": reason}
    contenders = [c for c in cases.ON_HOSTS if c.name not in absent]
    try:
        return run(contenders, programs, environment, repetitions, quick)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        return {"reason": f"it failed: {of_error(error)}"}
