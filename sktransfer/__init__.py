"""Transfer learning for tables, with scikit-learn's interface.

Start from a fitted model of an older or larger table (a network, a forest, boosting, a pipeline)::

    from sktransfer import TransferMLPClassifier

    target = TransferMLPClassifier(source=old_model, random_state=0).fit(X_few, y_few)
    target.predict_proba(X_new)
    print(target.transfer_report_)  # what was reused, what is new, and why
    target.transfer_gain_  # by how much the held-out loss falls with the source

Compare with ``TransferMLPClassifier(strategy="ensemble")``, the same without a source, and with
``strategy=sktransfer.strategies.Recalibrate(update="none")``, the source as it is.

============================  ==================================================================
`TransferMLPClassifier`       classification
`TransferMLPRegressor`        regression: means, medians, quantiles, counts, amounts
`MultiTaskMLP`                several targets of one table, with missing labels
`SharedLayerTransformer`      a source's hidden layers and predictions as columns
`SelfSupervisedMLP`           a source from a table without labels
`load`                        reads what an estimator's ``save`` wrote
`sktransfer.strategies`       how far training may move away from the source
`sktransfer.sources`          sources that need more than the object itself
`sktransfer.model_selection`  is a source worth it, and which of several?
`sktransfer.inspection`       reports and displays of a fit
`sktransfer.export`           ONNX
============================  ==================================================================
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
