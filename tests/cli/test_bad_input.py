#!/usr/bin/env python3
"""Bad input to `secant fit` and `secant predict`: exit status 2, one sentence from rank 0, no file left, no rank hanging."""
import gzip
import os
import struct

import command as harness
from command import main, needs_hdf5, write

IMAGES = struct.pack(">4i", 0x803, 6, 2, 2) + bytes(range(24))
LABELS = struct.pack(">2i", 0x801, 6) + bytes([0, 1, 2, 0, 1, 2])
GOOD = "".join(f"{i % 2} 1:{i} 3:{(i * i) % 7}\n" for i in range(40))


def refused(command, arguments, part, alone=False):
    """On one rank and, unless `alone` (another case of the same check), on several. No model is left."""
    if arguments[0] == "fit" and command.has_hdf5 and "--model" not in arguments:
        arguments = [*arguments, "--model", "m.h5"]
    for ranks in [1] if alone or not command.mpiexec else [1, 3]:
        harness.refused(command, [*arguments, "--quiet"], part, ranks=ranks)


def refuses_text(command, content, part, loss="logistic", *more, alone=False):
    refused(command, ["fit", write("data", content), "--loss", loss, *more], part, alone)


def unchanged(name, content):
    with open(name, "rb") as file:
        assert file.read() == (content.encode() if isinstance(content, str) else content), name + " was changed"


def missing_files(command):
    refused(command, ["fit", "missing", "--loss", "logistic"], "missing cannot be opened: No such file or directory")
    refused(command, ["fit", ".", "--loss", "logistic"], ". is a directory")
    refused(command, ["fit", "/dev/null", "--loss", "logistic"], "/dev/null is not a regular file", alone=True)


def empty_files(command):
    refuses_text(command, "", "data has no rows")
    refuses_text(command, "# only a comment\n\n", "data has no rows", alone=True)
    refuses_text(command, gzip.compress(b""), "data has no rows")
    none = [struct.pack(">4i", 0x803, 0, 2, 2), struct.pack(">2i", 0x801, 0)]
    refused(command, ["fit", write("images", none[0]), "--labels", write("labels", none[1]), "--loss", "softmax"],
            "images has no rows")


def malformed_lines_have_file_and_line_number(command):
    for line, part in [("1 1:1 x", "'x' is not index:value"), ("1 1", "'1' is not index:value"),
                       ("1 1:", "the value of '1:'"), ("1 :1", "the index of ':1'"), ("1 1:1:1", "the value of '1:1:1'"),
                       ("1 1:1,2:1", "the value of '1:1,2:1'"), ("1 1:0x10", "the value of '1:0x10'"),
                       ("1 1 :1", "'1' is not"), ("one 1:1", "the label 'one' is not a finite number"),
                       ("1 2:1 2:1", "the index of '2:1' is not larger than the one before it"),
                       ("1 2:1 1:1", "the index of '1:1' is not larger than the one before it"),
                       ("\0", "it holds zero bytes")]:
        refuses_text(command, GOOD + line + "\n" + GOOD, f"data:41: {part}", alone=True)
    for middle, number in (("", 41), (GOOD, 81), (3 * GOOD, 161)):  # on other ranks when there are several
        refuses_text(command, GOOD + middle + "1 1:1 x\n" + GOOD, f"data:{number}: 'x' is not index:value")
    refuses_text(command, b"\xef\xbb\xbf" + GOOD.encode(), "data:1: it begins with a byte order mark")
    packed = gzip.compress((GOOD + "1 1:1 x\n" + GOOD).encode())
    refuses_text(command, packed, "data:41: 'x' is not index:value")


def indices_that_are_zero_negative_or_too_large(command):
    for index in ("0", "-1", "2147483648", "4294967297", "99999999999999999999"):
        refuses_text(command, GOOD + f"1 {index}:1\n" + GOOD, f"data:41: the index of '{index}:1'", alone=index != "0")
    refuses_text(command, GOOD + "1 0:1\n", "'0:1' is not within 1 .. 2147483647", alone=True)


