"""Describes the machine and the software that was measured."""

import re
import subprocess

PACKAGES = ("petsc-dev", "liblbfgs-dev", "libnlopt-dev", "python3-scipy", "python3-numpy", "python3-torch",
            "libopenmpi3", "libopenblas0-pthread")


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor():
    fields = dict(re.findall(r"^([^:\n]+):\s*(.*)$", _output("lscpu"), re.MULTILINE))
    vectors = [name for name in ("avx2", "avx512f") if name in fields.get("Flags", "").split()]
    caches = ", ".join(f"{name} {fields[name]}" for name in ("L1d cache", "L2 cache", "L3 cache") if name in fields)
    model = f"{fields.get('Model name', 'unknown')} (family {fields.get('CPU family')}, model {fields.get('Model')})"
    virtual = f", under {fields['Hypervisor vendor']}" if "Hypervisor vendor" in fields else ""
    return f"{model}, {fields.get('CPU(s)', '?')} processors{virtual}; {', '.join(vectors)}; {caches}"


def _memory():
    with open("/proc/meminfo", encoding="ascii") as file:
        kilobytes = int(re.search(r"MemTotal:\s+(\d+)", file.read()).group(1))
    return f"{kilobytes / 2**20:.1f} GiB"


def _huge_pages():
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled", encoding="ascii") as file:
            return re.search(r"\[(\w+)\]", file.read()).group(1)
    except OSError:
        return "unknown"


def _compiler(build):
    with open(f"{build}/CMakeCache.txt", encoding="utf-8") as file:
        cache = file.read()
    entry = {key: value for key, value in re.findall(r"^(CMAKE_\w+):\w+=(.*)$", cache, re.MULTILINE)}
    flags = f"{entry.get('CMAKE_C_FLAGS', '')} {entry.get('CMAKE_C_FLAGS_RELEASE', '')}".strip()
    return f"{_output(entry['CMAKE_C_COMPILER'], '--version').splitlines()[0]}; {flags}"


def _packages():
    for package in PACKAGES:
        version = _output("dpkg-query", "-W", "-f=${Version}", package)
        if version:
            yield f"{package} {version}"


def describe(run):
    """Lines of a Markdown list."""
    yield f"- processor: {_processor()}"
    yield f"- memory: {_memory()}; transparent huge pages: {_huge_pages()}"
    yield f"- Linux {run['system']}"
    yield (f"- the whole took {run['minutes']:.0f} minutes; before the network's part, the last one, other programs "
           f"used {run['others']:.0%} of the processors")
    yield f"- compiler: {_compiler(run['build'])}"
    yield f"- peers: {', '.join(_packages())}"
