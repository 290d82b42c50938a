"""Augmentations change rows, and nothing else."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._training._data import Batches, TrainingData
from sktransfer.augmentation import (
    AUGMENTATIONS,
    Augmentation,
    FeatureCorruption,
    FeatureNoise,
    Mixup,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NAMES = sorted(AUGMENTATIONS)
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
labels = np.array(["a", "b", "c"])[X[:, :3].argmax(1)]
numbers = X[:, 0] * 3 + 10
X_rows = torch.tensor(X)
y_rows = torch.tensor(np.eye(3)[X[:, :3].argmax(1)])


def _rows(name, seed=0):
    return AUGMENTATIONS[name]().augment(X_rows, y_rows, np.random.RandomState(seed))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 1), (20, 3)])
def test_shapes_and_precision_stay(name, dtype, shape):
    X, y = torch.randn(*shape, dtype=dtype), torch.ones(shape[0], 2, dtype=dtype)
    changed, targets = AUGMENTATIONS[name]().augment(X, y, np.random.RandomState(0))
    assert changed.shape == X.shape and targets.shape == y.shape
    assert changed.dtype == targets.dtype == dtype
    assert torch.isfinite(changed).all() and torch.isfinite(targets).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_given_rows_are_left_as_they_are_and_the_result_differs(name):
    before = X_rows.clone(), y_rows.clone()
    changed, _ = _rows(name)
    assert torch.equal(X_rows, before[0]) and torch.equal(y_rows, before[1])
    assert not torch.equal(changed, X_rows)


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_is_the_only_source_of_chance(name):
    for ours, again in zip(_rows(name), _rows(name), strict=True):
        assert torch.equal(ours, again)
    assert not torch.equal(_rows(name)[0], _rows(name, seed=1)[0])


@pytest.mark.parametrize("name", NAMES)
def test_global_generators_are_left_alone(name):
    def states():
        _, keys, *rest = np.random.get_state()
        return keys.tolist(), rest, torch.get_rng_state().tolist()

    before = states()
    _rows(name)
    TransferMLPClassifier((4,), augmentation=name, max_iter=2, random_state=0).fit(X, labels)
    assert states() == before


@pytest.mark.parametrize(
    "nothing", [FeatureNoise(scale=0), FeatureCorruption(rate=0)], ids=["noise", "corruption"]
)
def test_none_of_it_is_the_fit_without(nothing):
    changed, targets = nothing.augment(X_rows, y_rows, np.random.RandomState(0))
    assert torch.equal(changed, X_rows) and torch.equal(targets, y_rows)
    params = {"hidden_layer_sizes": (5,), "max_iter": 4, "batch_size": 16, "random_state": 0}
    with_it = TransferMLPClassifier(augmentation=nothing, **params).fit(X, labels)
    without = TransferMLPClassifier(**params).fit(X, labels)
    for ours, theirs in zip(with_it.coefs_, without.coefs_, strict=True):
        assert_array_equal(ours, theirs)


def test_rows_come_in_the_same_order_with_and_without():
    data = TrainingData(X, y_rows.numpy(), None)
    seen = []
    plain = Batches(data, 16, np.random.RandomState(0), None)
    watched = Batches(
        data, 16, np.random.RandomState(0), lambda X, y: (seen.append(X.clone()) or X, y)
    )
    for _ in range(2):
        ours = torch.cat([block.X for block in plain.blocks()])
        theirs = torch.cat([block.X for block in watched.blocks()])
        assert torch.equal(ours, theirs)
    assert len(torch.cat(seen)) == 120


def _watching(seen):
    class Watching(FeatureNoise):
        def augment(self, X, y, rng):
            changed, y = super().augment(X, y, rng)
            seen.append(changed)
            return changed, y

    return Watching()


def test_each_epoch_changes_the_rows_anew():
    seen = []
    model = TransferMLPClassifier((4,), augmentation=_watching(seen), max_iter=3, shuffle=False)
    model.set_params(random_state=0).fit(X, labels)
    assert len(seen) == 3
    assert not torch.equal(seen[0], seen[1])


def test_mixup_mixes_targets_as_it_mixes_rows():
    X, y = torch.eye(8, dtype=torch.float64), torch.eye(8, dtype=torch.float64)
    mixed, targets = Mixup(alpha=1).augment(X, y, np.random.RandomState(0))
    assert torch.equal(mixed, targets)
    assert torch.allclose(mixed.sum(1), torch.ones(8, dtype=torch.float64))
    assert (mixed.diagonal() >= 0.5).all()  # a row stays mostly itself


def test_corruption_keeps_each_columns_values_in_it():
    changed, targets = FeatureCorruption(rate=0.5).augment(
        X_rows, y_rows, np.random.RandomState(0)
    )
    for column in range(4):
        assert set(changed[:, column].tolist()) <= set(X[:, column].tolist())
    assert 0.3 < (changed != X_rows).double().mean() < 0.7
    assert torch.equal(targets, y_rows)


def test_noise_has_the_scale_that_was_asked_for():
    noisy, _ = FeatureNoise(scale=0.5).augment(X_rows, y_rows, np.random.RandomState(0))
    assert float((noisy - X_rows).std()) == pytest.approx(0.5, rel=0.2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("task", ["classifier", "regressor"])
def test_every_solver_and_task_takes_it(name, solver, task):
    cls, y = (
        (TransferMLPClassifier, labels)
        if task == "classifier"
        else (TransferMLPRegressor, numbers)
    )
    model = cls(
        hidden_layer_sizes=(16,),
        augmentation=name,
        solver=solver,
        max_iter=60,
        learning_rate_init=0.01,
        random_state=0,
    ).fit(X, y)
    assert np.isfinite(model.coefs_[0]).all()
    assert model.score(X, y) > 0.5


@pytest.mark.parametrize("name", NAMES)
def test_a_name_and_its_default_instance_are_the_same(name):
    fits = [
        TransferMLPClassifier((4,), augmentation=a, max_iter=3, random_state=0).fit(X, labels)
        for a in (name, AUGMENTATIONS[name]())
    ]
    assert_array_equal(fits[0].coefs_[0], fits[1].coefs_[0])


def test_a_grid_reaches_its_parameters():
    model = TransferMLPClassifier((4,), augmentation=Mixup(), max_iter=2, random_state=0)
    search = GridSearchCV(model, {"augmentation__alpha": [0.1, 1.0]}, cv=2).fit(X, labels)
    assert search.best_params_["augmentation__alpha"] in (0.1, 1.0)
    choice = GridSearchCV(model, {"augmentation": [None, "noise", Mixup(0.5)]}, cv=2)
    assert len(choice.fit(X, labels).cv_results_["params"]) == 3


def test_it_is_cloned_with_the_estimator():
    model = TransferMLPClassifier(augmentation=Mixup(alpha=0.7))
    copy = clone(model)
    assert copy.augmentation is not model.augmentation
    assert copy.augmentation.alpha == 0.7


class Doubled(Augmentation):
    def augment(self, X, y, rng):
        return X * 2, y


def test_a_users_own_is_taken():
    params = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    own = TransferMLPClassifier(augmentation=Doubled(), **params).fit(X, labels)
    without = TransferMLPClassifier(**params).fit(X, labels)
    assert not np.array_equal(own.coefs_[0], without.coefs_[0])


@pytest.mark.parametrize(
    "bad",
    ["mixdown", 3, Mixup(alpha=0), FeatureNoise(scale=-1), FeatureCorruption(rate=1.5)],
    ids=repr,
)
def test_a_bad_one_is_refused(bad):
    with pytest.raises(ValueError, match=r"augmentation|alpha|scale|rate"):
        TransferMLPClassifier(augmentation=bad).fit(X, labels)


def test_lbfgs_refuses_rows_that_change():
    model = TransferMLPClassifier((4,), solver="lbfgs", augmentation="noise")
    with pytest.raises(ValueError, match="solver='adam'"):
        model.fit(X, labels)


def test_each_call_of_partial_fit_changes_the_rows_anew():
    seen = []
    model = TransferMLPClassifier(
        (4,), augmentation=_watching(seen), shuffle=False, random_state=0
    )
    for _ in range(2):
        model.partial_fit(X, labels, classes=np.unique(labels))
    assert not torch.equal(seen[0], seen[1])
