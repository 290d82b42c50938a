"""Telling what an object is without importing the library it is from."""

from __future__ import annotations

#: What `source` may be.
KINDS = (
    "a fitted TransferMLPClassifier, TransferMLPRegressor or MultiTaskMLP, a fitted scikit-learn "
    "MLPClassifier or MLPRegressor, a fitted Pipeline, FrozenEstimator, search or "
    "TransformedTargetRegressor around one of these, a fitted skorch net or a torch module "
    "whose layers form a dense chain, a directory that an estimator's save wrote, a "
    "SourceDescription, an object with a __sktransfer_describe__() method, any other fitted "
    "estimator that predicts, or a list or dict of these"
)


def derives_from(obj: object, module: str, name: str) -> bool:
    """Whether `obj` is an instance of the class `name` of `module`, or of one derived from it.

    Examples
    --------
    >>> from collections import OrderedDict
    >>> derives_from(OrderedDict(), "builtins", "dict")
    True
    >>> derives_from([], "builtins", "dict")
    False
    """
    return any(base.__module__ == module and base.__name__ == name for base in type(obj).__mro__)
