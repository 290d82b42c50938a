"""What a file may contain: a list of classes, and nothing that is not on it."""

from __future__ import annotations

import dataclasses
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

#: Of these all classes in their ``__all__``.
_OURS = (
    "sktransfer._records",
    "sktransfer.augmentation",
    "sktransfer.balancing",
    "sktransfer.strategies",
)
_OTHERS = {
    "sktransfer._preprocessing._frames": ("FrameEncoder",),
    "sktransfer._preprocessing._column_split": ("SideBySide",),
    "sktransfer._targets._tasks": ("LabelTask", "NoTask", "NumberTask"),
    "sktransfer._fitting._report": ("TransferReport",),
    "sktransfer.sources._chained": ("ChainedTransformer",),
}
#: Transformers whose fitted state is data.
SKLEARN = {
    "sklearn.compose": ("ColumnTransformer", "make_column_selector"),
    "sklearn.decomposition": ("PCA", "TruncatedSVD"),
    "sklearn.feature_selection": ("VarianceThreshold",),
    "sklearn.impute": ("MissingIndicator", "SimpleImputer"),
    "sklearn.pipeline": ("FeatureUnion", "Pipeline"),
    "sklearn.preprocessing": (
        "Binarizer",
        "FunctionTransformer",
        "KBinsDiscretizer",
        "LabelBinarizer",
        "MaxAbsScaler",
        "MinMaxScaler",
        "Normalizer",
        "OneHotEncoder",
        "OrdinalEncoder",
        "PolynomialFeatures",
        "PowerTransformer",
        "QuantileTransformer",
        "RobustScaler",
        "StandardScaler",
        "TargetEncoder",
    ),
}
#: Types that are values themselves, such as the ``dtype`` of an encoder.
_PLAIN_TYPES = {kind.__name__: kind for kind in (bool, int, float, str, object)}


@cache
def classes() -> dict[str, type]:
    """The classes by the name that files give them."""
    listed = {module: import_module(module).__all__ for module in _OURS} | _OTHERS | SKLEARN
    found = {
        name: getattr(import_module(module), name)
        for module, names in listed.items()
        for name in names
    }
    return {name: cls for name, cls in found.items() if isinstance(cls, type)}


def is_foreign(cls: type) -> bool:
    """Whether a class is another package's, which may have its own use for missing numbers."""
    return not cls.__module__.startswith("sktransfer.")


def state_of(value: Any) -> dict[str, Any]:
    """What there is to say about an object of one of the classes."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return dict(vars(value))


def name_of_type(value: Any) -> str | None:
    """The name of a type that is a value, None where it is not one of ours to write."""
    if not isinstance(value, type):
        return None
    if issubclass(value, np.generic):
        return f"numpy.{value.__name__}"
    return value.__name__ if _PLAIN_TYPES.get(value.__name__) is value else None


def type_named(name: Any) -> type:
    """The reverse of :func:`name_of_type`."""
    if isinstance(name, str) and name.startswith("numpy."):
        found = getattr(np, name.removeprefix("numpy."), None)
        if isinstance(found, type) and issubclass(found, np.generic):
            return found
    elif name in _PLAIN_TYPES:
        return _PLAIN_TYPES[name]
    raise ValueError(f"the type {name!r} is not known")
