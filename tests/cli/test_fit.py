#!/usr/bin/env python3
"""`secant fit` and `secant predict`: known optima, closed forms, and that ranks, threads and file kinds do not matter."""
import gzip
import os
import random
import struct

from command import main, near, needs_hdf5, refused, write

HEART = "/usr/share/doc/liblinear-tools/examples/heart_scale"
FASHION = "/usr/share/datasets/fashion-mnist/"

try:
    import h5py
except ImportError:
    h5py = None


def heart_scale():
    """The plain text of heart_scale, or None where it is not installed. Debian may compress it."""
    for path, opener in ((HEART, open), (HEART + ".gz", gzip.open)):
        if os.path.exists(path):
            with opener(path, "rt") as file:
                return file.read()
    return None


def random_rows(seed, count, label):
    """Rows of two features with the labels that `label` gives them."""
    generator = random.Random(seed)
    rows = []
    for _ in range(count):
        x = [generator.uniform(-1, 1), generator.uniform(-1, 1)]
        rows.append((label(x, generator), x))
    return rows


def as_text(rows):
    return "".join(f"{y!r} 1:{x[0]!r} 2:{x[1]!r}\n" for y, x in rows)


def solve(matrix, right):
    """Gauss elimination with pivoting."""
    n = len(right)
    a = [row[:] + [b] for row, b in zip(matrix, right)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(a[i][k]))
        a[k], a[pivot] = a[pivot], a[k]
        for i in range(n):
            if i != k:
                factor = a[i][k] / a[k][k]
                a[i] = [u - factor * v for u, v in zip(a[i], a[k])]
    return [a[i][n] / a[i][i] for i in range(n)]


def logistic_on_heart_scale_reaches_the_optimum_of_liblinear(command):
    text = heart_scale()
    if text is None:
        return "liblinear-tools is not installed"
    write("heart", text)
    for ranks in command.ranks:
        result = command.result("fit", "heart", "--loss", "logistic", "--no-intercept", "--l2", 1 / 270, ranks=ranks)
        near(result["loss"] * 270, 98.2267995081368)
        assert (result["rows"], result["features"], result["classes"], result["ranks"]) == (270, 13, 2, ranks)


def compressed_text_gives_the_same_bits(command):
    text = as_text(random_rows(1, 500, lambda x, g: 1 if x[0] + g.uniform(-1, 1) > 0 else 0))
    write("plain", text)
    with gzip.open("packed.gz", "wt") as file:
        file.write(text)
    for ranks in command.ranks:
        losses = [command.result("fit", name, "--loss", "logistic", ranks=ranks)["loss"]
                  for name in ("plain", "packed.gz")]
        assert losses[0] == losses[1], losses


def threads_do_not_change_the_loss_or_gradient_of_the_objective(command):
    write("data", as_text(random_rows(2, 5000, lambda x, g: g.randrange(3))))
    arguments = ("fit", "data", "--loss", "softmax", "--l2", 0.01, "--max-iter", 0)
    one, two = (command.result(*arguments, expect=3, threads=threads) for threads in (1, 2))
    assert (one["loss"], one["grad_inf"]) == (two["loss"], two["grad_inf"])


@needs_hdf5
def squared_loss_reaches_the_solution_of_the_normal_equations(command):
    rows = random_rows(3, 40, lambda x, g: 2 * x[0] - x[1] + 3 + g.gauss(0, 0.1))
    write("data", as_text(rows))
    l2, n = 0.05, len(rows)
    design = [x + [1.0] for _, x in rows]
    matrix = [[sum(r[i] * r[j] for r in design) / n + (l2 if i == j < 2 else 0.0) for j in range(3)] for i in range(3)]
    w = solve(matrix, [sum(r[i] * y for r, (y, _) in zip(design, rows)) / n for i in range(3)])
    errors = [sum(u * v for u, v in zip(w, r)) - y for r, (y, _) in zip(design, rows)]
    wanted = sum(e * e for e in errors) / (2 * n) + l2 / 2 * (w[0] ** 2 + w[1] ** 2)
    for ranks in command.ranks:
        result = command.result("fit", "data", "--loss", "squared", "--l2", l2, "--model", "m.h5", "--tolerance-grad",
                                1e-11, ranks=ranks)
        near(result["loss"], wanted, 1e-13)
        judged = command.result("predict", "m.h5", "data", "--output", "values", ranks=ranks)
        near(judged["mean_squared_error"], sum(e * e for e in errors) / n)
        values = [float(line) for line in open("values")]
        for value, error, (y, _) in zip(values, errors, rows, strict=True):
            near(value, y + error)


