#!/usr/bin/env python3
"""--io mpio and --io gather write the same checkpoint, and each goes on from the other's."""

import numpy

from command import check_same_end, main, needs_hdf5, options, refused

JOB = ["run", "rosenbrock", "--json", "--quiet", *options(n=5000), "--tolerance-grad", "1e-13"]


def contents(name):
    """Every attribute and dataset of a file, as bytes."""
    import h5py

    found = {}

    def visit(path, node):
        found.update({(path, key): numpy.asarray(value).tobytes() for key, value in node.attrs.items()})
        if isinstance(node, h5py.Dataset):
            found[path] = (str(node.dtype), node.shape, node[()].tobytes())

    with h5py.File(name, "r") as file:
        visit("/", file)
        file.visititems(visit)
    return found


@needs_hdf5
def both_write_the_same_file(command):
    for io in ["mpio", "gather", "auto"]:
        run = command.run(*JOB, "--max-iter", 14, "--checkpoint", io + ".h5", "--io", io)
        assert run.exit_status == 3, run.stderr
    want = contents("mpio.h5")
    assert len(want) > 50
    for io in ["gather", "auto"]:
        got = contents(io + ".h5")
        assert got.keys() == want.keys()
        differing = [key for key in want if got[key] != want[key]]
        assert not differing, "%s: %s" % (io, differing)


@needs_hdf5
def each_goes_on_from_the_file_of_the_other(command):
    whole = command.run(*JOB, "--max-iter", 28)
    for first, second in [("mpio", "gather"), ("gather", "mpio")]:
        command.run(*JOB, "--max-iter", 14, "--checkpoint", "c.h5", "--io", first)
        got = command.run(*JOB, "--max-iter", 28, "--checkpoint", "c.h5", "--resume", "--io", second)
        assert got.exit_status == 3 and got.json()["resumed_from"] == 14, got.stderr
        check_same_end(got.json(), whole.json())


@needs_hdf5
def io_needs_a_file_and_one_of_three_words(command):
    refused(command, [*JOB, "--io", "gather"], "--io needs --checkpoint FILE")
    refused(command, [*JOB, "--io", "romio", "--checkpoint", "c.h5"], "allowed: auto | mpio | gather")


if __name__ == "__main__":
    main([both_write_the_same_file, each_goes_on_from_the_file_of_the_other, io_needs_a_file_and_one_of_three_words])
