"""Pipelines as networks of the table before their steps: every column and category by itself."""

import numpy as np
import pandas as pd
import pytest
from fitted import one_fast_in
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from sktransfer import TransferMLPClassifier
from sktransfer._records import CategoricalColumn, NumericColumn, UnencodedColumn
from sktransfer.sources import describe_source

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:Bins whose width:UserWarning"
)
NUMBERS, CATEGORIES = ["age", "income", "visits"], ["plan", "paid", "region"]


def _rows(n=240, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n),
            "income": rng.lognormal(3, 1, n),
            "visits": rng.integers(0, 5, n).astype(float),
            "plan": rng.choice(["basic", "pro", "max"], n).astype(object),
            "paid": rng.choice(["yes", "no"], n).astype(object),
            "code": rng.choice([1, 2, 7], n),
            "region": rng.choice(list("abcdef"), n, p=[0.5, 0.3, 0.1, 0.04, 0.03, 0.03]),
        }
    ).astype({"region": object})
    y = X["age"] / 10 + 2 * (X["plan"] == "pro") + (X["region"] == "a") > 5
    X.loc[rng.random(n) < 0.1, "age"] = np.nan
    X.loc[rng.random(n) < 0.1, "plan"] = None
    return X, np.where(y, "stay", "leave")


X, Y = _rows()


def _one_hot(**params):
    return OneHotEncoder(**{"handle_unknown": "ignore"} | params)


def _columns(numbers, categories, **params):
    return ColumnTransformer(
        [("num", numbers, NUMBERS), ("cat", categories, CATEGORIES)], **params
    )


def _imputed(*steps):
    return make_pipeline(SimpleImputer(), *steps)


