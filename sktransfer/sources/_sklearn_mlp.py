"""scikit-learn's ``MLPClassifier`` and ``MLPRegressor``, and classes derived from them."""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier, MLPRegressor

from sktransfer._records import DenseLayer, InputSchema, SourceDescription, TargetSchema
from sktransfer.exceptions import unfitted_source
from sktransfer.sources._reader import DescribeInner, Source


def reads(obj: Source) -> bool:
    return isinstance(obj, MLPClassifier | MLPRegressor)


def describe(
    obj: MLPClassifier | MLPRegressor, describe_inner: DescribeInner
) -> SourceDescription:
    if not hasattr(obj, "coefs_"):
        raise unfitted_source(obj)
    names = getattr(obj, "feature_names_in_", None)
    return SourceDescription(
        layers=[DenseLayer(*layer) for layer in zip(obj.coefs_, obj.intercepts_, strict=True)],
        activation=obj.activation,
        inputs=InputSchema.plain(
            obj.coefs_[0].shape[0], None if names is None else tuple(names.tolist())
        ),
        target=_target(obj),
        name=type(obj).__name__,
    )


def _target(mlp: MLPClassifier | MLPRegressor) -> TargetSchema | None:
    n_outputs = mlp.coefs_[-1].shape[1]
    if isinstance(mlp, MLPRegressor):
        # The fitted activation, not the parameter `loss`, which may have been set since.
        loss = "poisson" if mlp.out_activation_ == "exp" else "squared_error"
        return TargetSchema("regression", n_outputs, loss=loss)
    if mlp.out_activation_ == "softmax":
        return TargetSchema("multiclass", n_outputs, classes=mlp.classes_)
    if mlp._label_binarizer.y_type_.startswith("multilabel"):
        return TargetSchema("multilabel", n_outputs, classes=mlp.classes_)
    if len(mlp.classes_) != 2:
        return None  # trained on a single class: its one output is constant
    return TargetSchema("binary", n_outputs, classes=mlp.classes_)
