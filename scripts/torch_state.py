#!/usr/bin/python3
"""Converts state dicts of torch.optim.LBFGS to the HDF5 files of secant_state_dict_read() and back.

  torch_state.py to-hdf5 IN.pt OUT.h5     a file of torch.save(optimizer.state_dict(), ...) becomes one for Secant
  torch_state.py to-torch IN.h5 OUT.pt    a file of secant_state_dict_save() becomes one for load_state_dict() of torch
  torch_state.py inspect FILE             prints what either kind of file holds

The exit status is 0, or 1 after an error, which is told in one sentence.
"""
import argparse
import os
import pickletools
import struct
import sys
import zipfile
from inspect import signature

FORMAT, VERSION = "secant-state-dict", 1
RESERVED = {"keys", "kind", "format", "version", "library"}  # attributes of the format: such entries are datasets
ALIASES = {"y": "old_dirs", "s": "old_stps"}
LARGEST_ATTRIBUTE = 60000
NONE_BITS = struct.pack("<Q", 0x7FF800004E4F4E45)  # the NaN that stands for None in a list of reals

HARMLESS = {("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2")}
GROUP_REALS = ("lr", "tolerance_grad", "tolerance_change")
GROUP_INTEGERS = ("max_iter", "max_eval", "history_size")
STATE_REALS = ("t", "H_diag", "prev_loss")
STATE_VECTORS = ("d", "prev_flat_grad")
PAIRS = ("old_dirs", "old_stps")


class Refused(Exception):
    """What the user is told before the program ends."""


def need(name):
    try:
        return __import__(name)
    except ImportError:
        raise Refused(f"this needs the Python module '{name}', which cannot be imported")


# ---- trees in HDF5: dicts, lists, int, float, str, None and numpy arrays, laid out as src/checkpoint/state_file.h says


def none_mark(numpy):
    return numpy.frombuffer(NONE_BITS, dtype="<f8")[0]


def text_type(h5py, texts):
    return h5py.string_dtype("utf-8", max([len(text.encode()) for text in texts] + [0]) + 1)


def list_array(value, numpy, h5py):
    """The array that a list of equal values becomes, with its type, or None if it becomes a group."""
    if value and all(type(item) is int for item in value):
        return numpy.array(value, dtype="<i8"), None
    if value and all(item is None or type(item) is float for item in value):
        return numpy.array([none_mark(numpy) if item is None else item for item in value], dtype="<f8"), None
    if value and all(type(item) is str for item in value):
        return numpy.array([item.encode() for item in value]), text_type(h5py, value)
    return None


def mark(dataset, kind, h5py):
    dataset.attrs.create("kind", kind, dtype=text_type(h5py, [kind]))


def put_array(group, name, array, dtype, kind, h5py):
    if dtype is not None:
        array = array.astype(dtype)  # HDF5 does not turn other texts into UTF-8
    if array.nbytes <= LARGEST_ATTRIBUTE and name not in RESERVED:
        group.attrs.create(name, array, dtype=dtype)
    else:
        mark(group.create_dataset(name, data=array, dtype=dtype), kind, h5py)


def are_vectors(value, numpy):
    first = value[0] if value else None
    return isinstance(first, numpy.ndarray) and first.ndim == 1 and all(
        isinstance(item, numpy.ndarray) and item.shape == first.shape and item.dtype == first.dtype for item in value)


def put_list(group, name, value, numpy, h5py):
    found = list_array(value, numpy, h5py)
    if found:
        put_array(group, name, *found, "list", h5py)
    elif are_vectors(value, numpy):
        mark(group.create_dataset(name, data=numpy.stack(value)), "list", h5py)
    else:
        child = group.create_group(name)
        mark(child, "list", h5py)
        for i, item in enumerate(value):
            put(child, str(i), item, numpy, h5py)


def put_dict(group, value, numpy, h5py):
    if value:
        group.attrs.create("keys", numpy.array([key.encode() for key in value]), dtype=text_type(h5py, value))
    else:
        group.attrs["keys"] = h5py.Empty(text_type(h5py, []))
    for key, item in value.items():
        put(group, key, item, numpy, h5py)
    for alias, key in ALIASES.items():
        if alias not in value and isinstance(group.get(key), h5py.Dataset):
            group[alias] = group[key]


