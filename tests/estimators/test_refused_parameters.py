"""Parameters and arguments that would be taken without a word, or end in an odd error."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from skorch.callbacks import Freezer

from sktransfer import TransferMLPClassifier
from sktransfer.strategies import WeightedEnsemble

X, y = load_iris(return_X_y=True)
N = len(y)

REFUSED = {
    "class weights of 0": ({"class_weight": {0: 0, 1: 1, 2: 1}}, {}, "class_weight has {0: 0}"),
    "negative ones": ({"class_weight": {0: -1, 1: 1, 2: 1}}, {}, "finite numbers above 0"),
    "NaN": ({"class_weight": {0: np.nan, 1: 1, 2: 1}}, {}, "class_weight has {0: nan}"),
    "tiny weights": (
        {},
        {"sample_weight": np.full(N, 1e-320)},
        "largest of sample_weight is",
    ),
    "huge ones": ({}, {"sample_weight": np.full(N, 1e300)}, "Divide sample_weight by its mean"),
    "units": ({"hidden_layer_sizes": (64.9,)}, {}, "whole numbers of units.*is a float"),
    "truth": ({"hidden_layer_sizes": (True,)}, {}, "whole numbers of units.*is a bool"),
    "freezer": ({"callbacks": [Freezer("*")]}, {}, "callbacks has Freezer.*strategy='frozen'"),
    "two groups a row": ({}, {"groups": np.zeros((N, 2))}, r"groups has the shape \(150, 2\)"),
    "no group": ({}, {"groups": [None] + ["a"] * (N - 1)}, "groups has no entry in row 0"),
    "weights of nothing": (
        {},
        {"sample_weight_val": np.ones(3)},
        "given without X_val",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("strategy", ["auto", WeightedEnsemble(["linear", "trees"])])
def test_they_are_refused_by_name(case, strategy):
    params, arguments, message = REFUSED[case]
    with pytest.raises(ValueError, match=message.replace("{", r"\{").replace("}", r"\}")):
        TransferMLPClassifier(strategy=strategy, **params).fit(X, y, **arguments)


@pytest.mark.parametrize("reverse", [np.s_[::-1], np.s_[:, ::-1]])
@pytest.mark.parametrize("standardize", [False, True])
def test_reversed_views_are_tables(reverse, standardize):
    model = TransferMLPClassifier(max_iter=3, standardize=standardize, random_state=0)
    labels = y[::-1] if reverse == np.s_[::-1] else y
    seen = model.fit(X[reverse], labels).predict_proba(X[reverse])
    copied = model.fit(X[reverse].copy(), labels.copy()).predict_proba(X[reverse])
    np.testing.assert_array_equal(seen, copied)
