"""``save`` and ``load``: a fitted estimator taken apart, and put together again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sktransfer._persistence import read, write
from sktransfer._records import DenseLayer, SavedModel, SourceDescription
from sktransfer.exceptions import SourceFormatError
from sktransfer.sources import describe_source, describe_sources, is_several

#: What the description of an estimator tells of its fitted state.
_DESCRIBED = {"_activation", "_inputs"}
#: What belongs to a process: the skorch net, torch's tensors.
_OF_A_PROCESS = {"_net", "_optimizer", "_optimizers"}


class Savable:
    """The methods of an estimator that can be saved."""

    def save(self, directory: str | os.PathLike) -> None:
        """Write this fitted estimator into a directory, without pickle.

        ``model.safetensors`` holds everything: weights, columns, categories, classes, scaling,
        parameters, the account of the transfer, and what the source had learned, so that the
        loaded estimator can be fitted again (``set_params(source=None)`` leaves it out).
        `callbacks` and the state of the optimiser are not saved.  ``README.md`` is a model card.

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
        write(directory, taken_apart(self))

    @classmethod
    def load(cls, directory: str | os.PathLike) -> Any:
        """Read an estimator that :meth:`save` wrote.

        Nothing in the file is executed, whatever it contains.

        Parameters
        ----------
        directory : path
            Where it was saved.

        Returns
        -------
        object
            Predicts what the saved one predicted, bit for bit on one machine.

        Raises
        ------
        SourceFormatError
            If there is no saved estimator of this class, or its file is damaged or of a newer
            format.

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
        saved = read(directory)
        if saved.estimator != cls.__name__:
            raise SourceFormatError.another_class(directory, saved.estimator, cls.__name__)
        return put_together(cls, saved, directory)


def taken_apart(estimator: Any) -> SavedModel:
    """A fitted estimator as a record."""
    check_is_fitted(estimator)
    params = estimator.get_params(deep=False) | {"callbacks": None}
    params["source"] = _described(params["source"])
    fitted = {
        name: value
        for name, value in estimator.__getstate__().items()
        if name not in params
        and name not in _DESCRIBED | _OF_A_PROCESS
        # scikit-learn's callbacks, and its version, which the file has anyway
        and "callback" not in name
        and name != "_sklearn_version"
    }
    return SavedModel(
        estimator.__sktransfer_describe__(), type(estimator).__name__, params, fitted
    )


def _described(source: Any) -> Any:
    """What a file holds for a source: its description, or for several theirs in the same form."""
    if not is_several(source):
        return None if source is None else describe_source(source)
    described = describe_sources(source)
    return described if isinstance(source, Mapping) else list(described.values())


def put_together(cls: type, saved: SavedModel, directory: Any) -> Any:
    """An estimator from its record.

    Raises
    ------
    SourceFormatError
        If the record contradicts itself, or the parameters are none of the class's.
    """
    description = saved.description
    try:
        estimator = cls(**saved.params)
        estimator._validate_params()
        _check_names(cls, saved)
    except (TypeError, ValueError) as error:
        raise SourceFormatError.damaged(directory, error) from error
    vars(estimator).update(
        saved.fitted, _activation=description.activation, _inputs=description.inputs
    )
    try:
        _check_consistent(estimator)
    except (AttributeError, TypeError, ValueError) as error:
        raise SourceFormatError.damaged(directory, error) from error
    return estimator


def _check_names(cls: type, saved: SavedModel) -> None:
    for name in saved.fitted:
        # what the class itself has must not be hidden, its methods least of all
        if not name.isidentifier() or hasattr(cls, name) or name in saved.params:
            raise ValueError(f"{cls.__name__} has no fitted attribute {name[:80]!r}")


def _check_consistent(estimator: Any) -> None:
    """Whether what `predict` computes with goes together; a description checks its layers."""
    inputs, target = estimator._inputs, estimator._target
    pairs = zip(estimator.coefs_, estimator.intercepts_, strict=True)
    layers = SourceDescription(
        [DenseLayer(*pair) for pair in pairs], estimator._activation, inputs, target
    ).layers
    told = {
        "n_features_in_": inputs.n_features,
        "feature_names_in_": inputs.names,
        "n_layers_": len(layers) + 1,
        "n_outputs_": target.n_outputs,
        "out_activation_": target.out_activation,
    }
    if target.classes is not None:
        told["classes_"] = tuple(target.labels)
    for name, value in told.items():
        found = getattr(estimator, name, None)
        found = tuple(found.tolist()) if isinstance(found, np.ndarray) else found
        if found != value:
            raise ValueError(f"{name} is {str(found)[:80]}, not {str(value)[:80]}")
