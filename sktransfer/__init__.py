"""Transfer learning for tables, in scikit-learn's terms.

A network trained on one table becomes the start of another's::

    source = TransferMLPClassifier().fit(X_source, y_source)
    target = TransferMLPClassifier(source=source).fit(X_target, y_target)
"""

from sktransfer._estimators import (
    MultiTaskMLP,
    SelfSupervisedMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
    load,
)

__version__ = "0.1.0.dev0"

__all__ = [
    "MultiTaskMLP",
    "SelfSupervisedMLP",
    "SharedLayerTransformer",
    "TransferMLPClassifier",
    "TransferMLPRegressor",
    "__version__",
    "load",
]
