"""Everything this package raises or warns with.

::

    Exception
     └── ValueError
          ├── SourceError               the object given as ``source`` cannot be one
          │    ├── SourceKindError      … because of what it is (also a TypeError)
          │    ├── SourceLayersError    … because of its layers
          │    └── SourceFormatError    … because of the file it was saved in
          ├── TransferError             source and target do not fit together
          │    └── SourceRowsError      … because of the source's rows given to fit
          └── DivergenceError           training has led nowhere
     └── TypeError
          └── NotSavableError           what cannot be written without pickle
    sklearn.exceptions.NotFittedError   an unfitted ``source`` (scikit-learn's own class)

    Warning
     └── UserWarning
          └── TransferWarning           nothing, or less than expected, was carried over
     └── RuntimeWarning
          ├── OneClassWarning           y has one class only
          └── NoLabelsWarning           a task has no label at all
     └── sklearn.exceptions.ConvergenceWarning
          └── DivergenceWarning         training has gone wrong, and earlier weights were kept

Messages follow one grammar: the object in the user's words, what was expected, what was
found, the likely cause, the next step.  They are made by the classmethods below, so that
one mistake reads the same wherever it is noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sktransfer._warnings import (
    columns,
    conversion,
    likely_cause,
    listed,
    names_in_common,
    of_two_types,
)

__all__ = [
    "DivergenceError",
    "DivergenceWarning",
    "NoLabelsWarning",
    "NotSavableError",
    "OneClassWarning",
    "SourceError",
    "SourceFormatError",
    "SourceKindError",
    "SourceLayersError",
    "SourceRowsError",
    "TransferError",
    "TransferWarning",
]


class SourceError(ValueError):
    """The object given as ``source`` cannot serve as one.

    The errors about a source derive from it, so that one ``except`` catches them all.  They come
    before anything is trained.

    See Also
    --------
    SourceKindError : What was given is of the wrong kind.
    SourceLayersError : Its layers cannot be carried over.
    SourceFormatError : Its file cannot be read.
    TransferError : The source is one, and does not fit the target.

    Examples
    --------
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.exceptions import SourceError
    >>> try:
    ...     TransferMLPClassifier(source="nowhere").fit([[0.0], [1.0]], [0, 1])
    ... except SourceError as error:
    ...     print(type(error).__name__)
    SourceFormatError
    """


class SourceKindError(SourceError, TypeError):
    """The object given as ``source`` is of a kind that cannot be read.

    It is a ``TypeError`` too.  The message says what was expected, and what it was taken for.

    See Also
    --------
    sktransfer.sources.describe_source : Which kinds there are.

    Examples
    --------
    >>> from sktransfer.sources import describe_source
    >>> describe_source(3)
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.SourceKindError: `source` must be ...; got int. ...
    """

    @classmethod
    def no_table(cls, pipeline: object, step: tuple[str, object]) -> SourceKindError:
        """For a pipeline whose first step does not say what table it takes."""
        return cls(
            f"The first step {step[0]!r} of `source`, a {type(step[1]).__name__} in a "
            f"{type(pipeline).__name__}, must take a table with a known number of columns; it "
            "has neither n_features_in_ nor feature_names_in_. It was probably fitted on texts, "
            "or is an own class that does not record them: set them in its fit, or put it into a "
            "ColumnTransformer."
        )


class SourceLayersError(SourceError):
    """The layers of ``source`` are not a chain of dense layers that can be carried over.

    A layer of another type, weights whose shapes do not go together or are not finite, or an
    activation that is unknown here.

    See Also
    --------
    sktransfer.sources.SourceDescription : What a chain of layers is described by.

    Examples
    --------
    >>> from sktransfer.sources import SourceDescription
    >>> SourceDescription([([[1.0]], [0.0]), ([[1.0], [1.0]], [0.0])])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.SourceLayersError: The layers of `source` do not form a chain: ...
    """

    @classmethod
    def not_dense(cls, obj: object, layer: str) -> SourceLayersError:
        """For a network with a layer that is not dense."""
        return cls(
            f"`source` is a {type(obj).__name__} with {layer}; expected a chain of dense "
            "(torch.nn.Linear) layers with one activation between them. Carry over its dense part "
            "by giving that part, or describe it with sktransfer.sources.SourceDescription."
        )

    @classmethod
    def activation(cls, obj: object, found: str, known) -> SourceLayersError:
        """For an activation that cannot be carried over."""
        return cls(
            f"`source` is a {type(obj).__name__} with activation {found}; expected one of "
            f"{listed(known)}. Layers trained with another activation mean nothing here; retrain "
            "the source with one of these."
        )

    @classmethod
    def shapes(cls, problem: str) -> SourceLayersError:
        """For weights whose shapes contradict each other."""
        return cls(
            f"The layers of `source` do not form a chain: {problem}. Each layer needs a weight of "
            "shape (n_inputs, n_outputs), a bias of shape (n_outputs,), and as many inputs as the "
            "layer before it has outputs."
        )

    @classmethod
    def no_network(cls, name: str) -> SourceLayersError:
        """For a fitted estimator all of whose members are read-outs."""
        return cls(
            f"`source` is a {name} of read-outs alone, which have no layers of their own; "
            "expected a network. Fit it with a strategy that trains one, such as 'l2_sp' or "
            "'scratch', or give the source that its read-outs stand on."
        )

    @classmethod
    def not_finite(cls, layer: int) -> SourceLayersError:
        """For a layer with NaN or infinite weights."""
        return cls(
            f"Layer {layer} of `source` has NaN or infinite weights; expected finite numbers. Its "
            "training probably diverged: retrain it with a smaller learning rate or scaled inputs."
        )


class SourceFormatError(SourceError):
    """A saved model cannot be read, because it is not there, damaged, or of another format.

    Nothing of a damaged file is used, and nothing in it is executed.

    See Also
    --------
    sktransfer.load : Reads a saved model.
    NotSavableError : What cannot be written.

    Examples
    --------
    >>> import sktransfer
    >>> sktransfer.load("nowhere")
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.SourceFormatError: There is no saved model at 'nowhere...
    """

    @classmethod
    def missing(cls, path: object) -> SourceFormatError:
        """For a path where there is no saved model."""
        return cls(
            f"There is no saved model at {str(path)!r}; expected a file in a directory that the "
            "`save` of an estimator of this package wrote. Check the path; models that were "
            "pickled go through pickle or joblib."
        )

    @classmethod
    def damaged(cls, path: object, problem: object) -> SourceFormatError:
        """For a file that is not what `save` has written."""
        return cls(
            f"The saved model {str(path)!r} cannot be read: {str(problem)[:300]}. Expected it as "
            "`save` wrote it. It was probably cut off or changed on its way, or made by something "
            "else: save or download it again. Nothing of it was used."
        )

    @classmethod
    def protocol(cls, path: object, found: str, oldest: int, newest: int) -> SourceFormatError:
        """For a file of a protocol that this version does not read."""
        expected = f"protocol {newest}" if oldest == newest else f"one of {oldest} to {newest}"
        is_old = found.isdecimal() and int(found) < oldest
        return cls(
            f"The saved model {str(path)!r} is of protocol {found}; expected {expected}. It was "
            f"probably saved by {'an older' if is_old else 'a newer'} version of sktransfer: "
            "install that, or save the model again with this one."
        )

    @classmethod
    def another_class(cls, path: object, found: str, wanted: str) -> SourceFormatError:
        """For a saved model of another class than the one that loads it."""
        return cls(
            f"The saved model {str(path)!r} is a {found[:80]}; expected a {wanted}. Load it with "
            "sktransfer.load, which asks the file."
        )


class NotSavableError(TypeError):
    """A part of an estimator cannot be written to a file without pickle.

    It is raised before anything is written: a model that is in the directory already stays.

    See Also
    --------
    sktransfer.TransferMLPClassifier.save : Writes an estimator.
    SourceFormatError : What cannot be read.

    Examples
    --------
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.strategies import Scratch
    >>> class Mine(Scratch):
    ...     pass
    >>> model = TransferMLPClassifier(strategy=Mine(), max_iter=1).fit([[0.0], [1.0]], [0, 1])
    >>> model.save("directory")
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.NotSavableError: model.params['strategy'] is of type ...
    """

    @classmethod
    def kind(cls, at: str, value: object) -> NotSavableError:
        """For a value of a type that is not written."""
        return cls(
            f"{at} is of type {type(value).__module__}.{type(value).__qualname__}; expected "
            "numbers, texts, records of this package, or one of the scikit-learn transformers "
            "that are written without pickle: scalers, encoders, SimpleImputer, PCA, and "
            "Pipeline, ColumnTransformer and FeatureUnion of these. Functions and classes of "
            "your own would have to be pickled, which is not safe to load. Set the parameter to "
            "another value (source=None, strategy='l2_sp'), or transform the table outside of "
            "the source."
        )

    @classmethod
    def unreadable(cls, problem: object) -> NotSavableError:
        """For content that `load` would refuse."""
        return cls(
            f"The model cannot be saved, as it would not be read again: {str(problem)[:300]}. "
            "Expected what `fit` makes, unchanged. A part of it, such as a transformer of the "
            "source, was probably changed by hand: fit it again, or save a model that was fitted "
            "with source=None."
        )

    @classmethod
    def not_finite(cls, at: str) -> NotSavableError:
        """For numbers that diverged."""
        return cls(
            f"{at} has NaN or infinite numbers; expected finite ones. Its training probably "
            "diverged: retrain it with a smaller learning rate or scaled inputs."
        )


class TransferError(ValueError):
    """Source and target do not fit together in the way that was asked for.

    Most often parameters of the target contradict what the source has; left at None they take the
    source's.

    See Also
    --------
    SourceError : What was given as source cannot be one.
    TransferWarning : Training goes on, without what does not fit.

    Examples
    --------
    >>> from sktransfer import TransferMLPRegressor
    >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0]
    >>> source = TransferMLPRegressor(max_iter=1).fit(X, y)
    >>> TransferMLPRegressor(source=source, activation="tanh").fit(X, y)
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.TransferError: activation='tanh' differs from the source's 'relu': ...
    """


class SourceRowsError(TransferError):
    """The source's rows that were given to ``fit`` cannot be trained on beside the target's.

    Only ``strategy='joint'`` asks for them.

    See Also
    --------
    sktransfer.strategies.Joint : The strategy that trains on them.

    Examples
    --------
    >>> from sktransfer import TransferMLPRegressor
    >>> TransferMLPRegressor(strategy="joint").fit([[0.0], [1.0]], [0.0, 1.0])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.SourceRowsError: strategy='joint' ... missing: X_source and y_source...
    """

    @classmethod
    def missing(cls, given: tuple[bool, bool]) -> SourceRowsError:
        """For a fit that is not given the source's rows, or not all of them."""
        what = {
            (False, False): "X_source and y_source",
            (True, False): "y_source",
            (False, True): "X_source",
        }[given]
        return cls(
            f"strategy='joint' trains on the source's rows too; missing: {what}. Expected "
            "fit(X, y, X_source=..., y_source=...). In a pipeline or search, metadata routing "
            "hands them on: sklearn.set_config(enable_metadata_routing=True) and "
            "set_fit_request(X_source=True, y_source=True)."
        )

    @classmethod
    def training_goes_on(cls) -> SourceRowsError:
        """For training that goes on, in which the source's rows have no output layer."""
        return cls(
            "strategy='joint' with partial_fit or warm_start; expected fit. The source's output "
            "layer is not kept, so that its rows could not be gone on with. Use another strategy, "
            "such as 'l2_sp'."
        )

    @classmethod
    def columns(cls, X_source, ours: object) -> SourceRowsError:
        """For two tables whose columns cannot be matched."""
        theirs = getattr(X_source, "columns", None)
        has = f"shape {X_source.shape}" if theirs is None else f"columns {listed(theirs)}"
        wants = f"{ours} columns" if isinstance(ours, int) else f"columns {listed(ours)}"
        return cls(
            f"X_source, a {type(X_source).__name__}, has {has}, and X has {wants}; expected names "
            "in common in two frames, or as many columns in the same order in two arrays. Give "
            "both tables in the same form, with the same names where columns mean the same."
        )

    @classmethod
    def text(cls) -> SourceRowsError:
        """For columns of one name that are text in one table and numbers in the other."""
        return cls(
            "X_source and X have columns that are text or categories in one and numbers in the "
            "other; expected columns of one name to be of one type. Convert them, or rename those "
            "that mean other things."
        )

    @classmethod
    def unlabelled(cls, name: str) -> SourceRowsError:
        """For a target of the source without any label."""
        return cls(
            f"y_source has no label at all in {name!r}; expected at least one. There is nothing "
            "to learn from it: leave the column out."
        )


