"""The report's chapters on the network: what was measured on several hosts, and the model made of it."""

import statistics

import cases
from network import model
from network.latency import HOSTS, MAIN_DELAY_US, N, PAIRS

FIXED_N = 10**9
FIXED_SHARD = 10**6
RANKS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 100000)
# As fast as interconnects of clusters are said to be: the one network that is assumed and not measured.
ASSUMED = model.Network("assumed interconnect", 2e-6, 1e-10, 0.0)
SOLVERS = (("Secant, 4 hosts", "Secant, 2 ranks"), ("TAO lmvm, 4 hosts", "TAO lmvm, 2 ranks"),
           ("TAO lmvm, scalar J0, 4 hosts", "TAO lmvm, scalar J0, 2 ranks"))  # its messages, its work


def _short(name):
    return name.replace(", 4 hosts", "")


def _seconds(run, name):
    return run["records"][name]["seconds_optimizer_per_iteration"]


def _figure(values, digits=3):
    return f"{statistics.median(values):.{digits}g} ({min(values):.{digits}g} - {max(values):.{digits}g})"


def _host_rows(results):
    yield ("| one way, ms | m | repetitions | | ms per iteration | Secant / this | evaluations | Allreduces "
           "| Allreduces, first trial accepted | bytes of each |")
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for result in sorted(results, key=lambda r: (r["delay_us"], r["m"])):
        runs = result["runs"]
        for contender in (c for c in cases.ON_HOSTS if c.name in runs[0]["records"]):
            records = [r["records"][contender.name] for r in runs]
            quotients = [_seconds(r, cases.ON_HOSTS[0].name) / _seconds(r, contender.name) for r in runs]
            calls, payload = model.traffic(runs, contender.name)
            each = [statistics.median(r[key] / r["iterations"] for r in records)
                    for key in ("evaluations", "allreduces")]
            yield (f"| {result['delay_us'] / 1000:g} | {result['m']} | {len(runs)} | {_short(contender.name)} "
                   f"| {_figure([_seconds(r, contender.name) * 1e3 for r in runs])} | {_figure(quotients)} "
                   f"| {each[0]:.2f} | {each[1]:.1f} | {calls:.1f} | {payload:.0f} |")


def _probe_rows(probes):
    sizes = [point["bytes"] for point in probes[0]["allreduces"]]
    yield ("| network | ranks | message of 8 bytes, one way | " + " | ".join(f"{size} bytes" for size in sizes)
           + " | alpha, us | 1 / beta, GB/s | largest misfit |")
    yield "|---" * (len(sizes) + 6) + "|"
    for probe in probes:
        fitted = model.fit(probe)
        rate = f"{1e-9 / fitted.beta:.2g}" if fitted.beta > 0.0 else "not to be seen"
        times = " | ".join(f"{point['seconds'] * 1e6:.3g}" for point in probe["allreduces"])
        yield (f"| {probe['network']} | {probe['ranks']} | {probe['one_way_seconds'] * 1e6:.3g} | {times} "
               f"| {fitted.alpha * 1e6:.3g} | {rate} | {fitted.misfit:.0%} |")


def hosts_chapter(network):
    yield f"## Network: {HOSTS} hosts"
    if "reason" in network:
        yield f"Left out: {network['reason']}."
        return
    yield (f"n = {N}, one rank on each of {HOSTS} hosts: network namespaces of this machine, joined by a switch that "
           "hands on every frame a fixed time after it came in; Open MPI over TCP. The time is the optimizer's, as "
           "above; TAO's includes the Allreduce that adds up f, Secant's message carries f. All ranks share this "
           "machine's processors, so the least delay says least: there, a process waits for its turn about as long as "
           "for the network. Bytes are those of iterations whose first trial step was accepted; Secant rounds its "
           "message up to a power of two, and a sum travels as five words. In brackets the least and the largest.")
    yield "\n".join(_host_rows(network["results"]))
    yield ("An Allreduce by itself, called again and again by all ranks, the best of five rows, times in microseconds, "
           "and the constants of the model below:")
    yield "\n".join(_probe_rows(network["probes"]))


def _largest(run, name):
    """The result with the most unknowns in which this contender was measured beside the bandwidth; None without."""
    fitting = [r for r in run["results"] if r["m"] == PAIRS and r["runs"][0]["bandwidth"]
               and name in r["runs"][0]["records"]]
    return max(fitting, key=lambda r: r["n"], default=None)