def numbers_that_are_not_finite(command):
    for number in ("nan", "-inf", "1e999", "NAN", "infinity"):
        refuses_text(command, GOOD + f"1 1:{number}\n", f"data:41: the value of '1:{number}'", alone=number != "1e999")
        refuses_text(command, GOOD + f"{number} 1:1\n", f"data:41: the label '{number}'", alone=number != "nan")
    refuses_text(command, "1 1:1e300\n0 1:1\n", "data:1: the value of '1:1e300' divided by --scale", "logistic",
                 "--scale", 1e-10)


def binary_garbage(command):
    refuses_text(command, bytes(range(1, 256)) * 40, "data:1: ", alone=True)
    refuses_text(command, bytes(range(255, -1, -1)) * 40, "data:1: ")
    refuses_text(command, b"\x7fELF" + bytes(200), "data:1: ", alone=True)


def truncated_and_damaged_gzip(command):
    whole = gzip.compress((GOOD * 50).encode())
    for length in (len(whole) - 1, len(whole) - 9, len(whole) // 2, 20):
        refuses_text(command, whole[:length], "data is truncated", alone=length != len(whole) // 2)
    refuses_text(command, whole + whole[:-5], "data is truncated", alone=True)  # the second of two members
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    refuses_text(command, bytes(flipped), "data")


def labels_that_do_not_fit_the_loss(command):
    refuses_text(command, "0 1:1\n1 1:2\n2 1:3\n", "3 distinct labels, but logistic takes two")
    refuses_text(command, "0 1:1\n1 1:2\n1e300 1:3\n", "3 distinct labels, but logistic takes two", alone=True)
    refuses_text(command, "0 1:1\n1 1:2\n2.5 1:3\n", "label 2.5, but softmax takes integers", "softmax")
    refuses_text(command, "3 1:1\n1 1:2\n0 1:3\n-1 1:4\n", "row 4 has label -1, but poisson", "poisson")


def a_single_class(command):
    one_class = "1 1:1\n1 1:2\n1 1:3\n"
    refuses_text(command, one_class, "all rows have label 1;")
    refuses_text(command, one_class, "all rows have label 1;", "softmax")


def wrong_amounts(command):
    refuses_text(command, GOOD, "data has 40 rows, fewer than --rows 41", "logistic", "--rows", 41)
    refuses_text(command, GOOD, "data:1: the index of '3:0' is larger than the number of features", "logistic",
                 "--features", 2)
    refuses_text(command, "1\n0\n", "data has no feature in any row")
    refuses_text(command, "1 2147483647:1\n0 1:1\n", "check the largest feature index", "softmax", "--history-size",
                 1000)


def refuses_pair(command, images, labels, part, *more, alone=False):
    refused(command, ["fit", "--loss", "softmax", write("images", images), "--labels",
                      write("labels", labels), *more], part, alone)


def truncated_idx(command):
    for length in (2, 10, 17, len(IMAGES) - 1):
        refuses_pair(command, IMAGES[:length], LABELS, "images is truncated", alone=length < 17)
    for length in (3, 7, len(LABELS) - 1):
        refuses_pair(command, IMAGES, LABELS[:length], "labels is truncated", alone=length < 8)
    refuses_pair(command, gzip.compress(IMAGES)[:-3], LABELS, "images is truncated")
    refuses_pair(command, gzip.compress(IMAGES[:-3]), LABELS, "images is truncated")
    refuses_pair(command, IMAGES, gzip.compress(LABELS)[:-3], "labels is truncated")
    refuses_pair(command, IMAGES + b"x", LABELS, "images holds more data than its header announces")


def mismatched_label_count(command):
    for count in (5, 7, 0):
        labels = struct.pack(">2i", 0x801, count) + bytes(count)
        refuses_pair(command, IMAGES, labels, f"labels has {count} labels but images has 6 images", alone=count != 5)


def idx_headers_that_lie(command):
    def header(*numbers):
        return struct.pack(">%dI" % len(numbers), *numbers) + bytes(24)

    refuses_pair(command, header(0xD03, 6, 2, 2), LABELS, "images begins with 0x00000d03, but IDX images begin with")
    refuses_pair(command, LABELS, LABELS, "images begins with 0x00000801", alone=True)
    refuses_pair(command, IMAGES, IMAGES, "labels begins with 0x00000803", alone=True)
    refuses_pair(command, header(0x803, 6, 0, 2), LABELS, "images has images of 0 pixels", alone=True)
    for extents in ((6, 2**32 - 1, 2**32 - 1), (6, 2**16, 2**16), (6, 2**31, 2**31)):
        refuses_pair(command, header(0x803, *extents), LABELS, "pixels; they must have 1 to", alone=extents[1] != 2**16)
    many = [header(0x803, 2**32 - 1, 2**15, 2**15), header(0x801, 2**32 - 1)]
    refuses_pair(command, *many, "images is truncated", "--rows", 10)
    refuses_pair(command, *map(gzip.compress, many), "images is truncated", "--rows", 3)


def idx_files_that_are_not_used_as_a_pair(command):
    images, labels = write("images", IMAGES), write("labels", LABELS)
    fit = ["fit", "--loss", "softmax"]
    refused(command, [*fit, images], "images holds images only; give their labels with --labels FILE")
    refused(command, [*fit, images, "--labels", "missing"], "missing cannot be opened")
    refused(command, [*fit, labels, "--labels", images], "labels begins with 0x00000801", alone=True)
    refused(command, [*fit, images, "--labels", labels, "--rows", 7], "has 6 rows, fewer than --rows 7", alone=True)
    refused(command, [*fit, images, "--labels", labels, "--features", 5], "has images of 4 pixels, not of 5 features")
    refused(command, [*fit, write("text", GOOD), "--labels", labels], "text is not an IDX image file", alone=True)


def unknown_flags_and_values_out_of_range(command):
    fit = ["fit", write("data", GOOD)]
    refused(command, fit, "fit needs --loss NAME, one of logistic, softmax, squared, poisson")
    refused(command, [*fit, "--loss", "hinge"], "--loss hinge is not one of")
    refused(command, [*fit, "--loss", "logistic", "--lables", "x"], "no flag --lables; did you mean --labels?")
    refused(command, ["predict", "m", "d", "--ouput", "x"], "no flag --ouput; did you mean --output?", alone=True)
    for flag, value in [("l2", "-1"), ("l2", "nan"), ("scale", "0"), ("scale", "-1"), ("scale", "inf"), ("rows", "0"),
                        ("rows", "-5"), ("rows", "ten"), ("rows", "99999999999999999999"), ("features", "2147483648"),
                        ("history-size", "10001"), ("threads", "-1"), ("max-iter", "1e3"), ("max-time", "nan")]:
        refused(command, [*fit, "--loss", "logistic", "--" + flag, value], f"{flag} is {value}", alone=flag != "scale")


@needs_hdf5
def a_checkpoint_of_another_problem(command):
    fit = ["fit", write("data", GOOD), "--loss", "logistic", "--l2", "0.1", "--checkpoint", "c.h5", "--resume"]
    assert command.run("run", "rosenbrock", "--quiet", "--checkpoint", "c.h5", "--max-iter", 2).exit_status == 3
    with open("c.h5", "rb") as file:
        foreign = file.read()
    refused(command, fit, "rosenbrock")
    unchanged("c.h5", foreign)


@needs_hdf5
def outputs_that_cannot_be_written(command):
    fit = ["fit", write("data", GOOD), "--loss", "logistic", "--l2", 0.1]
    assert command.run(*fit, "--model", "m.h5", "--quiet").exit_status == 0
    os.symlink("/dev/null", "device")
    for path, why in [("missing/x", "No such file or directory"), ("data/x", "Not a directory"), (".", "Is a directory"),
                      ("/proc/x", "No such file or directory"), ("device", "it is not a regular file")]:
        alone = path != "missing/x"
        for what in ("model", "checkpoint", "trace"):
            refused(command, [*fit, "--" + what, path], f"{what} {path} cannot be written: {why}", alone)
        refused(command, ["predict", "m.h5", "data", "--output", path], f"output {path} cannot be written: {why}", alone)
    assert os.path.islink("device") and os.stat("/dev/null").st_rdev == os.makedev(1, 3)


@needs_hdf5
def outputs_that_would_overwrite_an_input(command):
    fit = ["fit", write("data", GOOD), "--loss", "logistic", "--l2", 0.1]
    assert command.run(*fit, "--model", "m.h5", "--quiet").exit_status == 0
    os.link("data", "linked")
    for what in ("model", "checkpoint", "trace"):
        for path in ("data", "./data", "linked"):
            refused(command, [*fit, "--" + what, path], f"{what} {path} and data file data are the same file",
                    alone=path != "data")
    refused(command, [*fit, "--model", "new", "--checkpoint", "./new"], "model new and checkpoint ./new are the same file")
    refused(command, [*fit, "--model", "new", "--trace", "new"], "are the same file", alone=True)
    for path in ("m.h5", "data"):
        refused(command, ["predict", "m.h5", "data", "--output", path], "are the same file")
    pair = ["fit", write("images", IMAGES), "--labels", write("labels", LABELS), "--loss", "softmax"]
    refused(command, [*pair, "--model", "labels"], "model labels and label file labels are the same file", alone=True)
    unchanged("data", GOOD)
    unchanged("labels", LABELS)


@needs_hdf5
def models_that_are_none(command):
    data = write("data", GOOD)
    refused(command, ["predict", "missing", data], "missing cannot be opened")
    refused(command, ["predict", data, data], "data is not a model that secant fit wrote")
    assert command.run("fit", data, "--loss", "logistic", "--model", "m.h5", "--quiet", "--l2", 0.1).exit_status == 0
    with open("m.h5", "rb") as file:
        whole = file.read()
    for length in (0, 100, len(whole) // 2, len(whole) - 8):
        refused(command, ["predict", write("cut.h5", whole[:length]), data], "cut.h5 is not a model", alone=length != 100)


@needs_hdf5
def data_that_do_not_fit_the_model(command):
    data = write("data", GOOD)
    assert command.run("fit", data, "--loss", "logistic", "--model", "m.h5", "--quiet", "--l2", 0.1).exit_status == 0
    refused(command, ["predict", "m.h5", write("wide", GOOD + "1 4:1\n"), "--output", "p"],
            "wide:41: the index of '4:1' is larger than the number of features")
    refused(command, ["predict", "m.h5", write("third", GOOD + "2 1:1\n"), "--output", "p"],
            "third: row 41 has label 2, which the model does not know")
    refused(command, ["predict", "m.h5", write("images", IMAGES)], "images has images of 4 pixels, more than 3 features")


main([
    missing_files,
    empty_files,
    malformed_lines_have_file_and_line_number,
    indices_that_are_zero_negative_or_too_large,
    numbers_that_are_not_finite,
    binary_garbage,
    truncated_and_damaged_gzip,
    labels_that_do_not_fit_the_loss,
    a_single_class,
    wrong_amounts,
    truncated_idx,
    mismatched_label_count,
    idx_headers_that_lie,
    idx_files_that_are_not_used_as_a_pair,
    unknown_flags_and_values_out_of_range,
    a_checkpoint_of_another_problem,
    outputs_that_cannot_be_written,
    outputs_that_would_overwrite_an_input,
    models_that_are_none,
    data_that_do_not_fit_the_model,
])
