"""The cells of the sweep, and what is done in each."""

from __future__ import annotations

import fnmatch
import itertools
import pickle
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sweep_sources import RAW, SOURCES, UNTRAINED, learned_text, source
from sweep_tables import COLUMNS, FORMS, NAMES, Rows, in_form, rows, source_rows, targets

import sktransfer
from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import DivergenceError
from sktransfer.model_selection import rank_sources
from sktransfer.strategies import STRATEGIES, Joint, NetworkStrategy

_SMALL = dict(learning_rate_init=0.02, max_iter=12, batch_size=16, random_state=0)
_ESTIMATORS = {
    "classifier": TransferMLPClassifier,
    "untrained": TransferMLPClassifier,
    "regressor": TransferMLPRegressor,
    "multitask": MultiTaskMLP,
}
#: Without a strategy: nothing is trained.
_READERS = ("transformer", "rank")
#: Forms whose columns have names, so that one less, one more or another order are understood.
_NAMED = ("frame", "mixed", "polars", "missing")
#: Cells that were at fault once, and are of every sample.
ALWAYS = (
    "classifier-imputer-frame-same-auto",
    "regressor-pca-frame-same-auto",
    "classifier-union-polars-order-l2_sp",
    "untrained-power-frame-less-keep_head",
)
#: With a source 'ensemble' is 'auto'.
_ALL_STRATEGIES = (*(name for name in STRATEGIES if name != "ensemble"), "joint")
#: Those that train one network, as an estimator of several tasks takes them.
_NETWORKS = [name for name, cls in STRATEGIES.items() if issubclass(cls, NetworkStrategy)]


class Cell(NamedTuple):
    """One combination; its id is its parts."""

    estimator: str
    source: str
    form: str
    columns: str
    strategy: str

    @property
    def id(self) -> str:
        return "-".join(self)

    @property
    def rows(self) -> Rows:
        return rows(self.form, self.columns, learned_text(self.source), self.source in RAW)

    @property
    def given(self) -> Any:
        """The fitted source; from an array where the target is one."""
        return source(self.source, self.estimator != "regressor", self.form in _NAMED)


@cache
def all_cells() -> tuple[Cell, ...]:
    """Every cell, in one order."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for kind, form, columns in itertools.product(SOURCES, FORMS, COLUMNS):
        for strategy in _ALL_STRATEGIES:
            yield Cell("classifier", kind, form, columns, strategy)
        for reader in _READERS:
            yield Cell(reader, kind, form, columns, "none")
        if kind not in UNTRAINED and (form in _NAMED or columns == "same"):
            yield Cell("untrained", kind, form, columns, "keep_head")
        if form in ("array", "frame", "mixed") and columns in ("same", "less"):
            for strategy in _ALL_STRATEGIES:
                yield Cell("regressor", kind, form, columns, strategy)
                if strategy in _NETWORKS:
                    yield Cell("multitask", kind, form, columns, strategy)


def chosen(wanted: str | None, n_sampled: int) -> tuple[Cell, ...]:
    """Cells by what is wanted of them.

    Parameters
    ----------
    wanted : str or None
        ``'all'``; ``'triples'`` or ``'pairs'``, in which any three or two parts that go together
        meet; a number of a sample's cells; or a pattern of ids.
    n_sampled : int
        Cells of the sample where nothing is wanted.  It is the same each time, and has every
        source, form, state of the columns, strategy and estimator in it.
    """
    cells = all_cells()
    if wanted == "all":
        return cells
    if wanted in ("pairs", "triples"):
        return tuple(sorted(covering(cells, 2 if wanted == "pairs" else 3)))
    if wanted and wanted.isdigit():
        n_sampled = int(wanted)
    elif wanted:
        return tuple(cell for cell in cells if fnmatch.fnmatch(cell.id, wanted))
    first = [cell for cell in cells if cell.id in ALWAYS]
    sample = covering(cells, 1)
    left_out = sorted(set(cells) - set(sample))
    more = random.Random(0).sample(left_out, max(0, n_sampled - len(sample) - len(first)))
    return tuple(sorted({*first, *sample, *more}))


def covering(cells: tuple[Cell, ...], n_parts: int) -> list[Cell]:
    """Few cells in which all parts meet that meet in any cell, as many at a time as asked for.

    Parameters
    ----------
    cells : tuple of Cell
    n_parts : int
    """
    left = list(cells)
    random.Random(0).shuffle(left)
    axes = list(itertools.combinations(range(len(Cell._fields)), n_parts))
    seen: set[tuple[tuple[int, str], ...]] = set()
    taken = []
    for n_new in range(len(axes), 0, -1):  # those first that bring the most together
        rest = []
        for cell in left:
            meet = {tuple((i, cell[i]) for i in one) for one in axes} - seen
            (taken if len(meet) >= n_new else rest).append(cell)
            seen |= meet if len(meet) >= n_new else set()
        left = rest
    return taken


def unfitted(cell: Cell) -> Any:
    """The estimator of a cell."""
    strategy = Joint(_source_table(cell)) if cell.strategy == "joint" else cell.strategy
    return _ESTIMATORS[cell.estimator](source=cell.given, strategy=strategy, **_SMALL)


def fit(cell: Cell, model: Any, **validation) -> Any:
    """Fit the estimator of a cell to its rows."""
    table = cell.rows
    return model.fit(table.X, target(cell, table.labels, table.numbers), **validation)


def _source_table(cell: Cell) -> tuple[Any, np.ndarray]:
    """Rows of the source, in the form of the target's."""
    X: Any = source_rows(learned_text(cell.source), cell.source in RAW)[:60]
    if cell.form in ("array", "sparse"):  # as many columns, if it has as many
        X = X[[name for name in X if name in NAMES]].iloc[:, : cell.rows.X.shape[1]]
    return in_form(X, cell.form), targets(slice(0, 60))[cell.estimator == "regressor"]


