"""``save`` and ``load``: a fitted estimator taken apart, and put together again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar, cast

import numpy as np
from sklearn.utils.validation import check_is_fitted

import sktransfer._fitting as fitting
import sktransfer._persistence as persistence
import sktransfer.sources as sources
from sktransfer._records import FittedModel, SavedModel, SourceDescription
from sktransfer._targets import TargetCodec
from sktransfer._warnings import silenced
from sktransfer.exceptions import SourceFormatError
from sktransfer.strategies import Joint, WeightedEnsemble, check_strategy, members_of

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from sktransfer.sources import Predictor, Source, Sources

M = TypeVar("M", bound="Savable")


class Savable:
    """The methods of an estimator that can be saved."""

    def save(self, directory: str | os.PathLike) -> None:
        """Write this fitted estimator into a directory, without pickle.

        ``model.safetensors`` holds everything: weights, columns, categories, classes, scaling,
        parameters, the report of the transfer, and what the source had learned, so that the
        loaded estimator can be fitted again (``set_params(source=None)`` leaves it out).
        `callbacks`, the state of the optimiser and the rows of a short stream are not saved: a
        stream that is resumed after loading differs from one that was not interrupted, which
        `partial_fit` then warns of (pickle keeps them).  ``README.md`` is a model card.

        Parameters
        ----------
        directory : path
            Is made where it does not exist.  It can be given to :meth:`load`, and to another
            estimator as ``source``.  A model that is in it already is replaced as a whole: if
            saving fails or is interrupted, it is still there.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        NotSavableError
            If it holds something that cannot be written without pickle, such as a source's
            transformer of your own.

        See Also
        --------
        load : Reads it again.

        Examples
        --------
        >>> import os, tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     model.save(directory)
        ...     sorted(os.listdir(directory))
        ['README.md', 'model.safetensors']
        """
        persistence.write(
            directory, taken_apart(self), partial(rebuilt, type(self), trust_source=True)
        )

    @classmethod
    def load(cls, directory: str | os.PathLike, *, trust_source: bool = False) -> Self:
        """Read an estimator that :meth:`save` wrote.

        Nothing in the file is executed, and everything in it is checked, whatever it contains.

        Parameters
        ----------
        directory : path
            Where it was saved.
        trust_source : bool, default=False
            Whether to read a source without layers, such as a forest, which is saved by skops.
            Its numbers are the only ones in a file that are not checked.  Without it, a model
            that needs such a source to predict is refused, and another fit from such a source
            too.  Set it only where you trust whoever made the file.

        Returns
        -------
        object
            Predicts what the saved one predicted, bit for bit on one machine.

        Raises
        ------
        SourceFormatError
            If there is no saved estimator of this class, its file is damaged or of a newer
            format, or it needs `trust_source`.

        See Also
        --------
        save : Writes an estimator.
        sktransfer.load : Reads one of any class.

        Examples
        --------
        >>> import tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     model.save(directory)
        ...     loaded = TransferMLPClassifier.load(directory)
        >>> bool((loaded.predict(X) == model.predict(X)).all())
        True
        """
        saved = persistence.read(directory)
        if saved.estimator != cls.__name__:
            raise SourceFormatError.another_class(directory, saved.estimator, cls.__name__)
        return put_together(cls, saved, directory, trust_source)


def taken_apart(estimator: BaseEstimator) -> SavedModel:
    """A fitted estimator as a record."""
    check_is_fitted(estimator)
    params = estimator.get_params(deep=False) | {"callbacks": None}
    params["source"] = _described(params["source"])
    if isinstance(params["strategy"], Joint | WeightedEnsemble):
        params["strategy"] = params["strategy"].without_tables()
    names = getattr(estimator, "feature_names_in_", None)
    fitted = {
        "model": _with_predictors(estimator._model, sources.packed),
        "target": estimator._target,
        "n_features_in": estimator.n_features_in_,
        "feature_names_in": None if names is None else names.tolist(),
    }
    return SavedModel(_description(estimator), type(estimator).__name__, params, fitted)


def _with_predictors(model: FittedModel, change: Callable[[Predictor], Predictor]) -> FittedModel:
    """A model whose members read other predictors; those that share one still share one."""
    changed = {id(one): change(one) for one in _predictors(model)}
    if not changed:
        return model
    members = [
        member
        if member.predictor is None
        else replace(member, predictor=changed[id(member.predictor)])
        for member in model.members
    ]
    return replace(model, members=tuple(members))


def _predictors(model: FittedModel) -> list[Predictor]:
    """The sources without layers that members read."""
    every = {id(member.predictor): member.predictor for member in model.members}
    return [cast("Predictor", one) for one in every.values() if one is not None]


def _description(estimator: BaseEstimator) -> SourceDescription | None:
    """What a fitted estimator has learned, for others to start from; None without a network."""
    if not estimator._model.has_network:
        return None
    found: SourceDescription = estimator.__sktransfer_describe__()
    return found


def _described(source: Source | Sources | None) -> SourceDescription | Sources | None:
    """What a file holds for a source: its description, or for several theirs in the same form."""
    if not sources.is_several(source):
        return None if source is None else sources.savable(sources.describe_source(source))
    described = {
        name: sources.savable(one) for name, one in sources.describe_sources(source).items()
    }
    return described if isinstance(source, Mapping) else list(described.values())


def put_together(
    cls: type[M], saved: SavedModel, directory: str | os.PathLike, trust_source: bool = False
) -> M:
    """An estimator from its record.

    Raises
    ------
    SourceFormatError
        If the record contradicts itself, or the parameters are none of the class's.
    """
    model = saved.fitted.get("model")
    predictors = _predictors(model) if isinstance(model, FittedModel) else []
    if predictors and not trust_source:
        raise sources.not_trusted(predictors[0].label, directory)
    try:
        return rebuilt(cls, saved, trust_source)
    except _CONTRADICTIONS as error:
        raise SourceFormatError.damaged(directory, error) from error


#: Errors that an inconsistent record raises.
_CONTRADICTIONS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def rebuilt(cls: type[M], saved: SavedModel, trust_source: bool) -> M:
    """An estimator from its record, which has predicted a few rows.

    Raises
    ------
    ValueError, TypeError, AttributeError, LookupError, ArithmeticError
        If the record contradicts itself.
    """
    if trust_source:
        sources.trust([saved.params.get("source"), *_predictors(saved.fitted["model"])])
    estimator = cls(**saved.params)
    _check_parameters(estimator)
    _restore(estimator, **saved.fitted)
    _check_description(estimator, saved.description)
    _try_out(estimator)
    return estimator


def _restore(
    estimator: BaseEstimator,
    model: FittedModel,
    target: TargetCodec,
    n_features_in: int,
    feature_names_in: list[str] | None,
) -> None:
    """Give an estimator what it had learned."""
    _check_consistent(estimator, model, target, n_features_in, feature_names_in)
    estimator.n_features_in_ = n_features_in
    if feature_names_in is not None:
        estimator.feature_names_in_ = np.asarray(feature_names_in, dtype=object)
    estimator._publish(fitting.Fitted(model), target)


def _check_consistent(
    estimator: BaseEstimator,
    model: FittedModel,
    target: TargetCodec,
    n_features_in: int,
    feature_names_in: list[str] | None,
) -> None:
    """Whether what `predict` computes with goes together; records check themselves."""
    if not isinstance(model, FittedModel) or not isinstance(target, TargetCodec):
        raise TypeError("the fitted model is no record of one")
    if type(target) is not type(estimator._target_codec(None)):
        raise ValueError(f"a {type(target).__name__} is no target of this estimator")
    target.check_schema(model.target)
    columns = model.primary_member.inputs.columns
    if columns.n_features != n_features_in:
        raise ValueError(f"{n_features_in} columns, and the model reads {columns.n_features}")
    if (None if columns.names is None else list(columns.names)) != feature_names_in:
        raise ValueError("the columns of the model have other names")


def _check_parameters(estimator: BaseEstimator) -> None:
    """Whether parameters are in range, and a source is what it has learned, not where it lies."""
    estimator._validate_params()
    source = estimator.source
    several = list(source.values()) if isinstance(source, dict) else source
    for one in several if isinstance(several, list) else [source]:
        if source is not None and not isinstance(one, SourceDescription):
            raise ValueError(f"a source is of type {type(one).__name__}")
    if estimator.callbacks is not None:
        raise ValueError("there are callbacks")
    strategy = check_strategy(estimator.strategy, source is not None)
    if not isinstance(estimator.strategy, str):
        members_of(strategy, source is not None)


def _check_description(estimator: BaseEstimator, description: SourceDescription | None) -> None:
    """Whether what a file says that others can start from is what the estimator has learned."""
    if not persistence.are_equal(description, _description(estimator)):
        raise ValueError("what others can start from is not what the model has learned")


def _try_out(estimator: BaseEstimator) -> None:
    """Predict rows that are made of what the model stores, after all else was found right."""
    model: FittedModel = estimator._model
    X = persistence.example_table(model.primary_member.inputs)
    if X is None:
        return
    with silenced(Warning), np.errstate(all="ignore"):
        try:
            outputs = estimator._outputs(X)
            estimator.predict(X)
        except Exception as error:
            if any(words in str(error) for words in _OF_VALUES):
                return  # these rows are none that its functions take
            raise ValueError(f"it cannot predict its own columns ({error})") from error
    if (
        outputs.shape != (persistence.N_ROWS, model.target.n_outputs)
        or not np.isfinite(outputs[0]).all()
    ):
        raise ValueError("its predictions are not finite")
    columns = model.target.columns
    for name, task in model.target.tasks or (("", model.target),):
        if task.kind != "regression":
            _check_probabilities(outputs[:, columns.get(name, slice(None))], task.kind)


#: Words of errors about the values of a table, not about what is done with it.
_OF_VALUES = ("NaN", "infinity", "Box-Cox", "too large")


def _check_probabilities(outputs: np.ndarray, kind: str) -> None:
    known = outputs[np.isfinite(outputs).all(axis=1)]
    sums = known.sum(axis=1) if kind == "multiclass" else np.ones(len(known))
    if (known < -1e-6).any() or (known > 1 + 1e-3).any() or (np.abs(sums - 1) > 1e-3).any():
        raise ValueError("its probabilities are none")
