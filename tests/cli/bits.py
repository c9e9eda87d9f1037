"""For tests that compare runs of the command in every bit: what a run leaves, and jobs whose objective has threads."""

import os
import random
import struct

from command import rows, write

VALUES = ["loss", "grad_inf", "n_iter", "func_evals", "allreduces"]


def unknowns(checkpoint):
    """The x of every parameter of a checkpoint, as bytes."""
    import h5py

    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset) and name.split("/")[-1] == "x":
            found[name] = item[...].tobytes()

    with h5py.File(checkpoint, "r") as file:
        file.visititems(note)
    assert found and all(found.values()), found
    return found


def can_read(command):
    try:
        import h5py  # noqa: F401
    except ImportError:
        return False
    return command.has_hdf5


def outcome(command, job, ranks, threads):
    """What a job leaves that ends at its limit: values, trace, and unknowns where a checkpoint can be read."""
    flags = ["--tolerance-grad", "0", "--trace", "t.csv", "--threads", threads]
    x = None
    if can_read(command):
        flags += ["--checkpoint", "c.h5"]
    values = command.result(*job, *flags, expect=3, ranks=ranks, threads=threads)
    assert values["ranks"] == ranks and values["threads"] == threads, values
    trace = rows("t.csv")
    assert len(trace) == values["n_iter"] > 1, trace
    os.remove("t.csv")
    if can_read(command):
        x = unknowns("c.h5")
        os.remove("c.h5")
    return {"values": [values[key] for key in VALUES], "trace": trace, "x": x}


def check_equal(got, want, what):
    for key in want:
        assert got[key] == want[key], "%s: other %s: %.300r, not %.300r" % (what, key, got[key], want[key])


def check_same(command, job, ways):
    """All ways to run a job, (ranks, threads) each, against the first one."""
    want = None
    for ranks, threads in ways:
        got = outcome(command, job, ranks, threads)
        want = want or got
        check_equal(got, want, "%s on %d ranks with %d threads" % (job, ranks, threads))


def sparse_logistic():
    """3000 rows of 60 features, two thirds of them zero: sums of our own in the objective."""
    generator = random.Random(1)
    with open("logistic.svm", "w") as file:
        for row in range(3000):
            features = sorted(generator.sample(range(1, 61), 20))
            file.write("%d %s\n" % (row % 2, " ".join("%d:%r" % (i, generator.gauss(row % 2, 5)) for i in features)))
    return ["fit", "logistic.svm", "--loss", "logistic", "--l2", "0.001", "--max-iter", 15]


def dense_softmax():
    """3000 images of 12 x 12 pixels in five classes: products by BLAS in the objective."""
    generator = random.Random(2)
    labels = bytes(generator.randrange(5) for _ in range(3000))
    pixels = bytes(generator.randrange(40 * label, 40 * label + 90) for label in labels for _ in range(144))
    write("images", struct.pack(">IIII", 0x803, 3000, 12, 12) + pixels)
    write("labels", struct.pack(">II", 0x801, 3000) + labels)
    return ["fit", "images", "--labels", "labels", "--scale", 255, "--loss", "softmax", "--l2", "0.001",
            "--max-iter", 15]