def target(cell: Cell, labels: np.ndarray, numbers: np.ndarray) -> Any:
    """The target of an estimator."""
    if cell.estimator == "multitask":
        known = np.where(np.arange(len(numbers)) % 3 == 0, np.nan, numbers)
        return {"label": labels, "number": known}
    return numbers if cell.estimator == "regressor" else labels


def taken(X: Any, start: int, stop: int, step: int = 1) -> Any:
    """Some rows of a table in any form."""
    return X.iloc[start:stop:step] if hasattr(X, "iloc") else X[start:stop:step]


def numbers_of(model: Any, X: Any) -> np.ndarray:
    """All that a fitted model says of rows, as numbers."""
    if isinstance(model, MultiTaskMLP):
        predicted = model.predict(X)["number"]
        return np.column_stack([predicted, model.predict_proba(X)["label"]])
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)
    return model.predict(X)


class Trouble(Exception):
    """A law that does not hold."""


def _require(holds: bool, law: str) -> None:
    if not holds:
        raise Trouble(law)


def _require_equal(a: np.ndarray, b: np.ndarray, law: str, tolerance: float = 1e-9) -> None:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    _require(a.shape == b.shape, f"{law}: shapes {a.shape} and {b.shape}")
    scale = max(1.0, float(np.abs(a).max()))
    apart = float(np.abs(a - b).max())
    _require(apart <= tolerance * scale, f"{law}: {apart:.2g} apart")


Outcomes = dict[str, BaseException | None]


def outcomes(cell: Cell) -> Outcomes:
    """What came of each step of a cell: nothing, or what was raised."""
    if cell.estimator in _READERS:
        steps = _reading(cell)
    else:
        steps = _keeping(cell) if cell.estimator == "untrained" else _fitting(cell)
    came: Outcomes = {}
    for name, step in steps:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                step()
        except Exception as error:
            came[name] = error
            if name == "fit":
                break
        else:
            came[name] = None
    return came


def _fitting(cell: Cell) -> Iterator[tuple[str, Callable[[], None]]]:
    table = cell.rows
    model = unfitted(cell)
    said: list[str] = []
    yield "fit", lambda: _fit_listening(cell, model, said)
    yield "predict", lambda: _predicts(cell, model, table.X_test, said)
    before = numbers_of(model, table.X_test)
    yield "other_form", lambda: _predicts_other_form(cell, model, table.X_test, before)
    yield "pickle", lambda: _is_equal(pickle.loads(pickle.dumps(model)), table.X_test, before)
    yield "save", lambda: _is_saved(model, table.X_test, before)
    yield "partial_fit", lambda: _streams(cell)
    yield "resume", lambda: _resumes(cell, pickle.loads(pickle.dumps(model)))
    yield "warm_start", lambda: _starts_warm(cell, pickle.loads(pickle.dumps(model)))


def _keeping(cell: Cell) -> Iterator[tuple[str, Callable[[], None]]]:
    """A source that is kept as it is, and knows the task: its answers are no worse than chance."""
    model = unfitted(cell).set_params(max_iter=1, learning_rate_init=1e-9)
    said: list[str] = []
    yield "fit", lambda: _fit_listening(cell, model, said)
    yield "predict", lambda: _knows(model, cell.rows.X_test, said)


def _knows(model: Any, X: Any, said: list[str]) -> None:
    right = model.predict(X) == targets(slice(160, 190))[0]
    _require(bool(said) or right.mean() >= 0.65, "a source that is kept knows its task, or warns")


