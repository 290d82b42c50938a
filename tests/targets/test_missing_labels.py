"""Targets of several columns with missing entries, in the classifier and the regressor."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import lighter, model_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits, load_linnerud
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_score

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
SCORES = X @ rng.normal(size=(4, 3))
TARGETS = {"classifier": (SCORES > 0).astype(float), "regressor": 10 + 3 * SCORES}
HIDDEN = rng.random(SCORES.shape) < 0.4
HIDDEN[:5] = True  # rows without any label
KINDS = sorted(TARGETS)


def _make(kind, **params):
    cls = TransferMLPClassifier if kind == "classifier" else TransferMLPRegressor
    return cls(**{"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, **params})


def _hidden(kind):
    return np.where(HIDDEN, np.nan, TARGETS[kind])


def _answer(model):
    return getattr(model, "predict_proba", model.predict)(X)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS)
def test_none_among_objects_is_nan_among_numbers(kind, solver):
    y = _hidden(kind)
    first = _answer(_make(kind, solver=solver).fit(X, y))
    objects = np.where(HIDDEN, None, TARGETS[kind].astype(object))
    assert_array_equal(_answer(_make(kind, solver=solver).fit(X, objects)), first)
    assert np.isfinite(first).all()


@pytest.mark.parametrize("kind", KINDS)
def test_missing_is_nan_none_or_na_in_arrays_and_frames(kind):
    y = _hidden(kind)
    expected = _answer(_make(kind).fit(X, y))
    names = ["a", "b", "c"]
    for form in (
        pd.DataFrame(y, columns=names),
        pd.DataFrame(y, columns=names).astype("Float64"),
        pl.DataFrame(
            {
                name: pl.Series(column).fill_nan(None)
                for name, column in zip(names, y.T, strict=True)
            }
        ),
    ):
        assert_array_equal(_answer(_make(kind).fit(X, form)), expected)


def test_nullable_booleans_are_labels():
    y = pd.DataFrame(_hidden("classifier")).astype("boolean")
    expected = _answer(_make("classifier").fit(X, _hidden("classifier")))
    assert_array_equal(_answer(_make("classifier").fit(X, y)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_without_any_label_is_no_row(kind):
    y = _hidden(kind)
    expected = _make(kind).fit(X[5:], y[5:])
    model = _make(kind).fit(X, y)
    assert_array_equal(_answer(model), _answer(expected))
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e="x")
    in_frame = _make(kind).fit(frame, y, sample_weight=np.ones(60))
    assert in_frame.t_ == expected.t_


def test_an_output_with_missing_labels_learns_what_its_own_rows_say():
    """With a linear network each output is a problem of its own, so that the rest cannot help."""
    y = _hidden("regressor")
    settings = {"activation": "identity", "alpha": 0.0, "solver": "lbfgs", "max_iter": 500}
    settings |= {"standardize": False, "tol": 1e-10}
    together = _make("regressor", **settings).fit(X, y).predict(X)
    for k in range(3):
        rows = ~HIDDEN[:, k]
        alone = _make("regressor", **settings).fit(X[rows], TARGETS["regressor"][rows, k])
        assert_allclose(together[:, k], alone.predict(X), rtol=1e-3)


def test_regression_outputs_are_scaled_by_what_is_known():
    y = _hidden("regressor")
    model = _make("regressor").fit(X, y, sample_weight=np.linspace(0.5, 2, 60))
    weight = np.where(HIDDEN, 0, np.linspace(0.5, 2, 60)[:, None])
    center = (weight * TARGETS["regressor"]).sum(0) / weight.sum(0)
    assert_allclose(model_of(model).target.center, center)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_weight_two_counts_as_two_rows(kind):
    y = _hidden(kind)
    twice = np.r_[np.arange(60), np.arange(30)]
    settings = {"solver": "lbfgs", "max_iter": 40}
    weight = np.where(np.arange(60) < 30, 2.0, 1.0)
    weighted = _answer(_make(kind, **settings).fit(X, y, sample_weight=weight))
    assert_allclose(
        weighted, _answer(_make(kind, **settings).fit(X[twice], y[twice])), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("kind", KINDS)
def test_held_out_rows_chunks_and_augmentation_take_missing_labels(kind):
    y = _hidden(kind)
    model = _make(kind, early_stopping=True, augmentation="mixup").fit(X, y)
    assert np.isfinite(model.validation_scores_).all()
    model = _make(kind).fit(X, y, X_val=X, y_val=y)
    assert model.best_validation_score_ == pytest.approx(model.score(X, y))
    first = {"classes": [0, 1, 2]} if kind == "classifier" else {}
    model = _make(kind).partial_fit(X, y, **first).partial_fit(X[:9], y[:9])
    assert np.isfinite(_answer(model)).all()


@pytest.mark.parametrize("strategy", ["linear", "trees", "boosting", "ensemble"])
def test_models_that_are_fitted_at_once_take_missing_labels(strategy):
    for kind in KINDS:
        model = _make(kind, strategy=lighter(strategy)).fit(X, _hidden(kind))
        assert _answer(model).shape == TARGETS[kind].shape
        if kind == "classifier":
            known = ~HIDDEN
            assert (model.predict(X) == TARGETS[kind])[known].mean() > 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_scores_count_known_entries(kind):
    model = _make(kind).fit(X, TARGETS[kind])
    full, known = TARGETS[kind], ~HIDDEN
    predicted = model.predict(X)
    if kind == "classifier":
        hits = ((predicted == full) | HIDDEN).all(1)
        expected = hits[known.any(1)].mean()
    else:
        expected = np.mean(
            [r2_score(full[known[:, k], k], predicted[known[:, k], k]) for k in range(3)]
        )
    assert model.score(X, _hidden(kind)) == pytest.approx(expected)
    assert np.isfinite(cross_val_score(_make(kind), X, _hidden(kind), cv=KFold(3))).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_without_any_label_is_refused(kind):
    y = _hidden(kind)
    y[:, 1] = np.nan
    with pytest.raises(ValueError, match="no label at all in column 1"):
        _make(kind).fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", ["ensemble", "linear"])
def test_a_column_without_any_label_that_counts_is_refused_where_members_are_weighed(
    kind, strategy
):
    y, weight = _hidden(kind), np.ones(len(X))
    weight[~np.isnan(y[:, 1])] = 0
    model = _make(kind, strategy=strategy)
    with pytest.raises(ValueError, match="no label in column 1 in any row of positive weight"):
        model.fit(X, y, sample_weight=weight)
    if strategy == "ensemble":
        y[:, 1] = np.nan
        classes = {} if kind == "regressor" else {"classes": [0, 1, 2]}
        with pytest.raises(ValueError, match=r"no label in column 1.* begin a stream with rows"):
            model.partial_fit(X, y, **classes)


def test_a_single_column_with_missing_labels_is_refused():
    for y in (np.where(HIDDEN[:, 0], np.nan, SCORES[:, 0]), _hidden("regressor")[:, :1]):
        with pytest.raises(ValueError, match="NaN"):
            _make("regressor").fit(X, y)


def test_class_weights_with_missing_labels_are_refused():
    with pytest.raises(ValueError, match="class_weight"):
        _make("classifier", class_weight="balanced").fit(X, _hidden("classifier"))


@pytest.mark.slow
def test_sixty_per_cent_of_labels_missing_cost_little_on_real_data():
    X, y = load_digits(return_X_y=True)
    labels = np.column_stack([y % 2 == 1, y > 4, (y == 8) | (y == 0)]).astype(float)
    hide = np.random.default_rng(0).random(labels.shape) < 0.6
    known = np.where(hide, np.nan, labels)
    train, test = slice(0, 1000), slice(1000, None)
    model = TransferMLPClassifier(random_state=0).fit(X[train], known[train])
    each = (model.predict(X[test]) == labels[test]).mean(0)
    assert (each > 0.9).all()


def test_linnerud_with_missing_entries_is_learned():
    X, y = load_linnerud(return_X_y=True)
    y[::3, 0] = np.nan
    model = TransferMLPRegressor(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.2


def test_rows_without_a_target_take_their_group_with_them():
    X = np.random.RandomState(0).randn(40, 3)
    y = np.column_stack([X[:, 0], X[:, 1]])
    y[:4] = np.nan
    model = TransferMLPRegressor(early_stopping=True, max_iter=2, random_state=0)
    assert model.fit(X, y, groups=np.arange(40) // 4).n_iter_ >= 1
