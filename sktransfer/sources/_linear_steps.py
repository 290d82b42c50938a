"""Fitted steps that are linear: in columns, or in the indicators of their categories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, TargetEncoder
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from sktransfer._preprocessing import level_text, table_of_columns
from sktransfer._typing import Entry, Matrix, is_sparse
from sktransfer.sources._affine import affine_of
from sktransfer.sources._encoder_levels import EncoderLevels
from sktransfer.sources._traced import (
    Knowledge,
    Level,
    Missing,
    Number,
    Origin,
    Output,
    Term,
    TracedColumns,
)

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


_TIMES = (date, timedelta, np.datetime64, np.timedelta64)
#: Columns up to which a projection is unfolded into its columns.
_MOST_PROJECTED = 512
_PROJECTIONS = (
    PCA,
    IncrementalPCA,
    TruncatedSVD,
    FastICA,
    FactorAnalysis,
    LinearDiscriminantAnalysis,
    GaussianRandomProjection,
    SparseRandomProjection,
)


def linear_step(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    """The columns behind a fitted step; None if it is not linear in what is known of them."""
    if isinstance(step, SelectorMixin) and type(step).__module__.startswith("sklearn."):
        return columns.take(np.flatnonzero(step.get_support()).tolist()).after(step)
    if affine_of(step) is not None:
        return _scale(step, columns, known)
    trace = _TRACE.get(type(step))
    traced = None if trace is None else trace(step, columns, known)
    return None if traced is None else traced.after(step)


class _Sums:
    """Columns that are written down one after the other, as sums of terms."""

    def __init__(self) -> None:
        self._position: dict[Term, int] = {}
        self._entries: list[tuple[int, int, float]] = []
        self._offset: list[float] = []

    def add(self, terms: Mapping[Term, float], offset: float = 0.0) -> None:
        column = len(self._offset)
        for term, factor in terms.items():
            row = self._position.setdefault(term, len(self._position))
            self._entries.append((row, column, factor))
        self._offset.append(offset)

    def traced(self, origin: Origin) -> TracedColumns:
        rows, columns, data = zip(*self._entries, strict=True) if self._entries else ((), (), ())
        shape = len(self._position), len(self._offset)
        coo = (np.array(data, float), (np.array(rows, np.intp), np.array(columns, np.intp)))
        matrix = sparse.csc_array(coo, shape=shape)
        matrix.eliminate_zeros()
        return TracedColumns(tuple(self._position), matrix, np.array(self._offset, float), origin)


# -- scalers, selections, projections ----------------------------------------------------


def _scale(scaler: BaseEstimator, columns: TracedColumns, known: Knowledge) -> TracedColumns:
    affine = affine_of(scaler)
    assert affine is not None
    for i in range(len(columns)):
        known.note_value(columns, i, affine.typical[i])
        if affine.unit is not None:
            known.note_unit(columns, i, affine.unit[0][i], affine.unit[1][i])
    return columns.scaled(1 / affine.scale, -affine.center / affine.scale).after(
        scaler, columns.names
    )


def _identity(
    step: FunctionTransformer, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    return columns if step.func is None else None


def _project(
    step: BaseEstimator, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    n = len(columns)
    if n > _MOST_PROJECTED:
        return None
    center = getattr(step, "mean_", getattr(step, "xbar_", None))
    center = np.zeros(n) if center is None else np.asarray(center, np.float64)
    names = getattr(step, "feature_names_in_", None)
    rows = table_of_columns([*np.vstack([center, center + np.eye(n)]).T], names, n + 1)
    shift, *moved = _dense(step.transform(rows))
    weight = np.array(moved) - shift
    if isinstance(step, PCA):
        _note_covariance(step, columns, known)
    return columns.projected(weight, shift - center @ weight)


def _note_covariance(pca: PCA, columns: TracedColumns, known: Knowledge) -> None:
    covariance = pca.get_covariance()
    for i, mean in enumerate(pca.mean_):
        known.note_value(columns, i, mean)
        known.note_unit(columns, i, mean, np.sqrt(covariance[i, i]))
    single = [one for i in range(len(columns)) if (one := columns.only(i)) is not None]
    terms = tuple(term for term, _ in single)
    if len(set(terms)) == len(columns):
        factor = np.array([factor for _, factor in single])
        known.covariances.append((terms, covariance / np.outer(factor, factor)))


def _dense(X: Matrix) -> np.ndarray:
    return X.toarray() if is_sparse(X) else np.asarray(X, dtype=np.float64)


# -- missing entries ----------------------------------------------------------------------


def _impute(
    imputer: SimpleImputer, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    if level_text(imputer.missing_values) is not None:
        return None  # a number that stands for a missing one
    made = _Sums()
    for i, value in enumerate(imputer.statistics_):
        if level_text(value) is None and not imputer.keep_empty_features:
            continue  # without any entry in fit; it is dropped
        only = columns.only(i)
        if only is None or not _may_miss(only[0]):
            terms = columns.terms_of(i)
            if any(map(_may_miss, terms)):
                return None
            start, stop = columns.matrix.indptr[i : i + 2]
            factors = columns.matrix.data[start:stop]
            made.add(dict(zip(terms, factors.tolist(), strict=True)), columns.offset[i])
            continue
        term, factor = only
        filled = _filled(term, factor, float(columns.offset[i]), value)
        if filled is None:
            return None
        made.add({filled: factor}, columns.offset[i])
        if isinstance(term, Number):
            known.typical.setdefault(term.column, filled.fill)
        elif term in known.supposed:  # behind a function of the whole table
            known.values.setdefault(known.supposed[term], [filled.fill])
    if imputer.add_indicator:
        for i in imputer.indicator_.features_:
            only = columns.only(int(i))
            if only is None or not isinstance(only[0], Number):
                return None
            made.add({Missing(only[0].column): 1.0})
    return made.traced(columns.origin)


def _may_miss(term: Term) -> bool:
    return isinstance(term, Number | Output) and term.fill is None


def _filled(term: Term, factor: float, offset: float, value: Entry) -> Number | Output | None:
    if not isinstance(value, Real | Decimal):  # a text, an interval, a date: a category
        return Number(term.column, value) if isinstance(term, Number) and factor == 1.0 else None
    fill = (float(value) - offset) / factor
    if not np.isfinite(fill):
        return None
    if isinstance(term, Number):
        return Number(term.column, fill)
    return Output(term.transformed, term.index, fill) if isinstance(term, Output) else None


def _indicate(
    step: MissingIndicator, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    if level_text(step.missing_values) is not None:
        return None
    made = _Sums()
    for i in step.features_:
        raw = columns.raw(int(i))
        if raw is None or raw.fill is not None:
            return None
        made.add({Missing(raw.column): 1.0})
    return made.traced(columns.origin)


# -- categories ---------------------------------------------------------------------------


class _Categories:
    """The categories of one column, each as a sum of the indicators of its levels.

    An entry that no level is known for is a row without any level: ``1 - Σ``.  A missing one is
    too, unless something else is made of it.
    """

    def __init__(self, raw: Number, categories: Sequence[Entry], known: Knowledge) -> None:
        self.column = raw.column
        self.kind = np.asarray(categories).dtype.kind
        values = np.asarray(categories, object).tolist()
        self.texts = [level_text(value) for value in values]
        own = [text for text in self.texts if text is not None]
        self.is_clear = len(set(own)) == len(own)
        # which a network's own columns read as amounts
        self.are_times = self.kind in "mM" or any(
            isinstance(value, _TIMES) for value in categories
        )
        # a fill of 1.0 is the category True
        equal = (text for text, value in zip(self.texts, values, strict=True) if value == raw.fill)
        self.fill = None if raw.fill is None else next(equal, level_text(raw.fill))
        alike, every = {None, self.fill}, range(len(self.texts))
        #: Position of the category of what is missing, or of what stands for it; None without one.
        self.absent = next((i for i in reversed(every) if self.texts[i] in alike), None)
        if self.is_clear:
            levels = known.levels.setdefault(self.column, {})
            for text, value in zip(self.texts, values, strict=True):
                if text is not None:
                    levels.setdefault(text, value)

    def note_encoder(self, encoder: BaseEstimator, values: list[Entry], known: Knowledge) -> None:
        """Remember what the encoder stores of the column."""
        missing = [value for text, value in zip(self.texts, values, strict=True) if text is None]
        of_text = {text or "": value for text, value in zip(self.texts, values, strict=True)}
        if self.fill in of_text:
            of_text.setdefault("", np.nan)
        raises = getattr(encoder, "handle_unknown", "") == "error"
        before = known.encoded.get(self.column)
        if self.is_clear and (before is None or (raises and not before.raises)):
            one = EncoderLevels(
                of_text,
                missing[0] if missing else np.nan,
                raises,
                kind=self.kind,
            )
            known.encoded[self.column] = one

    def weighted(self, values: np.ndarray, otherwise: float) -> tuple[dict[Term, float], float]:
        """The sum that is a value per category, and another for what no category is known for."""
        missing = float(values[self.absent]) if self.absent is not None else otherwise
        terms: dict[Term, float] = {
            Level(self.column, text): float(values[i]) - otherwise
            for i in np.flatnonzero(values != otherwise)  # of thousands, mostly one
            if (text := self.texts[i]) is not None
        }
        if missing != otherwise:
            terms[Missing(self.column)] = missing - otherwise
        return terms, otherwise


def _categories_of(
    encoder: BaseEstimator, columns: TracedColumns, known: Knowledge
) -> list[_Categories] | None:
    found = []
    for i, categories in enumerate(encoder.categories_):
        raw = columns.raw(i)
        if raw is None:
            note_supposed(columns, i, categories, known)
            continue
        one = _Categories(raw, categories, known)
        one.note_encoder(encoder, np.asarray(categories, object).tolist(), known)
        found.append(one)
    is_whole = len(found) == len(encoder.categories_)
    is_known = is_whole and all(one.is_clear and not one.are_times for one in found)
    return found if is_known else None


def note_supposed(
    columns: TracedColumns, i: int, categories: Sequence[Entry], known: Knowledge
) -> None:
    """Remember the categories of a column that a step before may have passed through."""
    only = columns.only(i)
    every = np.asarray(categories, object).tolist()
    values = [value for value in every if level_text(value) is not None]
    if only is not None and only[0] in known.supposed and values:
        known.values.setdefault(known.supposed[only[0]], values)


def _one_hot(
    encoder: OneHotEncoder, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    found = _categories_of(encoder, columns, known)
    if found is None:
        return None
    grouped = encoder.min_frequency is not None or encoder.max_categories is not None
    infrequent = encoder.infrequent_categories_ if grouped else [None] * len(found)
    dropped = [None] * len(found) if encoder.drop_idx_ is None else encoder.drop_idx_
    unknown_is_infrequent = encoder.handle_unknown in ("infrequent_if_exist", "warn")
    made = _Sums()
    for column, rare, drop in zip(found, infrequent, dropped, strict=True):
        rare_texts = set() if rare is None else {level_text(value) for value in rare.tolist()}
        n = len(column.texts)
        groups = [[i] for i in range(n) if rare is None or column.texts[i] not in rare_texts]
        if rare is not None:
            groups.append([i for i in range(n) if column.texts[i] in rare_texts])
        for group in groups:
            if drop is not None and int(drop) in group:
                continue
            values = np.zeros(n)
            values[group] = 1.0
            is_rare = rare is not None and group is groups[-1]
            made.add(*column.weighted(values, float(is_rare and unknown_is_infrequent)))
    return made.traced(columns.origin)


def _ordinal(
    encoder: OrdinalEncoder, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    found = _categories_of(encoder, columns, known)
    if found is None or encoder.min_frequency is not None or encoder.max_categories is not None:
        return None
    made = _Sums()
    for column in found:
        codes = [float(i) for i in range(len(column.texts))]
        if None in column.texts:
            if not np.isfinite(encoder.encoded_missing_value):
                return None
            codes[column.texts.index(None)] = float(encoder.encoded_missing_value)
        unknown = encoder.unknown_value
        if unknown is None or not np.isfinite(unknown):
            unknown = (len(codes) - 1) / 2
        made.add(*column.weighted(np.array(codes), float(unknown)))
    return made.traced(columns.origin)


def _target_means(
    encoder: TargetEncoder, columns: TracedColumns, known: Knowledge
) -> TracedColumns | None:
    found = _categories_of(encoder, columns, known)
    if found is None:
        return None
    made = _Sums()
    means = np.atleast_1d(encoder.target_mean_)
    n_classes = len(encoder.encodings_) // len(found)
    for i, column in enumerate(found):
        for j in range(n_classes):
            values = np.asarray(encoder.encodings_[i * n_classes + j], float)
            made.add(*column.weighted(values, float(means[j])))
    return made.traced(columns.origin)


_Trace = Callable[[Any, TracedColumns, Knowledge], TracedColumns | None]
_TRACE: dict[type, _Trace] = {
    FunctionTransformer: _identity,
    SimpleImputer: _impute,
    MissingIndicator: _indicate,
    OneHotEncoder: _one_hot,
    OrdinalEncoder: _ordinal,
    TargetEncoder: _target_means,
    **dict.fromkeys(_PROJECTIONS, _project),
}