class DivergenceError(ValueError):
    """Training has diverged, and there are no weights to fall back on.

    The message names the likely cause, a learning rate that is too large or very large numbers in
    `X`.  An earlier fit of the estimator stays usable.

    See Also
    --------
    DivergenceWarning : There are weights to fall back on.

    Examples
    --------
    >>> from sktransfer import TransferMLPRegressor
    >>> model = TransferMLPRegressor(max_iter=1, learning_rate_init=1e300, random_state=0)
    >>> model.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.DivergenceError: Solver produced non-finite parameter weights...
    """

    @classmethod
    def at_once(cls, learning_rate: float | None) -> DivergenceError:
        """For training without a single epoch of finite numbers."""
        return cls(
            "Solver produced non-finite parameter weights. The input data may contain large "
            "values and need to be preprocessed. There are no weights of before to fall back on. "
            + likely_cause(learning_rate)
        )


class DivergenceWarning(ConvergenceWarning):
    """Training has diverged; the best weights of before are kept.

    The estimator is fitted and its answers are finite.  Of a combination, members that diverged
    are left out.

    See Also
    --------
    DivergenceError : There are no weights to fall back on.

    Examples
    --------
    A filter makes it an error:

    >>> import warnings
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.exceptions import DivergenceWarning
    >>> model = TransferMLPRegressor(learning_rate_init=1e3, random_state=0)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", DivergenceWarning)
    ...     model.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.DivergenceWarning: Training diverged: ...
    """

    @classmethod
    def restored(cls, learning_rate: float | None) -> DivergenceWarning:
        """For weights that were taken back to the best ones."""
        return cls(
            "Training diverged: the loss, expected to fall, grew beyond its first value or beyond "
            f"all numbers. The best weights until then are kept. {likely_cause(learning_rate)}"
        )

    @classmethod
    def members(cls, names) -> DivergenceWarning:
        """For members of a combination that are left out."""
        return cls(
            f"The training of members {listed(names)} of the combination diverged; expected all "
            "to train. They get no weight, and the others answer. Try a smaller "
            "learning_rate_init."
        )


