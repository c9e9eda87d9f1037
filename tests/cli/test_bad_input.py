#!/usr/bin/env python3
"""Bad input to `secant fit` and `secant predict`: exit status 2, one sentence from rank 0, no file left, no rank hanging."""
import gzip
import os
import struct

from data_command import main, sentences

IMAGES = struct.pack(">4i", 0x803, 6, 2, 2) + bytes(range(24))
LABELS = struct.pack(">2i", 0x801, 6) + bytes([0, 1, 2, 0, 1, 2])
GOOD = "".join(f"{i % 2} 1:{i} 3:{(i * i) % 7}\n" for i in range(40))


def write(name, content):
    with open(name, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return name


def refused(command, arguments, part, alone=False):
    """Status 2, one sentence that holds `part`, and the directory as it was: on one rank and, unless `alone`, several."""
    before = sorted(os.listdir("."))
    for count in [1] if alone else sorted({1, command.ranks[-1]}):
        done = command.run(*arguments, "--quiet", ranks=count)
        said = sentences(done)
        assert done.returncode == 2, f"{arguments}: exit status {done.returncode}: {done.stderr}"
        assert len(said) == 1 and part in said[0], f"{arguments}: {said} instead of {part!r}"
        assert done.stdout == "", done.stdout
        assert sorted(os.listdir(".")) == before, os.listdir(".")


def refuses_text(command, content, part, loss="logistic", *more, alone=False):
    refused(command, ["fit", write("data", content), "--loss", loss, "--model", "m.h5", *more], part, alone)


def files_that_are_not_there_or_no_files(command):
    refused(command, ["fit", "missing", "--loss", "logistic"], "missing cannot be opened: No such file or directory")
    refused(command, ["fit", ".", "--loss", "logistic"], ". is a directory")
    refused(command, ["fit", "/dev/null", "--loss", "logistic"], "/dev/null is not a regular file")
    refuses_text(command, "", "data has no rows")
    refuses_text(command, "# only a comment\n\n", "data has no rows")
    refuses_text(command, gzip.compress(b""), "data has no rows")


def malformed_lines(command):
    for line, part in [("1 1:1 x", "'x' is not index:value"), ("1 0:1", "'0:1' is not within 1 .. 2147483647"),
                       ("1 -1:1", "'-1:1' is not within"), ("1 2147483648:1", "'2147483648:1' is not within"),
                       ("1 2:1 2:1", "'2:1' is not larger than the one before"), ("1 1:nan", "'1:nan' is not a finite"),
                       ("1 1:inf", "'1:inf' is not a finite"), ("1 1:1e999", "'1:1e999' is not a finite"),
                       ("one 1:1", "label 'one' is not a finite"), ("\0", "zero bytes")]:
        refuses_text(command, GOOD + line + "\n" + GOOD, part, alone=True)
    for middle, number in (("", 41), (GOOD, 81), (3 * GOOD, 161)):  # on other ranks when there are several
        refuses_text(command, GOOD + middle + "1 0:1\n" + GOOD, f"data:{number}: the index of '0:1'")


def binary_garbage(command):
    refuses_text(command, bytes(range(1, 256)) * 40, "data:1: ", alone=True)
    refuses_text(command, bytes(range(255, -1, -1)) * 40, "data:1: ")
    refuses_text(command, b"\x7fELF" + bytes(200), "data:1: ", alone=True)


def damaged_gzip(command):
    whole = gzip.compress((GOOD * 50).encode())
    for length in (len(whole) - 1, len(whole) - 9, len(whole) // 2, 20):
        refuses_text(command, whole[:length], "data is truncated", alone=length != len(whole) // 2)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    refused(command, ["fit", write("data", bytes(flipped)), "--loss", "logistic"], "data")


def labels_that_do_not_fit_the_loss(command):
    one_class = "1 1:1\n1 1:2\n1 1:3\n"
    refuses_text(command, one_class, "all rows have label 1;")
    refuses_text(command, one_class, "all rows have label 1;", "softmax")
    refuses_text(command, "0 1:1\n1 1:2\n2 1:3\n", "3 distinct labels, but logistic takes two")
    refuses_text(command, "0 1:1\n1 1:2\n2.5 1:3\n", "label 2.5, but softmax takes integers", "softmax")
    refuses_text(command, "3 1:1\n1 1:2\n0 1:3\n-1 1:4\n", "row 4 has label -1, but poisson", "poisson")


def wrong_amounts(command):
    refuses_text(command, GOOD, "data has 40 rows, fewer than --rows 41", "logistic", "--rows", 41)
    refuses_text(command, GOOD, "data:1: the index of '3:0' is larger than the number of features", "logistic",
                 "--features", 2)
    refuses_text(command, "1\n0\n", "data has no feature in any row")
    refuses_text(command, "1 2147483647:1\n0 1:1\n", "check the largest feature index", "softmax", "--history-size",
                 1000)


def idx_pairs_that_do_not_fit(command):
    images, labels = write("images", IMAGES), write("labels", LABELS)
    fit = ["fit", "--loss", "softmax", "--model", "m.h5"]
    refused(command, [*fit, images], "images holds images only; give their labels with --labels FILE")
    refused(command, [*fit, images, "--labels", "missing"], "missing cannot be opened")
    refused(command, [*fit, labels, "--labels", images], "labels begins with 0x00000801")
    refused(command, [*fit, images, "--labels", labels, "--rows", 7], "has 6 rows, fewer than --rows 7")
    refused(command, [*fit, images, "--labels", labels, "--features", 5], "has images of 4 pixels, not of 5 features")
    refused(command, [*fit, images, "--labels", write("five", struct.pack(">2i", 0x801, 5) + LABELS[8:13])],
            "five has 5 labels but images has 6 images")
    refused(command, [*fit, write("text", GOOD), "--labels", labels], "text is not an IDX image file")
    for length in (2, 10, 17, len(IMAGES) - 1):
        refused(command, [*fit, write("cut", IMAGES[:length]), "--labels", labels], "cut is truncated",
                alone=length < 17)
    refused(command, [*fit, images, "--labels", write("cut", LABELS[:-1])], "cut is truncated")
    packed = gzip.compress(IMAGES)
    refused(command, [*fit, write("cut", packed[:-3]), "--labels", labels], "cut is truncated")


def outputs_that_cannot_be_written(command):
    fit = ["fit", write("data", GOOD), "--loss", "logistic"]
    refused(command, [*fit, "--model", "missing/m.h5"], "missing/m.h5")
    refused(command, [*fit, "--model", "."], "model .")
    assert command.run(*fit, "--model", "m.h5", "--quiet", "--l2", 0.1).returncode == 0
    refused(command, ["predict", "m.h5", "data", "--output", "missing/p"], "missing/p")


def flags_that_make_no_sense(command):
    data = write("data", GOOD)
    refused(command, ["fit", data], "fit needs --loss NAME, one of logistic, softmax, squared, poisson")
    refused(command, ["fit", data, "--loss", "hinge"], "--loss hinge is not one of")
    for flag, value in [("--l2", "-1"), ("--l2", "nan"), ("--scale", "0"), ("--rows", "0"), ("--rows", "ten"),
                        ("--features", "2147483648")]:
        refused(command, ["fit", data, "--loss", "logistic", flag, value], flag[2:], alone=True)


def models_that_are_none(command):
    data = write("data", GOOD)
    refused(command, ["predict", "missing", data], "missing cannot be opened")
    refused(command, ["predict", data, data], "data is not a model that secant fit wrote")
    assert command.run("fit", data, "--loss", "logistic", "--model", "m.h5", "--quiet", "--l2", 0.1).returncode == 0
    with open("m.h5", "rb") as file:
        whole = file.read()
    for length in (0, 100, len(whole) // 2, len(whole) - 8):
        refused(command, ["predict", write("cut.h5", whole[:length]), data], "cut.h5 is not a model", alone=length != 100)


def data_that_do_not_fit_the_model(command):
    data = write("data", GOOD)
    assert command.run("fit", data, "--loss", "logistic", "--model", "m.h5", "--quiet", "--l2", 0.1).returncode == 0
    refused(command, ["predict", "m.h5", write("wide", GOOD + "1 4:1\n"), "--output", "p"],
            "wide:41: the index of '4:1' is larger than the number of features")
    refused(command, ["predict", "m.h5", write("third", GOOD + "2 1:1\n"), "--output", "p"],
            "third: row 41 has label 2, which the model does not know")
    refused(command, ["predict", "m.h5", write("images", IMAGES)], "images has images of 4 pixels, more than 3 features")


if __name__ == "__main__":
    main([
        files_that_are_not_there_or_no_files,
        malformed_lines,
        binary_garbage,
        damaged_gzip,
        labels_that_do_not_fit_the_loss,
        wrong_amounts,
        idx_pairs_that_do_not_fit,
        outputs_that_cannot_be_written,
        flags_that_make_no_sense,
        models_that_are_none,
        data_that_do_not_fit_the_model,
    ])