#: Preprocessing of which everything is linear in columns and indicators of categories.
LINEAR = {
    "imputer, scaler | one-hot": lambda: [_columns(_imputed(StandardScaler()), _one_hot())],
    "scaler, imputer | imputer, one-hot": lambda: [
        _columns(
            make_pipeline(StandardScaler(), SimpleImputer(strategy="median")),
            make_pipeline(SimpleImputer(strategy="most_frequent"), _one_hot()),
        )
    ],
    "indicator, min-max | constant, first dropped": lambda: [
        _columns(
            make_pipeline(SimpleImputer(add_indicator=True), MinMaxScaler()),
            make_pipeline(
                SimpleImputer(strategy="constant", fill_value="?"), _one_hot(drop="first")
            ),
        )
    ],
    "robust | infrequent together": lambda: [
        _columns(
            _imputed(RobustScaler()),
            _one_hot(min_frequency=0.06, handle_unknown="infrequent_if_exist"),
        )
    ],
    "remainder": lambda: [
        ColumnTransformer(
            [("cat", _one_hot(drop="if_binary"), CATEGORIES)],
            remainder=_imputed(StandardScaler()),
            transformer_weights={"cat": 0.5},
        )
    ],
    "plain names": lambda: [
        _columns(_imputed(StandardScaler()), _one_hot(), verbose_feature_names_out=False)
    ],
    "chosen by type": lambda: [
        make_column_transformer(
            (_imputed(StandardScaler()), make_column_selector(dtype_include="float")),
            (_one_hot(), CATEGORIES),
        )
    ],
    "codes as categories": lambda: [
        ColumnTransformer(
            [("num", _imputed(StandardScaler()), NUMBERS), ("cat", _one_hot(), ["code", "plan"])]
        )
    ],
    "ordinal, scaler": lambda: [
        _columns(
            SimpleImputer(),
            OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
            ),
        ),
        StandardScaler(),
    ],
    "target means": lambda: [_columns(_imputed(StandardScaler()), TargetEncoder())],
    "projection": lambda: [
        _columns(_imputed(StandardScaler()), _one_hot(sparse_output=False)),
        PCA(5, random_state=0),
    ],
    "discriminants": lambda: [
        _columns(_imputed(StandardScaler()), _one_hot(sparse_output=False)),
        LinearDiscriminantAnalysis(),
    ],
    "selection": lambda: [
        _columns(_imputed(StandardScaler()), _one_hot()),
        VarianceThreshold(),
        SelectKBest(k=8),
    ],
    "union": lambda: [
        _columns(_imputed(make_union(StandardScaler(), TruncatedSVD(2))), _one_hot())
    ],
    "union with indicator": lambda: [
        _columns(make_union(_imputed(StandardScaler()), MissingIndicator()), _one_hot())
    ],
    "in two pipelines": lambda: [
        _columns(_imputed(), _one_hot()),
        make_pipeline("passthrough", make_pipeline(StandardScaler(with_mean=False))),
    ],
}
#: Preprocessing of which a part is not.
OTHER = {
    "quantiles": lambda: [_columns(_imputed(QuantileTransformer(n_quantiles=30)), _one_hot())],
    "bins": lambda: [
        _columns(
            _imputed(KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")), _one_hot()
        )
    ],
    "power": lambda: [_columns(_imputed(PowerTransformer()), _one_hot())],
    "logarithm": lambda: [
        ColumnTransformer(
            [
                (
                    "log",
                    make_pipeline(FunctionTransformer(np.log1p), StandardScaler()),
                    ["income"],
                ),
                ("num", _imputed(StandardScaler()), ["age", "visits"]),
                ("cat", _one_hot(), CATEGORIES),
            ]
        )
    ],
    "neighbours": lambda: [_columns(make_pipeline(KNNImputer(), StandardScaler()), _one_hot())],
    "polynomials": lambda: [
        _columns(_imputed(StandardScaler(), PolynomialFeatures(2)), _one_hot())
    ],
    "splines": lambda: [_columns(_imputed(SplineTransformer(n_knots=4)), _one_hot())],
    "normalised": lambda: [_columns(_imputed(StandardScaler(), Normalizer()), _one_hot())],
    "clipped": lambda: [_columns(_imputed(MinMaxScaler(clip=True)), _one_hot())],
    "columns of columns": lambda: [
        ColumnTransformer(
            [
                ("num", SimpleImputer(), NUMBERS),
                ("cat", SimpleImputer(strategy="most_frequent"), CATEGORIES),
            ],
            verbose_feature_names_out=False,
        ).set_output(transform="pandas"),
        _columns(QuantileTransformer(n_quantiles=20), _one_hot(sparse_output=False)),
    ],
}


def _fitted(steps, **params):
    return make_pipeline(*steps, MLPClassifier((8,), max_iter=15, random_state=0, **params)).fit(
        X, Y
    )


def _started(source, table, labels):
    """A target that is the source as it is."""
    model = TransferMLPClassifier(
        source=source,
        strategy="keep_head",
        learning_rate_init=1e-12,
        max_iter=1,
        random_state=0,
    )
    return model.fit(table, labels)


@pytest.mark.parametrize("name", one_fast_in(3, [*LINEAR, *OTHER]))
def test_the_source_as_it_is_predicts_what_the_pipeline_predicts(name):
    source = _fitted({**LINEAR, **OTHER}[name]())
    table, labels = _rows(60, seed=1)
    model = _started(source, table, labels)
    np.testing.assert_allclose(
        model.predict_proba(table), source.predict_proba(table), rtol=0, atol=2e-4
    )


@pytest.mark.parametrize("name", one_fast_in(3, [*LINEAR, *OTHER]))
def test_a_table_that_lacks_columns_is_given_what_the_steps_know_of_them(name):
    """Means and the most frequent category for these columns, to be put in by hand."""
    source = _fitted({**LINEAR, **OTHER}[name]())
    table, labels = _rows(60, seed=1)
    fewer = table.drop(columns=["visits", "code"])
    code = X["code"].mean() if name == "remainder" else 1
    filled = table.assign(visits=X["visits"].mean(), code=code)
    model = _started(source, fewer, labels)
    carried = [
        row.name
        for row in model.transfer_report_.rows
        if row.part == "category" and row.status == "reused"
    ]
    assert {"plan=pro", "paid=yes", "region=a"} & set(carried)
    if name == "codes as categories":  # which category is usual, nothing of it knows
        return
    found, expected = model.predict_proba(fewer)[:, 0], source.predict_proba(filled)[:, 0]
    # an imputer by neighbours says more of a column than its mean
    assert np.corrcoef(found, expected)[0, 1] > (0.9 if name == "neighbours" else 0.97)
    assert np.abs(found - expected).mean() < 0.06


@pytest.mark.parametrize("name", LINEAR)
def test_linear_steps_leave_no_transformer_behind(name):
    source = describe_source(_fitted(LINEAR[name]()))
    assert not source.inputs.columns.transformer.transformed


def test_what_is_not_linear_is_kept_fitted_and_the_rest_is_unfolded():
    columns = describe_source(_fitted(OTHER["quantiles"]())).inputs.columns
    kinds = {column.name: type(column) for column in columns.transformer.columns}
    assert kinds["age"] is UnencodedColumn
    assert kinds["plan"] is CategoricalColumn
    (quantiles,) = columns.transformer.transformed
    assert quantiles.columns == tuple(NUMBERS)
    assert quantiles.fill[0] == pytest.approx(X["age"].mean())


def test_columns_that_a_selection_dropped_are_no_inputs():
    source = describe_source(_fitted(LINEAR["selection"]()))
    kinds = {column.name: type(column) for column in source.inputs.columns.transformer.columns}
    assert kinds["age"] is NumericColumn
    assert kinds["code"] is UnencodedColumn


def test_a_category_that_the_target_has_alone_starts_at_zero():
    source = _fitted(LINEAR["imputer, scaler | one-hot"]())
    table, labels = _rows(60, seed=1)
    new = table.assign(plan=np.where(np.arange(60) % 3 == 0, "gold", table["plan"]))
    model = _started(source, new, labels)
    unknown = new.assign(plan=new["plan"].replace("gold", "unseen"))
    np.testing.assert_allclose(
        model.predict_proba(new), model.predict_proba(unknown), rtol=0, atol=1e-6
    )
    statuses = {row.name: row.status for row in model.transfer_report_.rows}
    assert (statuses["plan=gold"], statuses["plan=pro"]) == ("new", "reused")


def test_numbers_are_matched_with_the_categories_that_an_encoder_made_of_them():
    source = _fitted(LINEAR["codes as categories"]())
    table, labels = _rows(60, seed=1)
    model = _started(source, table, labels)
    carried = {row.name for row in model.transfer_report_.rows if row.status == "reused"}
    assert {"code=1", "code=2", "code=7"} <= carried


def test_arrays_are_unfolded_by_position():
    table = X[NUMBERS].fillna(40.0).to_numpy()
    steps = ColumnTransformer([("q", QuantileTransformer(n_quantiles=20), [0])], remainder="drop")
    source = make_pipeline(steps, MLPClassifier((4,), max_iter=5, random_state=0)).fit(table, Y)
    model = _started(source, table[:60], Y[:60])
    np.testing.assert_allclose(
        model.predict_proba(table), source.predict_proba(table), rtol=0, atol=1e-5
    )


def test_covariance_that_a_projection_knows_says_what_an_missing_column_would_be():
    rng = np.random.default_rng(0)
    first = rng.normal(size=300)
    table = pd.DataFrame({"a": first, "b": first + 0.05 * rng.normal(size=300)})
    network = MLPClassifier((8,), max_iter=60, random_state=0)
    source = make_pipeline(StandardScaler(), PCA(2), network).fit(table, first > 0)
    model = _started(source, table[["a"]].iloc[:60], (first > 0)[:60])
    found = model.predict_proba(table[["a"]])[:, 1]
    np.testing.assert_allclose(found, source.predict_proba(table)[:, 1], rtol=0, atol=0.1)


def test_wide_tables_stay_behind_one_transformer():
    wide = np.random.default_rng(0).random((40, 1200))
    steps = make_pipeline(QuantileTransformer(n_quantiles=5), MLPClassifier((4,), max_iter=2))
    source = describe_source(steps.fit(wide, np.arange(40) % 2))
    assert isinstance(source.inputs.columns.transformer, QuantileTransformer)


def test_the_fitted_steps_are_not_changed_and_not_shared():
    source = _fitted(OTHER["quantiles"]())
    before = source.predict_proba(X)
    kept = describe_source(source).inputs.columns.transformer.transformed[0].transformer
    assert kept is not source[0].named_transformers_["num"]
    TransferMLPClassifier(source=source, max_iter=2, strategy="l2_sp").fit(X, Y)
    np.testing.assert_array_equal(source.predict_proba(X), before)