class TransferWarning(UserWarning):
    """Nothing, or less than one would expect, was carried over from the source.

    Training goes on without it.  The message says which columns or layers are concerned, and what
    to change so that they fit.

    See Also
    --------
    TransferError : Source and target do not fit together at all.

    Examples
    --------
    A filter makes it an error:

    >>> import warnings
    >>> import pandas as pd
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.exceptions import TransferWarning
    >>> X, y = pd.DataFrame({"age": [20.0, 40.0, 60.0]}), [1.0, 2.0, 3.0]
    >>> source = TransferMLPRegressor(max_iter=1).fit(X, y)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", TransferWarning)
    ...     TransferMLPRegressor(source=source).fit(X.rename(columns={"age": "years"}), y)
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.TransferWarning: Nothing was carried over from the source ...
    """

    @classmethod
    def nothing_in_common(
        cls,
        source: str,
        theirs: tuple[int, Sequence[str] | None],
        ours: tuple[int, Sequence[str] | None],
        instead: str,
        *,
        types: Mapping[str, tuple[str, str]],
        lacking: Collection[str],
        made: Collection[str],
        prefixed: Collection[str],
    ) -> TransferWarning:
        # of either table the number of columns, and their names if any
        """For two tables of which no column is matched."""
        if types:
            cure = conversion(types, lacking)
        else:
            cure = names_in_common(theirs[1], ours[1], made, prefixed)
        return cls(
            f"Nothing was carried over from the source ({source}): it has {columns(*theirs)}, X "
            f"has {columns(*ours)}, and none is matched. {instead}. {cure}"
        )

    @classmethod
    def other_types(
        cls, source: str, types: Mapping[str, tuple[str, str]], lacking: Collection[str] = ()
    ) -> TransferWarning:
        # with those that are lacking, the source's own steps would take them
        """For columns of one name and of two types."""
        return cls(
            f"Of the source ({source}), columns that are of another type in X are not carried "
            f"over: {of_two_types(types)}. Expected columns of one name to be of one type. "
            f"{conversion(types, lacking)}"
        )


