"""A rare class is learned, not pulled to nothing."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import MultiTaskMLP, TransferMLPClassifier
from sktransfer._fitting._decay import decay_factor
from sktransfer._preprocessing import Table
from sktransfer.sources import TargetSchema

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.slow
def test_average_precision_of_a_rare_class_is_scikit_learns_at_least():
    X, y = make_classification(
        3000, 15, weights=[0.98], flip_y=0.002, n_informative=6, class_sep=0.8, random_state=1
    )
    train, test = slice(0, 1500), slice(1500, None)
    theirs = make_pipeline(StandardScaler(), MLPClassifier((64,), random_state=0))
    found = [
        average_precision_score(y[test], m.fit(X[train], y[train]).predict_proba(X[test])[:, 1])
        for m in (TransferMLPClassifier((64,), random_state=0), theirs)
    ]
    assert found[0] > found[1]


def _table(y, weight=None):
    y = np.asarray(y, np.float64)
    return Table(X=np.zeros((len(y), 1)), y=y, sample_weight=weight, names=None, dtype=y.dtype)


def test_weight_decay_has_the_size_of_the_loss():
    binary = TargetSchema("binary", 1, classes=[0, 1])
    rare = np.repeat([[0.0], [1.0]], [98, 2], axis=0)
    assert decay_factor(_table(rare), binary, 128) == pytest.approx(0.1414, abs=1e-3)
    balanced = np.repeat([1 / 98, 1 / 2], [98, 2])
    assert decay_factor(_table(rare, balanced), binary, 128) == pytest.approx(1)
    three = TargetSchema("multiclass", 3, classes=[0, 1, 2])
    assert decay_factor(_table(np.eye(3)), three, 128) == 1
    both = TargetSchema.concatenated({"a": binary, "b": three})
    assert decay_factor(_table(np.hstack([rare[-3:], np.eye(3)])), both, 128) == pytest.approx(
        0.959, 1e-2
    )


def test_one_task_of_several_is_learned_as_alone():
    X, y = make_classification(
        200, 4, weights=[0.9], n_informative=3, n_redundant=0, random_state=0
    )
    settings = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    several = MultiTaskMLP(**settings).fit(X, {"rare": y})
    alone = TransferMLPClassifier(**settings).fit(X, y)
    assert np.array_equal(several.predict_proba(X)["rare"], alone.predict_proba(X))