def put(group, name, value, numpy, h5py):
    if isinstance(value, dict):
        put_dict(group.create_group(name), value, numpy, h5py)
    elif isinstance(value, list):
        put_list(group, name, value, numpy, h5py)
    elif isinstance(value, numpy.ndarray):
        group.create_dataset(name, data=value)
    elif value is None:
        group.attrs[name] = h5py.Empty("<f8")
    elif isinstance(value, str):
        put_array(group, name, numpy.array(value.encode()), text_type(h5py, [value]), "value", h5py)
    else:
        put_array(group, name, numpy.array(value, dtype="<i8" if type(value) is int else "<f8"), None, "value", h5py)


def save_tree(path, tree):
    h5py, numpy = need("h5py"), need("numpy")
    with h5py.File(path, "w") as file:
        file.attrs.create("format", FORMAT, dtype=text_type(h5py, [FORMAT]))
        file.attrs.create("version", VERSION, dtype="<i8")
        file.attrs.create("library", "torch_state.py", dtype=text_type(h5py, ["torch_state.py"]))
        put_dict(file, tree, numpy, h5py)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def from_array(value, numpy, h5py):
    """A Python value from what h5py makes of an attribute, or of a dataset that stands for one."""
    if isinstance(value, h5py.Empty):
        return None
    array = numpy.asarray(value)
    if array.ndim == 0:
        return text(value.item() if hasattr(value, "item") else value) if array.dtype.kind in "SOU" else array.item()
    if array.dtype.kind in "SOU":
        return [text(item) for item in array]
    if array.dtype.kind == "f":
        bits = array.astype("<f8").view("<u8")
        mark = struct.unpack("<Q", NONE_BITS)[0]
        return [None if bits[i] == mark else float(array[i]) for i in range(len(array))]
    return [int(item) for item in array]


def get_dataset(dataset, numpy, h5py):
    kind = text(dataset.attrs.get("kind", ""))
    value = dataset[()]
    if kind == "":
        return numpy.asarray(value)
    return list(value) if kind == "list" and value.ndim == 2 else from_array(value, numpy, h5py)


def get(group, name, numpy, h5py):
    if name not in group:
        if name not in group.attrs:
            raise Refused(f"'{group.file.filename}': '{group.name}' lacks the entry '{name}'")
        return from_array(group.attrs[name], numpy, h5py)
    if isinstance(group[name], h5py.Dataset):
        return get_dataset(group[name], numpy, h5py)
    return get_group(group[name], numpy, h5py)


def get_group(group, numpy, h5py):
    if text(group.attrs.get("kind", "")) == "list":
        count = len(group) + len(group.attrs) - 1
        return [get(group, str(i), numpy, h5py) for i in range(count)]
    keys = from_array(group.attrs["keys"], numpy, h5py) if "keys" in group.attrs else []
    return {key: get(group, key, numpy, h5py) for key in keys or []}


def load_tree(path):
    h5py, numpy = need("h5py"), need("numpy")
    with open(path, "rb"):
        pass  # tells plainly where there is no file
    if not h5py.is_hdf5(path):
        raise Refused(f"'{path}' is no HDF5 file")
    with h5py.File(path, "r") as file:
        if text(file.attrs.get("format", "")) != FORMAT:
            raise Refused(f"'{path}' is an HDF5 file, but not a state dict of Secant")
        if int(file.attrs.get("version", 0)) != VERSION:
            raise Refused(f"'{path}' has version {file.attrs.get('version')} of the format, not {VERSION}")
        return get_group(file, numpy, h5py)


# ---- torch's dicts --------------------------------------------------------------------------------------------------


def named_objects(stream):
    """What a pickle would import, and so could run. A name that is put together on its stack counts as None."""
    for operation, argument, _ in pickletools.genops(stream):
        if operation.name == "GLOBAL":
            yield tuple(argument.split(" ", 1))
        elif operation.name in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"):
            yield None


def is_harmless(name):
    if name is None or name in HARMLESS:
        return name is not None
    return name[0] in ("torch", "torch.storage") and name[1].isidentifier() and name[1].endswith("Storage")


