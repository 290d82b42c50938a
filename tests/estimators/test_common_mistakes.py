"""What frequent mistakes are answered with: the cause, and the next step."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.inspection import LossCurveDisplay
from sktransfer.model_selection import forgetting_score, transfer_learning_curve
from sktransfer.strategies import L2SP, Joint, WeightedEnsemble

X, y = load_iris(return_X_y=True, as_frame=True)
OTHER = DummyClassifier().fit(X, y)


def fit(**params):
    return TransferMLPClassifier(max_iter=1, random_state=0, **params).fit(X, y)


MISTAKES = {
    "class": (lambda: fit(strategy=L2SP), r"Give an instance, L2SP\(\)\.$"),
    "estimator": (lambda: fit(strategy=OTHER), r"EstimatorMember\(estimator\)\.$"),
    "member": (lambda: fit(strategy=WeightedEnsemble([OTHER])), r"EstimatorMember\(estimator\)"),
    "brackets": (lambda: fit(strategy=Joint(X, y)), r"is of type DataFrame.*Joint\(\(X, y\)\)"),
    "groups": (
        lambda: fit(strategy=WeightedEnsemble(["linear", "trees"], cv=GroupKFold(3))),
        r"^cv=GroupKFold.* does not split 150 rows without groups.*Give groups to fit",
    ),
    "length": (
        lambda: TransferMLPClassifier().fit(X, y, groups=[0, 1]),
        r"^In groups: .* \[150, 2\]$",
    ),
    "held out": (
        lambda: TransferMLPClassifier(early_stopping=True).fit(X[:51], y[:51]),
        r"^early_stopping=True cannot hold out 10% of 51 rows.*\(X_val, y_val\)",
    ),
    "curve": (
        lambda: LossCurveDisplay.from_estimator(fit(strategy="linear")),
        "no network was trained",
    ),
    "step": (
        lambda: transfer_learning_curve(make_pipeline(TransferMLPClassifier()), OTHER, X, y),
        "param_name='transfermlpclassifier__source'",
    ),
    "forgetting": (
        lambda: forgetting_score(fit(strategy="full"), OTHER, X, y),
        "has predictions and no layers",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_error_gives_the_cause_and_the_next_step(mistake):
    make, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        make()


def test_a_warning_gives_the_next_step():
    with pytest.warns(match="Use feature_alignment='name'"):
        fit(source=fit(), strategy="l2_sp").set_params(feature_alignment="position").fit(
            X.iloc[:, :3], y
        )
    tasks = MultiTaskMLP(max_iter=1).fit(X, X.assign(kind=y)[["kind", X.columns[0]]])
    with pytest.warns(match=r"source=model\.task\(name\)"):
        fit(source=tasks, strategy="keep_head")


@pytest.mark.parametrize("strategy", ["scratch", "ensemble"])
@pytest.mark.parametrize(("had", "has"), [(2, 1), (1, 2), (3, 2)])
def test_a_y_of_other_columns_than_were_fitted_is_refused(had, has, strategy):
    X = np.random.default_rng(0).normal(size=(30, 4))
    y, other = X[:, :had], X[:, :has]
    message = f"y has {has} column.*; expected {had}, as in the y that was fitted"
    model = TransferMLPRegressor(strategy=strategy, max_iter=2, random_state=0)
    if strategy == "scratch":
        with pytest.raises(ValueError, match=f"In X_val and y_val: {message}"):
            model.fit(X, y, X_val=X, y_val=other)
    model.partial_fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X, other)
    labels = TransferMLPClassifier(strategy="scratch", max_iter=2).fit(X, X[:, :3] > 0)
    with pytest.raises(ValueError, match="y has 2 columns; expected 3"):
        labels.partial_fit(X, X[:, :2] > 0)
