"""Boosting is scikit-learn's, on columns in bins; exact where bins hold single values."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from sktransfer import TransferMLPRegressor, _compat
from sktransfer._networks._trees import TreePredictor
from sktransfer._readouts import _small_trees
from sktransfer._readouts._boosting import boost_scores
from sktransfer._readouts._small_trees import N_BINS, BoostingSettings, binned, grower
from sktransfer._readouts._trees import boost_trees, mean_of_path
from sktransfer._records import DenseLayer, Readout, TargetSchema

rng = np.random.RandomState(0)
X = rng.randn(200, 5).astype(np.float32)
SCORE = X[:, 0] + X[:, 1] * X[:, 2]
LABELS = (SCORE + rng.randn(200) > 0).astype(int) + (X[:, 1] > 0.5)
WEIGHT = rng.rand(200)
# all rows and columns for every tree, so that nothing is drawn
PARAMS = dict(
    n_estimators=20,
    learning_rate=0.08,
    max_depth=3,
    subsample=1.0,
    max_features=1.0,
    min_samples_leaf=3,
    random_state=0,
)
SETTINGS = BoostingSettings(**PARAMS)


def added(y, weight, link):
    """Scores of the rows that were learned from."""
    trees, values, start = boost_scores(X, y, weight, SETTINGS, link)
    scores = np.tile(start, (len(X), 1))
    for tree, value in zip(trees, values, strict=True):
        scores += value[tree.leaf]
    return scores


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
def test_scores_are_those_of_scikit_learns_boosting(weight):
    number = GradientBoostingRegressor(**PARAMS).fit(X, SCORE, weight)
    found = added(SCORE[:, None], weight, "identity")[:, 0]
    np.testing.assert_allclose(found, number.predict(X), atol=1e-6)
    two = GradientBoostingClassifier(**PARAMS).fit(X, LABELS > 0, weight)
    found = added((LABELS > 0)[:, None].astype(float), weight, "logistic")[:, 0]
    np.testing.assert_allclose(found, two.decision_function(X), atol=1e-6)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
def test_several_classes_share_each_tree_and_leaves_are_shrunk(weight):
    y, share = np.eye(3)[LABELS], np.ones(len(X)) if weight is None else weight
    trees, values, start = boost_scores(X, y, weight, SETTINGS, "softmax")
    assert len(trees) == PARAMS["n_estimators"]
    chance = softmax(start)
    np.testing.assert_allclose(chance, np.average(y, axis=0, weights=weight), atol=1e-6)
    expected = DecisionTreeRegressor(max_depth=3, min_samples_leaf=3, random_state=0)
    leaf = expected.fit(X, y - chance, weight).apply(X)
    for one in np.unique(leaf):
        inside = leaf == one
        assert len(np.unique(trees[0].leaf[inside])) == 1
        curvature = chance * (1 - chance)
        step = share[inside] @ (y - chance)[inside]
        total = (share[inside].sum() + 2 * share.mean()) * curvature
        found = values[0][trees[0].leaf[inside][0]]
        np.testing.assert_allclose(found, 0.08 * 2 / 3 * step / total, rtol=1e-6)


def test_trees_of_many_rows_and_classes_are_split_by_random_sums(monkeypatch):
    y = np.eye(3)[LABELS]
    before = -np.log(_chance(np.log(np.tile(y.mean(axis=0), (200, 1))), y)).mean()
    exact = -np.log(_chance(added(y, None, "softmax"), y)).mean()
    monkeypatch.setattr(_small_trees, "_MOST_ROWS_OF_ALL", 0)
    summed = -np.log(_chance(added(y, None, "softmax"), y)).mean()
    assert exact < summed < 0.6 * exact + 0.4 * before


def test_rows_without_weight_change_nothing():
    y, weight = SCORE[:, None].copy(), WEIGHT.copy()
    weight[:50] = 0
    before = boost_scores(X, y, weight, SETTINGS, "identity")
    y[:50] = 1e6
    after = boost_scores(X, y, weight, SETTINGS, "identity")
    for one, other in zip(before[1], after[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_exact_trees_stand_in_where_scikit_learn_has_no_histograms(monkeypatch):
    y = (LABELS > 0)[:, None].astype(float)
    expected = added(y, WEIGHT, "logistic")
    monkeypatch.setattr(_small_trees, "histogram_tree_grower", lambda: None)
    np.testing.assert_allclose(added(y, WEIGHT, "logistic"), expected, atol=1e-6)


def test_scikit_learns_histograms_are_known_here():
    # else boosting would take several times as long, and nothing would say so
    assert _compat.histogram_tree_grower() is not None


def test_bins_hold_as_many_rows_each_and_equal_entries_share_one():
    column = rng.randn(5000).astype(np.float32)
    many = np.where(rng.rand(5000) < 0.9, 0.0, column).astype(np.float32)
    few = rng.randint(4, size=5000).astype(np.float32)
    codes, thresholds = binned(np.column_stack([column, many, few, np.ones(5000, np.float32)]))
    assert np.bincount(codes[0]).max() <= 2 * 5000 / N_BINS
    assert len(thresholds[0]) == N_BINS - 1
    for values, code, ends in zip((column, many, few), codes, thresholds, strict=False):
        np.testing.assert_array_equal(code, np.searchsorted(ends, values))
    np.testing.assert_array_equal(codes[2], few)
    assert len(thresholds[3]) == 0


def test_trees_lead_every_row_to_the_leaf_that_they_name():
    settings = BoostingSettings(**PARAMS | {"max_features": 0.5})
    tree = grower(X, settings, 0).grow(np.arange(100), SCORE[:100, None], None)
    for row, leaf in zip(X, tree.leaf, strict=True):
        node = 0
        while tree.children_left[node] >= 0:
            is_left = row[tree.feature[node]] <= tree.threshold[node]
            node = (tree.children_left if is_left else tree.children_right)[node]
        assert node == leaf


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_boosted_rates_do_not_depend_on_their_unit(unit):
    target = TargetSchema("regression", 1, None, "gamma")
    y = np.exp(SCORE)[:, None]
    one = boost_trees(X, y, None, target, 20, 0)[-1]
    other = boost_trees(X, unit * y, None, target, 20, 0)[-1]
    np.testing.assert_allclose(other.start - np.log(unit), one.start, atol=1e-6)
    np.testing.assert_allclose(other.value, one.value, atol=1e-5)


def _sums(trees, rows):
    unit = np.zeros(X.shape[1]), np.ones(X.shape[1])
    return TreePredictor(Readout(("columns",), *unit, trees=trees))(rows)


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
def test_trees_correct_the_linear_model_that_they_start_from(kind):
    target, y = {
        "regression": (TargetSchema("regression", 1), SCORE[:, None]),
        "binary": (TargetSchema("binary", 1, np.arange(2)), (LABELS > 0)[:, None] * 1.0),
        "multiclass": (TargetSchema("multiclass", 3, np.arange(3)), np.eye(3)[LABELS]),
    }[kind]
    start = DenseLayer(rng.randn(5, y.shape[1]), rng.randn(y.shape[1]))
    path = boost_trees(X, y, None, target, 50, 0, start=start)
    assert [len(one.column) for one in path] == [0, 3, 6, 12, 25, 50]
    scores = X @ start.weight + start.bias
    np.testing.assert_allclose(_sums(path[0], X), scores, atol=1e-5)
    correction = boost_scores(X, y, None, SETTINGS, "softmax", scores)[2] if y.shape[1] > 1 else 0
    assert not np.any(correction)  # no constant is added to the start
    after = _sums(path[-1], X)
    error = np.square(after - y) if kind == "regression" else -np.log(_chance(after, y))
    before = np.square(scores - y) if kind == "regression" else -np.log(_chance(scores, y))
    assert error.mean() < 0.7 * before.mean()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_start_that_is_sure_and_wrong_is_corrected_in_short_steps(n_classes):
    sure = 8.0 * (2 * np.eye(3)[np.roll(LABELS, 1)] - 1)  # of the label of another row
    if n_classes == 2:
        y, start = (LABELS > 0)[:, None] * 1.0, sure[:, :1]
    else:
        y, start = np.eye(3)[LABELS], sure
    link = "logistic" if n_classes == 2 else "softmax"
    trees, values, _ = boost_scores(X, y, None, SETTINGS, link, start)
    longest = max(np.abs(value).max() for value in values)
    assert 0.1 < longest <= 4 * PARAMS["learning_rate"]
    scores = start.copy()
    for tree, value in zip(trees, values, strict=True):
        scores += value[tree.leaf]
    before, after = (-np.log(_chance(one, y)).mean() for one in (start, scores))
    assert after < 0.7 * before


def _chance(scores, y):
    if y.shape[1] == 1:
        return expit(np.where(y == 1, scores, -scores))
    return (softmax(scores, axis=1) * y).sum(axis=1)


def test_a_mean_over_stages_is_one_sum_of_trees():
    y, target = np.c_[SCORE, -X[:, 1]], TargetSchema("regression", 2)
    start = DenseLayer(rng.randn(5, 2), rng.randn(2))
    path = boost_trees(X, y, None, target, 25, 0, start=start)
    shares = np.array([0.1, 0.0, 0.3, 0.6, 0.0])
    mean = mean_of_path(path, shares)
    expected = sum(share * _sums(one, X) for share, one in zip(shares, path, strict=True))
    np.testing.assert_allclose(_sums(mean, X), expected, atol=1e-5)
    assert len(mean.column) == len(path[3].column) < len(path[4].column)


def test_a_source_that_is_right_stays_right_with_few_rows():
    many = np.random.RandomState(1).randn(3000, 5).astype(np.float32)
    y = many[:, 0] - 2 * many[:, 1] + many[:, 2] ** 2
    source = TransferMLPRegressor(random_state=0).fit(many[:2000], y[:2000])
    shifted = 3 * y + 1000.0  # another unit, and a distant origin
    target = TransferMLPRegressor(source=source, strategy="boosting", random_state=0)
    score = target.fit(many[2000:2020], shifted[2000:2020]).score(many[2020:], shifted[2020:])
    assert score > source.score(many[2020:], y[2020:]) - 0.05
    alone = TransferMLPRegressor(strategy="boosting", random_state=0)
    assert score > 0.3 + alone.fit(many[2000:2020], y[2000:2020]).score(many[2020:], y[2020:])