@needs_hdf5
def poisson_means_add_up_to_the_counts(command):
    rows = random_rows(4, 200, lambda x, g: sum(g.random() < 0.3 for _ in range(6 if x[0] > 0 else 2)))
    write("data", as_text(rows))
    command.result("fit", "data", "--loss", "poisson", "--model", "m.h5", "--tolerance-grad", 1e-11)
    command.result("predict", "m.h5", "data", "--output", "means", ranks=command.ranks[-1])
    near(sum(float(line) for line in open("means")), sum(y for y, _ in rows))


@needs_hdf5
def predictions_are_labels_in_the_order_of_the_rows(command):
    def corner(x, _):
        return (7 if x[1] > 0 else -3) if x[0] > 0 else 20

    rows = random_rows(5, 300, corner)
    write("data", as_text(rows))
    fitted = command.result("fit", "data", "--loss", "softmax", "--model", "m.h5", "--l2", 1e-4)
    assert fitted["classes"] == 3 and fitted["accuracy"] > 0.9
    outputs = []
    for ranks in command.ranks:
        judged = command.result("predict", "m.h5", "data", "--output", "labels", ranks=ranks)
        assert judged["accuracy"] == fitted["accuracy"]
        outputs.append([int(line) for line in open("labels")])
        right = sum(p == y for p, (y, _) in zip(outputs[-1], rows, strict=True))
        near(right / len(rows), judged["accuracy"])
    assert all(output == outputs[0] for output in outputs)


@needs_hdf5
def any_two_labels_serve_and_the_mapping_is_said(command):
    rows = random_rows(6, 100, lambda x, g: 5 if x[0] + 0.3 * g.gauss(0, 1) > 0 else 2)
    write("two_five", as_text(rows))
    write("zero_one", as_text([(y == 5, x) for y, x in rows]).replace("True", "1").replace("False", "0"))
    done = command.run("fit", "two_five", "--loss", "logistic", "--model", "m.h5")
    assert "label 2 is taken as -1 and label 5 as +1" in done.sentences, done.stderr
    losses = [command.result("fit", name, "--loss", "logistic")["loss"] for name in ("two_five", "zero_one")]
    assert losses[0] == losses[1]
    command.result("predict", "m.h5", "two_five", "--output", "labels")
    assert set(open("labels").read().split()) == {"2", "5"}


@needs_hdf5
def ranks_without_rows_take_part(command):
    write("data", "1 1:1\n-1 1:-1\n1 1:-0.5\n")
    losses = [command.result("fit", "data", "--loss", "logistic", "--l2", 0.1, "--model", "m.h5", ranks=ranks)["loss"]
              for ranks in command.ranks]
    for ranks in command.ranks:
        command.result("predict", "m.h5", "data", "--output", "labels", ranks=ranks)
        assert len(open("labels").readlines()) == 3
    for loss in losses:
        near(loss, losses[0], 1e-13)


def ranks_without_parameters_take_part(command):
    write("data", "1 1:1\n-1 1:-1\n1 1:-0.5\n-1 1:2\n1 1:4\n")
    fit = ["fit", "data", "--loss", "logistic", "--no-intercept", "--l2", 0.1]  # one parameter
    run = ["run", "rosenbrock", "--problem-option", "n=2"]
    for job in (fit, run):
        results = [command.result(*job, ranks=ranks) for ranks in command.ranks]
        for result, ranks in zip(results, command.ranks, strict=True):
            near(result["loss"], results[0]["loss"], 1e-13)
            assert result["ranks"] == ranks and result["n_iter"] == results[0]["n_iter"], result


