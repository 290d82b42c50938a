"""Members predicted at once predict what each of them predicts, and share what they share."""

import numpy as np
import pytest
from fitted import one_fast_in
from scipy import sparse

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._networks import _predictor, _trees, predict_member
from sktransfer._networks._chain import Chain
from sktransfer._networks._predictor import Predictor, predict_members
from sktransfer._preprocessing import encode
from sktransfer._readouts import boost_trees, grow_extra_trees
from sktransfer._records import DenseLayer, Readout, TargetSchema
from sktransfer.strategies import L2SP, Smooth, WeightedEnsemble
from sktransfer.strategies import Trees as TreesStrategy

rng = np.random.RandomState(0)
X = rng.randn(90, 4)
SCORE = X @ [1.0, -1.0, 0.5, 0.0] + np.sin(2 * X[:, 3])
TARGETS = {
    "numbers": (TransferMLPRegressor, SCORE),
    "two numbers": (TransferMLPRegressor, np.c_[SCORE, X[:, 0] ** 2]),
    "counts": (TransferMLPRegressor, rng.poisson(np.exp(SCORE / 3)).astype(float)),
    "amounts": (TransferMLPRegressor, np.exp(SCORE / 3 + 0.3 * rng.randn(90))),
    "costs": (TransferMLPRegressor, np.maximum(np.exp(SCORE / 3) - 0.7, 0.0)),
    "quantiles": (TransferMLPRegressor, SCORE),
    "two classes": (TransferMLPClassifier, SCORE > 0),
    "three classes": (TransferMLPClassifier, np.digitize(SCORE, [-1, 1])),
    "labels": (TransferMLPClassifier, np.c_[SCORE > 0, X[:, 0] > 0].astype(int)),
}
LOSSES = {"counts": "poisson", "amounts": "gamma", "costs": "tweedie", "quantiles": "quantile"}
MEMBERS = {
    "linear": "linear",
    "probe": "probe",
    "near": L2SP(1.0),
    "scratch": "scratch",
    "trees": TreesStrategy(n_trees=4),
    "tangent": "tangent",
    "recalibrate": "recalibrate",
    "smooth": "smooth",
    "boosting": "boosting",
}


def _fit(kind, **params):
    estimator, y = TARGETS[kind]
    params |= {"loss": LOSSES[kind]} if kind in LOSSES else {}
    source = estimator(hidden_layer_sizes=(8, 6), max_iter=8, strategy="scratch", random_state=0)
    source.set_params(**{k: v for k, v in params.items() if k == "loss"}).fit(X[:45], y[:45])
    strategy = WeightedEnsemble(MEMBERS, cv=2)
    target = estimator(source=source, strategy=strategy, max_iter=8, random_state=0, **params)
    return target.fit(X[45:], y[45:])


@pytest.fixture(scope="module")
def fitted():
    known = {}

    def of(kind):
        if kind not in known:
            known[kind] = _fit(kind)
        return known[kind]

    return of


def _one_by_one(model, rows, dtype):
    rows = rows.toarray() if sparse.issparse(rows) else rows
    each = [
        predict_member(member, encode(rows.astype(dtype), member.inputs, dtype))
        for member in model.members
    ]
    if model.target.loss in ("gamma", "tweedie(1.5)"):  # convex in the logarithm alone
        logs = [weight * np.log(one) for one, weight in zip(each, model.weights, strict=True)]
        return np.exp(sum(logs))
    return sum(weight * one for one, weight in zip(each, model.weights, strict=True))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", one_fast_in(3, TARGETS))
def test_members_at_once_predict_what_each_predicts(fitted, kind, dtype):
    model = fitted(kind)._model
    assert len(model.members) > 3
    rows = np.repeat(X, 25, axis=0).astype(dtype)  # more than a chunk
    found = Predictor(model, np.dtype(dtype))(rows)
    expected = _one_by_one(model, X, dtype)
    tolerance = 1e-10 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(found[::25], expected, rtol=tolerance, atol=tolerance)
    assert found.dtype == dtype


def test_a_sparse_table_is_predicted_like_a_dense_one(fitted):
    model = fitted("numbers")._model
    rows = np.where(rng.rand(*X.shape) < 0.5, 0.0, X)
    found = predict_members(model, sparse.csr_array(rows), np.float64)
    np.testing.assert_allclose(found, predict_members(model, rows, np.float64), atol=1e-12)


def test_each_encoding_is_made_once_and_each_chain_runs_once_a_chunk(fitted, monkeypatch):
    model, made, run = fitted("numbers")._model, [], []
    encode_rows = _predictor.encode_rows
    monkeypatch.setattr(_predictor, "encode_rows", lambda *a: made.append(1) or encode_rows(*a))
    before = Chain.run
    monkeypatch.setattr(Chain, "run", lambda *args: run.append(1) or before(*args))
    Predictor(model, np.dtype(float))(X)
    readers = [m for m in model.members if m.plan is None and m.uses_source]
    assert len(readers) > 2
    assert len(made) < len(model.members)
    assert len(run) < len(readers)