def check_plain(path):
    """Lets only files through that torch.load() makes tensors and plain values of, without running anything else."""
    with zipfile.ZipFile(path) as archive:
        pickles = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".pkl")]
        if len(pickles) != 1 or not pickles[0].filename.endswith("/data.pkl"):
            raise Refused(f"'{path}' was not saved by torch.save()")
        with archive.open(pickles[0]) as stream:
            strange = [name for name in named_objects(stream) if not is_harmless(name)]
    if strange:
        what = ".".join(strange[0] or ("a hidden name",))
        raise Refused(f"'{path}' holds more than tensors and plain values: {what}")


def load_torch(path, key):
    torch = need("torch")
    how = {"weights_only": False} if "weights_only" in signature(torch.load).parameters else {}  # it is checked here
    try:
        check_plain(path)
        content = torch.load(path, map_location="cpu", **how)
    except (OSError, Refused):
        raise
    except Exception as error:  # a damaged file can raise anything
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Refused(f"'{path}' cannot be read as a file of torch.save(): {reason}")
    if key is not None:
        if not isinstance(content, dict) or key not in content:
            raise Refused(f"'{path}' has no entry '{key}'")
        content = content[key]
    if not isinstance(content, dict) or not {"state", "param_groups"} <= set(content):
        raise Refused(f"'{path}' holds no state dict of an optimizer; if it lies under a key, give --key")
    return content


def plain_key(key, place):
    name = str(key)
    if name in ("", ".") or "/" in name or "\0" in name:
        raise Refused(f"'{place}' has an entry {name!r}, which is no name in a state dict of Secant")
    return name


