"""What a file may contain: a list of classes, and nothing that is not on it."""

from __future__ import annotations

import dataclasses
import inspect
from functools import cache
from importlib import import_module

import numpy as np

from sktransfer._persistence._sklearn_state import restored_object, saved_state
from sktransfer._persistence._values import Json, State, Value

#: Records, which check themselves, and objects that are their parameters.
_OURS = {
    "sktransfer._records": (
        "AdditiveArrays",
        "CarriedLayer",
        "ClosedForm",
        "ColumnMatch",
        "ColumnScale",
        "DenseLayer",
        "FittedModel",
        "HeldOutScores",
        "History",
        "InputColumns",
        "InputScaling",
        "InputSchema",
        "InputStatistics",
        "LayerNames",
        "Member",
        "MergedClasses",
        "NumberFormat",
        "NumbersOfRates",
        "RbfArrays",
        "Readout",
        "Recalibration",
        "ReportRow",
        "SavedModel",
        "SourceDescription",
        "TangentArrays",
        "TargetSchema",
        "TransferPlan",
        "TreeArrays",
    ),
    "sktransfer._preprocessing._column_split": ("SplitColumns",),
    "sktransfer._preprocessing._frames": ("FrameEncoder",),
    "sktransfer._preprocessing._transformed": ("RespelledLevels", "TransformedColumns"),
    "sktransfer._targets._classes": ("ClassTarget", "LabelTask"),
    "sktransfer._targets._numbers": ("NumberTarget", "NumberTask"),
    "sktransfer._targets._several": ("TaskTargets",),
    "sktransfer._targets._tasks": ("NoTask",),
    "sktransfer.sources._chained": ("ChainedTransformer", "PickedColumns"),
    "sktransfer.sources._saved_predictor": ("SavedPredictor",),
}
#: Of an estimator of ours what only skops writes: all of these are classes, made without their
#: constructor, and none of them calls what it holds.
_IN_SKOPS = (
    "sktransfer._estimators._classifier.TransferMLPClassifier",
    "sktransfer._estimators._regressor.TransferMLPRegressor",
    "sktransfer._estimators._report.TransferReport",
    "sktransfer._records._training.TrainingSettings",
    "sktransfer._training._optimizers.FlatAdam",
    "sktransfer._training._optimizers.FlatSGD",
    "sktransfer.sources._predictor.Predictor",
)
#: Has the index of the kinds of column, each of which has a record.
_KINDS = "sktransfer._preprocessing._kinds"
#: Of these all classes in their ``__all__``: objects with scikit-learn's parameters.
_BY_PACKAGE = ("sktransfer.augmentation", "sktransfer.balancing", "sktransfer.strategies")
#: Bases of others, and what holds another package's estimator, which is not saved.
_IN_NO_FILE = {"ClosedFormStrategy", "EstimatorMember", "Strategy"}
#: Of an object the parameter that an attribute of another name holds.
_ATTRIBUTES = {"labels": "classes"}
#: Transformers whose fitted state is data.
SKLEARN = {
    "sklearn.compose": ("ColumnTransformer",),
    "sklearn.decomposition": ("PCA", "TruncatedSVD"),
    "sklearn.feature_selection": ("VarianceThreshold",),
    "sklearn.impute": ("MissingIndicator", "SimpleImputer"),
    "sklearn.pipeline": ("FeatureUnion", "Pipeline"),
    "sklearn.preprocessing": (
        "Binarizer",
        "FunctionTransformer",
        "KBinsDiscretizer",
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
#: Kinds of array that are stored as they are; of the others the entries are written out.
NUMBERS = "fiub"
#: Types that are values themselves, such as the ``dtype`` of an encoder.
_PLAIN_TYPES = {kind.__name__: kind for kind in (bool, int, float, str, object)}
_NUMPY_TYPES = (np.number, np.bool_, np.str_, np.object_)


@cache
def classes() -> dict[str, type]:
    """The classes by the name that files give them."""
    listed = {module: import_module(module).__all__ for module in _BY_PACKAGE} | _OURS | SKLEARN
    found = {
        name: getattr(import_module(module), name)
        for module, names in listed.items()
        for name in names
        if name not in _IN_NO_FILE
    }
    columns = import_module(_KINDS).KINDS
    return {kind.record.__name__: kind.record for kind in columns} | {
        name: cls
        for name, cls in found.items()
        if isinstance(cls, type) and not inspect.isabstract(cls) and _is_named(name, cls)
    }


def names_in_skops() -> list[str]:
    """Full names of the classes of ours that an estimator of ours is made of."""
    ours = [cls for cls in classes().values() if not is_foreign(cls)]
    return [*_IN_SKOPS, *(f"{cls.__module__}.{cls.__qualname__}" for cls in ours)]


def _is_named(name: str, cls: type) -> bool:
    """Records are those that are named here; packages list more for their users."""
    return not dataclasses.is_dataclass(cls) or any(name in names for names in _OURS.values())


def is_foreign(cls: type) -> bool:
    """Whether a class is another package's, which may have its own use for missing numbers."""
    return not cls.__module__.startswith("sktransfer.")


def state_of(value: Value) -> State:
    """What there is to say about an object of one of the classes."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    cls: type = type(value)
    if is_foreign(cls):
        return saved_state(value)
    return {name: getattr(value, _ATTRIBUTES.get(name, name)) for name in _parameters(cls)}


def restored(cls: type, state: State) -> Value:
    """An object of one of the classes, a record apart, from what was said about it.

    Raises
    ------
    ValueError
        If it contradicts itself or its class.
    """
    if not is_foreign(cls):
        return _from_parameters(cls, state)
    return restored_object(cls, state)


def _from_parameters(cls: type, state: State) -> Value:
    if set(state) != set(_parameters(cls)):
        raise ValueError(f"{cls.__name__} has other parameters than {sorted(state)}"[:200])
    made = cls(**state)
    if hasattr(made, "_validate_params"):
        made._validate_params()
    return made


@cache
def _parameters(cls: type) -> tuple[str, ...]:
    """Names of what an object of a class of ours is made from."""
    return tuple(inspect.signature(cls).parameters)


def name_of_type(value: Value) -> str | None:
    """The name of a type that is a value, None where it is not one of ours to write."""
    if not isinstance(value, type):
        return None
    if issubclass(value, _NUMPY_TYPES):
        return f"numpy.{value.__name__}"
    return value.__name__ if _PLAIN_TYPES.get(value.__name__) is value else None


def type_named(name: Json) -> type:
    """The reverse of :func:`name_of_type`."""
    if isinstance(name, str) and name.startswith("numpy."):
        found = getattr(np, name.removeprefix("numpy."), None)
        if isinstance(found, type) and issubclass(found, _NUMPY_TYPES):
            return found
    elif name in _PLAIN_TYPES:
        return _PLAIN_TYPES[name]
    raise ValueError(f"the type {str(name)[:80]!r} is not known")


def dtype_named(name: Json, kinds: str) -> np.dtype:
    """A numpy type of one of some kinds, by the name that it gives itself."""
    kind = np.dtype(name) if isinstance(name, str) else None
    # numpy 1 lets a length overflow
    if kind is None or kind.kind not in kinds or kind.str != name:
        raise ValueError(f"{str(name)[:80]!r} is no type of numbers or texts here")
    if kind.itemsize > (8 if kind.kind != "U" else 2**31):
        raise ValueError(f"{name!r} is no type of numbers here")
    return kind


def name_of_ufunc(value: Value) -> str | None:
    """The name of a function of numpy from one number to one, None for anything else."""
    if not isinstance(value, np.ufunc):
        return None
    name: str = value.__name__
    is_plain = value.nin == value.nout == 1 and value.signature is None
    return name if is_plain and "d->d" in value.types and getattr(np, name, 0) is value else None


def ufunc_named(name: Json) -> np.ufunc:
    """The reverse of :func:`name_of_ufunc`."""
    found = getattr(np, name) if isinstance(name, str) else None
    if found is None or name_of_ufunc(found) != name:
        raise ValueError(f"{str(name)[:80]!r} is no function of numpy from a number to a number")
    return found
