"""Reads a checkpoint as a user of h5py would, without the library.

Usage: read_with_h5py.py FILE EXPECTED, where EXPECTED holds one line "name index value" for each element, the value as
a hexadecimal float. Exits with 1 and a sentence if anything differs.
"""
import sys

import h5py
import numpy


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def parameters(file):
    """Name -> values in their shape."""
    groups = (group for group in file["parameters"].values())
    return {text(g.attrs["name"]): g["x"][...].reshape(numpy.atleast_1d(g.attrs["shape"])) for g in groups}


def main(path, expected):
    with h5py.File(path, "r") as file:
        assert text(file.attrs["format"]) == "secant-checkpoint", "format"
        assert int(file.attrs["version"]) == 7, "version"
        assert text(file.attrs["problem"]) == "sum of quartics", "problem"
        assert text(file["state"].attrs["phase"]) in ("idle", "boundary"), "phase"
        assert text(file["options"].attrs["history_size"]) == "5", "options"
        values = parameters(file)
        pairs = int(file["state"].attrs["pairs"])
        gram = file["state/gram_sy"][...]
        s = numpy.concatenate([g["s"][...] for g in file["parameters"].values()], axis=1)
        y = numpy.concatenate([g["y"][...] for g in file["parameters"].values()], axis=1)
    assert values["layer/matrix"].shape == (30, 50), "shape"
    assert values["empty"].size == 0, "empty"
    assert gram.shape == (pairs, pairs), "pairs"
    upper = numpy.triu_indices(pairs)
    products = (s @ y.T)[upper]
    scale = (numpy.abs(s) @ numpy.abs(y).T)[upper]
    assert (numpy.abs(products - gram[upper]) <= s.shape[1] * numpy.finfo(float).eps * scale).all(), "gram_sy = s y'"
    count = 0
    with open(expected, encoding="ascii") as lines:
        for line in lines:
            name, index, value = line.split()
            assert values[name].ravel()[int(index)] == float.fromhex(value), line
            count += 1
    assert count == sum(v.size for v in values.values()), "number of elements"
    print(f"{count} elements, {pairs} pairs")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except AssertionError as difference:
        sys.exit(f"{sys.argv[1]}: {difference}")