def plain(value, torch, place):
    """Tensors become numpy arrays, and those without dimensions numbers."""
    if isinstance(value, torch.Tensor):
        if value.dtype not in (torch.float32, torch.float64):
            raise Refused(f"'{place}' has the element type {value.dtype}; only float32 and float64 can be converted")
        return float(value) if value.dim() == 0 else value.detach().cpu().contiguous().numpy()
    if isinstance(value, dict):
        return {plain_key(key, place): plain(item, torch, f"{place}/{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, torch, f"{place}/{i}") for i, item in enumerate(value)]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and "\0" in value:
        raise Refused(f"'{place}' holds a zero character, where a text in a state dict of Secant ends")
    if value is None or isinstance(value, (int, float, str)):
        return value
    raise Refused(f"'{place}' is a {type(value).__name__}, which no state dict of torch.optim.LBFGS has")


def to_hdf5(source, target, key):
    torch = need("torch")
    content = load_torch(source, key)
    tree = {name: plain(content[name], torch, name) for name in ("state", "param_groups")}
    if any("line_search_fn" not in group for group in tree["param_groups"]):
        raise Refused(f"'{source}' holds the state of another optimizer than torch.optim.LBFGS")
    for entry in tree["state"].values():
        entry.update({name: float(entry[name]) for name in STATE_REALS if entry.get(name) is not None})
    for group in tree["param_groups"]:
        group.update({name: float(group[name]) for name in GROUP_REALS + ("initial_lr",) if name in group})
    write_beside(target, lambda path: save_tree(path, tree))


def torch_group(group, place):
    missing = [name for name in GROUP_REALS + GROUP_INTEGERS + ("params",) if name not in group]
    if missing:
        raise Refused(f"'{place}': the group lacks '{missing[0]}'")
    line_search = group.get("line_search_fn")
    if line_search not in (None, "strong_wolfe"):
        raise Refused(f"'{place}': torch has no line search '{line_search}'")
    result = {name: float(group[name]) for name in GROUP_REALS[:1]}
    result.update({name: int(group[name]) for name in GROUP_INTEGERS[:2]})
    result.update({name: float(group[name]) for name in GROUP_REALS[1:]})
    result.update(history_size=int(group["history_size"]), line_search_fn=line_search)
    if result["max_eval"] < 0:
        result["max_eval"] = result["max_iter"] * 5 // 4
    if group.get("initial_lr") is not None:
        result["initial_lr"] = float(group["initial_lr"])
    result["params"] = [int(number) for number in group["params"]]
    if "param_names" in group:
        result["param_names"] = list(group["param_names"])
    return result


def number_of_dtype(value, like, torch):
    return None if value is None else torch.tensor(value, dtype=like.dtype)


def torch_state(entry, own, history_size, torch, place):
    result = {name: int(entry[name]) for name in ("func_evals", "n_iter")}
    if result["n_iter"] == 0:
        return result
    missing = [name for name in STATE_VECTORS + PAIRS + STATE_REALS + ("ro",) if entry.get(name) is None]
    if missing:
        raise Refused(f"'{place}': the state lacks '{missing[0]}'")
    d = torch.from_numpy(entry["d"].copy())
    # torch makes a pair of the last step and what follows; where there is to be none, a step of length 0 says so
    result.update(d=d, t=float(entry["t"]) if own.get("pending", 1) else 0.0)
    for name in PAIRS:
        result[name] = [torch.from_numpy(row.copy()) for row in entry[name]]
    result["ro"] = [number_of_dtype(value, d, torch) for value in entry["ro"]]
    result["H_diag"] = number_of_dtype(entry["H_diag"], d, torch) if result["ro"] else entry["H_diag"]
    result["prev_flat_grad"] = torch.from_numpy(entry["prev_flat_grad"].copy())
    result["prev_loss"] = float(entry["prev_loss"])
    scratch = (list(entry.get("al") or []) + [None] * history_size)[:history_size]
    result["al"] = [number_of_dtype(value, d, torch) for value in scratch]
    return result


def to_torch(source, target):
    torch = need("torch")
    tree = load_tree(source)
    groups, state = tree.get("param_groups"), tree.get("state")
    if not isinstance(groups, list) or not isinstance(state, dict):
        raise Refused(f"'{source}' lacks 'state' or 'param_groups'")
    if len(groups) != 1:
        raise Refused(f"'{source}' has {len(groups)} parameter groups; torch.optim.LBFGS has one")
    group, own = torch_group(groups[0], source), state.get("secant", {})
    entries = {key: entry for key, entry in state.items() if key != "secant"}
    result = {int(key): torch_state(entry, own, group["history_size"], torch, source) for key, entry in entries.items()}
    write_beside(target, lambda path: torch.save({"state": result, "param_groups": [group]}, path))


# ---- the command ----------------------------------------------------------------------------------------------------


def write_beside(target, write):
    """Writes under a temporary name, so that an older file is replaced as a whole or not at all."""
    temporary = target + ".tmp"
    with open(temporary, "wb"):
        pass  # tells plainly where no file can be made
    try:
        write(temporary)
        os.replace(temporary, target)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def describe(value):
    if hasattr(value, "shape"):
        return f"{str(value.dtype).replace('torch.', '')} {list(value.shape)}"
    if isinstance(value, list) and value and hasattr(value[0], "shape"):
        return f"list of {len(value)}: {describe(value[0])}"
    return str(value) if len(str(value)) <= 80 else f"{str(value)[:77]}..."


def show(value, indent=0):
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        nested = isinstance(item, dict) or (isinstance(item, list) and any(isinstance(entry, dict) for entry in item))
        print(f"{'  ' * indent}{key}{'/' if nested else ': ' + describe(item)}")
        if nested:
            show(item, indent + 1)


def show_file(path, key):
    with open(path, "rb") as file:
        hdf5 = file.read(8) == b"\x89HDF\r\n\x1a\n"
    show(load_tree(path) if hdf5 else load_torch(path, key))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    key_help = "entry of the file under which the state dict lies, if it is not the whole file"
    to = tasks.add_parser("to-hdf5", help="from torch to Secant")
    to.add_argument("source", metavar="IN.pt")
    to.add_argument("target", metavar="OUT.h5")
    to.add_argument("--key", help=key_help)
    back = tasks.add_parser("to-torch", help="from Secant to torch")
    back.add_argument("source", metavar="IN.h5")
    back.add_argument("target", metavar="OUT.pt")
    look = tasks.add_parser("inspect", help="print what a file holds")
    look.add_argument("source", metavar="FILE")
    look.add_argument("--key", help=key_help)
    return parser.parse_args()


def main():
    chosen = arguments()
    try:
        if chosen.task == "to-hdf5":
            to_hdf5(chosen.source, chosen.target, chosen.key)
        elif chosen.task == "to-torch":
            to_torch(chosen.source, chosen.target)
        else:
            show_file(chosen.source, chosen.key)
    except Refused as error:
        print(f"torch_state.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"torch_state.py: '{error.filename or chosen.source}' cannot be used: {error.strerror or error}",
              file=sys.stderr)
        return 1
    except (LookupError, ArithmeticError, TypeError, ValueError, AttributeError, RuntimeError, MemoryError) as error:
        print(f"torch_state.py: '{chosen.source}' is damaged or not of the expected kind ({error})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
