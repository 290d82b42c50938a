"""The churn model of last year, from a file, on a table that lacks two of its columns."""

import joblib
import numpy as np
import pandas as pd
import pytest
import skrub
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from sktransfer import TransferMLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
NUMBERS = ["tenure", "monthly", "calls", "minutes"]
CATEGORIES = ["contract", "plan", "payment", "paperless"]
LACKING = ["minutes", "plan"]
KINDS = ["prefixes", "plain names", "power", "bins", "scaler before imputer", "ordinal", "skrub"]


def _churn(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "tenure": rng.integers(1, 72, n).astype(float),
            "monthly": rng.normal(65, 20, n).round(2),
            "calls": rng.poisson(1.5, n).astype(float),
            "minutes": rng.gamma(2, 150, n).round(1),
            "contract": rng.choice(["month", "year", "two years"], n, p=[0.55, 0.25, 0.2]),
            "plan": rng.choice(["basic", "plus", "pro"], n),
            "payment": rng.choice(["card", "cheque", "transfer"], n),
            "paperless": rng.choice(["yes", "no"], n),
        }
    )
    z = 1.2 * (X["contract"] == "month") - 0.8 * (X["contract"] == "two years")
    z += -0.04 * (X["tenure"] - 30) + 0.02 * (X["monthly"] - 65) + 0.5 * X["calls"] - 0.6
    z += 0.6 * (X["payment"] == "cheque") + 0.3 * (X["plan"] == "basic")
    X.loc[rng.random(n) < 0.05, "minutes"] = np.nan
    return X, np.where(rng.random(n) < 1 / (1 + np.exp(-z)), "churned", "stayed")


def _steps(kind):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    if kind == "power":
        numbers = make_pipeline(SimpleImputer(), PowerTransformer())
    if kind == "bins":
        bins = KBinsDiscretizer(6, quantile_method="averaged_inverted_cdf")
        numbers = make_pipeline(SimpleImputer(), bins)
    if kind == "scaler before imputer":
        numbers = make_pipeline(RobustScaler(), SimpleImputer(strategy="median"))
    if kind == "ordinal":
        columns = make_column_transformer(
            (SimpleImputer(), NUMBERS), (OrdinalEncoder(), CATEGORIES)
        )
        return make_pipeline(columns, StandardScaler())
    if kind == "skrub":
        return make_pipeline(skrub.TableVectorizer(), SimpleImputer(), StandardScaler())
    if kind == "plain names":
        return make_column_transformer(
            (numbers, NUMBERS), remainder=OneHotEncoder(), verbose_feature_names_out=False
        )
    return ColumnTransformer([("num", numbers, NUMBERS)], remainder=OneHotEncoder())


@pytest.fixture(scope="module", params=KINDS)
def source(request, tmp_path_factory):
    """A pipeline that was fitted on all columns, back from a file."""
    network = MLPClassifier((32,), alpha=0.1, early_stopping=True, random_state=0)
    path = tmp_path_factory.mktemp("old") / "churn.joblib"
    joblib.dump(make_pipeline(_steps(request.param), network).fit(*_churn(3000, 0)), path)
    return joblib.load(path)


def _auc(model, X, y):
    return roc_auc_score(y == "stayed", model.predict_proba(X)[:, 1])


def test_a_pipeline_carries_every_column_and_category_that_it_shares(source):
    X, y = _churn(140, 1)
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=2, random_state=0)
    report = model.fit(X[:40].drop(columns=LACKING), y[:40]).transfer_report_
    statuses = {(row.part, row.name): row.status for row in report.rows}
    shared = set(X.columns) - set(LACKING)
    assert {
        name for (part, name), s in statuses.items() if part == "column" and s == "reused"
    } == shared
    assert {("category", f"payment={level}") for level in ("card", "cheque", "transfer")} <= {
        key for key, status in statuses.items() if status == "reused"
    }


def test_a_table_without_two_columns_scores_at_least_what_the_source_does_with_them_filled(source):
    X, y = _churn(1500, 2)
    fewer = X.drop(columns=LACKING)
    filled = X.assign(minutes=np.nan, plan="plus")
    as_it_is = TransferMLPClassifier(
        source=source, strategy="keep_head", max_iter=1, learning_rate_init=1e-12, random_state=0
    ).fit(fewer[:40], y[:40])
    found, by_hand = _auc(as_it_is, fewer[40:], y[40:]), _auc(source, filled[40:], y[40:])
    assert found >= by_hand - 0.002
    assert found >= _auc(source, X[40:], y[40:]) - 0.01


# what the kinds differ in is how their columns are read, which the tests above compare
@pytest.mark.slow
@pytest.mark.parametrize("source", ["prefixes", "skrub"], indirect=True)
def test_a_default_fit_on_more_rows_is_no_worse_than_the_source(source):
    X, y = _churn(2000, 3)
    fewer = X.drop(columns=LACKING)
    model = TransferMLPClassifier(source=source, random_state=0).fit(fewer[:500], y[:500])
    assert _auc(model, fewer[500:], y[500:]) >= _auc(source, X[500:], y[500:]) - 0.01