class OneClassWarning(RuntimeWarning):
    """The labels to learn from are all the same.

    The estimator is fitted, and every prediction will be that label.

    See Also
    --------
    NoLabelsWarning : A task has no label at all.

    Examples
    --------
    A filter makes it an error:

    >>> import warnings
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.exceptions import OneClassWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", OneClassWarning)
    ...     TransferMLPClassifier().fit([[0.0], [1.0]], ["ill", "ill"])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.OneClassWarning: y has one class only, 'ill': ...
    """


class NoLabelsWarning(RuntimeWarning):
    """One of several tasks has no label to learn from.

    The other tasks are fitted as if it were not there, and its own answers are missing.

    See Also
    --------
    OneClassWarning : A task has one label only.
    sktransfer.MultiTaskMLP : The estimator of several tasks.

    Examples
    --------
    A filter makes it an error:

    >>> import warnings
    >>> from sktransfer import MultiTaskMLP
    >>> from sktransfer.exceptions import NoLabelsWarning
    >>> y = {"ill": [True, False], "grade": [None, None]}
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", NoLabelsWarning)
    ...     MultiTaskMLP().fit([[0.0], [1.0]], y)
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.NoLabelsWarning: y has no label of the tasks ['grade']: ...
    """


def unfitted_source(obj: object) -> NotFittedError:
    """scikit-learn's error for a source that was never fitted, or lost its fit to ``clone``."""
    return NotFittedError(
        f"The {type(obj).__name__} given as `source` is not fitted; expected a fitted one. Either "
        "`fit` was never called on it, or scikit-learn cloned it: a grid such as "
        '{"source": [None, model]} clones each candidate value. Wrap it there: '
        '{"source": [None, sklearn.frozen.FrozenEstimator(model)]}.'
    )


