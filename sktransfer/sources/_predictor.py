"""A fitted estimator as a source by its predictions."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

import narwhals as nw
import numpy as np
from sklearn.base import is_classifier

from sktransfer._preprocessing import (
    Constant,
    SomeColumn,
    as_pandas,
    columns_by_name,
    in_floats,
    in_plain_types,
    is_frame,
    level_text,
    table_of_columns,
    takes,
)
from sktransfer._records import TargetSchema
from sktransfer._typing import CheckedTable, Entry, TableLike, is_sparse
from sktransfer._warnings import listed
from sktransfer.exceptions import SourceError, SourceKindError, unfitted_source
from sktransfer.sources._as_probabilities import numbers_of, probabilities_of
from sktransfer.sources._boosting import ANY_TEXT, booster_classes, booster_predictions, is_native
from sktransfer.sources._encoder_levels import TextEntries
from sktransfer.sources._fitted_columns import (
    categories_of,
    has_numbers,
    knowledge_of,
    n_columns_of,
    n_numbers_of,
    names_of,
    separate_labels,
    splits_of,
    steps_of,
    takes_missing,
    usual_value,
    with_missing_numbers,
    without_missing,
)
from sktransfer.sources._lenient_encoders import with_lenient_encoders
from sktransfer.sources._log_probabilities import log_probabilities, logs_of
from sktransfer.sources._nameless import (
    as_given,
    as_table,
    held_otherwise,
    in_array,
    only_texts,
    reads_one_text,
)
from sktransfer.sources._records_of_rows import of_its_types, taking_rows
from sktransfer.sources._refusals import (
    is_about_table,
    is_unfitted,
    refuse_unfitted,
    refused_entries,
    refused_method,
    refused_number,
    refused_numbers,
    refused_table,
    refused_targets,
    refused_without,
)
from sktransfer.sources._sample_columns import (
    as_coded,
    is_number,
    of_categories,
    of_sample,
    usual_values,
)
from sktransfer.sources._traced import Knowledge

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

#: What is read off the estimator again when it is needed, and not kept in files.
_READ_AGAIN = ("_categories", "_known", "_lenient", "_splits")


class Predictor:
    """A fitted estimator as a source by its predictions.

    Any estimator that predicts can be given as `source` as it is, and becomes one of these.  Make
    one yourself to add a sample of the rows that it was trained on: it supplies what stands for a
    column that the target's table lacks.

    Parameters
    ----------
    estimator : object
        Fitted, with ``predict_proba``, ``decision_function`` or ``predict``.  It is never changed.
    X_sample : array-like or DataFrame of shape (n_samples, n_features), default=None
        Rows of its table; labels are not needed.

    See Also
    --------
    describe_source : What any source is read into.

    Notes
    -----
    For a column that the target's table lacks stands, in this order: a missing entry where the
    estimator takes it (LightGBM and CatBoost where they met some in training, else the mean of
    `X_sample` or the median of their splits); what its own pipeline has, such as an imputer's
    value or a scaler's mean; the mean of `X_sample`, or its most frequent entry; the first
    category that its encoder has.  If there is none of these,
    :exc:`~sktransfer.exceptions.SourceError` names the column.  Missing numbers in a column that
    the table has are filled in the same way, so that a column without any entry counts as one that
    is lacking.  Categories that its encoder was not fitted on are none of the encoder's, also
    where it would raise.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sktransfer.sources import Predictor
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> forest = RandomForestClassifier(random_state=0).fit(X, y)
    >>> source = Predictor(forest, X_sample=X)
    >>> source.outputs(X.drop(columns="sepal width (cm)")).shape
    (150, 3)
    """

    def __init__(self, estimator: BaseEstimator, X_sample: TableLike | None = None) -> None:
        self.estimator = taking_rows(estimator)
        #: What is usual in each column of the sample; its rows are not kept.
        self.sample = None if X_sample is None else usual_values(X_sample, self.label)
        self.columns: dict[str, str] = {}
        self.levels: dict[str, dict[str, Entry]] = {}

    # -- what it predicts ------------------------------------------------------------------

    @cached_property
    def method(self) -> str:
        """Which of the estimator's methods predicts.

        Margins of a ``decision_function`` become probabilities by a logistic function, or a
        softmax, large ones by their logarithm; labels of a ``predict`` become 0 and 1.

        See Also
        --------
        outputs : What it predicts.

        Examples
        --------
        >>> from sklearn.svm import LinearSVC
        >>> from sktransfer.sources import Predictor
        >>> Predictor(LinearSVC().fit([[0.0], [1.0]], [0, 1])).method
        'decision_function'
        """
        refuse_unfitted(self.estimator)
        if self._is_classifier:
            for name in ("predict_proba", "decision_function"):
                if hasattr(self.estimator, name):
                    return name
        if not hasattr(self.estimator, "predict"):
            raise SourceKindError(
                f"{type(self.estimator).__name__} given as `source` does not predict; expected "
                "predict_proba, decision_function or predict. Give an estimator that predicts."
            )
        return "predict"

    @property
    def _is_classifier(self) -> bool:
        if self._native_classes is not None:
            return True
        classes = getattr(self.estimator, "classes_", None)
        if classes is not None and len(classes):  # CatBoost's regressors have an empty list
            return True
        try:
            return bool(is_classifier(self.estimator))
        except AttributeError:  # of no kind of scikit-learn's
            return False

    @cached_property
    def target(self) -> TargetSchema | None:
        """What the outputs mean.

        None where they are constant, as those of a classifier of a single class.

        See Also
        --------
        outputs : The outputs themselves.

        Examples
        --------
        >>> from sklearn.linear_model import LinearRegression
        >>> from sktransfer.sources import Predictor
        >>> Predictor(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])).target.kind
        'regression'
        """
        refuse_unfitted(self.estimator)
        if not self._is_classifier:
            n_outputs = n_numbers_of(self.estimator, self._entry, self._predict, self.sample)
            return TargetSchema("regression", n_outputs, loss="squared_error")
        native = self._native_classes
        classes = self.estimator.classes_ if native is None else native
        if isinstance(classes, list) and not any(map(np.ndim, classes)):
            classes = np.asarray(classes)  # of a class of one's own
        if isinstance(classes, list | Mapping):
            if isinstance(classes, Mapping) or any(
                set(np.asarray(one).tolist()) - {0, 1} for one in classes
            ):
                raise refused_targets(self.estimator)
            return TargetSchema("multilabel", len(classes), classes=np.arange(len(classes)))
        classes = np.asarray(classes)
        labels = separate_labels(self.estimator, classes)
        if labels is not None:
            return TargetSchema("multilabel", len(labels), classes=labels)
        if len(classes) < 2:
            return None
        if len(classes) == 2:
            return TargetSchema("binary", 1, classes=classes)
        return TargetSchema("multiclass", len(classes), classes=classes)

    def outputs(self, X: TableLike, names: tuple[str, ...] | None = None) -> np.ndarray:
        """Predict a table, in numbers.

        The estimator gets exactly the columns that it was fitted on, of their types and with the
        categories that it knew.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_columns)
            A table that may lack columns of the estimator's, or have others.
        names : tuple of str, default=None
            What the columns of an array are called.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
            The probability of each class, of two only the second's; or predicted numbers.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        SourceError
            If a column is lacking and nothing can stand for it.

        See Also
        --------
        target : What they mean.

        Examples
        --------
        >>> from sklearn.tree import DecisionTreeClassifier
        >>> from sktransfer.sources import Predictor
        >>> tree = DecisionTreeClassifier().fit([[0.0], [1.0]], ["no", "yes"])
        >>> Predictor(tree).outputs([[0.9]])
        array([[1.]])
        """
        return self._finite(self._predicted(X, names)[1])

    def log_probabilities(self, X: TableLike, names: tuple[str, ...] | None = None) -> np.ndarray:
        """Give logarithms of the probabilities of all classes.

        Probabilities next to 0 and 1, as of naive Bayes, still differ there where the estimator
        has ``predict_log_proba``.

        Parameters
        ----------
        X : array-like, sparse matrix or DataFrame of shape (n_samples, n_columns)
            As of :meth:`outputs`.
        names : tuple of str, default=None
            What the columns of an array are called.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Finite; those of probabilities of 0 are -708.

        See Also
        --------
        outputs : The probabilities themselves.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from sktransfer.sources import Predictor
        >>> source = Predictor(GaussianNB().fit([[0.0], [1.0], [8.0], [9.0]], [0, 0, 1, 1]))
        >>> source.outputs([[50.0], [60.0]]).ravel().tolist()
        [1.0, 1.0]
        >>> source.log_probabilities([[50.0], [60.0]]).round().tolist()
        [[-1456.0, 0.0], [-1776.0, 0.0]]
        """
        table, out = self._predicted(X, names)
        probabilities = self._finite(out)
        if probabilities.shape[1] == 1:
            probabilities = np.hstack([1 - probabilities, probabilities])
        if self.method != "predict_proba":
            return logs_of(probabilities)
        return log_probabilities(self._lenient, table, probabilities)

    def _predicted(
        self, X: TableLike, names: tuple[str, ...] | None
    ) -> tuple[CheckedTable, np.ndarray | list[np.ndarray]]:
        """A user's table as the estimator reads it, and what it predicts."""
        method = self.method  # refuses what is not fitted
        table = self._table(X, names)
        missing = [i for i in with_missing_numbers(table) if not self._takes_missing(i)]
        usual = {i: value for i in missing if is_number(value := self._usual(i))}
        given = []
        if usual and not usual.keys() <= self._splits.keys():
            # steps of one's own may replace missing entries themselves
            given.append(of_its_types(self.estimator, table))
            with suppress(Exception):
                return given[0], self._predict_all(given[0])
        given.append(table := of_its_types(self.estimator, without_missing(table, usual)))
        try:
            return table, self._predict(table)
        except Exception as error:
            if is_unfitted(self.estimator, self._lenient, error):
                raise unfitted_source(self.estimator) from error
            texts = [i for i, one in self._known.encoded.items() if isinstance(one, TextEntries)]
            is_noted = self.names is not None or self.n_features is not None
            for other in held_otherwise(given, texts, is_noted):
                with suppress(Exception):
                    return other, self._predict_all(other)
            zeros = dict.fromkeys((i for i in missing if i not in usual), 0.0)
            if zeros and takes(self._predict, without_missing(table, zeros)):
                theirs = self.names or names or [f"x{i}" for i in range(max(zeros) + 1)]
                raise refused_entries(self.label, [theirs[i] for i in zeros]) from error
            if method != "predict" and takes(partial(self._predict, method="predict"), table):
                raise refused_method(self.label, method, error) from error
            if is_about_table(error):
                raise refused_table(
                    self.label, method, error, table, self.names or names, is_noted, self._predict
                ) from error
            error.add_note(
                f"It came from {type(self.estimator).__name__}.{method}, given as `source`."
            )
            raise

    def _finite(self, out: np.ndarray | list[np.ndarray]) -> np.ndarray:
        method = "predict_proba" if self._native_classes is not None else self.method
        target = self.target
        if target is None or target.kind == "regression":
            numbers = numbers_of(out, self.label, None if target is None else target.n_outputs)
        else:
            numbers = probabilities_of(out, target, method, self.estimator)
        bad = ~np.isfinite(numbers).all(axis=1)
        if bad.any():
            raise refused_numbers(self.label, bad)
        return numbers

    def _predict_all(self, table: CheckedTable) -> np.ndarray | list[np.ndarray]:
        """The same; raises where there is no finite number for each row."""
        out = self._predict(table)
        if len(self._finite(out)) != table.shape[0]:
            raise ValueError
        return out

    def _predict(
        self, table: CheckedTable, method: str | None = None
    ) -> np.ndarray | list[np.ndarray]:
        """What the estimator makes of a table of its own columns."""
        estimator = self._lenient
        if is_native(estimator):
            return booster_predictions(estimator, table, self._native_classes is not None)
        predicted: np.ndarray | list[np.ndarray] = getattr(estimator, method or self.method)(table)
        return predicted

    @cached_property
    def _lenient(self) -> BaseEstimator:
        """What predicts: of the estimator's encoders none raises for an unknown category."""
        return with_lenient_encoders(self.estimator)

    @cached_property
    def _native_classes(self) -> np.ndarray | None:
        return booster_classes(self.estimator)

    # -- its columns -----------------------------------------------------------------------

    @cached_property
    def names(self) -> tuple[str, ...] | None:
        """Names of the columns that the estimator was fitted on.

        Where they were matched, those of the table; None where they had none.

        See Also
        --------
        renamed : The same source with other names.

        Examples
        --------
        >>> from sklearn.linear_model import LinearRegression
        >>> from sktransfer.sources import Predictor
        >>> Predictor(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])).names is None
        True
        """
        names = names_of(self.estimator)
        return None if names is None else tuple(self.columns.get(name, name) for name in names)

    @property
    def n_features(self) -> int | None:
        """How many columns the estimator was fitted on.

        None where that is not stored.

        See Also
        --------
        names : What they are called.

        Examples
        --------
        >>> from sklearn.linear_model import LinearRegression
        >>> from sktransfer.sources import Predictor
        >>> Predictor(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])).n_features
        1
        """
        return n_columns_of(self.estimator)

    def renamed(
        self, columns: Mapping[str, str], levels: Mapping[str, Mapping[str, Entry]]
    ) -> Predictor:
        """The same source for a table in which columns and categories have other names.

        The estimator itself is not copied.

        Parameters
        ----------
        columns : mapping of str to str
            The estimator's name of a column → the table's.
        levels : mapping of str to mapping
            The estimator's name of a column → text of an entry in the table → the entry that the
            estimator has; what stands for an empty text, if anything does, stands for entries
            that are missing or not there too.

        Returns
        -------
        Predictor
            For such tables.

        See Also
        --------
        outputs : Uses them.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.linear_model import LinearRegression
        >>> from sktransfer.sources import Predictor
        >>> X = pd.DataFrame({"age": [0.0, 1.0]})
        >>> source = Predictor(LinearRegression().fit(X, [0.0, 2.0])).renamed({"age": "Age"}, {})
        >>> source.outputs(pd.DataFrame({"Age": [3.0]})).round(6)
        array([[6.]])
        """
        new = copy.copy(self)
        vars(new).pop("names", None)
        new.columns = dict(columns)
        new.levels = {name: dict(values) for name, values in levels.items()}
        return new

    def _table(self, X: TableLike, names: tuple[str, ...] | None) -> CheckedTable:
        """The table that the estimator was fitted on, made of a user's."""
        X = as_table(X, self.label)
        theirs = self.names
        if reads_one_text(steps_of(self.estimator)[0]):
            return only_texts(X, self.label)
        if names is None and is_frame(X):
            names = tuple(map(str, nw.from_native(X, eager_only=True).columns))
        if theirs is None or names is None:
            return self._by_position(X)
        given = {name: in_plain_types(one) for name, one in columns_by_name(X, names).items()}
        numbers = [one for i, one in enumerate(theirs) if one in given and self._has_numbers(i)]
        given |= {name: in_floats(given[name], name) for name in numbers}
        is_as_known = tuple(names) == theirs and hasattr(X, "iloc") and not self._converts
        is_as_known &= not any(isinstance(one, np.ndarray) for one in given.values())
        encoded = self._known.encoded.items()
        if is_as_known and all(one.reads(given[theirs[i]]) for i, one in encoded):
            return X
        lacking = [i for i, name in enumerate(theirs) if name not in given]
        if len(lacking) == len(theirs):
            raise SourceError(
                f"The source ({self.label}) was fitted on columns such as {listed(theirs, 3)}, "
                f"and X has columns such as {listed(names, 3)}: none is matched. Rename the "
                "columns of X that mean the same, or say which do, column_map={column of the "
                "source: column of X}."
            )
        fills = {i: self._fill(i) for i in lacking}
        unknown = [theirs[i] for i, value in fills.items() if value is None]
        if unknown:
            raise refused_without(self.label, unknown)
        own = names_of(self.estimator)
        assert own is not None
        columns = [
            self._constant(fills[i], i, X.shape[0])
            if i in fills
            else self._converted(given[name], i)
            for i, name in enumerate(theirs)
        ]
        return as_coded(table_of_columns(columns, own, X.shape[0]), self._categories)

    def _by_position(self, X: CheckedTable) -> CheckedTable:
        n = self.n_features
        if n is not None and X.shape[1] != n:
            raise refused_number(self.label, n, X.shape[1])
        names = names_of(self.estimator)
        if names is None:
            X = in_array(X) if n is not None else as_given(X)
            if not self._known.encoded or not isinstance(X, np.ndarray):
                return X
            columns: list[SomeColumn] = list(X.T)
        else:
            X = X.toarray() if is_sparse(X) else X
            columns = list(columns_by_name(X, names).values())
        for i in self._known.encoded:
            columns[i] = self._converted(columns[i], i)
        return table_of_columns(columns, names, X.shape[0])

    def _has_numbers(self, column: int) -> bool:
        own = (names_of(self.estimator) or ())[column]
        is_of_levels = own in self.levels or own in self._categories
        return not is_of_levels and has_numbers(self.estimator, self._known, column)

    @property
    def _converts(self) -> bool:
        return bool(self.levels or self.columns or self._categories)

    @cached_property
    def _categories(self) -> dict[str, Sequence[Entry]]:
        names = names_of(self.estimator)
        if names is None:
            return {}
        as_text = {names[i]: ANY_TEXT for i in self._known.read_as_text if i < len(names)}
        return {**as_text, **categories_of(self.estimator, names)}

    def _entry(self, column: int, otherwise: Entry) -> SomeColumn:
        """What is usual in a column, in one row."""
        value = self._fill(column)
        return self._constant(otherwise if value is None else value, column, 1)

    def _constant(self, value: Entry, column: int, n_rows: int) -> SomeColumn:
        """A column of one entry, of the kind that the estimator has."""
        names = names_of(self.estimator)
        own = None if names is None else names[column]
        if own not in self._categories and column not in self._known.encoded:
            return Constant(value)
        return self._converted(np.full(n_rows, value, dtype=object), column)

    def _converted(self, given: SomeColumn, column: int) -> SomeColumn:
        """A column with the categories that the estimator has."""
        names, encoder = names_of(self.estimator), self._known.encoded.get(column)
        name = "" if names is None else names[column]
        known, categories = self.levels.get(name), self._categories.get(name)
        if known is None and categories is None and (encoder is None or encoder.reads(given)):
            return given
        values = as_pandas(given)
        if known is not None:
            values = values.map(
                lambda value: known.get(level_text(value) or "", known.get("", value))
            )
        if categories is not None:
            values = of_categories(values, categories)
        if encoder is not None:
            values = encoder.taken(values)
        return cast("pd.Series", values)

    def _fill(self, column: int) -> Entry:
        if self._takes_missing(column):
            return np.nan
        value = self._usual(column)
        if value is None:
            value = next(iter(self._known.levels.get(column, {}).values()), None)
        return value

    def _takes_missing(self, column: int) -> bool:
        """Whether a missing entry means to the estimator what it meant in training."""
        return takes_missing(self.estimator, column) and column not in self._splits

    def _usual(self, column: int) -> Entry:
        """What is usual in a column, as stored in the estimator's steps, the sample or splits."""
        value = usual_value(self._known, column)
        if value is None:
            value = of_sample(self.sample, column, names_of(self.estimator))
        return self._splits.get(column) if value is None else value

    @cached_property
    def _known(self) -> Knowledge:
        return knowledge_of(self.estimator)

    @cached_property
    def _splits(self) -> dict[int, float]:
        return splits_of(self._known)

    def __getstate__(self) -> dict[str, BaseEstimator | Entry | Mapping[str, Entry]]:
        """What pickle and skops keep."""
        return {name: value for name, value in vars(self).items() if name not in _READ_AGAIN}

    # -- as a parameter --------------------------------------------------------------------

    @cached_property
    def label(self) -> str:
        """What reports call it.

        The class of the estimator at the end of a pipeline.

        See Also
        --------
        names : The columns.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from sktransfer.sources import Predictor
        >>> Predictor(Ridge()).label
        'Ridge'
        """
        return type(steps_of(self.estimator)[-1]).__name__

    @property
    def read_letter_by_letter(self) -> list[str]:
        """Columns of categories of which the estimator keeps no list.

        Those of CatBoost: another spelling of a level cannot be matched.

        See Also
        --------
        names : All columns.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from sktransfer.sources import Predictor
        >>> Predictor(Ridge()).read_letter_by_letter
        []
        """
        return [name for name, known in self._categories.items() if known is ANY_TEXT]

    def __sklearn_clone__(self) -> Predictor:
        return self  # fitted, and never changed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self.estimator).__name__})"