def constants(run):
    """What the model is made of: networks, solvers and the bandwidth of a rank; None if a part was not measured."""
    network = run.get("network", {})
    host = next((r for r in network.get("results", []) if (r["delay_us"], r["m"]) == (MAIN_DELAY_US, PAIRS)), None)
    works = [(messages, _largest(run, work), work) for messages, work in SOLVERS]
    if host is None or None in (result for _, result, _ in works):
        return None
    if any(messages not in host["runs"][0]["records"] for messages, _ in SOLVERS):
        return None
    solvers = [model.Solver(_short(messages), model.words(result, work), *model.traffic(host["runs"], messages))
               for messages, result, work in works]
    bandwidth = statistics.median(r["bandwidth"]["2"] for r in works[0][1]["runs"]) / 2.0
    return [model.fit(probe) for probe in network["probes"]], solvers, bandwidth


def _solver_rows(solvers):
    yield "| | w, words for each unknown | a, Allreduces | b, bytes of each |"
    yield "|---|---|---|---|"
    for solver in solvers:
        yield f"| {solver.name} | {solver.words:.3g} | {solver.allreduces:.3g} | {solver.payload:.0f} |"


def _check_rows(network, networks, solvers, bandwidth):
    yield "| one way, ms | | predicted, ms | measured, ms | measured / predicted |"
    yield "|---|---|---|---|---|"
    by_delay = {probe["delay_us"]: fitted for probe, fitted in zip(network["probes"], networks)}
    for result in (r for r in network["results"] if r["m"] == PAIRS):
        for (messages, _), solver in zip(SOLVERS, solvers):
            predicted = model.seconds(solver, by_delay[result["delay_us"]], HOSTS, N, bandwidth)
            records = [r["records"][messages] for r in result["runs"]]
            measured = statistics.median(r["plain_seconds_optimizer"] / r["plain_iterations"] for r in records)
            yield (f"| {result['delay_us'] / 1000:g} | {solver.name} | {predicted * 1e3:.3g} | {measured * 1e3:.3g} "
                   f"| {measured / predicted:.2f} |")


def _time(seconds):
    return f"{seconds * 1e3:.3g}"


def _scaling_rows(networks, solvers, bandwidth, unknowns):
    """`unknowns(ranks)`: the whole n."""
    yield "| P | n / P | " + " | ".join(f"{net.name}: {s.name}" for net in networks for s in solvers) + " |"
    yield "|---" * (2 + len(solvers) * len(networks)) + "|"
    for ranks in RANKS:
        n = unknowns(ranks)
        cells = [_time(model.seconds(s, net, ranks, n, bandwidth)) for net in networks for s in solvers]
        yield f"| {ranks} | {n / ranks:.2g} | " + " | ".join(cells) + " |"


def shown(networks):
    """The networks that are extrapolated to many ranks."""
    delayed = [net for net in networks if net.name != "shared memory"]
    return [net for net in networks if net.name == "shared memory"] + [ASSUMED] + delayed[:1]


def model_chapter(run, picture):
    """`picture`: Markdown of it, or empty."""
    yield "## Model of the time of an iteration"
    made = constants(run)
    if made is None:
        yield "Not made: it needs the network's figures and those of two ranks at m = 10 from the same run."
        return
    networks, solvers, bandwidth = made
    yield "    T(P, n) = 8 w n / (P B) + a ceil(log2 P) (alpha + beta b)"
    yield ("The first term is the rank's memory traffic, the second its Allreduces: recursive doubling, in which each "
           "of ceil(log2 P) exchanges with a partner takes alpha + beta b. It holds for iterations whose first trial "
           f"step is accepted, m = {PAIRS}, without the objective. **Measured** in this run: "
           f"B = {bandwidth * 1e-9:.3g} GB/s for each rank (half of what two threads read); w, the time of two ranks "
           "at the largest n measured, as words at that bandwidth (`docs/performance.md` counts 4m + 8 for Secant); "
           "a and b on the hosts; alpha and beta by least squares of the relative errors, from the probe above.")
    yield "\n".join(_solver_rows(solvers))
    yield ("The probe knows nothing of the solvers, so their times on the hosts, over the iterations whose first trial "
           "step was accepted, test the formula:")
    yield "\n".join(_check_rows(run["network"], networks, solvers, bandwidth))
    yield (f"**Extrapolated**: everything below with P > {HOSTS}. The formula has no memory limit at small P, no "
           "imbalance, no noise of operating systems and no contention for links, all of which grow with P and with "
           "the number of synchronisations; and it has no caches, which help where n / P is small. Shared memory of "
           "one machine is faster than any network between machines, and the interconnect is **assumed** "
           f"(alpha = {ASSUMED.alpha * 1e6:g} us, {1e-9 / ASSUMED.beta:g} GB/s) to show what lies between. Times in "
           "milliseconds.")
    yield f"n = {FIXED_N:.0e} on P ranks:"
    yield "\n".join(_scaling_rows(shown(networks), solvers, bandwidth, lambda ranks: FIXED_N))
    yield f"n = {FIXED_SHARD:.0e} on each of P ranks:"
    yield "\n".join(_scaling_rows(shown(networks), solvers, bandwidth, lambda ranks: FIXED_SHARD * ranks))
    if picture:
        yield picture