def nothing_to_show(what: str, reason: str) -> ValueError:
    """The error for a display of something that a fit does not have."""
    return ValueError(f"There is no {what} to show: {reason}. Give an estimator that has one.")


def not_exportable(what: str, reason: str) -> ValueError:
    """The error for something that the format of an export cannot express."""
    return ValueError(f"This estimator has {what}, which cannot be exported: {reason}.")


def no_applicable_member(names) -> ValueError:
    """The error for a combination of which no network can be trained on this table."""
    return ValueError(
        f"None of the combination's networks can be trained here: {listed(names)} would keep the "
        "source's output layer or start from its layers, and what y or X has does not fit them. "
        "Expected at least one that can do without, such as 'l2_sp' or 'scratch'; add it to the "
        "members."
    )


def device_is_missing(device: str, reason: str) -> ValueError:
    """The error for a device that torch does not have here."""
    return ValueError(
        f"device={device!r} cannot be trained on; expected 'auto', 'cpu' or a device that torch "
        f"has here, such as 'cuda' where torch.cuda.is_available(). torch says: "
        f"{reason.splitlines()[0]} Give device='auto', or install a torch for this device."
    )


def unknown_name(what: str, name: object, known, otherwise: str) -> ValueError:
    """The error for a name that is none of those that are known."""
    close = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return ValueError(
        f"{what} is not known; expected one of {sorted(known)} or {otherwise}.{hint}"
    )