def test_members_without_layers_that_read_columns_need_no_fourier_features(monkeypatch):
    model = TransferMLPClassifier(
        strategy=WeightedEnsemble([Smooth(on_source=False), "scratch"]), max_iter=5
    )
    model.fit(X, SCORE > 0)
    smooth, network = model._model.members
    assert smooth.inputs.columns.fourier
    assert not smooth.coefs
    expected = _one_by_one(model._model, X, np.float64)
    encode_rows, made = _predictor.encode_rows, []
    monkeypatch.setattr(
        _predictor, "encode_rows", lambda *a: made.append(encode_rows(*a)) or made[-1]
    )
    found = predict_members(model._model, X, np.float64)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    widths = [4, network.inputs.n_inputs]
    assert sorted(one.shape[1] for one in made) == widths


def test_members_without_weight_are_not_asked(fitted, monkeypatch):
    from dataclasses import replace

    model = fitted("numbers")._model
    weights = np.zeros(len(model.members))
    weights[
        [m.readout is not None and m.readout.trees is None for m in model.members].index(1)
    ] = 1
    monkeypatch.setattr(_predictor, "predict_member", None)
    monkeypatch.setattr(_predictor, "TreePredictor", None)
    found = predict_members(replace(model, weights=weights), X, np.float64)
    np.testing.assert_allclose(
        found, _one_by_one(replace(model, weights=weights), X, np.float64), atol=1e-10
    )


@pytest.mark.slow
def test_training_a_network_in_place_changes_the_predictions(fitted):
    import torch

    model = _fit("three classes")
    before = model.predict_proba(X)
    with torch.no_grad():
        model.net_.module_.layers[-1].bias.add_(torch.arange(3.0))
    assert np.abs(model.predict_proba(X) - before).max() > 1e-4


# -- trees ----------------------------------------------------------------------------------

ROWS = rng.randn(1100, 4).astype(np.float32)
THREE = TargetSchema("multiclass", 3, np.arange(3))
NUMBERS = TargetSchema("regression", 2, None, "squared_error")
NUMBER = TargetSchema("regression", 1, None, "squared_error")
FORESTS = {
    "one output": lambda: grow_extra_trees(
        X, SCORE[:, None], None, TargetSchema("regression", 1, None, "squared_error"), 7, 0
    ),
    "several outputs": lambda: grow_extra_trees(X, np.c_[SCORE, -SCORE], None, NUMBERS, 7, 0),
    "boosted classes": lambda: boost_trees(
        X, np.eye(3)[np.digitize(SCORE, [-1, 1])], None, THREE, 5, 0
    )[-1],
    "one class never seen": lambda: boost_trees(
        X, np.eye(3)[(SCORE > 0).astype(int)], None, THREE, 5, 0
    )[-1],
    "a linear model, too": lambda: boost_trees(
        X,
        SCORE[:, None],
        None,
        TargetSchema("regression", 1),
        9,
        0,
        start=DenseLayer(np.eye(4)[:, :1], np.ones(1)),
    )[-1],
    "no tree": lambda: boost_trees(X, np.eye(3)[np.zeros(90, int)], None, THREE, 5, 0)[-1],
}


def _readout(trees, **unit):
    unit = {"center": np.zeros(4), "scale": np.ones(4)} | unit
    return Readout(("columns",), trees=trees, **unit)


@pytest.mark.parametrize("n_rows", [1, 3, 50, 1100])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("forest", FORESTS)
def test_compiled_trees_add_up_as_in_numpy(forest, kept, n_rows, monkeypatch):
    trees = FORESTS[forest]()
    if not kept:
        monkeypatch.setattr(_trees, "_MOST_NODES", 40)
    predictor = _trees.TreePredictor(_readout(trees))
    expected = _trees.Levels(trees)(ROWS[:n_rows])
    if trees.linear is not None:
        expected = expected + ROWS[:n_rows] @ trees.linear
    np.testing.assert_allclose(predictor(ROWS[:n_rows]), expected, atol=1e-5)
    np.testing.assert_allclose(predictor(ROWS[:n_rows]), expected, atol=1e-5)


def test_trees_walk_in_numpy_where_there_is_no_compiled_loop(monkeypatch):
    monkeypatch.setattr(_trees, "compiled_trees", lambda *args: None)
    trees = FORESTS["one output"]()
    found = _trees.TreePredictor(_readout(trees))(ROWS)
    assert np.array_equal(found, _trees.Levels(trees)(ROWS))


def test_trees_read_features_in_their_unit():
    trees = FORESTS["one output"]()
    center, scale = np.arange(4.0), np.full(4, 2.0)
    found = _trees.TreePredictor(_readout(trees, center=center, scale=scale))(ROWS)
    standardised = ((ROWS - center) / scale).astype(np.float32)
    np.testing.assert_allclose(found, _trees.Levels(trees)(standardised), atol=1e-6)
