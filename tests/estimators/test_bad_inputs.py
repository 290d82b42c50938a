"""What bad input gets: a clear error before any training, and no harm to what was there.

``TABLES``, ``SIZES`` and ``TARGETS`` are a catalogue of a hundred inputs that nobody would want to
be given, and ``REFUSED`` says which of them are refused, and in what words;
``benchmarks/reliability/bad_inputs.py`` prints what other packages do with each. Below it stand
bad weights, sources and parameters.

An outcome is ``ok`` (finite predictions, one per row), ``warned`` (the same, and a warning that
says what is odd), ``error`` (ValueError or TypeError: the input was refused), ``other`` (any
other exception) or ``SILENT`` (predictions that are not finite or not one per row, and no error).
"""

import datetime
import re
import threading
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from fitted import FEW_MEMBERS, one_fast_in
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import (
    SelfSupervisedMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import (
    DivergenceError,
    OneClassWarning,
    SourceError,
    SourceFormatError,
    SourceKindError,
    SourceLayersError,
    TransferError,
    TransferWarning,
)
from sktransfer.sources import SourceDescription
from sktransfer.strategies import L2SP, LPFT, Discriminative, Gradual, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

OUTCOMES = ("ok", "warned", "error", "other", "SILENT")
METHODS = ("fit", "partial_fit", "predict")
KINDS = ("classifier", "regressor")
_rng = np.random.default_rng(0)
X = _rng.normal(size=(40, 4))
LABELS = np.arange(40) % 2
NUMBERS = X[:, 0] * 3 + 1
FRAME = pd.DataFrame(X, columns=list("abcd"))
SOURCE = TransferMLPClassifier((5, 4), max_iter=2, random_state=0).fit(X, LABELS)


def _with(value, dtype=np.float64):
    changed = X.astype(dtype)
    changed[3, 1] = value
    return changed


def _column(values):
    return FRAME.assign(b=values)


def _objects(values):
    changed = X.astype(object)
    changed[:, 1] = values
    return changed


#: Tables; rows are as many as there are labels for.
TABLES = {
    "NaN": _with(np.nan),
    "infinity": _with(np.inf),
    "minus infinity": _with(-np.inf),
    "1e30": _with(1e30),
    "1e38": _with(1e38),
    "1e39, beyond float32": _with(1e39),
    "1e300": _with(1e300),
    "1e308": _with(1e308),
    "smallest number": _with(5e-324),
    "all x 1e6": X * 1e6,
    "all x 1e20": X * 1e20,
    "all x 1e-30": X * 1e-30,
    "all + 1e9": X + 1e9,
    "float32 at its largest": _with(3e38, np.float32),
    "float16": X.astype(np.float16),
    "long double": X.astype(np.longdouble),
    "big-endian": X.astype(">f8"),
    "Fortran order": np.asfortranarray(X),
    "strided": np.repeat(X, 2, axis=0)[::2],
    "read-only": np.frombuffer(X.tobytes()).reshape(X.shape),
    "integers": (X * 10).astype(int),
    "integers beyond 2**53": (X * 2**60).astype(np.int64),
    "unsigned bytes": (X * 10).astype(np.uint8),
    "booleans": X > 0,
    "constant column": np.column_stack([X[:, :3], np.ones(40)]),
    "all constant": np.ones((40, 4)),
    "all zero": np.zeros((40, 4)),
    "duplicated column": np.column_stack([X[:, :3], X[:, 0]]),
    "duplicated rows": np.repeat(X[:1], 40, axis=0),
    "column all NaN": np.column_stack([X[:, :3], np.full(40, np.nan)]),
    "all NaN": np.full((40, 4), np.nan),
    "complex": X + 1j,
    "list of lists": X.tolist(),
    "ragged lists": [*X[:-1].tolist(), [1.0]],
    "tuple": tuple(map(tuple, X)),
    "one dimension": X[:, 0],
    "three dimensions": X[:, :, None],
    "zero dimensions": np.float64(3.0),
    "no columns": X[:, :0],
    "text": np.full((40, 4), "a"),
    "text of numbers": X.astype(str),
    "bytes": X.astype("S8"),
    "objects: numbers": X.astype(object),
    "objects: text": _objects("a"),
    "objects: None": _objects(None),
    "objects: lists": np.array([[[1]] * 4] * 40 + [[1]], dtype=object)[:-1],
    "objects: Decimal": _objects([Decimal("1.5")] * 40),
    "objects: Fraction": _objects([Fraction(1, 3)] * 40),
    "objects: dates": _objects([datetime.date(2024, 1, 1)] * 40),
    "structured array": np.array([tuple(row) for row in X], dtype=[(n, float) for n in "abcd"]),
    "datetimes": X.astype("datetime64[s]"),
    "masked array": np.ma.masked_less(X, 0),
    "matrix": np.asmatrix(X),
    "sparse": sparse.csr_array(X),
    "sparse COO": sparse.coo_array(X),
    "sparse with infinity": sparse.csr_array(_with(np.inf)),
    "sparse without entries": sparse.csr_array((40, 4)),
    "a text": "table",
    "a number": 3,
    "None": None,
    "a dict": {"a": [1, 2]},
    "a function": len,
    "frame": FRAME,
    "frame: duplicated names": FRAME.set_axis(["a", "a", "c", "d"], axis=1),
    "frame: names of numbers": FRAME.set_axis(range(4), axis=1),
    "frame: names of both kinds": FRAME.set_axis(["a", 1, "c", "d"], axis=1),
    "frame: two header rows": FRAME.set_axis([("a", i) for i in range(4)], axis=1),
    "frame: text": _column(["x", "y"] * 20),
    "frame: category": _column(pd.Categorical(["x", "y"] * 20)),
    "frame: category of numbers": _column(pd.Categorical([1, 2] * 20)),
    "frame: 40 texts": _column([f"text {i}" for i in range(40)]),
    "frame: text and numbers": _column([1, "x"] * 20),
    "frame: nullable": FRAME.convert_dtypes().mask(FRAME < -1),
    "frame: moments": _column(pd.date_range("2024", periods=40)),
    "frame: moments with zones": _column(pd.date_range("2024", periods=40, tz="UTC")),
    "frame: durations": _column(pd.to_timedelta(range(40), unit="h")),
    "frame: periods": _column(pd.period_range("2024", periods=40)),
    "frame: intervals": _column(pd.interval_range(0, 40)),
    "frame: complex": _column(X[:, 0] + 1j),
    "frame: lists": _column([[1]] * 40),
    "frame: column of None": _column([None] * 40),
    "frame: infinity": _column([np.inf] * 40),
    "frame: duplicated index": FRAME.set_axis([0] * 40, axis=0),
    "polars": pl.from_pandas(FRAME),
    "polars: lazy": pl.from_pandas(FRAME).lazy(),
    "polars: moments": pl.from_pandas(_column(pd.date_range("2024", periods=40))),
    "polars: lists": pl.from_pandas(FRAME).with_columns(b=pl.concat_list("a")),
}
#: Other numbers of rows.
SIZES = {"no rows": 0, "one row": 1, "two rows": 2, "three rows": 3}
#: Targets: of a classifier, of a regressor, or of both.
TARGETS = {
    "y: one class": (np.zeros(40), np.zeros(40)),
    "y: NaN": (np.where(LABELS, np.nan, 1), np.where(LABELS, np.nan, 1)),
    "y: infinity": (np.where(LABELS, np.inf, 1), np.where(LABELS, np.inf, 1)),
    "y: 1e38": (LABELS * 1e38, LABELS * 1e38),
    "y: 1e300": (LABELS * 1e300, LABELS * 1e300),
    "y: too short": (LABELS[:-1], NUMBERS[:-1]),
    "y: too long": (np.append(LABELS, 0), np.append(NUMBERS, 0)),
    "y: column": (LABELS[:, None], NUMBERS[:, None]),
    "y: text": (np.array(["a", "b"])[LABELS], np.array(["a", "b"])[LABELS]),
    "y: labels of two kinds": (np.array([1, "a"] * 20, dtype=object),) * 2,
    "y: lists": (np.array([[1]] * 40 + [[1, 2]], dtype=object)[:-1],) * 2,
    "y: fractions": (NUMBERS, NUMBERS),
    "y: complex": (LABELS + 1j, NUMBERS + 1j),
    "y: objects with None": (np.array([1, None] * 20, dtype=object),) * 2,
    "y: three dimensions": (np.zeros((40, 2, 2)),) * 2,
    "y: one label a row": (np.arange(40), np.arange(40)),
    "y: None": (None, None),
}


#: What the error says about inputs that ``fit``, ``partial_fit`` or ``predict`` refuses.
REFUSED = {
    "infinity": "X contains infinity",
    "minus infinity": "X contains infinity",
    "1e300": r"too large to standardise in column 1.*Rescale the column, or use standardize=False",
    "1e308": r"too large to standardise in column 1.*Rescale the column, or use standardize=False",
    "complex": "Complex data not supported",
    "ragged lists": "inhomogeneous shape",
    "one dimension": "Expected 2D array, got 1D array",
    "three dimensions": "array with dim 3, while dim <= 2",
    "zero dimensions": "Expected 2D array, got scalar",
    "no columns": r"0 feature\(s\) \(shape=\(40, 0\)\)",
    "text": "text such as 'a' in column 0; expected numbers|could not convert string to float",
    "objects: text": "text such as 'a' in column 1; expected numbers|string to float: 'a'",
    "objects: lists": "an array element with a sequence",
    "objects: dates": r"entries such as datetime.date\(2024, 1, 1\) in column 1; expected numbers",
    "structured array": "Cannot cast array data",
    "masked array": r"76 masked entries; expected missing entries as NaN.*filled\(numpy.nan\)",
    "matrix": "np.matrix is not supported",
    "sparse with infinity": "X contains infinity",
    "a text": "could not convert string to float: 'table'",
    "a number": "Expected 2D array, got scalar",
    "None": "Expected 2D array, got scalar",
    "a dict": "not 'dict'",
    "a function": "not 'builtin_function_or_method'",
    "frame: duplicated names": r"several columns of the name 'a'; .*columns.duplicated\(\)",
    "frame: names of both kinds": "Feature names are only supported if all input features",
    "frame: text": "Column 'b' held numbers in fit, and has texts such as 'x' now; expected",
    "frame: category": "Column 'b' held numbers in fit, and has texts such as 'x' now",
    "frame: 40 texts": "Column 'b' held numbers in fit, and has texts such as 'text 0' now",
    "frame: text and numbers": "Column 'b' held numbers in fit, and has texts such as 'x' now",
    "frame: moments": r"Column 'b' held numbers in fit, and is of type datetime64\[[un]s\] now",
    "frame: moments with zones": r"'b' held numbers in fit, .*datetime64\[[un]s, UTC\] now",
    "frame: durations": r"'b' held numbers in fit, and is of type timedelta64\[[un]s\] now",
    "frame: periods": r"Column 'b' held numbers in fit, and is of type datetime64\[[un]s\] now",
    "frame: intervals": r"'b' is of type interval.*astype\('category'\)|is of type interval.* now",
    "frame: complex": r"'b' is of type complex128.*X\['b'\].real|is of type complex128 now",
    "frame: lists": r"'b' has list entries such as \[1\]; .*Take collections apart|sequence",
    "frame: infinity": "X contains infinity",
    "polars: lazy": r"a lazy table \(LazyFrame\).*\.collect\(\)",
    "polars: moments": r"'b' held numbers in fit, and is of type Datetime\(.*\) now",
    "polars: lists": r"'b' is of type List\(Float64\).*Take it apart|List\(Float64\) now",
    "no rows": r"0 sample\(s\) \(shape=\(0, 4\)\)|y has 0 samples",
    "y: NaN": "20 of 40 labels are missing, the first in row 1.*Leave these rows out|contains NaN",
    "y: infinity": "contains infinity",
    "y: 1e38": "Unknown label type",
    "y: 1e300": "Unknown label type|y has values as large as 1e.300.*in a larger unit",
    "y: too short": r"inconsistent numbers of samples: \[40, 39\]",
    "y: too long": r"inconsistent numbers of samples: \[40, 41\]",
    "y: text": r"'a' of type str; expected numbers.*TransferMLPClassifier.*pandas.to_numeric",
    "y: labels of two kinds": "texts such as 'a' and others|'<' not supported|of type str;",
    "y: lists": r"MultiLabelBinarizer|'\[1\]' of type list; expected numbers",
    "y: fractions": r"numbers with fractions such as 1.37719.*TransferMLPRegressor|Unknown label",
    "y: complex": r"y has complex numbers such as .*give y.real|Complex data not supported\n\[0",
    "y: objects with None": "20 of 40 labels are missing, the first in row 1",
    "y: three dimensions": "array with dim 3, while dim <= 2",
    "y: None": "requires y to be passed|Expected array-like",
}


OURS = {
    "classifier": lambda: TransferMLPClassifier(
        (16,), max_iter=5, strategy="l2_sp", random_state=0
    ),
    "regressor": lambda: TransferMLPRegressor(
        hidden_layer_sizes=(16,), max_iter=5, strategy="l2_sp", random_state=0
    ),
}


def inputs():
    """(name, X, labels, numbers) of every input."""
    for name, table in TABLES.items():
        yield name, table, LABELS, NUMBERS
    for name, n in SIZES.items():
        yield name, X[:n], LABELS[:n], NUMBERS[:n]
    for name, targets in TARGETS.items():
        yield name, X, *targets


def outcome(model, method, table, y, classes=None):
    """One of the outcomes of a method, and the exception if there was one."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        found, error = _outcome(model, method, table, y, classes)
    odd = [w for w in caught if not issubclass(w.category, DeprecationWarning | FutureWarning)]
    # of five epochs nobody expects that they converge
    odd = [w for w in odd if "Maximum iterations" not in str(w.message)]
    return ("warned" if found == "ok" and odd else found), error


def _outcome(model, method, table, y, classes):
    try:
        if method == "partial_fit":
            model.partial_fit(table, y, **({} if classes is None else {"classes": classes}))
        elif method == "fit":
            model.fit(table, y)
        found = getattr(model, "predict_proba", model.predict)(table)
        if isinstance(found, list):
            found = np.concatenate(found)
    except (ValueError, TypeError, NotFittedError) as error:
        return "error", error
    except Exception as error:
        return "other", error
    try:
        predictions = np.asarray(found, dtype=np.float64)
    except (ValueError, TypeError):  # not numbers
        return "SILENT", None
    n_rows = table.shape[0] if hasattr(table, "shape") else len(table)
    return ("ok" if len(found) == n_rows and np.isfinite(predictions).all() else "SILENT"), None


def classes_of(y):
    """What ``partial_fit`` of a classifier is told about the labels to come."""
    try:
        return np.unique(np.asarray(y)[:40])
    except (IndexError, TypeError):
        return [0, 1]


INPUTS = {name: rest for name, *rest in inputs()}


@pytest.fixture(scope="module")
def fitted():
    """A model of each kind for ``predict``."""
    return {kind: OURS[kind]().fit(X, _y(kind)) for kind in KINDS}


@pytest.mark.parametrize("name", one_fast_in(3, INPUTS))
def test_every_input_gets_predictions_or_a_clear_error_and_an_error_changes_nothing(name, fitted):
    table, *targets = INPUTS[name]
    errors = []
    for kind, y in zip(KINDS, targets, strict=True):
        for method in METHODS:
            model = fitted[kind] if method == "predict" else OURS[kind]()
            before = set(vars(model))
            classes = classes_of(y) if kind == "classifier" else None
            found, error = outcome(model, method, table, y, classes)
            assert found in ("ok", "warned", "error"), (method, kind, error)
            if error is not None:
                errors.append(error)
                assert re.search(REFUSED[name], str(error), re.S), (method, kind, error)
                assert set(vars(model)) == before
    assert bool(errors) == (name in REFUSED)


@pytest.mark.parametrize("make", OURS.values(), ids=OURS)
def test_the_mask_of_an_array_is_not_lost(make):
    masked = np.ma.masked_less(X, 0)
    model = make().fit(X, LABELS)
    for call in (lambda: make().fit(masked, LABELS), lambda: model.predict(masked)):
        with pytest.raises(TypeError, match=r"masked entries.*filled\(numpy.nan\)"):
            call()
    make().fit(np.ma.masked_array(X), LABELS)  # nothing is masked


def test_what_is_missing_in_a_frame_is_missing_whatever_marks_it():
    model = OURS["classifier"]().fit(FRAME.mask(FRAME < -1), LABELS)
    nullable = FRAME.convert_dtypes().mask(FRAME < -1)
    np.testing.assert_array_equal(
        model.predict_proba(nullable), model.predict_proba(FRAME.mask(FRAME < -1))
    )


def _make(kind, **params):
    cls = TransferMLPClassifier if kind == "classifier" else TransferMLPRegressor
    own = {"source": SOURCE, "max_iter": 2, "random_state": 0}
    if params.get("source", SOURCE) is not None:  # else one network
        own["strategy"] = FEW_MEMBERS
    return cls(**{**own, **params})


def _y(kind):
    return LABELS if kind == "classifier" else NUMBERS


def _call(model, method, X, y, **kwargs):
    if method == "predict":
        return model.predict(X)
    is_first = method == "partial_fit" and not hasattr(model, "classes_")
    if is_first and isinstance(model, TransferMLPClassifier):
        kwargs = {"classes": [0, 1], **kwargs}
    return getattr(model, method)(X, y, **kwargs)


MISSING = {
    "NaN": _with(np.nan),
    "sparse NaN": sparse.csr_array(_with(np.nan)),
    "NaN in a frame": pd.DataFrame(_with(np.nan), columns=list("abcd")),
    "None in a frame": pd.DataFrame(_with(np.nan), columns=list("abcd")).astype("Float64"),
}


@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("name", MISSING)
def test_without_standardisation_missing_entries_are_refused(kind, method, name):
    model = _make(kind, source=None, standardize=False)
    if method == "predict":
        model.fit(X, _y(kind))
    before = dict(vars(model))
    with pytest.raises(ValueError, match="contains NaN"):
        _call(model, method, MISSING[name], _y(kind))
    assert vars(model).keys() == before.keys()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("name", MISSING)
def test_with_standardisation_missing_entries_are_taken(kind, method, name):
    model = _make(kind)
    if method == "predict":
        model.fit(X, _y(kind))
    _call(model, method, MISSING[name], _y(kind))
    ask = model.predict_proba if kind == "classifier" else model.predict
    assert np.isfinite(ask(MISSING[name])).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["partial_fit", "predict"])
def test_a_table_of_another_width_is_refused(kind, method):
    model = _make(kind)
    _call(model, "partial_fit", X, _y(kind))
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 4 features"):
        _call(model, method, X[:, :2], _y(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_other_column_names_are_refused_in_predict(kind):
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = _make(kind, source=None).fit(frame, _y(kind))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"c": "e"}))
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[["b", "a", "c", "d"]])


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match=r"loss='poisson' needs y >= 0.*squared_error"):
        TransferMLPRegressor("poisson").fit(X, NUMBERS - 10)


BAD_WEIGHTS = [
    (-np.ones(40), "Negative values"),
    (np.zeros(40), "weight"),
    (np.where(LABELS == 0, np.nan, 1.0), "NaN"),
    (np.where(LABELS == 0, np.inf, 1.0), "infinity"),
    (np.ones(39), r"sample_weight.shape == \(39,\)"),
    (np.ones((40, 2)), "1D array or scalar"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("weight, message", BAD_WEIGHTS)
def test_bad_weights_are_refused(kind, method, weight, message):
    model = _make(kind)
    with pytest.raises(ValueError, match=message):
        _call(model, method, X, _y(kind), sample_weight=weight)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_one_class_is_a_warning_for_classifiers(kind):
    y = np.array(["only"] * 40) if kind == "classifier" else np.full(40, 7.0)
    model = _make(kind)
    if kind == "regressor":
        assert np.isfinite(model.fit(X, y).predict(X)).all()
        return
    with pytest.warns(OneClassWarning, match="one class only, .*only"):
        model.fit(X, y)
    assert set(model.predict(X)) == {"only"}
    assert_array_equal(model.predict_proba(X), np.ones((40, 1)))


# -- large numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1e15, 1e38, 1e100])
def test_huge_values_are_standardised(kind, size):
    model = _make(kind, source=None, hidden_layer_sizes=(4,))
    model.fit(X * size, _y(kind))
    same = _make(kind, source=None, hidden_layer_sizes=(4,)).fit(X, _y(kind))
    assert np.isfinite(model.predict(X * size)).all()
    np.testing.assert_allclose(model.coefs_[0], same.coefs_[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_values_whose_variance_overflows_are_refused_by_name(kind, method):
    model = _make(kind, source=None)
    with pytest.raises(ValueError, match=r"too large to standardise in column 1.*Rescale"):
        _call(model, method, _with(1e308), _y(kind))
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_huge_values_without_standardisation_end_in_a_clear_error(kind):
    model = _make(kind, source=None, standardize=False, solver="sgd", max_iter=20)
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match="very large numbers"):
        model.fit(X * 1e200, _y(kind))
    assert not hasattr(model, "coefs_")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_huge_row_in_predict_is_clipped_softly(kind):
    model = _make(kind).fit(X, _y(kind))
    assert np.isfinite(model.predict(_with(1e308))).all()


# -- sources ------------------------------------------------------------------------------


def _diverged():
    weights = [(np.full((4, 4), np.nan), np.zeros(4)), (np.ones((4, 1)), np.zeros(1))]
    return SourceDescription(weights)


BAD_SOURCES = {
    "unfitted own": (TransferMLPClassifier, NotFittedError, "not fitted.*FrozenEstimator"),
    "unfitted MLP": (MLPClassifier, NotFittedError, "MLPClassifier.*not fitted"),
    "unfitted pipeline": (
        lambda: make_pipeline(StandardScaler(), MLPClassifier()),
        NotFittedError,
        "not fitted",
    ),
    "a class": (lambda: MLPClassifier, SourceKindError, "the class MLPClassifier.*fit"),
    "a text": (
        lambda: "best.model",
        SourceFormatError,
        "no saved model at .best.model.*directory",
    ),
    "a number": (lambda: 3, SourceKindError, "got int"),
    "an array": (lambda: X, SourceKindError, "got ndarray"),
    "weights without a module": (
        lambda: torch.nn.Linear(4, 2).state_dict(),
        SourceKindError,
        "holds a Tensor of torch, as a state_dict does.*load_state_dict",
    ),
    "an empty list": (lambda: [], SourceKindError, "is an empty list"),
    "a convolution": (
        lambda: torch.nn.Sequential(torch.nn.Conv1d(4, 4, 1), torch.nn.Linear(4, 1)),
        SourceLayersError,
        "Conv1d.*Linear",
    ),
    "an unknown activation": (
        lambda: torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Mish(), torch.nn.Linear(4, 1)),
        SourceLayersError,
        "Mish.*expected one of",
    ),
    "diverged": (_diverged, SourceLayersError, "NaN or infinite.*smaller learning rate"),
    "no chain": (
        lambda: SourceDescription([(np.ones((4, 4)), np.zeros(4)), (np.ones((5, 1)), [0.0])]),
        SourceLayersError,
        "do not form a chain",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", BAD_SOURCES)
def test_a_bad_source_is_refused(kind, method, name):
    make, error, message = BAD_SOURCES[name]
    with pytest.raises(error, match=message):
        _call(_make(kind, source=make()), method, X, _y(kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_bad_source_leaves_nothing_half_set(kind, method):
    model = _make(kind, source=MLPClassifier())
    before = set(vars(model))
    with pytest.raises(NotFittedError):
        _call(model, method, X, _y(kind))
    assert set(vars(model)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_with_no_common_column_is_a_warning_and_training_from_scratch(kind):
    named = TransferMLPClassifier((5, 4), max_iter=2, random_state=0)
    named.fit(pd.DataFrame(X, columns=list("abcd")), LABELS)
    frame = pd.DataFrame(X, columns=list("efgh"))
    with pytest.warns(
        TransferWarning, match="'a', 'b', 'c' and 1.*'e', 'f', 'g' and 1.*from scratch.*same"
    ):
        model = _make(kind, source=named, strategy="l2_sp").fit(frame, _y(kind))
    scratch = _make(kind, source=named, strategy="scratch").fit(frame, _y(kind))
    assert_array_equal(model.coefs_[0], scratch.coefs_[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_nameless_source_of_another_width_is_a_warning(kind):
    with pytest.warns(TransferWarning, match="it has 4 columns.*X has 2"):
        _make(kind).fit(X[:, :2], _y(kind))


TRANSFER_ERRORS = [
    ({"hidden_layer_sizes": (7,)}, r"\(7,\) does not begin with .*\(5, 4\).*None"),
    ({"n_shared_layers": 3}, "n_shared_layers=3.*2 hidden layers.*0 to 2"),
    ({"activation": "tanh"}, "activation='tanh' differs from the source's 'relu'.*None"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("params, message", TRANSFER_ERRORS)
def test_parameters_that_do_not_fit_the_source_are_refused(kind, params, message):
    with pytest.raises(TransferError, match=message):
        _make(kind, **params).fit(X, _y(kind))


# -- parameters ---------------------------------------------------------------------------

BAD_PARAMETERS = [
    {"strategy": "fulll"},
    {"strategy": 3},
    {"strategy": L2SP},
    {"strategy": L2SP(strength=-1)},
    {"strategy": L2SP(scaling="ours")},
    {"strategy": LPFT(probe_fraction=1)},
    {"strategy": Gradual(n_phases=0)},
    {"strategy": Discriminative(decay=0.5)},
    {"hidden_layer_sizes": (4, 0), "source": None},
    {"hidden_layer_sizes": -3, "source": None},
    {"head_hidden_layer_sizes": (0,)},
    {"n_shared_layers": -1},
    {"n_shared_layers": 1.5},
    {"feature_alignment": "names"},
    {"activation": "mish"},
    {"dropout": 1.0},
    {"dropout": -0.1},
    {"standardize": "yes"},
    {"solver": "adamw"},
    {"alpha": -1},
    {"batch_size": 0},
    {"learning_rate": "cos"},
    {"learning_rate_init": 0},
    {"max_iter": 0},
    {"max_iter": 2.5},
    {"validation_fraction": 1.0},
    {"n_iter_no_change": 0},
    {"momentum": 1.5},
    {"random_state": "seed"},
    {"callbacks": "progress"},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("params", BAD_PARAMETERS, ids=str)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_bad_parameter_is_refused_by_name(kind, params, method):
    (name, value), *_ = params.items()
    wanted = name
    if isinstance(value, L2SP | LPFT | Gradual | Discriminative):
        wanted = "strength|scaling|probe_fraction|n_phases|decay"
    elif name == "head_hidden_layer_sizes":
        wanted = "hidden_layer_sizes"
    elif name == "random_state" or (name == "strategy" and value == "fulll"):
        wanted = str(value)
    with pytest.raises((ValueError, TypeError), match=wanted):
        _call(_make(kind, **params), method, X, _y(kind))


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match="strenght"):
        TransferMLPClassifier(strenght=1)
    with pytest.raises(ValueError, match="Invalid parameter 'strenght'"):
        TransferMLPClassifier(strategy=L2SP()).set_params(strategy__strenght=1)


def test_a_bad_class_weight_is_refused():
    with pytest.raises(ValueError, match="class_weight"):
        _make("classifier", class_weight="even").fit(X, LABELS)
    with pytest.raises(ValueError, match=r"balanced.*not supported for partial_fit.*dict"):
        _make("classifier", class_weight="balanced").partial_fit(X, LABELS, classes=[0, 1])


# -- validation sets ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "given, message",
    [
        ({"X_val": X}, "y_val is missing"),
        ({"y_val": LABELS}, "X_val is missing"),
        ({"X_val": X[:, :2], "y_val": LABELS}, "In X_val and y_val: .*expecting 4 features"),
        ({"X_val": X, "y_val": LABELS[:-1]}, "inconsistent numbers"),
        ({"X_val": _with(np.inf), "y_val": LABELS}, "infinity"),
    ],
)
def test_a_bad_validation_set_is_refused(kind, given, message):
    model = _make(kind)
    with pytest.raises(ValueError, match=message):
        model.fit(X, _y(kind), **given)
    assert not hasattr(model, "coefs_")


def test_a_validation_set_with_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match=r"In X_val and y_val: .*classes not in"):
        _make("classifier").fit(X, LABELS, X_val=X, y_val=LABELS + 5)


def test_too_few_rows_to_hold_out_are_refused():
    with pytest.raises(ValueError, match="validation"):
        _make("regressor", early_stopping=True).fit(X[:5], NUMBERS[:5])


# -- before fit, and after a failed one ------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "score"])
def test_nothing_is_predicted_before_fit(kind, method):
    model = _make(kind)
    if not hasattr(model, method):
        pytest.skip("classifiers only")
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(model, method)(*([X, _y(kind)] if method == "score" else [X]))


FAILURES = {
    "infinity": lambda model, y: model.fit(_with(np.inf), y),
    "NaN": lambda model, y: model.set_params(standardize=False).fit(_with(np.nan), y),
    "other width": lambda model, y: model.fit(X[:, :0], y),
    "unfitted source": lambda model, y: model.set_params(source=MLPClassifier()).fit(X[:, :2], y),
    "bad parameter": lambda model, y: model.set_params(alpha=-1).fit(X, y),
    "divergence": lambda model, y: model.set_params(
        source=None, standardize=False, solver="sgd", max_iter=20
    ).fit(1e200 * X[:, :2], y),
    "bad partial_fit": lambda model, y: model.partial_fit(_with(np.inf), y),
    "new labels": lambda model, y: model.fit(X[:, :2], y, X_val=X, y_val=y),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*carried over:sktransfer.exceptions.TransferWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_fit_leaves_the_earlier_one_usable(kind, name):
    y = np.array(["a", "b"])[LABELS] if kind == "classifier" else NUMBERS
    model = _make(kind).fit(X, y)
    answer, weights = model.predict(X), [w.copy() for w in model.coefs_]
    state = set(vars(model))
    with pytest.raises((ValueError, TypeError)), np.errstate(all="ignore"):
        FAILURES[name](model, y)
    assert set(vars(model)) == state
    assert model.n_features_in_ == 4
    for ours, before in zip(model.coefs_, weights, strict=True):
        assert_array_equal(ours, before)
    assert_array_equal(model.predict(X), answer)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_partial_fit_leaves_the_stream_where_it_was(kind):
    y = _y(kind)
    here, there = (_make(kind) for _ in range(2))
    _call(here, "partial_fit", X, y)
    _call(there, "partial_fit", X, y)
    with pytest.raises(ValueError):
        _call(here, "partial_fit", _with(np.inf), y)
    assert_array_equal(
        _call(here, "partial_fit", X, y).coefs_[0], _call(there, "partial_fit", X, y).coefs_[0]
    )


@pytest.mark.slow
def test_partial_fit_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="classes must be passed"):
        _make("classifier").partial_fit(X, LABELS)
    model = _make("classifier").partial_fit(X, LABELS, classes=[0, 1])
    with pytest.raises(ValueError, match="classes not in"):
        model.partial_fit(X, LABELS + 1)
    with pytest.raises(ValueError, match="not the same as on last call"):
        model.partial_fit(X, LABELS, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="early_stopping"):
        _make("regressor", early_stopping=True).partial_fit(X, NUMBERS)
    with pytest.raises(AttributeError, match="partial_fit"):
        _make("regressor", solver="lbfgs").partial_fit(X, NUMBERS)


@pytest.mark.slow
def test_warm_start_refuses_other_classes():
    model = _make("classifier", warm_start=True).fit(X, LABELS)
    with pytest.raises(ValueError, match=r"warm_start.*same classes"):
        model.fit(X, LABELS + 1)


@pytest.mark.parametrize("strategy", [FEW_MEMBERS, "l2_sp"], ids=str)
@pytest.mark.parametrize("through", ["itself", "a pipeline", "a search"])
def test_a_warning_shows_the_line_of_the_users_that_led_to_it(strategy, through):
    model = _make("classifier", strategy=strategy)
    if through == "a pipeline":
        model = make_pipeline(StandardScaler(), model)
    if through == "a search":
        model = GridSearchCV(model, {"alpha": [0.1]}, cv=2)
    with pytest.warns(TransferWarning, match="Nothing was carried over") as told:
        model.fit(X[:, :2], LABELS)
    nothing = [warning for warning in told if "Nothing was" in str(warning.message)]
    assert {warning.filename for warning in nothing} == {__file__}


def test_a_warning_in_a_worker_shows_where_it_comes_from():
    model = _make("classifier", strategy="l2_sp")
    with pytest.warns(TransferWarning, match="Nothing was carried over") as caught:
        worker = threading.Thread(target=model.fit, args=(X[:, :2], LABELS))
        worker.start()
        worker.join()
    nothing = [warning for warning in caught if "Nothing was" in str(warning.message)]
    assert {Path(warning.filename).name for warning in nothing} == {"_left_behind.py"}


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("kind", KINDS)
def test_missing_labels_are_counted(kind, missing):
    y = _y(kind).astype(object)
    y[[4, 7]] = missing
    with pytest.raises(ValueError, match="2 of 40 labels are missing, the first in row 4"):
        _make(kind).fit(X, y)


def test_a_parameter_of_a_strategy_that_is_a_name_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"strategy='auto', a name; .*strategy=L2SP\(\)"):
        _make("classifier", strategy="auto").set_params(strategy__strength=1.0)
    model = _make("classifier").set_params(strategy=L2SP(), strategy__strength=0.5)
    assert model.strategy.strength == 0.5


def test_numbers_where_fit_saw_text_are_refused():
    frame = pd.DataFrame({"a": X[:, 0], "b": ["low", "high"] * 20})
    model = TransferMLPClassifier((4,), max_iter=2).fit(frame, LABELS)
    with pytest.raises(ValueError, match="'b' held text or categories in fit, such as 'high'"):
        model.predict(frame.assign(b=1.5))
    assert model.predict(frame.assign(b=np.nan)).shape == (40,)  # missing all through


def test_saving_over_a_file_says_so(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(FileExistsError, match="is a file; expected a directory"):
        SOURCE.save(tmp_path / "model")
    with pytest.raises(NotFittedError, match="instance is not fitted yet"):
        TransferMLPClassifier().save(tmp_path / "other")


# -- what is of another kind than was expected ------------------------------------------------

WORDS = np.where(LABELS, "yes", "no")
DATES = pd.Series(pd.date_range("2024-01-01", periods=40))

ODD_TARGETS = {
    "text and numbers": ("classifier", FRAME.assign(a=WORDS)[["a", "b"]], "MultiTaskMLP"),
    "text and gaps": (
        "classifier",
        FRAME.assign(a=WORDS, b=FRAME["b"].where(FRAME["b"] > 0))[["a", "b"]],
        "MultiTaskMLP",
    ),
    "two columns of text": ("classifier", np.c_[WORDS, WORDS], "MultiTaskMLP"),
    "fractions": (
        "classifier",
        NUMBERS,
        r"^Unknown label type: continuous\. y has numbers with fractions such as \d.\d+; .*"
        "TransferMLPRegressor",
    ),
    "two columns of fractions": ("classifier", X[:, :2], "Unknown label type: continuous-multi"),
    "text": ("regressor", WORDS, "such as 'no' of type str.*TransferMLPClassifier"),
    "text as objects": ("regressor", WORDS.astype(object), "such as 'no' of type str"),
    "numbers as text": ("regressor", NUMBERS.astype(str), "pandas.to_numeric"),
    "dates": ("regressor", DATES, "datetime64; .*y.min.*Timedelta"),
    "Python's dates": ("regressor", DATES.dt.date, "'2024-01-01' of type date; .*Timedelta"),
    "periods": ("regressor", DATES.dt.to_period("D"), "Period; .*to_timestamp"),
    "durations": ("regressor", DATES - DATES[0], r"timedelta64; .*y / pandas.Timedelta"),
    "numbers and text": ("regressor", FRAME.assign(a=WORDS), "'no' of type str.*MultiTaskMLP"),
}


@pytest.mark.parametrize("case", ODD_TARGETS)
@pytest.mark.parametrize(
    "table", [X, FRAME, FRAME.assign(t=WORDS)], ids=["array", "frame", "mixed"]
)
def test_a_target_of_another_kind_says_which_estimator_or_conversion_it_needs(case, table):
    kind, y, told = ODD_TARGETS[case]
    with pytest.raises(ValueError, match=told) as refused:
        _make(kind, source=None).fit(table, y)
    assert len(str(refused.value)) < 400  # not all of y


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_whole_numbers_and_numbers_as_objects_are_targets_as_before(method):
    getattr(_make("regressor"), method)(X, NUMBERS.astype(object))
    _call(_make("classifier"), method, X, LABELS.astype(float))


def test_fractions_are_refused_in_partial_fit_too():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        _make("classifier").partial_fit(X, NUMBERS, classes=[0, 1])


@pytest.mark.parametrize("table", [FRAME, FRAME.assign(t=WORDS)], ids=["numbers", "mixed"])
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_columns_of_one_name_are_named(table, method):
    model = _make("classifier", source=None)
    if method == "predict":
        model.fit(table, LABELS)
    twice = pd.concat([table, table[["b"]]], axis=1)
    with pytest.raises(ValueError, match=r"several columns of the name 'b'; .*duplicated\(\)"):
        _call(model, method, twice, LABELS)


@pytest.mark.parametrize(
    "values, dtype, convert",
    [
        (FRAME["a"] + 1j, "complex128", lambda X: np.real(X["odd"])),
        (
            pd.Series(pd.arrays.IntervalArray.from_breaks(range(41))),
            "interval",
            lambda X: X["odd"].astype("category"),
        ),
    ],
    ids=["complex", "interval"],
)
def test_a_column_of_a_type_of_pandas_own_is_named_with_what_converts_it(values, dtype, convert):
    table = FRAME.assign(odd=values)
    with pytest.raises(ValueError, match=rf"Column 'odd' is of type {dtype}.*X\['odd'\]\."):
        _make("classifier", source=None).fit(table, LABELS)
    _make("classifier", source=None).fit(table.assign(odd=convert(table)), LABELS)


def test_a_misspelt_strategy_gets_the_nearest_name():
    with pytest.raises(ValueError, match=r"\['additive', .*\].*Did you mean 'l2_sp'\?"):
        _make("classifier", strategy="l2sp").fit(X, LABELS)
    with pytest.raises(ValueError, match=r"'linear', .*'trees'.*Did you mean 'trees'"):
        _make("classifier", strategy=WeightedEnsemble(["l2_sp", "tree"])).fit(X, LABELS)


def test_numbers_beyond_single_precision_are_computed_with_in_a_mixed_table():
    source = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(FRAME, NUMBERS)
    mixed = FRAME.assign(word=np.where(LABELS, "u", "v"))
    models = (
        TransferMLPRegressor(source=source, strategy="full", max_iter=2, random_state=0),
        SharedLayerTransformer(source, layers="hidden"),
    )
    for model in models:
        predict = getattr(model.fit(mixed, NUMBERS), "predict", None) or model.transform
        large, beyond = (predict(mixed.assign(a=value)) for value in (1e36, 1e39))
        assert_allclose(beyond, 1000 * large.astype(np.float64), rtol=1e-4)


def test_values_that_are_too_large_are_named():
    mixed, large = FRAME.assign(word="u"), FRAME.assign(a=1e300 * FRAME["a"])
    forest = RandomForestRegressor(2, random_state=0).fit(FRAME, NUMBERS)
    model = TransferMLPRegressor(source=forest, strategy="recalibrate").fit(FRAME, NUMBERS)
    with pytest.raises(SourceError, match=r"values too large for the source .*Correct or clip"):
        model.predict(large)
    with pytest.raises(ValueError, match="X has values too large to standardise in column 'a'"):
        SelfSupervisedMLP(max_iter=2).fit(large)
    with pytest.raises(ValueError, match="X has values too large to standardise in column 'a'"):
        TransferMLPRegressor(strategy="scratch").fit(mixed.assign(a=large["a"]), NUMBERS)
