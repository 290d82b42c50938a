"""The short cut past scikit-learn's check of a table: taken by plain rows only, same answers."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.preprocessing import LabelBinarizer

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._estimators import _table

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
TARGETS = {"binary": X[:, 0] > 0, "multiclass": X[:, :3].argmax(1), "multilabel": X[:, :3] > 0}


@pytest.fixture
def checks(monkeypatch):
    """How often scikit-learn's check ran."""
    calls = []

    def counted(*args, **kwargs):
        calls.append(args)
        return validate_data(*args, **kwargs)

    validate_data = _table.validate_data
    monkeypatch.setattr(_table, "validate_data", counted)
    return calls


def _fitted(y=TARGETS["multiclass"], table=X, **params):
    return TransferMLPClassifier((5,), max_iter=3, random_state=0, **params).fit(table, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_plain_rows_are_not_checked_twice(checks, dtype, order):
    model = _fitted()
    checks.clear()
    rows = np.asarray(X[:3], dtype=dtype, order=order)
    model.predict(rows)
    assert not checks
    assert_allclose(model.predict_proba(rows), model.predict_proba(rows.tolist()), rtol=1e-5)


@pytest.mark.parametrize(
    "rows",
    [
        X[:3].tolist(),
        X[:3].astype(int),
        X[:3].astype(object),
        np.matrix(X[:3]).A.view(np.ma.MaskedArray),
        sparse.csr_array(X[:3]),
        pd.DataFrame(X[:3]),
        X[:3].astype(">f8"),
        np.where(np.arange(4) == 1, np.nan, X[:3]),
    ],
    ids=["list", "integers", "objects", "masked", "sparse", "frame", "other byte order", "nan"],
)
def test_anything_else_goes_through_scikit_learns_check(checks, rows):
    model = _fitted()
    checks.clear()
    assert model.predict(rows).shape == (3,)
    assert checks


@pytest.mark.parametrize("rows", [X[0], X[:3, :2], X[:0], np.full((2, 4), np.inf)])
def test_what_the_check_refuses_is_refused(rows):
    with pytest.raises(ValueError):
        _fitted().predict(rows)


def test_missing_entries_are_refused_where_no_mean_stands_for_them():
    with pytest.raises(ValueError, match="NaN"):
        _fitted(standardize=False).predict(np.full((1, 4), np.nan))


def test_rows_without_names_are_warned_about_after_a_frame():
    model = _fitted(table=pd.DataFrame(X, columns=list("abcd")))
    with pytest.warns(UserWarning, match="feature names"):
        model.predict(X[:2])


def test_more_columns_than_scikit_learn_would_take_are_refused_in_its_words():
    with pytest.raises(ValueError, match="expecting 4 features"):
        _fitted().predict(np.zeros((1, 5)))


@pytest.mark.parametrize("target", TARGETS)
def test_one_row_at_a_time_gives_the_labels_of_all_at_once(target):
    model = _fitted(TARGETS[target])
    alone = np.concatenate([model.predict(X[[i]]) for i in range(len(X))])
    assert_array_equal(alone, model.predict(X))
    probabilities = model.predict_proba(X)
    outputs = probabilities[:, 1] if target == "binary" else probabilities
    expected = LabelBinarizer().fit(TARGETS[target]).inverse_transform(outputs)
    assert_array_equal(model.predict(X), expected)


@pytest.mark.parametrize("n", [1, 511, 1024, 1025, 2500])
def test_chunks_have_no_seam(n):
    rows = rng.normal(size=(n, 4))
    model = TransferMLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0)
    model.fit(X, X[:, 0])
    answers = model.predict(rows)
    assert answers.shape == (n,)
    assert_allclose(answers[-1], model.predict(rows[-1:])[0], rtol=1e-6)