def continuous_labels(example: float, n_columns: int = 1) -> ValueError:
    """The error for numbers where labels are expected."""
    return ValueError(
        f"Unknown label type: continuous{'-multioutput' if n_columns > 1 else ''}. y has numbers "
        f"with fractions such as {example:g}; expected labels. Use TransferMLPRegressor for "
        "numbers, or convert labels that were read as numbers (y.astype(int))."
    )


def several_targets(n_columns: int, expected: str) -> ValueError:
    """The error for a `y` of several columns that are not of one kind."""
    return ValueError(
        f"y has {n_columns} columns of labels or of different kinds; expected {expected}. Several "
        "targets at once, each of its own kind, are for MultiTaskMLP: MultiTaskMLP().fit(X, y)."
    )


def no_numbers(value: Any, n_columns: int = 1) -> ValueError:
    """The error for a target of a regression that is no number."""
    kind = type(value).__name__.rstrip("_")
    if "delta" in kind.lower():
        cure = "Give them in a unit, such as y / pandas.Timedelta('1D')."
    elif isinstance(value, str | bytes):
        cure = (
            "Use TransferMLPClassifier for labels, or convert numbers that were read as text "
            "(pandas.to_numeric)."
        )
    elif kind == "Period":
        cure = "Convert them to moments, y.dt.to_timestamp(), and count from one of these."
    elif "date" in kind.lower() or kind == "Timestamp":
        cure = "Count from a date, such as (y - y.min()) / pandas.Timedelta('1D')."
    else:
        cure = "Convert them first."
    if n_columns > 1:
        cure += " Several targets at once, each of its own kind, are for MultiTaskMLP."
    return ValueError(
        f"y has entries such as {str(value)!r} of type {kind}; expected numbers, as this is a "
        f"regression. {cure}"
    )


def repeated_columns(names) -> ValueError:
    """The error for a table in which columns have the same name."""
    return ValueError(
        f"A table has several columns of the name {listed(names)}; expected names that differ, as "
        "columns are known by them. Rename them, or leave copies out: "
        "table.loc[:, ~table.columns.duplicated()]."
    )


def column_of_type(name: str, dtype: object) -> ValueError:
    """The error for a column of a type that nothing is made of."""
    column = f"X[{name!r}]"
    cures = {
        "period": f"Convert it to moments, {column}.dt.to_timestamp()",
        "sparse": f"Convert it, {column}.sparse.to_dense(), or a whole table, X.sparse.to_coo()",
        "complex": f"Take it apart, {column}.real and {column}.imag",
        "cat": f"Name it in categorical_features={[name]}, or leave that at 'from_dtype'",
        "interval": f"Convert it, {column}.astype('category') or {column}.array.mid",
    }
    cure = next((c for kind, c in cures.items() if str(dtype).lower().startswith(kind)), None)
    return ValueError(
        f"Column {name!r} is of type {dtype}; expected numbers, booleans, categories, text or "
        f"moments. {cure or 'Take it apart into columns of these'}, or leave it out."
    )


def no_callback(obj: object) -> TypeError:
    """The error for something in `callbacks` that is none."""
    return TypeError(
        f"callbacks has {obj!r}, of type {type(obj).__name__}; expected skorch callbacks, such as "
        "skorch.callbacks.EarlyStopping(monitor='train_loss'), or pairs of a name and one. A "
        "function goes into a class derived from skorch.callbacks.Callback; scikit-learn's "
        "callbacks are given to set_callbacks."
    )


def callback_without_validation(problem: object) -> ValueError:
    """The error for a callback that looks for the loss on rows that were not held out."""
    said = str(problem).strip('"').rstrip(".")
    return ValueError(
        f"A callback stopped: {said}. It looks for what is measured on a validation set, and "
        "there is none. Give fit(X_val=..., y_val=...), or "
        "early_stopping=True, or let it look at the training rows (monitor='train_loss')."
    )