def _fit_listening(cell: Cell, model: Any, said: list[str]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(cell, model)
    said += [str(w.message) for w in caught if w.category.__module__ == "sktransfer.exceptions"]


def _predicts(cell: Cell, model: Any, X: Any, said: list[str]) -> None:
    out = numbers_of(model, X)
    _require(len(out) == 30 and bool(np.isfinite(out).all()), "predictions are finite numbers")
    predicted = model.predict(X)
    columns = predicted.values() if isinstance(predicted, dict) else [predicted]
    constant = any(len(np.unique(column)) == 1 for column in columns) and np.ptp(out) < 1e-3
    _require(not constant or bool(said), "predictions are not all equal without a warning")


def _predicts_other_form(cell: Cell, model: Any, X: Any, before: np.ndarray) -> None:
    """What was fitted on a frame of numbers predicts an array of the same numbers, and so on."""
    if cell.form in ("frame", "missing"):
        other = X.to_numpy()
    elif cell.form == "array" and X.dtype == np.float64:
        other = pd.DataFrame(X)
    elif cell.form == "sparse":
        other = X.toarray()
    else:
        return
    _require_equal(before, numbers_of(model, other), "another form of the same numbers", 1e-6)


def _is_equal(again: Any, X: Any, before: np.ndarray) -> None:
    _require_equal(before, numbers_of(again, X), "the same predictions as before")


def _is_saved(model: Any, X: Any, before: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as directory:
        model.save(directory)
        _is_equal(sktransfer.load(directory, trust_source=True), X, before)


def _chunk(cell: Cell, start: int) -> tuple[Any, Any]:
    table = cell.rows
    index = slice(start, None, 2)
    y = target(cell, table.labels[index], table.numbers[index])
    return taken(table.X, start, 40, 2), y


def _streams(cell: Cell) -> None:
    model = unfitted(cell)
    first: dict[str, Any] = {}
    if cell.estimator == "classifier":
        first["classes"] = ["high", "low"]
    if cell.estimator == "multitask":
        first["classes"] = {"label": ["high", "low"]}
    for start in range(2):
        model.partial_fit(*_chunk(cell, start), **first)
    out = numbers_of(model, cell.rows.X_test)
    _require(bool(np.isfinite(out).all()), "predictions are finite numbers")


def _resumes(cell: Cell, model: Any) -> None:
    model.partial_fit(*_chunk(cell, 0))
    out = numbers_of(model, cell.rows.X_test)
    _require(bool(np.isfinite(out).all()), "predictions are finite numbers")


def _starts_warm(cell: Cell, model: Any) -> None:
    """Fit on with validation rows."""
    X, y = _chunk(cell, 1)
    fit(cell, model.set_params(warm_start=True, max_iter=2), X_val=X, y_val=y)
    out = numbers_of(model, cell.rows.X_test)
    _require(bool(np.isfinite(out).all()), "predictions are finite numbers")


def _reading(cell: Cell) -> Iterator[tuple[str, Callable[[], None]]]:
    table = cell.rows
    if cell.estimator == "rank":
        yield "fit", lambda: _ranks(cell.given, table)
        return
    model = SharedLayerTransformer(source=cell.given)
    yield "fit", lambda: model.fit(table.X)
    yield "transform", lambda: _transforms(model, table.X_test, cell.form == "missing")


def _ranks(given: Any, table: Rows) -> None:
    ranked = rank_sources(given, table.X, table.labels)
    _require(bool(np.isfinite(ranked["score"]).all()), "scores are finite numbers")


def _transforms(model: Any, X: Any, missing: bool) -> None:
    out = model.transform(X)
    out = out.toarray() if sparse.issparse(out) else np.asarray(out)
    # without a column of the source's, the table's own come out, and what is missing stays so
    finite = not np.isinf(out).any() if missing else np.isfinite(out).all()
    _require(len(out) == 30 and bool(finite), "columns are finite numbers")
    again = pickle.loads(pickle.dumps(model)).transform(X)
    _require_equal(np.nan_to_num(out), np.nan_to_num(again), "the same columns as before")


def agree(estimator: str, kind: str, strategy: str) -> None:
    """Fits on an array and on a frame of the same numbers say the same."""
    said = []
    for form in ("array", "frame"):
        cell = Cell(estimator, kind, form, "same", strategy)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                said.append(numbers_of(fit(cell, unfitted(cell)), cell.rows.X_test))
            except DivergenceError:
                said.append(np.full(1, np.inf))
    if all(np.isinf(out).all() for out in said):
        return
    _require_equal(*said, "an array and a frame of the same numbers", 1e-6)


def agree_without_names(estimator: str, kind: str, strategy: str) -> None:
    """For a source without names it does not matter what the columns of a table are called."""
    cell = Cell(estimator, kind, "array", "same", strategy)
    called = dict(zip(NAMES, reversed("abcdef"), strict=True))  # the alphabet puts the last first
    said = []
    for frame in (lambda X: X, lambda X: pd.DataFrame(X, columns=[called[one] for one in NAMES])):
        table = cell.rows
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = target(cell, table.labels, table.numbers)
            try:
                model = unfitted(cell).fit(frame(table.X), y)
                said.append(numbers_of(model, frame(table.X_test)))
            except DivergenceError:
                said.append(np.full(1, np.inf))
    if all(np.isinf(out).all() for out in said):
        return
    _require_equal(*said, "columns of any names in front of a source without names", 1e-6)
