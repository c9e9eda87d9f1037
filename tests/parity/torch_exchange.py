"""Runs that change hands between torch.optim.LBFGS and the library in the middle, against runs of torch alone.

Usage: torch_exchange.py CONVERTER DRIVER [--mpiexec MPIEXEC] [--ranks N ...] [--verbose]

CONVERTER is scripts/torch_state.py, DRIVER the program exchange_steps. Of 20 calls of step(), one side takes the first
ten and the other the rest; the state travels through torch.save(), the converter and HDF5, the point through a file.
How far the ends may differ is measured: torch alone runs again from starts moved by one unit in the last place, and a run
that changes hands may be off by 20 times what that makes, or by the rounding floor of tests/data/torch_lbfgs.md. Exits
with 77 if there is no torch.
"""
import argparse
import importlib.util
import itertools
import math
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

N, STEPS, HISTORY, C = 20, 20, 6, 4
FLOOR = {"float64": 1e-12, "float32": 1e-5}  # where rounding is not amplified
LARGEST_DRIFT = {"float64": 1e-9, "float32": 1e-3}  # a case that drifts further proves nothing
MAX_ITER = {"none": 3, "strong_wolfe": 2}
LR = {"none": 0.1, "strong_wolfe": 1.0}


# ---- the problems, formula by formula as in tests/support/golden_problems.inc.h -------------------------------------


def chain(x):
    u, v = x[:-1], x[1:]
    r, q = v - u * u, 1 - u
    g = torch.zeros_like(x)
    g[:-1] += -4 * C * u * r - 2 * q
    g[1:] += 2 * C * r
    return math.fsum((C * r * r + q * q).tolist()), g


def quad(x):
    i = torch.arange(1, N + 1, dtype=torch.float64)
    e = x - ((37 * i) % 101 / 101 - 0.5).to(x.dtype)
    g = ((1 + 3 * (i - 1)) ** 2).to(x.dtype) * e
    return 0.5 * math.fsum((g * e).tolist()), g


PROBLEMS = {"chain": chain, "quad": quad}
START = {"chain": lambda i: np.where(i % 2 == 0, -1.2, 1.0), "quad": lambda i: np.where(i % 2 == 0, 1.0, -1.0)}


# ---- the two sides --------------------------------------------------------------------------------------------------


