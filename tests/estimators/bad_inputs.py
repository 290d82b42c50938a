"""A hundred tables that nobody would want to be given, and what becomes of them.

Run it to print what scikit-learn's MLPs, skorch's nets and the estimators of this package do with
each; ``test_bad_inputs.py`` holds the last of these to it.

An outcome is ``ok`` (finite answers, one per row), ``warned`` (the same, and a warning that says
what is odd), ``error`` (ValueError or TypeError: the input was refused), ``other`` (any other
exception) or ``SILENT`` (answers that are not finite or not one per row, and no error).
"""

import datetime
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

OUTCOMES = ("ok", "warned", "error", "other", "SILENT")
METHODS = ("fit", "partial_fit", "predict")
_rng = np.random.default_rng(0)
X = _rng.normal(size=(40, 4))
LABELS = np.arange(40) % 2
NUMBERS = X[:, 0] * 3 + 1
FRAME = pd.DataFrame(X, columns=list("abcd"))


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


def peers():
    """What scikit-learn and skorch have for the same purpose."""
    import torch
    from skorch import NeuralNetClassifier, NeuralNetRegressor

    class Net(torch.nn.Sequential):
        def __init__(self, n_outputs=2):
            super().__init__(
                torch.nn.LazyLinear(16), torch.nn.ReLU(), torch.nn.Linear(16, n_outputs)
            )

    skorch = {"max_epochs": 5, "verbose": 0, "train_split": None}
    return {
        "scikit-learn": (
            lambda: MLPClassifier((16,), max_iter=5, random_state=0),
            lambda: MLPRegressor(hidden_layer_sizes=(16,), max_iter=5, random_state=0),
        ),
        "skorch": (
            lambda: NeuralNetClassifier(Net, criterion=torch.nn.CrossEntropyLoss, **skorch),
            lambda: NeuralNetRegressor(Net(1), **skorch),
        ),
    }


OURS = (
    lambda: TransferMLPClassifier((16,), max_iter=5, strategy="l2_sp", random_state=0),
    lambda: TransferMLPRegressor(
        hidden_layer_sizes=(16,), max_iter=5, strategy="l2_sp", random_state=0
    ),
)


def for_skorch(table, y):
    """Arrays in the single precision that skorch asks for, as its users would write it."""
    if isinstance(table, np.ndarray) and table.dtype in (np.float64, np.float16):
        table = table.astype(np.float32)
    if isinstance(y, np.ndarray) and y.dtype == np.float64:
        y = y.reshape(len(y), -1).astype(np.float32)
    return table, y


def inputs():
    """(name, X, labels, numbers) of every input."""
    for name, table in TABLES.items():
        yield name, table, LABELS, NUMBERS
    for name, n in SIZES.items():
        yield name, X[:n], LABELS[:n], NUMBERS[:n]
    for name, targets in TARGETS.items():
        yield name, X, *targets


def outcome(make, method, table, y, kind):
    """One of the outcomes, and the exception if there was one."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        found, error = _outcome(make, method, table, y, kind)
    told = [w for w in caught if not issubclass(w.category, DeprecationWarning | FutureWarning)]
    # of five epochs nobody expects that they converge
    told = [w for w in told if "Maximum iterations" not in str(w.message)]
    return ("warned" if found == "ok" and told else found), error


def _outcome(make, method, table, y, kind):
    model = make()
    is_skorch = not hasattr(model, "n_iter_no_change")
    try:
        if is_skorch:
            table, y = for_skorch(table, y)
        if method == "predict" and is_skorch:  # takes single precision, and columns of numbers
            target = NUMBERS[:, None].astype(np.float32) if kind else LABELS
            model.fit(X.astype(np.float32), target)
        elif method == "predict":
            model.fit(X, NUMBERS if kind else LABELS)
        elif method == "partial_fit":
            classes = {} if kind or is_skorch else {"classes": _classes(y)}
            model.partial_fit(table, y, **classes)
        else:
            model.fit(table, y)
        answers = model.predict_proba(table) if kind == 0 else model.predict(table)
        if isinstance(answers, list):
            answers = np.concatenate(answers)
    except (ValueError, TypeError, NotFittedError) as error:
        return "error", error
    except Exception as error:
        return "other", error
    try:
        numbers = np.asarray(answers, dtype=np.float64)
    except (ValueError, TypeError):  # answers that are no numbers
        return "SILENT", None
    fine = len(answers) == _n_rows(table) and np.isfinite(numbers).all()
    return ("ok" if fine else "SILENT"), None


def _classes(y):
    try:
        return np.unique(np.asarray(y)[:40])
    except (IndexError, TypeError):
        return [0, 1]


def _n_rows(table):
    return table.shape[0] if hasattr(table, "shape") else len(table)


def count(pair):
    """How often each outcome came, and the cases of the bad ones."""
    counts, bad = dict.fromkeys(OUTCOMES, 0), []
    for name, table, *targets in inputs():
        for kind, make in enumerate(pair):
            for method in METHODS:
                if method == "predict" and name.startswith("y:"):
                    continue
                found, error = outcome(make, method, table, targets[kind], kind)
                counts[found] += 1
                if found in ("other", "SILENT"):
                    bad.append((name, ("classifier", "regressor")[kind], method, found, error))
    return counts, bad


if __name__ == "__main__":
    print(f"{sum(1 for _ in inputs())} inputs x classifier, regressor x {', '.join(METHODS)}")
    for who, pair in ({"sktransfer": OURS} | peers()).items():
        counts, bad = count(pair)
        print(f"{who:<14}", *(f"{found} {n:>4}" for found, n in counts.items()))
        if who == "sktransfer":
            for case in bad:
                print("   ", *case)
