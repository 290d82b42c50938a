"""Everything this package raises or warns with.

::

    Exception
     └── ValueError
          ├── SourceError               the object given as ``source`` cannot be one
          │    ├── SourceKindError      … because of what it is (also a TypeError)
          │    ├── SourceLayersError    … because of its layers
          │    └── SourceFormatError    … because of the file it was saved in
          ├── TransferError             source and target do not fit together
          │    └── SourceRowsError      … because of the tables of ``Joint``
          └── DivergenceError           training has diverged at once
     └── TypeError
          └── NotSavableError           what cannot be written without pickle
    sklearn.exceptions.NotFittedError   an unfitted ``source`` (scikit-learn's own class)

    Warning
     └── UserWarning
          ├── TransferWarning           nothing, or less than expected, was carried over
          ├── CoverageWarning           too few held-out rows for an interval or a set
          └── ColumnWarning             a column has less information than it seems
     └── RuntimeWarning
          ├── OneClassWarning           y has one class only
          └── NoLabelsWarning           a task has no label at all
     └── sklearn.exceptions.ConvergenceWarning
          └── DivergenceWarning         training has diverged; earlier weights were kept

Messages follow one grammar: the object in the user's words, what was expected, what was
found, the likely cause, the next step.  They stand where they are raised; one that is raised in
several places is made by a classmethod below, so that it reads the same in all of them.
"""

from __future__ import annotations

from os import PathLike

from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sktransfer._warnings import listed

__all__ = [
    "ColumnWarning",
    "CoverageWarning",
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

    #: Whether the layers are no numbers, so that the source's predictions are none either.
    diverged = False

    @classmethod
    def activation(cls, obj: object, found: str, known) -> SourceLayersError:
        """For an activation that cannot be carried over."""
        return cls(
            f"`source` is a {type(obj).__name__} with activation {found}; expected one of "
            f"{listed(known, 9)}. Layers trained with another activation mean nothing here; "
            "retrain the source with one of these, or take its predictions: give it in an object "
            "with predict."
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
        error = cls(
            f"Layer {layer} of `source` has NaN or infinite weights; expected finite numbers. Its "
            "training probably diverged: retrain it with a smaller learning rate or scaled inputs."
        )
        error.diverged = True
        return error


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
    def damaged(cls, path: str | PathLike[str], problem: str | Exception) -> SourceFormatError:
        """For a file that is not what `save` has written."""
        return cls(
            f"The saved model {str(path)!r} cannot be read: {str(problem)[:300]}. Expected it as "
            "`save` wrote it. It was probably cut off or changed on its way, or made by something "
            "else: save or download it again. Nothing of it was used."
        )

    @classmethod
    def another_class(
        cls, path: str | PathLike[str], found: str, wanted: str
    ) -> SourceFormatError:
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


class TransferError(ValueError):
    """Source and target do not fit together as requested.

    Most often parameters of the target contradict what the source has; left at None they take the
    source's.

    See Also
    --------
    SourceError : What was given as source cannot be one.
    TransferWarning : Training continues, without what does not fit.

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
    """The tables of ``Joint`` cannot be trained on together with the target's.

    They are missing, or have no column in common with it, or no label.

    See Also
    --------
    sktransfer.strategies.Joint : The strategy that trains on them.

    Examples
    --------
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.strategies import Joint
    >>> TransferMLPRegressor(strategy=Joint()).fit([[0.0], [1.0]], [0.0, 1.0])
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.SourceRowsError: ...
    """


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
        """For training without an epoch of finite numbers."""
        return cls(
            "Solver produced non-finite parameter weights. The input data may contain large "
            "values and need to be preprocessed. There are no earlier weights to fall back on. "
            + _likely_cause(learning_rate)
        )


class DivergenceWarning(ConvergenceWarning):
    """Training has diverged; the best earlier weights are kept.

    The estimator is fitted and its predictions are finite.  Members of an ensemble that diverged
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
            f"all numbers. The best weights until then are kept. {_likely_cause(learning_rate)}"
        )


class TransferWarning(UserWarning):
    """Nothing, or less than one would expect, was carried over from the source.

    Training continues without it.  The message says which columns or layers are concerned, and
    what to change so that they fit.

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


class ColumnWarning(UserWarning):
    """A column has less information than it seems.

    It holds identifiers or free text and is left out, or none of its entries is known from fit.

    See Also
    --------
    TransferWarning : Less than expected was carried over.

    Examples
    --------
    >>> import warnings
    >>> import pandas as pd
    >>> from sktransfer import TransferMLPRegressor
    >>> X = pd.DataFrame({"number": range(60), "id": [f"row {i}" for i in range(60)]})
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     model = TransferMLPRegressor(max_iter=1).fit(X, range(60))
    >>> caught[0].category.__name__, "'id'" in str(caught[0].message)
    ('ColumnWarning', True)
    """


class CoverageWarning(UserWarning):
    """There are too few held-out rows for the requested coverage.

    Intervals are then the whole range, and sets hold all classes.  The message says how many rows,
    or groups of rows, there are and how many it takes.

    See Also
    --------
    sktransfer.TransferMLPRegressor.predict_interval : Gives intervals.
    sktransfer.TransferMLPClassifier.predict_set : Gives sets of classes.

    Examples
    --------
    >>> import warnings
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.exceptions import CoverageWarning
    >>> X, y = [[float(i)] for i in range(8)], range(8)
    >>> model = TransferMLPRegressor(strategy="linear").fit(X, y)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", CoverageWarning)
    ...     model.predict_interval(X, coverage=0.9)
    Traceback (most recent call last):
    ...
    sktransfer.exceptions.CoverageWarning: coverage=0.9 needs at least 9 held-out rows; ...
    """


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

    The other tasks are fitted as if it were not there, and its own predictions are missing.

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


def _likely_cause(learning_rate: float | None) -> str:
    if learning_rate is None:  # of L-BFGS, which has none
        cause, cure = "X or y probably has", ""
    else:
        cause = f"A learning rate of {learning_rate:g} is probably too large, or X or y has"
        cure = f"learning_rate_init={min(learning_rate / 10, 1e-3):g}, or "
    return f"{cause} very large numbers. Try {cure}standardize=True or a scaler before it."