class Case:
    def __init__(self, problem, dtype, line_search, folder):
        self.problem, self.dtype, self.line_search, self.folder = problem, dtype, line_search, folder
        self.start = START[problem](np.arange(N)).astype(dtype)

    def path(self, name):
        return os.path.join(self.folder, name)

    def torch_steps(self, x, steps, state=None):
        """Point, state and loss after `steps` calls of torch."""
        parts = [torch.from_numpy(part.copy()).requires_grad_() for part in (x[: N // 3], x[N // 3 :])]
        search = None if self.line_search == "none" else self.line_search
        optimizer = torch.optim.LBFGS(parts, lr=LR[self.line_search], max_iter=MAX_ITER[self.line_search],
                                      history_size=HISTORY, line_search_fn=search)
        if state is not None:
            optimizer.load_state_dict(state)

        def closure():
            with torch.no_grad():
                f, g = PROBLEMS[self.problem](torch.cat(parts))
            parts[0].grad, parts[1].grad = g[: N // 3].clone(), g[N // 3 :].clone()
            return torch.tensor(f, dtype=g.dtype)

        for _ in range(steps):
            optimizer.step(closure)
        return torch.cat(parts).detach().numpy(), optimizer.state_dict()

    def our_steps(self, driver, x, steps, state_in=None, state_out=None):
        x.tofile(self.path("x_in"))
        command = driver + ["--problem", self.problem, "--n", N, "--dtype", self.dtype, "--line-search",
                            self.line_search, "--lr", LR[self.line_search], "--max-iter", MAX_ITER[self.line_search],
                            "--history-size", HISTORY, "--steps", steps, "--x-in", self.path("x_in"), "--x-out",
                            self.path("x_out")]
        command += ["--state-in", state_in] if state_in else []
        command += ["--state-out", state_out] if state_out else []
        subprocess.run([str(word) for word in command], check=True, timeout=100)
        return np.fromfile(self.path("x_out"), dtype=self.dtype)

    def drift(self, straight):
        """How far torch alone gets from its own end when the start moves by one unit in the last place."""
        farthest = 0.0
        for seed in range(8):
            towards = np.random.RandomState(seed).choice([-10.0, 10.0], N).astype(self.dtype)
            x, _ = self.torch_steps(np.nextafter(self.start, towards), STEPS)
            farthest = max(farthest, deviation(x, straight))
        return farthest


def deviation(x, reference):
    return float(np.max(np.abs(x - reference) / np.maximum(1, np.abs(reference))))


def load_converter(path):
    """The converter as a module: to start an interpreter that imports torch takes longer than all else here."""
    spec = importlib.util.spec_from_file_location("torch_state", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def torch_then_ours(case, converter, driver):
    x, state = case.torch_steps(case.start, STEPS // 2)
    torch.save(state, case.path("torch.pt"))
    converter.to_hdf5(case.path("torch.pt"), case.path("torch.h5"), None)
    x = case.our_steps(driver, x, STEPS // 2, case.path("torch.h5"), case.path("end.h5"))
    converter.to_torch(case.path("end.h5"), case.path("end.pt"))
    return x, torch.load(case.path("end.pt"))


def ours_then_torch(case, converter, driver):
    x = case.our_steps(driver, case.start, STEPS // 2, None, case.path("ours.h5"))
    converter.to_torch(case.path("ours.h5"), case.path("ours.pt"))
    return case.torch_steps(x, STEPS // 2, torch.load(case.path("ours.pt")))


# ---- the test -------------------------------------------------------------------------------------------------------


def check(case, converter, drivers, verbose):
    """Both ways to change hands, on every number of ranks."""
    straight, state = case.torch_steps(case.start, STEPS)
    name = f"{case.problem} {case.dtype} {case.line_search}"
    drift, early = case.drift(straight), case.torch_steps(case.start, STEPS - 1)[0]
    allowed = max(FLOOR[case.dtype], 20 * drift)
    assert drift <= LARGEST_DRIFT[case.dtype], f"{name}: torch itself drifts by {drift:.1e}"
    assert deviation(early, straight) > 10 * allowed, f"{name}: has converged before its last step"
    middle, _ = case.torch_steps(case.start, STEPS // 2)
    forgetful, _ = case.torch_steps(middle, STEPS // 2)
    assert deviation(forgetful, straight) > 10 * allowed, f"{name}: ends at the same point without the state"
    for (ranks, driver), exchange in itertools.product(drivers.items(), (torch_then_ours, ours_then_torch)):
        x, end = exchange(case, converter, driver)
        off, where = deviation(x, straight), f"{name}, {exchange.__name__}, {ranks} ranks"
        if verbose:
            print(f"{where}: off by {off:.1e}, drift {drift:.1e}, allowed {allowed:.1e}")
        assert off <= allowed, f"{where}: off by {off:.3e}, allowed {allowed:.3e}"
        for key in ("n_iter", "func_evals"):
            assert end["state"][0][key] == state["state"][0][key], f"{where}: another {key}"
        assert len(end["state"][0]["ro"]) == len(state["state"][0]["ro"]), f"{where}: another number of pairs"
        assert set(end["param_groups"][0]) == set(state["param_groups"][0]), f"{where}: other options"


def exactly(value):
    """The number or numbers in a value; torch itself has a number or a tensor without dimensions in the same place."""
    return None if value is None else np.asarray(value, dtype=float).tolist()


def go_round_as_a_user_does(case, path):
    command = [sys.executable, path]
    there = ["to-hdf5", case.path("round.pt"), case.path("round.h5"), "--key", "optimizer"]
    subprocess.run(command + there, check=True, timeout=100)
    subprocess.run(command + ["to-torch", case.path("round.h5"), case.path("back.pt")], check=True, timeout=100)


def go_round(case, converter):
    converter.to_hdf5(case.path("round.pt"), case.path("round.h5"), "optimizer")
    converter.to_torch(case.path("round.h5"), case.path("back.pt"))


def a_state_that_has_gone_round_is_the_same(case, go, converter):
    """torch -> HDF5 -> torch restores every number."""
    _, before = case.torch_steps(case.start, STEPS // 2)
    torch.save({"epoch": 3, "optimizer": before}, case.path("round.pt"))
    go(case, converter)
    after = torch.load(case.path("back.pt"))
    assert after["param_groups"] == before["param_groups"], "param_groups have changed"
    assert set(after["state"][0]) == set(before["state"][0]), "the state has other keys"
    for key, value in before["state"][0].items():
        values, others = (v if isinstance(v, list) else [v] for v in (value, after["state"][0][key]))
        assert len(values) == len(others), f"'{key}' has another length"
        for a, b in zip(values, others):
            assert exactly(a) == exactly(b), f"'{key}' has changed"


def names_of_any_length_come_back(case, converter, driver):
    """Through the library too. Together they are longer than an attribute of HDF5 may be."""
    names = ["w" * 40000, "\u03b2" * 20000]
    x, state = case.torch_steps(case.start, 2)
    state["param_groups"][0]["param_names"] = names
    torch.save(state, case.path("names.pt"))
    converter.to_hdf5(case.path("names.pt"), case.path("names.h5"), None)
    case.our_steps(driver, x, 1, case.path("names.h5"), case.path("end.h5"))
    converter.to_torch(case.path("end.h5"), case.path("end.pt"))
    end = torch.load(case.path("end.pt"))
    assert end["param_groups"][0]["param_names"] == names, "param_names have changed"


class Intruder:
    """Unpickles into a call of os.mkdir."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def what_cannot_be_converted_is_refused(path, folder):
    """With one sentence, a status and no output; and no code from a file is run."""
    trap, source, target = (os.path.join(folder, name) for name in ("trap", "bad.pt", "bad.h5"))
    other = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=1).state_dict()
    group = torch.optim.LBFGS([torch.zeros(3, requires_grad=True)]).state_dict()["param_groups"][0]
    endless = {"state": {0: {"func_evals": 1, "n_iter": 10**30}}, "param_groups": [group]}
    path_as_key = {"state": {}, "param_groups": [dict(group, **{"a/b": 1})]}
    cut_name = {"state": {}, "param_groups": [dict(group, param_names=["w\0v"])]}
    command = [sys.executable, path, "to-hdf5", source, target]
    for content, words in ((Intruder(trap), "mkdir"), ({"a": 1}, "--key"), (other, "another optimizer"),
                           (endless, "too large"), (path_as_key, "'a/b'"), (cut_name, "param_names/0")):
        torch.save(content, source)
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1, done.stderr
        assert not os.path.exists(trap) and not os.path.exists(target), words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("converter")
    parser.add_argument("driver")
    parser.add_argument("--mpiexec")
    parser.add_argument("--ranks", type=int, nargs="*", default=[3])
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    drivers = {1: [chosen.driver]}
    if chosen.mpiexec:
        drivers.update({n: [chosen.mpiexec, "--oversubscribe", "-n", n, chosen.driver] for n in chosen.ranks})
    with tempfile.TemporaryDirectory() as folder:
        what_cannot_be_converted_is_refused(chosen.converter, folder)
        converter = load_converter(chosen.converter)
        a_state_that_has_gone_round_is_the_same(Case("chain", "float64", "strong_wolfe", folder),
                                                go_round_as_a_user_does, chosen.converter)
        names_of_any_length_come_back(Case("chain", "float64", "strong_wolfe", folder), converter, drivers[1])
        for problem, dtype, line_search in itertools.product(PROBLEMS, FLOOR, LR):
            case = Case(problem, dtype, line_search, folder)
            a_state_that_has_gone_round_is_the_same(case, go_round, converter)
            check(case, converter, drivers, chosen.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
