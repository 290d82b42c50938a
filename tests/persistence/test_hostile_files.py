"""Damaged and hostile files: a clear error each, nothing run, memory and time bounded."""

import json
import pickle
import subprocess
import sys
import textwrap
import time
import zipfile

import joblib
import numpy as np
import pytest
import torch
from editing import FILE, load, packed, parts
from golden_models import MODELS
from hypothesis import given, settings
from hypothesis import strategies as st

import sktransfer
from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import SourceError, SourceFormatError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The bytes of saved models, by name."""
    found = {}
    for name, make in MODELS.items():
        directory = tmp_path_factory.mktemp(name)
        make()[0].save(directory)
        found[name] = (directory / FILE).read_bytes()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    tiny = TransferMLPClassifier((3,), max_iter=1, random_state=0, numeric_embedding=None)
    directory = tmp_path_factory.mktemp("tiny")
    tiny.fit(X, X[:, 0] > 0).save(directory)
    found["tiny"] = (directory / FILE).read_bytes()
    return found


def _refused(data, directory, match=None):
    with pytest.raises(SourceFormatError, match=match):
        load(data, directory)


def _damaged(data, rng):
    """One to four flipped bits, or a piece that is cut off, cut out, doubled or overwritten."""
    data = bytearray(data)
    kind, at = rng.integers(6), int(rng.integers(len(data)))
    length = int(rng.integers(1, 64))
    if kind <= 1:
        for i in rng.integers(len(data), size=rng.integers(1, 5)):
            data[i] ^= 1 << rng.integers(8)
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + length]
    elif kind == 4:
        data[at:at] = data[at : at + length]
    else:
        data[at : at + length] = rng.bytes(min(length, len(data) - at))
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["classifier", "regressor", "tiny"])
def test_a_damaged_file_is_refused(name, saved, tmp_path):
    """500 of each of three models."""
    rng = np.random.default_rng(len(name))
    began = time.process_time()
    for _ in range(500):
        damaged = _damaged(saved[name], rng)
        if damaged != saved[name]:
            _refused(damaged, tmp_path)
    assert time.process_time() - began < 30
    load(saved[name], tmp_path)  # the untouched file loads


@pytest.mark.slow
def test_every_shorter_file_is_refused(saved, tmp_path):
    data = saved["tiny"]
    for length in range(0, len(data), 7):
        _refused(data[:length], tmp_path, "cut off|safetensors|JSON|no saved model|header|column")


@pytest.mark.slow
def test_every_flipped_bit_of_the_header_is_refused_or_changes_nothing(saved, tmp_path):
    data = saved["tiny"]
    size = int.from_bytes(data[:8], "little")
    rng = np.random.default_rng(0)
    for i in rng.choice(8 * (8 + size), 1000, replace=False):
        flipped = bytearray(data)
        flipped[i // 8] ^= 1 << (i % 8)
        _refused(bytes(flipped), tmp_path)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=300))
def test_bytes_of_anything_are_refused(tmp_path_factory, data):
    _refused(data, tmp_path_factory.getbasetemp())


# -- files with the right digest ------------------------------------------------------------


HOSTILE = {}


def _hostile(change):
    HOSTILE[change.__name__.strip("_").replace("_", " ")] = change
    return change


def _state(document, *path):
    found = document["content"]["state"]
    for step in path:
        found = found[step]["state"]
    return found


def _fitted(document):
    return _state(document)["fitted"]["items"]


@_hostile
def _no_content(document, arrays):
    del document["content"]
    return "content"


@_hostile
def _content_of_another_kind(document, arrays):
    document["content"] = {"@": "LayerNames", "state": _state(document)["params"] and {}}
    return "cannot be read"


@_hostile
def _a_class_of_the_standard_library(document, arrays):
    _state(document)["params"] = {"@": "subprocess.Popen", "state": {"args": "touch owned"}}
    return "subprocess.Popen"


@_hostile
def _a_function_for_a_class(document, arrays):
    _state(document)["params"] = {"@": "check_strategy", "state": {}}
    return "check_strategy"


@_hostile
def _an_attribute_that_hides_a_method(document, arrays):
    _fitted(document).append(["predict", 3])
    return "unexpected keyword argument 'predict'"


@_hostile
def _a_dunder(document, arrays):
    _fitted(document).append(["__class__", {"@": "type", "value": "int"}])
    return "unexpected keyword argument '__class__'"


@_hostile
def _a_type_that_is_no_number(document, arrays):
    _fitted(document).append(["x_", {"@": "type", "value": "numpy.memmap"}])
    return "numpy.memmap"


@_hostile
def _a_numpy_function_on_files(document, arrays):
    _fitted(document).append(["x_", {"@": "ufunc", "value": "fromfile"}])
    return "fromfile"


@_hostile
def _an_unknown_parameter(document, arrays):
    _state(document)["params"]["items"].append(["exec", "1"])
    return "unexpected keyword argument 'exec'"


@_hostile
def _a_parameter_out_of_range(document, arrays):
    items = dict(map(tuple, _state(document)["params"]["items"]))
    items["alpha"] = -1
    _state(document)["params"]["items"] = [list(item) for item in items.items()]
    return "alpha"


@_hostile
def _an_unknown_field(document, arrays):
    _state(document, "description", "inputs", "columns")["colour"] = 1
    return "InputColumns.colour"


@_hostile
def _a_missing_field(document, arrays):
    del _state(document, "description", "inputs", "scaling")["scale"]
    return "scale"


@_hostile
def _a_missing_field_that_has_a_default(document, arrays):
    del _state(document, "description", "target")["center"]  # it would be made as long as told
    _state(document, "description", "target")["n_outputs"] = 10**9
    return "center"


@_hostile
def _a_field_of_another_type(document, arrays):
    _state(document, "description", "inputs", "columns")["n_features"] = "2"
    return "n_features cannot be 2"


@_hostile
def _an_activation_that_is_not_known(document, arrays):
    _state(document, "description")["activation"] = "swish"
    return "activation"


@_hostile
def _an_array_that_is_not_there(document, arrays):
    arrays.pop(next(name for name in arrays if "weight" in name))
    return "weight"


@_hostile
def _an_array_that_nothing_asks_for(document, arrays):
    arrays["../../etc/passwd"] = np.zeros(3)
    return "belong to nothing"


def _first_weight(arrays):
    return next(name for name in arrays if name.endswith("weight"))


@_hostile
def _nan_weights(document, arrays):
    name = _first_weight(arrays)
    arrays[name] = np.full_like(arrays[name], np.nan)
    return "NaN or infinite"


@_hostile
def _infinite_weights(document, arrays):
    name = _first_weight(arrays)
    arrays[name] = np.full_like(arrays[name], np.inf)
    return "NaN or infinite"


@_hostile
def _weights_of_another_shape(document, arrays):
    name = _first_weight(arrays)
    arrays[name] = arrays[name][:-1]
    return "chain|inputs"


@_hostile
def _weights_of_another_shape_behind(document, arrays):
    name = [name for name in arrays if name.endswith("weight")][-1]
    arrays[name] = np.vstack([arrays[name]] * 2)
    return "chain"


@_hostile
def _a_scale_of_zero(document, arrays):
    field = _state(document, "description", "inputs", "scaling")["scale"]
    arrays[field["name"]] = np.zeros_like(arrays[field["name"]])
    return "scale not 0|chain|inputs"


@_hostile
def _more_outputs_than_there_are(document, arrays):
    _state(document, "description", "target")["n_outputs"] = 10**9
    return "outputs|entries|cannot|allocate"


@_hostile
def _columns_that_are_not_there(document, arrays):
    columns = _state(document, "description", "inputs", "columns")
    columns["missing_indicators"] = {"@": "tuple", "items": [10**12]}
    return "."


@_hostile
def _fourier_features_without_end(document, arrays):
    fourier = [{"@": "tuple", "items": [0, {"@": "tuple", "items": [1.0] * 100_000}]}]
    columns = _state(document, "description", "inputs", "columns")
    columns["fourier"] = {"@": "tuple", "items": fourier}
    return "shape|inputs"


@_hostile
def _another_number_of_columns(document, arrays):
    for item in _fitted(document):
        if item[0] == "n_features_in":
            item[1] = 77
    return "77 columns"


@_hostile
def _texts_of_a_gigabyte(document, arrays):
    text = {"@": "array", "dtype": "<U1000000000", "shape": [2], "values": ["a", "b"]}
    _fitted(document).append(["x_", text])
    return "too many|not understood|no type of texts"


@_hostile
def _an_array_of_a_shape_that_its_values_do_not_fill(document, arrays):
    text = {"@": "array", "dtype": "|O", "shape": [10**6, 10**6], "values": ["a"]}
    _fitted(document).append(["x_", text])
    return "no array of shape"


@_hostile
def _a_random_state_beyond_its_end(document, arrays):
    arrays["key"] = np.zeros(624, np.uint32)
    items = ["MT19937", {"@": "array", "name": "key"}, 10**6, 0, 0.0]
    _fitted(document).append(["x_", {"@": "RandomState", "items": items}])
    return "no position"


@_hostile
def _deep_values(document, arrays):
    deep = []
    for _ in range(200):
        deep = [deep]
    _state(document)["estimator"] = deep
    return "estimator"


@_hostile
def _another_estimator(document, arrays):
    _state(document)["estimator"] = "os.system"
    return "os.system; expected a"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_the_right_digest_and_wrong_content_is_refused(name, saved, tmp_path):
    document, arrays = parts(saved["tiny"])
    message = HOSTILE[name](document, arrays)
    _refused(packed(document, arrays), tmp_path, message)
    model = TransferMLPClassifier(source=tmp_path)
    X = np.zeros((4, 2))
    if name in ("an attribute that hides a method", "a dunder", "another estimator") or (
        name in ("an unknown parameter", "a parameter out of range", "another number of columns")
    ):
        return  # none of what a source is
    with pytest.raises(SourceError):
        model.fit(X, [0, 1, 0, 1])
    assert not hasattr(model, "coefs_")


#: What a header says of the format, and what the refusal says.
PROTOCOLS = {
    "99 " + 64 * "0": "protocol 99; expected protocol 7.*newer version",
    "x " + 64 * "0": "protocol x; expected protocol 7",
    "": "protocol ; expected",
    64 * "0" + "\\n{}": "protocol 1; expected protocol 7.*older version",  # as once was written
}


@pytest.mark.parametrize("entry", PROTOCOLS)
def test_a_file_of_another_protocol_is_refused_by_its_number(entry, tmp_path):
    text = b'{"__metadata__":{"sktransfer":"%s"}}' % entry.encode()
    _refused(_header(text), tmp_path, PROTOCOLS[entry])


def _header(text, payload=b""):
    return len(text).to_bytes(8, "little") + text + payload


#: A file's bytes, and what the refusal says.
HEADERS = {
    "nothing": (b"", "cut off"),
    "a length beyond the file": ((2**63).to_bytes(8, "little") + b"{}", "cut off"),
    "no object": (_header(b"[]"), "not an object"),
    "no entry": (_header(b"{}"), "no entry of sktransfer"),
    "bytes that are no text": (_header(b"\xff\xfe{}"), "not escaped"),
    "an object a hundred thousand deep": (_header(b'{"a":' * 100_000), "deep|cannot be read"),
    "lists a hundred thousand deep": (_header(b"[" * 100_000), "deep|cannot be read"),
    "a number that is none": (_header(b'{"a":NaN}'), "NaN"),
    "a number without end": (_header(b'{"a":' + b"9" * 10_000 + b"}"), "cannot be read"),
    "a key twice": (_header(b'{"a":1,"a":2}'), "twice"),
    "a tensor of an exabyte": (
        _header(
            b'{"__metadata__":{"sktransfer":"7 x"},"a":{"dtype":"F64","shape":[1000000000000,'
            b'1000000],"data_offsets":[0,8000000000000000000]}}'
        ),
        "no valid safetensors",
    ),
    "a shape that overflows": (
        _header(
            b'{"__metadata__":{"sktransfer":"7 x"},"a":{"dtype":"F64","shape":[4294967296,'
            b'4294967296],"data_offsets":[0,0]}}'
        ),
        "no valid safetensors",
    ),
    "tensors that overlap": (
        _header(
            b'{"__metadata__":{"sktransfer":"7 x"},"a":{"dtype":"U8","shape":[4],'
            b'"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}',
            bytes(6),
        ),
        "no valid safetensors",
    ),
    "a type without a number of bytes": (
        _header(
            b'{"__metadata__":{"sktransfer":"7 x"},"a":{"dtype":"BF16","shape":[1],'
            b'"data_offsets":[0,2]}}',
            bytes(2),
        ),
        "BF16",
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_hostile_header_is_refused(name, tmp_path):
    data, message = HEADERS[name]
    _refused(data, tmp_path, message)


def test_trailing_bytes_are_refused(saved, tmp_path):
    _refused(saved["tiny"] + b"\0", tmp_path, "safetensors")


# -- files of other formats, and things that are no files ---------------------------------------


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def _pickled(path, evil):
    path.write_bytes(pickle.dumps(evil))


def _zipped(path, evil):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(evil))
        archive.writestr("schema.json", json.dumps({"__class__": "Popen"}))


WRITERS = {
    "pickle": _pickled,
    "joblib": lambda path, evil: joblib.dump(evil, path),
    "torch": lambda path, evil: torch.save(evil, path),
    "npy": lambda path, evil: np.save(path.open("wb"), np.array([evil]), allow_pickle=True),
    "zip": _zipped,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_other_formats_run_nothing(writer, tmp_path):
    marker = tmp_path / "owned"
    WRITERS[writer](tmp_path / FILE, Evil(marker))
    with pytest.raises(SourceFormatError):
        sktransfer.load(tmp_path)
    assert not marker.exists()


def test_what_is_no_regular_file_is_refused_at_once(saved, tmp_path):
    import os

    for name, make in {
        "fifo": os.mkfifo,
        "directory": os.mkdir,
        "endless": lambda path: os.symlink("/dev/zero", path),
        "circle": lambda path: os.symlink(path, path),
        "nowhere": lambda path: os.symlink("/nowhere", path),
    }.items():
        (tmp_path / name).mkdir()
        make(tmp_path / name / FILE)
        with pytest.raises(SourceFormatError, match="no saved model"):
            sktransfer.load(tmp_path / name)
    for bad in ("\0", "", tmp_path / "missing", tmp_path / "nowhere" / FILE, "x" * 10_000):
        with pytest.raises(SourceFormatError, match="no saved model"):
            sktransfer.load(bad)


@pytest.mark.slow
def test_loading_executes_nothing_and_opens_one_file(tmp_path):
    """What Python's audit hooks see while a model with scikit-learn's transformers is loaded."""
    MODELS["regressor"]()[0].save(tmp_path)
    script = f"""
        import sys
        import sktransfer
        sktransfer.load({str(tmp_path)!r})  # imports what is our own and scikit-learn's
        seen = []
        sys.addaudithook(lambda event, args: seen.append((event, args)))
        model = sktransfer.load({str(tmp_path)!r})
        bad = ("exec", "compile", "pickle", "marshal", "os.system", "subprocess", "socket")
        print([event for event, _ in seen if event.startswith(bad)])
        opened = {{args[0] for event, args in seen if event == "open"}}  # and a file's number
        print(sorted(str(path) for path in opened if not isinstance(path, int)))
    """
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert out.returncode == 0, out.stderr
    events, opened = out.stdout.splitlines()
    assert events == "[]"
    assert opened == repr([str(tmp_path / FILE)])


def _texts(length, values):
    return {"@": "array", "dtype": f"<U{length}", "shape": [len(values)], "values": values}


def _hostile_sizes(data):
    """Files that stand for far more than they hold, by name; None for one without a byte."""
    many = b'{"__metadata__":{"sktransfer":"7 x"}' + b"".join(
        b',"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}' % i for i in range(50_000)
    )
    yield "a file of 3 TB without a byte on the disk", None
    yield "many tensors", _header(many + b"}")
    yield "a header of empty lists", _header(b'{"a":[' + b"[]," * 2**22 + b"0]}")
    for name, value in {
        "empty lists": [[]] * 2**21,
        "empty dicts": [{}] * 2**21,
        "keys": [{f"{i:x}": 0} for i in range(2**19)],
        "tuples of one": [{"@": "tuple", "items": [0]}] * 2**18,
        "a long text and many short ones": _texts(50_000, ["a" * 50_000] + [""] * 4999),
        "room for longer texts": _texts(50_000_000, ["a"]),
        "letters of four bytes": ["😀" + "a" * 2**24],
        "records": [{"@": "NumericColumn", "state": {"name": "a"}}] * 2**17,
    }.items():
        document, arrays = parts(data)
        _fitted(document).append(["x_", value])
        yield name, packed(document, arrays)
    for name, dtype in {
        "one array in another order": np.float64,
        "a wider type": np.uint8,
    }.items():
        document, arrays = parts(data)
        big = {"@": "array", "name": "big", "order": "F"}
        arrays["big"] = np.zeros((2**12, 2**10), dtype)
        layer = {"@": "DenseLayer", "state": {"weight": big, "bias": big}}
        _fitted(document).append(["x_", [big] * 1000 if dtype == np.float64 else [layer] * 1000])
        yield name, packed(document, arrays)


_PEAK = """
import resource, sys, time
import sktransfer
from sktransfer.exceptions import SourceFormatError
from sktransfer._persistence._types import classes

classes()
for path, size in zip(sys.argv[1::2], map(int, sys.argv[2::2])):
    before = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = before + 4 * size + 100_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
    began = time.process_time()
    try:
        sktransfer.load(path)
        print("loaded")
    except SourceFormatError:
        print("refused", time.process_time() - began < 10)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are kept on Linux")
def test_a_file_takes_memory_in_proportion_to_its_size(saved, tmp_path):
    """At most four times its size and 100 MB, and it is refused or loads in a process of these."""
    arguments, names = [], []
    for number, (name, data) in enumerate(_hostile_sizes(saved["tiny"])):
        directory = tmp_path / str(number)
        directory.mkdir()
        with open(directory / FILE, "wb") as file:
            file.write(data) if data is not None else file.truncate(3 * 2**40)
        arguments += [str(directory), str(len(data) if data is not None else 0)]
        names.append(name)
    command = [sys.executable, "-c", _PEAK, *arguments]
    out = subprocess.run(command, capture_output=True, text=True, timeout=300)
    found = dict(zip(names, out.stdout.splitlines(), strict=False))
    assert found == dict.fromkeys(names, "refused True"), out.stderr
