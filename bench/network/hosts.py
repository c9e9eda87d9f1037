"""
Several hosts on one machine: network namespaces on a switch that delays every frame.

    with Hosts(4, 1000, programs) as hosts:     # 4 hosts, 1000 microseconds one way
        print(hosts.mpirun(["./program"]))      # one rank on each

Leaving the block, in whatever way, ends what runs on the hosts and removes them. What a killed process left behind is
removed by the next one.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess

from said import of_error

ENTER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "enter_host.sh")
NETWORK = "10.99.0"
PREFIX = "secant-bench"
LONGEST_RUN = 120  # seconds


def _ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True).stdout


def _remove_namespace(name):
    for process in _ip("netns", "pids", name, check=False).split():
        try:
            os.kill(int(process), signal.SIGKILL)
        except ProcessLookupError:
            pass
    _ip("netns", "del", name, check=False)


def _remove_leftovers():
    """Namespaces whose maker, named in them, is gone."""
    for line in _ip("netns").splitlines():
        made = re.fullmatch(rf"{PREFIX}-(\d+)-\w+", line.split()[0])
        if made and not os.path.exists(f"/proc/{made.group(1)}"):
            _remove_namespace(made.group(0))


def obstacle(programs):
    """Why hosts cannot be made here; empty if they can."""
    for tool in ("ip", "unshare", "mpirun"):
        if shutil.which(tool) is None:
            return f"there is no command {tool}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Hosts(2, 0, programs) as hosts:
            hosts.mpirun(["true"])
    except (OSError, subprocess.SubprocessError) as error:
        return f"hosts could not be made: {of_error(error)}"
    return ""


class Hosts:
    """`count` hosts, addresses 1, ..., count; a further namespace holds the switch and the far ends of their cables."""

    def __init__(self, count, delay_us, programs):
        """`programs`: the directory of delay_switch."""
        self._count = count
        self._delay_us = delay_us
        self._program = os.path.join(programs, "delay_switch")
        self._prefix = f"{PREFIX}-{os.getpid()}"
        self._switch = None

    def __enter__(self):
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_):
        self._remove()

    def mpirun(self, command, environment=None):
        """What the program prints, run with one rank on each host."""
        hosts = ",".join(f"{NETWORK}.{address}" for address in self._addresses())
        line = ["mpirun", "--host", hosts, "-n", str(self._count), "-x", "OMP_NUM_THREADS", *command]
        done = subprocess.run([ENTER, f"{NETWORK}.1", shlex.join(line)], env=self._environment(environment or {}),
                              capture_output=True, text=True, check=True, timeout=LONGEST_RUN)
        return done.stdout

    def _environment(self, more):
        subnet = f"{NETWORK}.0/24"
        return dict(os.environ, SECANT_BENCH_HOSTS=self._prefix, OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1",
                    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_plm_rsh_agent=ENTER,
                    OMPI_MCA_plm_rsh_no_tree_spawn="1", OMPI_MCA_oob_tcp_if_include=subnet,
                    OMPI_MCA_btl_tcp_if_include=subnet, OMPI_MCA_btl="tcp,self", OMPI_MCA_pml="ob1",
                    OMPI_MCA_mpi_yield_when_idle="1", OMPI_MCA_hwloc_base_binding_policy="none", **more)

    def _addresses(self):
        return range(1, self._count + 1)

    def _names(self):
        return [f"{self._prefix}-{address}" for address in self._addresses()] + [f"{self._prefix}-switch"]

    def _make(self):
        _remove_leftovers()
        switch = self._names()[-1]
        _ip("netns", "add", switch)
        for address in self._addresses():
            host, cable = f"{self._prefix}-{address}", f"cable{address}"
            _ip("netns", "add", host)
            _ip("-n", host, "link", "set", "lo", "up")
            _ip("-n", host, "link", "add", "eth0", "type", "veth", "peer", "name", cable, "netns", switch)
            _ip("-n", host, "addr", "add", f"{NETWORK}.{address}/24", "dev", "eth0")
            _ip("-n", host, "link", "set", "eth0", "up")
            _ip("-n", switch, "link", "set", cable, "up")
        cables = [f"cable{address}" for address in self._addresses()]
        self._switch = subprocess.Popen(["ip", "netns", "exec", switch, self._program, str(self._delay_us), *cables],
                                        stdout=subprocess.PIPE, text=True)
        if self._switch.stdout.readline().strip() != "ready":
            raise OSError("the switch did not start")

    def _remove(self):
        for name in self._names():
            _remove_namespace(name)
        if self._switch is not None:
            self._switch.wait()
            self._switch.stdout.close()
            self._switch = None
