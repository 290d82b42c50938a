"""What stands in where scikit-learn has moved or dropped a private part does the same."""

import builtins
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from sktransfer import _compat

#: Parts for which nothing stands in.
KEPT = {
    "sklearn.utils._param_validation",
    "sklearn.utils._repr_html.estimator",
    "sklearn.utils._estimator_html_repr",
}
X = np.arange(12.0).reshape(6, 2)
UNFITTED = SimpleNamespace(n_features_in_=2)
NAMED = SimpleNamespace(n_features_in_=2, feature_names_in_=np.array(["a", "b"], dtype=object))


@pytest.fixture(scope="module")
def plain():
    """The module as it is where scikit-learn has none of its private parts."""
    imported = builtins.__import__

    def without_private_parts(name, given=None, local=None, fromlist=(), level=0):
        if given is not None and given.get("__name__") == "plain" and name not in KEPT:
            parts = [*name.split(".")[1:], *(fromlist or ())]
            if name.startswith("sklearn") and any(part.startswith("_") for part in parts):
                raise ImportError(name)
        return imported(name, given, local, fromlist, level)

    namespace = {"__name__": "plain"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "__import__", without_private_parts)
        text = Path(_compat.__file__).read_text(encoding="utf-8")
        exec(compile(text, "plain", "exec"), namespace)
    return SimpleNamespace(**namespace)


def _outcome(function, *args, **kwargs):
    """What a function returns, or the kind of its error."""
    try:
        return np.asarray(function(*args, **kwargs), dtype=object).tolist()
    except (TypeError, ValueError) as error:
        return type(error).__name__


@pytest.mark.parametrize(
    "weight", [1.0, np.ones(6), [1] * 6, np.ones(5), np.ones((6, 1)), -np.ones(6), [np.nan] * 6]
)
def test_sample_weights_are_checked_alike(plain, weight):
    settings = {"dtype": np.float64, "ensure_non_negative": True}
    expected = _outcome(_compat.check_sample_weight, weight, X, **settings)
    assert _outcome(plain.check_sample_weight, weight, X, **settings) == expected


@pytest.mark.parametrize("estimator", [UNFITTED, NAMED])
@pytest.mark.parametrize("names", [None, ["a", "b"], ["a", "c"], ["a"]])
def test_names_of_columns_are_checked_alike(plain, estimator, names):
    expected = _outcome(_compat.check_feature_names_in, estimator, names)
    assert _outcome(plain.check_feature_names_in, estimator, names) == expected


@pytest.mark.parametrize("known", [None, np.array([0, 1])])
@pytest.mark.parametrize("classes", [None, [0, 1], [1, 0], [0, 1, 2]])
def test_classes_of_a_stream_are_checked_alike(plain, known, classes):
    found = []
    for module in (_compat, plain):
        estimator = SimpleNamespace(classes_=known)
        outcome = _outcome(module.check_partial_fit_first_call, estimator, classes)
        found.append((outcome, np.asarray(estimator.classes_).tolist()))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "table", [X, sparse.csr_array(X), pd.DataFrame(X), pd.Series(X[:, 0]), pl.DataFrame(X)]
)
def test_rows_are_counted_and_taken_alike(plain, table):
    assert plain.num_samples(table) == _compat.num_samples(table) == 6
    rows = np.array([4, 1])
    ours, theirs = (m.safe_indexing(table, rows) for m in (plain, _compat))
    if sparse.issparse(ours):
        ours, theirs = ours.toarray(), theirs.toarray()
    assert_array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize("status, nit", [(0, 3), (1, 20)])
def test_the_end_of_a_minimisation_is_checked_alike(plain, status, nit):
    result = SimpleNamespace(status=status, nit=nit, message="message")
    for module in (_compat, plain):
        if status:
            with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 9 it"):
                assert module.check_optimize_result("lbfgs", result, 9) == 9
        else:
            assert module.check_optimize_result("lbfgs", result, 9) == 3


def test_fit_checks_parameters_and_a_search_is_known(plain):
    class Checked(Ridge):
        @plain.fit_context(prefer_skip_nested_validation=True)
        def fit(self, X, y):
            """Fit."""
            return self

    assert isinstance(Checked().fit(X, X[:, 0]), Checked)
    assert Checked.fit.__doc__ == "Fit."
    with pytest.raises(ValueError, match="alpha"):
        Checked(alpha=-1).fit(X, X[:, 0])
    assert isinstance(GridSearchCV(Ridge(), {}), plain.BaseSearchCV)
    assert not isinstance(Ridge(), plain.BaseSearchCV)