def a_row_without_features_is_all_zeros(command):
    write("bare", "1 2:1\n-1\n1 # nothing\n-1 1:-1\n")
    write("zeros", "1 1:0 2:1\n-1 1:0 2:0\n1 1:0\n-1 1:-1 2:0\n")
    for ranks in (1, command.ranks[-1]):
        bare, zeros = (command.result("fit", name, "--loss", "logistic", "--l2", 0.1, ranks=ranks)
                       for name in ("bare", "zeros"))
        assert bare["rows"] == 4 and bare["features"] == 2
        near(bare["loss"], zeros["loss"], 1e-13)


def texts_of_other_editors_are_the_same_text(command):
    text = as_text(random_rows(10, 50, lambda x, g: g.randrange(2)))
    write("plain", text)
    write("returns", text.replace("\n", "\r\n"))
    write("tabs", text.replace(" ", "\t\t"))
    write("unended", text[:-1])
    write("padded", "\n\n" + text.replace("\n", "  \n\n"))
    half = text.index("\n", len(text) // 2) + 1
    write("members.gz", gzip.compress(text[:half].encode()) + gzip.compress(text[half:].encode()))
    want = command.result("fit", "plain", "--loss", "logistic", "--l2", 0.1)
    for name in ("returns", "tabs", "unended", "padded", "members.gz"):
        for ranks in (1, command.ranks[-1]):
            got = command.result("fit", name, "--loss", "logistic", "--l2", 0.1, ranks=ranks)
            assert got["rows"] == 50, (name, got)
            near(got["loss"], want["loss"], 1e-13)


def a_line_of_ten_megabytes_is_one_row(command):
    wide = "1 " + " ".join(f"{i}:0.5" for i in range(1, 1000001)) + "\n"
    assert len(wide) > 10 * 2**20
    write("data", "0 1:1\n1 1:2\n" + wide + "0 2:1\n")
    for ranks in (1, command.ranks[-1]):
        got = command.result("fit", "data", "--loss", "logistic", "--l2", 1, "--max-iter", 2, expect=3, ranks=ranks)
        assert got["rows"] == 4 and got["features"] == 1000000, got


def idx_files_may_be_compressed(command):
    images = struct.pack(">4i", 0x803, 6, 2, 2) + bytes(range(24))
    labels = struct.pack(">2i", 0x801, 6) + bytes([0, 1, 2, 0, 1, 2])
    plain = [write("images", images), "--labels", write("labels", labels)]
    packed = [write("images.gz", gzip.compress(images)), "--labels", write("labels.gz", gzip.compress(labels))]
    for ranks in (1, command.ranks[-1]):
        losses = [command.result("fit", *pair, "--loss", "softmax", "--l2", 0.1, "--scale", 24, ranks=ranks)["loss"]
                  for pair in (plain, packed)]
        assert losses[0] == losses[1], losses


def first_rows_of_text_are_those_of_a_shorter_file(command):
    rows = random_rows(7, 100, lambda x, g: g.randrange(2))
    write("long", as_text(rows))
    write("short", as_text(rows[:30]))
    for ranks in command.ranks:
        losses = [command.result("fit", *data, "--loss", "logistic", ranks=ranks)["loss"]
                  for data in (["long", "--rows", 30], ["short"])]
        assert losses[0] == losses[1]


@needs_hdf5
def softmax_on_fashion_mnist_reaches_the_known_optimum(command):
    if not os.path.exists(FASHION):
        return "the data set is not installed"
    train = [FASHION + "train-images-idx3-ubyte.gz", "--labels", FASHION + "train-labels-idx1-ubyte.gz"]
    test = [FASHION + "t10k-images-idx3-ubyte.gz", "--labels", FASHION + "t10k-labels-idx1-ubyte.gz"]
    for ranks in (command.ranks[0], command.ranks[-1]):
        result = command.result("fit", *train, "--scale", 255, "--rows", 1000, "--loss", "softmax", "--l2", 0.01,
                                "--model", "m.h5", ranks=ranks)
        near(result["loss"], 0.486424540866)
        near(command.result("predict", "m.h5", *test, ranks=ranks)["accuracy"], 0.7929, 1e-12)
    command.result("predict", "m.h5", test[0], "--output", "labels")
    assert len(open("labels").readlines()) == 10000


@needs_hdf5
def a_model_is_readable_by_h5py(command):
    if h5py is None:
        return "h5py is not installed"
    write("data", as_text(random_rows(8, 60, lambda x, g: g.choice([1, 4, 9]))))
    command.result("fit", "data", "--loss", "softmax", "--l2", 0.25, "--scale", 2, "--features", 5, "--model", "m.h5")
    with h5py.File("m.h5") as model:
        assert model.attrs["loss"] == "softmax" and model.attrs["l2"] == 0.25 and model.attrs["scale"] == 2
        assert model.attrs["n_features"] == 5 and model.attrs["intercept"] == 1 and model.attrs["version"]
        assert list(model.attrs["classes"]) == [1, 4, 9]
        assert model["weight"].shape == (3, 5) and model["bias"].shape == (3,)
        assert model["weight"].dtype == "f8" and not model["weight"][:, 2:].any()
    command.result("fit", "data", "--loss", "squared", "--no-intercept", "--model", "m.h5")
    with h5py.File("m.h5") as model:
        assert model.attrs["intercept"] == 0 and "classes" not in model.attrs and not model["bias"][:].any()


@needs_hdf5
def more_classes_than_an_attribute_of_64_kib_holds_fit_into_a_model_file(command):
    write("data", "".join(f"{k} 1:{k % 7}\n" for k in range(8200)))
    fitted = command.result("fit", "data", "--loss", "softmax", "--max-iter", 1, "--model", "m.h5", expect=3)
    assert fitted["classes"] == 8200
    assert command.result("predict", "m.h5", "data")["accuracy"] == fitted["accuracy"]


@needs_hdf5
def a_checkpoint_goes_on_with_its_own_data_only(command):
    rows = random_rows(9, 200, lambda x, g: 1 if x[0] + g.gauss(0, 1) > 0 else -1)
    write("data", as_text(rows))
    write("other", as_text([(y, [x[0], x[1] + (i == 17) * 1e-12]) for i, (y, x) in enumerate(rows)]))
    whole = command.result("fit", "data", "--loss", "logistic", "--l2", 1e-3)
    job = ["--loss", "logistic", "--l2", 1e-3, "--checkpoint", "c.h5", "--resume"]
    command.result("fit", "data", *job, "--max-iter", 2, expect=3)
    for ranks in sorted({1, command.ranks[-1]}):
        refused(command, ["fit", "other", *job], "data", ranks=ranks)
        refused(command, ["fit", "data", *job, "--l2", 1e-4], "l2", ranks=ranks)
        refused(command, ["fit", "data", *job, "--no-intercept"], "", ranks=ranks)
    resumed = command.result("fit", "data", *job)
    assert resumed["resumed_from"] == 2 and resumed["loss"] == whole["loss"] and resumed["n_iter"] == whole["n_iter"]


main([
    logistic_on_heart_scale_reaches_the_optimum_of_liblinear,
    compressed_text_gives_the_same_bits,
    threads_do_not_change_the_loss_or_gradient_of_the_objective,
    squared_loss_reaches_the_solution_of_the_normal_equations,
    poisson_means_add_up_to_the_counts,
    predictions_are_labels_in_the_order_of_the_rows,
    any_two_labels_serve_and_the_mapping_is_said,
    ranks_without_rows_take_part,
    ranks_without_parameters_take_part,
    a_row_without_features_is_all_zeros,
    texts_of_other_editors_are_the_same_text,
    a_line_of_ten_megabytes_is_one_row,
    idx_files_may_be_compressed,
    first_rows_of_text_are_those_of_a_shorter_file,
    softmax_on_fashion_mnist_reaches_the_known_optimum,
    a_model_is_readable_by_h5py,
    more_classes_than_an_attribute_of_64_kib_holds_fit_into_a_model_file,
    a_checkpoint_goes_on_with_its_own_data_only,
])
