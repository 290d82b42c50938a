"""Models inside other estimators, and tables whose numbers are held as something else."""

from __future__ import annotations

import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    VotingRegressor,
)
from sklearn.feature_selection import SelectKBest, f_classif, mutual_info_classif
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier, TweedieRegressor
from sklearn.metrics import f1_score, make_scorer, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    Normalizer,
    OneHotEncoder,
    PowerTransformer,
    SplineTransformer,
    StandardScaler,
)

import sktransfer
from sktransfer import SharedLayerTransformer, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import SourceError, SourceKindError, TransferWarning
from sktransfer.sources import Predictor, describe_source
from sktransfer.strategies import Recalibrate

_NUMBERS = ["age", "income"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.normal(45, 14, 200).round(2),
            "income": np.exp(rng.normal(10, 0.5, 200)).round(2),
            "plan": rng.choice(["basic", "plus", "premium"], 200),
        }
    )


@pytest.fixture(scope="module")
def amounts(table) -> np.ndarray:
    return 20 + table["age"] / 10 + 5 * (table["plan"] == "basic") + table["income"] / 1e4


def _columns(scaler=None) -> ColumnTransformer:
    return ColumnTransformer(
        [("num", scaler or StandardScaler(), _NUMBERS), ("cat", OneHotEncoder(), ["plan"])]
    )


def _outputs(source, X) -> np.ndarray:
    """What the source predicts on a table, through the library, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader = SharedLayerTransformer(source, layers="outputs").fit(X)
        return np.asarray(reader.transform(X))


def test_a_log_target_around_or_behind_the_steps_is_a_source_by_its_own_predictions(
    table, amounts
):
    log = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp)
    behind = make_pipeline(_columns(), log)
    around = GridSearchCV(
        TransformedTargetRegressor(
            make_pipeline(_columns(), Ridge()), func=np.log, inverse_func=np.exp
        ),
        {"regressor__ridge__alpha": [0.1, 1.0]},
        cv=2,
    )
    for model in (behind, around):
        model.fit(table, amounts)
        np.testing.assert_allclose(_outputs(model, table)[:, 0], model.predict(table))
        assert describe_source(model).target.kind == "regression"


@pytest.mark.parametrize("strategy", ["auto", Recalibrate("none")], ids=["auto", "as_it_is"])
@pytest.mark.parametrize("is_around", [True, False], ids=["around", "behind"])
def test_members_read_a_network_of_log_targets_in_the_unit_of_y(
    table, amounts, strategy, is_around
):
    y = np.exp(0.2 * amounts)
    net = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=200, random_state=0)
    log = dict(func=np.log1p, inverse_func=np.expm1)
    model = make_pipeline(_columns(), TransformedTargetRegressor(net, **log))
    if is_around:
        model = TransformedTargetRegressor(make_pipeline(_columns(), net), **log)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table, y)
        target = TransferMLPRegressor(source=model, strategy=strategy, random_state=0)
        target.fit(table[:40], y[:40])
    of_source = r2_score(y[40:], model.predict(table[40:]))
    assert of_source > 0.9
    assert target.score(table[40:], y[40:]) > of_source - 0.02
    if strategy != "auto":
        np.testing.assert_allclose(target.predict(table), model.predict(table), rtol=1e-5)


def test_a_search_behind_the_steps_is_a_source_by_its_predictions(table, amounts):
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    model = make_pipeline(_columns(), search).fit(table, amounts > amounts.median())
    expected = model.predict_proba(table)[:, 1]
    np.testing.assert_allclose(_outputs(model, table)[:, 0], expected)


@pytest.mark.parametrize("kind", ["network", "one_vs_rest"])
def test_separate_labels_behind_the_steps_keep_all_their_outputs(table, amounts, kind):
    last = {
        "network": MLPClassifier((4,), max_iter=5, random_state=0),
        "one_vs_rest": OneVsRestClassifier(LogisticRegression()),
    }[kind]
    labels = np.column_stack([amounts > amounts.median(), table["age"] > 45]).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make_pipeline(_columns(), last).fit(table, labels)
    source = Predictor(model)
    assert source.target.kind == "multilabel"
    np.testing.assert_allclose(source.outputs(table), model.predict_proba(table))


def test_bagged_pipelines_know_what_is_usual_in_a_column_that_is_not_there(table, amounts):
    X = table[_NUMBERS]
    inside = make_pipeline(StandardScaler(), LogisticRegression())
    model = BaggingClassifier(inside, 3, random_state=0).fit(X, amounts > amounts.median())
    usual = X.assign(income=model.estimators_[0][0].mean_[1])
    got = Predictor(model).outputs(X[["age"]])[:, 0]
    np.testing.assert_allclose(got, model.predict_proba(usual)[:, 1], atol=0.02)


def test_columns_that_are_passed_through_may_be_missing_where_the_model_takes_it(table, amounts):
    passes = ColumnTransformer([("cat", OneHotEncoder(), ["plan"])], remainder="passthrough")
    model = make_pipeline(passes, HistGradientBoostingClassifier(max_iter=5))
    model.fit(table, amounts > amounts.median())
    got = Predictor(model).outputs(table.drop(columns="income"))[:, 0]
    expected = model.predict_proba(table.assign(income=np.nan))[:, 1]
    np.testing.assert_allclose(got, expected)


def _as_text(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(age=X["age"].map("{:.2f}".format), income=X["income"].map("{:,.2f}".format))


_HELD_AS = {
    "objects": lambda X: X.astype(dict.fromkeys(_NUMBERS, object)),
    "nullable": lambda X: X.convert_dtypes(),
    "text": _as_text,
}


@pytest.mark.parametrize("form", _HELD_AS)
@pytest.mark.parametrize("kind", ["boosting", "linear", "network"])
def test_numbers_reach_a_source_however_the_table_holds_them(table, amounts, form, kind):
    y, X = amounts > amounts.median(), table
    if kind == "boosting":
        lightgbm = pytest.importorskip("lightgbm")
        X = table.astype({"plan": "category"})
        model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(X, y)
    elif kind == "linear":
        model = make_pipeline(_columns(PowerTransformer()), LogisticRegression()).fit(X, y)
    else:
        network = MLPClassifier((4,), max_iter=200, random_state=0)
        model = make_pipeline(_columns(PowerTransformer()), network).fit(X, y)
    expected = model.predict_proba(X)[:, 1]
    np.testing.assert_allclose(_outputs(model, _HELD_AS[form](table))[:, 0], expected, atol=1e-5)


def _with_ratio(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(ratio=X["income"] / X["age"])


@pytest.mark.parametrize("is_imputed", [False, True], ids=["scaled", "imputed"])
@pytest.mark.parametrize("kind", ["linear", "network"])
def test_a_function_of_the_whole_table_leaves_columns_that_may_be_absent(
    table, amounts, kind, is_imputed
):
    last = {
        "linear": LogisticRegression(),
        "network": MLPClassifier((4,), solver="lbfgs", max_iter=300, random_state=0),
    }[kind]
    numbers = [*_NUMBERS, "ratio"]
    scaler = make_pipeline(SimpleImputer(), StandardScaler()) if is_imputed else StandardScaler()
    columns = ColumnTransformer([("num", scaler, numbers), ("cat", OneHotEncoder(), ["plan"])])
    model = make_pipeline(FunctionTransformer(_with_ratio), columns, last)
    model.fit(table, amounts > amounts.median())
    absent = {"income": table["income"].mean(), "plan": "basic"}
    for name, usual in absent.items():
        expected = model.predict_proba(table.assign(**{name: usual}))[:, 1]
        got = _outputs(model, table.drop(columns=name))[:, 0]
        np.testing.assert_allclose(got, expected, atol=1e-5)


def test_columns_that_a_source_needs_at_once_are_said_to_be_lacking(table, amounts):
    net = MLPClassifier((4,), solver="lbfgs", max_iter=50, random_state=0)
    model = make_pipeline(FunctionTransformer(_with_ratio), Normalizer(), net)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table[_NUMBERS], amounts > amounts.median())
    target = TransferMLPRegressor(source=model, strategy="l2_sp", max_iter=2)
    with pytest.warns(TransferWarning, match="needs them all.*lacks 'income'.*Add it to X"):
        target.fit(table[["age"]].assign(other=1.0 * table.index), amounts)


def test_a_projection_behind_a_function_of_a_frame_is_read_without_warnings(table, amounts):
    net = MLPClassifier((4,), solver="lbfgs", max_iter=50, random_state=0)
    model = make_pipeline(FunctionTransformer(_with_ratio), PCA(2, random_state=0), net)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table[_NUMBERS], amounts > amounts.median())
    expected = model.predict_proba(table[_NUMBERS])[:, 1]
    np.testing.assert_allclose(_outputs(model, table[_NUMBERS])[:, 0], expected, atol=1e-5)


def test_categories_behind_a_function_of_the_whole_table_may_be_spelled_otherwise(table, amounts):
    columns = ColumnTransformer(
        [
            ("num", StandardScaler(), ["ratio"]),
            ("cat", OneHotEncoder(handle_unknown="ignore"), ["plan"]),
        ]
    )
    model = make_pipeline(FunctionTransformer(_with_ratio), columns, LogisticRegression())
    model.fit(table, amounts > amounts.median())
    spelled = table.assign(plan=table["plan"].str.title())
    expected = model.predict_proba(table)[:, 1]
    np.testing.assert_allclose(_outputs(model, spelled)[:, 0], expected)


def _changed(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(income=np.log(X["income"]))


def test_a_column_that_a_function_changes_has_no_value_that_stands_for_it(table, amounts):
    model = make_pipeline(FunctionTransformer(_changed), _columns(), LogisticRegression())
    model.fit(table, amounts > amounts.median())
    with pytest.raises(SourceError, match="X lacks 'income'"):
        Predictor(model).outputs(table.drop(columns="income"))


@pytest.mark.parametrize(("strategy", "near"), [("l2_sp", 1e-4), ("auto", 0.02)])
def test_a_number_missing_in_predict_alone_is_what_the_kept_steps_make_their_center(
    table, amounts, strategy, near
):
    source = make_pipeline(
        _columns(PowerTransformer()),
        MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0),
    ).fit(table, amounts)
    model = TransferMLPRegressor(source=source, strategy=strategy, max_iter=5, random_state=0)
    model.fit(table[:40], amounts[:40])
    power = source[0].named_transformers_["num"]
    ages = power.inverse_transform(pd.DataFrame([[0.0, 0.0]], columns=_NUMBERS))[0]
    gaps = np.arange(200) % 3 == 0
    found = model.predict(table.assign(age=table["age"].mask(gaps)))
    assert_allclose(found, model.predict(table.assign(age=table["age"].mask(gaps, ages[0]))), near)
    nothing = table.assign(age=pd.Series([None] * 200, dtype=object))
    assert_allclose(model.predict(nothing), model.predict(table.assign(age=np.nan)), 1e-6)


def _ratio_of(X):
    return np.asarray(X, float)[:, :1] / np.asarray(X, float)[:, 1:]


@pytest.mark.parametrize("is_network", [True, False])
@pytest.mark.parametrize("first", ["table", "columns"])
def test_what_a_function_makes_of_a_missing_number_is_imputed_as_in_the_source(
    table, amounts, first, is_network
):
    number = make_pipeline(SimpleImputer(), StandardScaler())
    last = MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0)
    gaps = table.assign(age=table["age"].mask(np.arange(200) % 7 == 0))
    if first == "table":
        columns = ColumnTransformer([("n", number, [*_NUMBERS, "ratio"])])
        steps = [FunctionTransformer(_with_ratio), columns]
    else:
        ratio = make_pipeline(FunctionTransformer(_ratio_of), clone(number))
        steps = [ColumnTransformer([("n", number, _NUMBERS), ("r", ratio, _NUMBERS)])]
    source = make_pipeline(*steps, last if is_network else Ridge()).fit(gaps, amounts)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(gaps[:40], amounts[:40])
    assert_allclose(model.predict(gaps), source.predict(gaps), rtol=1e-4, atol=1e-6)
    held = gaps.assign(plan=pd.Categorical(gaps["plan"]))
    assert_allclose(model.predict(held), source.predict(gaps), rtol=1e-4, atol=1e-6)


class _Shares(TransformerMixin, BaseEstimator):
    """Takes a frame alone, and notes no names."""

    def fit(self, X, y=None):
        self.maps_ = {name: X[name].value_counts(normalize=True).to_dict() for name in X.columns}
        return self

    def transform(self, X):
        return np.column_stack([X[name].map(of).fillna(0.0) for name, of in self.maps_.items()])


def test_a_network_behind_a_class_that_notes_no_names_gives_it_a_frame(table, amounts):
    steps = ColumnTransformer([("n", StandardScaler(), _NUMBERS), ("c", _Shares(), ["plan"])])
    network = MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0)
    source = make_pipeline(steps, network).fit(table, amounts)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(table[:40], amounts[:40])
    assert_allclose(model.predict(table), source.predict(table), rtol=1e-4, atol=1e-6)


class _RareAsOther(TransformerMixin, BaseEstimator):
    """Notes no names, and takes no columns by position."""

    def fit(self, X, y=None):
        self.kept_ = X["plan"].value_counts().index[:1]
        return self

    def transform(self, X):
        return X.assign(plan=X["plan"].where(X["plan"].isin(self.kept_), "other"))


def test_a_column_that_is_lacking_is_no_missing_entry_in_another(table, amounts):
    number = make_pipeline(SimpleImputer(), StandardScaler())
    steps = ColumnTransformer([("n", number, _NUMBERS), ("c", OneHotEncoder(), ["plan"])])
    source = make_pipeline(_RareAsOther(), steps, Ridge()).fit(table, amounts)
    gaps = table.assign(income=table["income"].mask(np.arange(200) % 7 == 0))
    assert_allclose(Predictor(source).outputs(gaps)[:, 0], source.predict(gaps))
    with pytest.raises(SourceError, match=r"stores neither their names.*missing: \{'age'\}"):
        Predictor(source).outputs(gaps.drop(columns="age"))


def test_an_estimator_gets_bytes_as_texts_and_columns_without_entries_as_numbers(table, amounts):
    source = make_pipeline(
        make_column_transformer(
            (StandardScaler(), _NUMBERS), (OneHotEncoder(handle_unknown="ignore"), ["plan"])
        ),
        Ridge(),
    ).fit(table, amounts)
    in_bytes = table.assign(plan=[plan.encode() for plan in table["plan"]])
    assert_allclose(_outputs(source, in_bytes), _outputs(source, table), 1e-6)
    nothing = table.assign(age=pd.Series([None] * 200, dtype=object))
    assert_allclose(_outputs(source, nothing), _outputs(source, table.assign(age=np.nan)), 1e-6)


def _without_gaps(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(n_gaps=X.isna().sum(axis=1)).fillna({"age": 18.0})


@pytest.mark.parametrize(
    "last",
    [Ridge(), MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)],
    ids=["ridge", "network"],
)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_missing_entries_that_a_function_replaces_are_left_to_it(table, amounts, last):
    source = make_pipeline(
        FunctionTransformer(_without_gaps),
        ColumnTransformer(
            [("num", StandardScaler(), [*_NUMBERS, "n_gaps"]), ("cat", OneHotEncoder(), ["plan"])]
        ),
        clone(last),
    )
    gaps = table.assign(age=table["age"].mask(np.arange(200) % 3 == 0))
    source.fit(gaps, amounts)
    assert_allclose(_outputs(source, gaps).ravel(), source.predict(gaps), 1e-5, 1e-5)


def test_columns_that_the_steps_drop_may_be_absent(table, amounts):
    y = amounts > amounts.median()
    wide = table.assign(since=pd.Timestamp("2020-01-01"), note="none")
    dropped = make_pipeline(_columns(), LogisticRegression()).fit(wide, y)
    both = make_pipeline(_columns(), Ridge())
    several = MultiOutputRegressor(both).fit(wide, np.c_[amounts, -amounts])
    expected = dropped.predict_proba(wide)[:, 1:]
    assert_allclose(_outputs(dropped, table), expected, rtol=1e-5)
    assert_allclose(_outputs(several, table), several.predict(wide), rtol=1e-5)


@pytest.mark.parametrize("around", [MultiOutputRegressor, RegressorChain])
def test_a_regressor_of_several_numbers_has_them_all(table, amounts, around):
    both = np.c_[amounts, 2 * amounts + table["age"]]
    source = around(make_pipeline(_columns(), Ridge()))
    if around is RegressorChain:  # whose estimators take arrays
        source = make_pipeline(_columns(), RegressorChain(Ridge()))
    source.fit(table, both)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(table[:40], both[:40])
    assert_allclose(model.predict(table), source.predict(table), rtol=1e-4)


def test_an_estimator_that_does_not_say_how_many_numbers_it_predicts_is_refused():
    class Silent(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.y_ = y
            return self

        def predict(self, X):
            assert len(X) > 1
            return np.zeros((len(X), 2))

    X = np.arange(12.0).reshape(6, 2)
    with pytest.raises(SourceError, match="predicts 2 numbers a row, and one was expected"):
        Predictor(Silent().fit(X, X[:, 0])).outputs(X)


def test_margins_of_any_size_keep_the_order_of_rows():
    X, y = load_breast_cancer(return_X_y=True)
    source = SGDClassifier(random_state=0).fit(X[:300], y[:300])
    margins = source.decision_function(X[360:])
    assert np.abs(margins).max() > 1e3
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    p = model.fit(X[300:360], y[300:360]).predict_proba(X[360:])[:, 1]
    assert roc_auc_score(y[360:], p) == pytest.approx(roc_auc_score(y[360:], margins), abs=0.002)
    np.testing.assert_array_equal(model.predict(X[360:]), source.predict(X[360:]))


def test_an_estimator_without_a_note_of_its_columns_is_named_them_by_a_step(table, amounts):
    model = IsotonicRegression(out_of_bounds="clip").fit(table[["age"]], amounts)
    with pytest.raises(SourceError, match="stores neither their names nor how many"):
        TransferMLPRegressor(source=model).fit(table[:40], amounts[:40])
    names = ColumnTransformer([("its", "passthrough", ["age"])]).fit(table)
    named = make_pipeline(names, FrozenEstimator(model))
    assert_allclose(_outputs(named, table)[:, 0], model.predict(table[["age"]]), rtol=1e-5)


@pytest.mark.parametrize(
    "estimator",
    [
        KNeighborsClassifier(),
        GaussianProcessClassifier(RBF() + WhiteKernel()),
        make_pipeline(SplineTransformer(n_knots=3), LogisticRegression()),
        make_pipeline(SelectKBest(f_classif, k=1), LogisticRegression()),
        make_pipeline(SelectKBest(mutual_info_classif, k=1), LogisticRegression()),
        CalibratedClassifierCV(LogisticRegression(max_iter=500), method="temperature"),
        TweedieRegressor(power=1.5),
        TunedThresholdClassifierCV(LogisticRegression(max_iter=500), scoring="f1"),
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, scoring=make_scorer(f1_score)),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_usual_estimators_are_saved_without_pickle(table, amounts, estimator, tmp_path):
    pytest.importorskip("skops")
    X, y = table[_NUMBERS], (amounts > amounts.median()).to_numpy()
    source = clone(estimator).fit(X[:100], y[:100])
    model = TransferMLPClassifier(source=source, strategy="recalibrate").fit(
        X[100:140], y[100:140]
    )
    model.save(tmp_path / "model")
    again = sktransfer.load(tmp_path / "model", trust_source=True)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def _logarithm(X):
    return X.assign(income=np.log(X["income"]))


@pytest.mark.parametrize("is_network", [True, False])
def test_levels_behind_a_function_may_be_spelled_otherwise(table, amounts, is_network):
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    source = make_pipeline(
        FunctionTransformer(_logarithm), _columns(), last if is_network else Ridge()
    )
    source.fit(table, amounts)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    other = table.assign(plan=table["plan"].str.upper() + " ")
    model.fit(other[:40], amounts[:40])
    assert_allclose(model.predict(other), source.predict(table), rtol=1e-4)


def _days(X):
    return (X - pd.Timestamp("2020-01-01")).apply(lambda column: column.dt.days)


@pytest.mark.parametrize("form", ["objects", "text", "zone", "decimals"])
@pytest.mark.parametrize("is_network", [True, False])
def test_what_a_function_refuses_is_read_as_it_seems(table, amounts, is_network, form):
    since = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(table.index * 3, "D"))
    dated = table.assign(since=since)
    steps = ColumnTransformer(
        [
            ("num", make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), _NUMBERS),
            ("date", make_pipeline(FunctionTransformer(_days), StandardScaler()), ["since"]),
        ]
    )
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    source = make_pipeline(steps, last if is_network else Ridge()).fit(dated, amounts)
    held = {
        "objects": lambda: dated.astype(object),
        "text": lambda: dated.assign(since=since.dt.strftime("%d.%m.%Y")),
        "zone": lambda: dated.assign(since=since.dt.tz_localize("UTC")),
        "decimals": lambda: dated.assign(income=dated["income"].map(lambda v: Decimal(str(v)))),
    }[form]()
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(held[:40], amounts[:40])
    assert_allclose(model.predict(held), source.predict(dated), rtol=1e-4)


def _with_rare_as_other(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(plan=X["plan"].where(X["plan"].isin(["basic", "pro"]), "other"))


@pytest.mark.parametrize("form", ["category", "string", "string[pyarrow]", "convert"])
@pytest.mark.parametrize("is_network", [True, False])
def test_steps_that_refuse_types_of_pandas_get_what_a_file_is_read_into(form, is_network):
    n = 60
    table = pd.DataFrame(
        {
            "age": np.arange(n, dtype=float),
            "plan": np.resize(["basic", "pro", "gold", "old"], n),
            "grade": np.resize(["low", "high", None, "low", "high"], n),
        }
    )
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    steps = ColumnTransformer([("n", StandardScaler(), ["age"]), ("t", texts, ["plan", "grade"])])
    last = MLPRegressor(hidden_layer_sizes=(4,), random_state=0) if is_network else Ridge()
    source = make_pipeline(FunctionTransformer(_with_rare_as_other), steps, last)
    source.fit(table, table["age"] % 7 + (table["plan"] == "old"))
    held = table.convert_dtypes() if form == "convert" else table.astype({"grade": form})
    held = held.astype({"plan": form}) if form == "category" else held
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(held[:40], table["age"][:40])
    assert_allclose(model.predict(held), source.predict(table), rtol=1e-4, atol=1e-6)


def test_texts_whose_days_may_be_months_are_not_read_as_dates(table, amounts):
    since = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(table.index * 3, "D"))
    steps = make_column_transformer((FunctionTransformer(_days), ["since"]))
    source = make_pipeline(steps, Ridge()).fit(table.assign(since=since), amounts)
    held = table.assign(since=since.dt.strftime("%d/%m/%Y"))
    with pytest.raises(SourceError, match="of the types that they had"):
        TransferMLPRegressor(source=source).fit(held[:40], amounts[:40])


def test_dates_among_objects_are_no_numbers_of_models_around_pipelines(table, amounts):
    dated = table.assign(since=pd.Timestamp("2021-01-01"))
    pipe = make_pipeline(_columns(), Ridge())
    source = VotingRegressor([("a", pipe), ("b", pipe)]).fit(dated, amounts)
    assert_allclose(_outputs(source, dated.astype(object))[:, 0], source.predict(dated), rtol=1e-5)


def test_categories_behind_a_table_vectorizer_may_be_spelled_otherwise(table, amounts):
    skrub = pytest.importorskip("skrub")
    source = skrub.tabular_pipeline(HistGradientBoostingRegressor(max_iter=20))
    source.fit(table, amounts)
    held = table.assign(
        plan=table["plan"].str.upper(), income=table["income"].map("${:,.2f}".format)
    )
    assert_allclose(_outputs(source, held)[:, 0], source.predict(table), rtol=1e-5)


def _in_truths(X):
    return X.assign(member=(X["member"] == "yes").astype(float))


@pytest.mark.parametrize("is_network", [True, False])
def test_words_for_truth_that_a_function_compares_stay_words(table, amounts, is_network):
    member = np.where(table["age"] > 45, "yes", "no")
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    last = last if is_network else Ridge()
    steps = [FunctionTransformer(_in_truths), StandardScaler()]
    held = table[_NUMBERS].assign(member=member)
    source = make_pipeline(*steps, last).fit(held, amounts)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(held[:40], amounts[:40])
    assert_allclose(model.predict(held), source.predict(held), rtol=1e-4)


def test_a_sparse_table_is_made_dense_for_an_estimator_that_takes_none(table, amounts):
    X = table[_NUMBERS].to_numpy()
    source = make_pipeline(StandardScaler(), Ridge()).fit(X, amounts)
    assert_allclose(_outputs(source, sparse.csr_array(X))[:, 0], source.predict(X), rtol=1e-5)


def test_names_that_are_numbers_in_text_are_names(table, amounts):
    X = table[_NUMBERS].set_axis(["0", "1"], axis=1)
    source = make_pipeline(StandardScaler(), Ridge()).fit(X, amounts)
    assert_allclose(_outputs(source, X[["1", "0"]])[:, 0], source.predict(X), rtol=1e-5)


def test_predictions_that_are_missing_are_refused_with_their_row(table, amounts):
    source = make_pipeline(StandardScaler(), RadiusNeighborsRegressor(0.5))
    source.fit(table[_NUMBERS], amounts)
    far = table[_NUMBERS].copy()
    far.iloc[3] = 1e6
    with (
        pytest.warns(UserWarning, match="no neighbors"),
        pytest.raises(SourceError, match=r"NaN.* for 1 of 200 rows.*position 3"),
    ):
        Predictor(source).outputs(far)


def test_one_of_several_targets_is_named_as_the_way_out(table, amounts):
    both = np.c_[np.digitize(amounts, [30, 40]), np.digitize(table["age"], [40, 50])]
    source = MultiOutputClassifier(make_pipeline(_columns(), LogisticRegression()))
    source.fit(table, both)
    with pytest.raises(SourceKindError, match=r"source.estimators_\[0\]"):
        TransferMLPClassifier(source=source).fit(table[:40], both[:40, 0])
    first = source.estimators_[0]
    model = TransferMLPClassifier(source=first, strategy=Recalibrate("none"))
    model.fit(table[:40], both[:40, 0])
    assert_allclose(model.predict_proba(table), first.predict_proba(table), atol=1e-3)


def test_results_of_statsmodels_are_sources(table, amounts):
    api = pytest.importorskip("statsmodels.api")
    formula = pytest.importorskip("statsmodels.formula.api")
    numbers = table[_NUMBERS]
    linear = api.OLS(amounts, api.add_constant(numbers)).fit()
    expected = linear.predict(api.add_constant(numbers))
    assert_allclose(_outputs(linear, table[["plan", "income", "age"]])[:, 0], expected, rtol=1e-4)
    y = (amounts > amounts.median()).astype(int)
    logit = formula.logit("y ~ age + plan", table.assign(y=y)).fit(disp=0)
    model = TransferMLPClassifier(source=logit, strategy=Recalibrate("none"))
    p = model.fit(table[:40], y[:40]).predict_proba(table)[:, 1]
    assert_allclose(p, logit.predict(table), atol=2e-3)
    with pytest.raises(SourceError, match="does not take these columns"):
        TransferMLPRegressor(source=api.OLS(amounts, numbers)).fit(table[:40], amounts[:40])


def test_a_formula_of_statsmodels_takes_tables_with_other_categories_and_without_columns(
    table, amounts
):
    formula = pytest.importorskip("statsmodels.formula.api")
    known = table.assign(amount=amounts, size=np.arange(200) % 3).rename(columns={"age": "an age"})
    text = "amount ~ Q('an age') + C(size) + plan + np.log(income)"
    source = formula.ols(text, known).fit()
    expected = source.predict(known)
    named = {"an age": "An_Age"}  # another spelling
    assert_allclose(_outputs(source, known.drop(columns="amount"))[:, 0], expected)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(known.rename(columns=named)[:40], amounts[:40])
    assert_allclose(model.predict(known.rename(columns=named)), expected, rtol=1e-4)
    is_other = np.arange(200) < 20
    usual = known.assign(
        **{
            "an age": known["an age"].mask(is_other, known["an age"].mean()),
            "plan": known["plan"].mask(is_other, known["plan"].mode()[0]),
            "size": known["size"].mask(is_other, 0),
        }
    )
    other = known.assign(
        **{
            "an age": known["an age"].mask(is_other),
            "plan": known["plan"].mask(is_other, "gold"),
            "size": known["size"].mask(is_other, 7),
        }
    )
    expected = source.predict(usual)
    assert_allclose(_outputs(source, other)[:, 0], expected)
    missing = other.assign(plan=known["plan"].mask(is_other, None))
    assert_allclose(_outputs(source, missing)[:, 0], expected)
    found = _outputs(source, known.drop(columns=["an age", "amount"]))[:, 0]
    expected = source.predict(known.assign(**{"an age": known["an age"].mean()}))
    assert_allclose(found, expected)


def test_a_formula_takes_quoted_codes_and_categories_of_pandas_that_it_was_not_fitted_on(
    table, amounts
):
    formula = pytest.importorskip("statsmodels.formula.api")
    known = table.assign(amount=amounts, **{"a size": np.arange(200) % 3})
    source = formula.ols("amount ~ C(Q('a size')) + plan", known).fit()
    usual = known["plan"].mode()[0]
    plan = known["plan"].where(np.arange(200) >= 20, "gold")
    expected = source.predict(known.assign(plan=plan.replace("gold", usual)))
    other = known.assign(plan=plan.astype("category"))
    assert_allclose(_outputs(source, other)[:, 0], expected)
    assert_allclose(_outputs(source, other[20:])[:, 0], expected[20:])
    of_most = source.predict(known.assign(**{"a size": 0}))
    assert_allclose(_outputs(source, known.assign(**{"a size": 7}))[:, 0], of_most)


def test_a_formula_takes_truth_values_and_types_of_arrow_for_what_it_was_fitted_on(table, amounts):
    formula = pytest.importorskip("statsmodels.formula.api")
    pytest.importorskip("pyarrow")
    known = table.assign(amount=amounts, member=np.arange(200) % 2)
    source = formula.ols("amount ~ age + plan + member", known).fit()
    expected = source.predict(known)
    held = known.assign(member=known["member"] == 1)
    for other in (held, held.convert_dtypes(), held.convert_dtypes(dtype_backend="pyarrow")):
        assert_allclose(_outputs(source, other)[:, 0], expected)


@pytest.mark.parametrize("labels", [["low", "mid", "top"], [3, 5, 9]])
@pytest.mark.parametrize("kind", ["nominal", "ordinal"])
def test_results_of_statsmodels_have_classes_in_their_order(table, amounts, labels, kind):
    api = pytest.importorskip("statsmodels.api")
    y = pd.Series(pd.qcut(amounts, 3, labels=labels)).astype(type(labels[0]))
    if kind == "nominal":
        source = api.MNLogit(y, table[_NUMBERS]).fit(disp=0)
    else:
        ordered = pytest.importorskip("statsmodels.miscmodels.ordinal_model")
        types = pd.CategoricalDtype(labels, ordered=True)
        source = ordered.OrderedModel(y.astype(types), table[_NUMBERS]).fit(disp=0, maxiter=20)
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    model.fit(table[:60], y[:60])
    assert_allclose(model.predict_proba(table), source.predict(table[_NUMBERS]), atol=2e-3)


def test_columns_of_results_of_statsmodels_may_be_absent_or_missing(table, amounts):
    api = pytest.importorskip("statsmodels.api")
    linear = api.OLS(amounts, api.add_constant(table[_NUMBERS])).fit()
    usual = table[_NUMBERS].assign(age=table["age"].mean())
    expected = linear.predict(api.add_constant(usual, has_constant="add"))
    assert_allclose(_outputs(linear, table[["income"]])[:, 0], expected)
    assert_allclose(_outputs(linear, table.assign(age=np.nan))[:, 0], expected)
    expected = linear.predict(api.add_constant(table[_NUMBERS]))
    linear.remove_data()  # as results are often saved: columns are known by position
    columns = api.add_constant(table[_NUMBERS]).to_numpy()
    assert_allclose(Predictor(linear).outputs(columns)[:, 0], expected)


def test_dates_among_objects_do_not_stop_an_estimator_that_reads_no_column(table, amounts):
    dated = table.assign(since=pd.Timestamp("2021-01-01")).astype(object)
    source = DummyRegressor().fit(dated, amounts)
    assert_allclose(Predictor(source).outputs(dated), amounts.mean())


@pytest.mark.parametrize("form", ["datetimes", "objects"])
def test_a_network_behind_a_table_vectorizer_with_dates_is_read_without_warnings(
    table, amounts, form
):
    skrub = pytest.importorskip("skrub")
    since = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(table.index * 3, "D"))
    dated = table.assign(since=since)
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = make_pipeline(skrub.TableVectorizer(), StandardScaler(), last)
        source.fit(dated, amounts)
    held = dated.astype({"since": object}) if form == "objects" else dated
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Found unknown categories")
        warnings.simplefilter("error", TransferWarning)
        model.fit(held[:40], amounts[:40])
    assert_allclose(model.predict(held), source.predict(dated), rtol=1e-3)


def _in_capitals(X):
    made = X.assign(income=X["income"].astype(float), plan=X["plan"] == "basic")
    return made.rename(columns=str.upper).astype(float)


@pytest.mark.parametrize("is_network", [True, False])
def test_levels_that_a_function_does_not_know_are_warned_of(table, amounts, is_network):
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    last = last if is_network else Ridge()
    source = make_pipeline(FunctionTransformer(_in_capitals), StandardScaler(), last)
    source.fit(table, amounts)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with pytest.warns(TransferWarning, match="for every level of 'plan' in X as for any other"):
        model.fit(table.assign(plan=table["plan"].str.upper())[:40], amounts[:40])
    held = table.assign(income=table["income"].map("${:,.2f}".format))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(held[:40], amounts[:40])
    assert_allclose(model.predict(held), source.predict(table), rtol=1e-3)


@pytest.mark.parametrize("is_missing", [False, True])
def test_truth_values_held_as_objects_are_the_levels_of_an_encoder(table, amounts, is_missing):
    member = table["age"] > 45
    steps = make_column_transformer(
        (StandardScaler(), _NUMBERS), (OneHotEncoder(drop="if_binary"), ["member"])
    )
    last = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0, max_iter=50)
    source = make_pipeline(steps, last).fit(table.assign(member=member), amounts)
    held = member.astype(object)
    there = np.arange(len(table)) % 7 > 0
    held = held.where(there, None) if is_missing else held
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(table.assign(member=held)[:40], amounts[:40])
    expected = source.predict(table.assign(member=member))
    p = model.predict(table.assign(member=held))
    assert_allclose(p[there], expected[there], rtol=1e-4)


def _certain(X):
    return X.assign(member=X["member"].map(lambda value: value is True or value is np.True_))


@pytest.mark.parametrize("dtype", [object, bool, "boolean", "bool[pyarrow]", "int64"])
@pytest.mark.parametrize("first", ["passthrough", FunctionTransformer(_certain)])
def test_truth_values_of_any_type_reach_steps_that_were_fitted_on_objects(
    table, amounts, dtype, first
):
    if dtype == "bool[pyarrow]":
        pytest.importorskip("pyarrow")
    elif dtype == "int64" and first != "passthrough":
        pytest.skip("to a function 1 may be anything")
    member = table["age"] > 45
    steps = make_column_transformer((StandardScaler(), _NUMBERS), (OneHotEncoder(), ["member"]))
    source = make_pipeline(first, steps, Ridge())
    source.fit(table.assign(member=member.astype(object)), amounts)
    held = table.assign(member=member.astype(dtype))
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(held[:40], amounts[:40])
    expected = source.predict(table.assign(member=member.astype(object)))
    assert_allclose(model.predict(held), expected, rtol=1e-4)


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("skipped", ["passthrough", None])
def test_a_first_step_that_is_skipped_leaves_columns_their_names(
    table, amounts, skipped, is_nested
):
    steps = [("skipped", skipped), ("columns", _columns()), ("last", Ridge())]
    if is_nested:
        steps = [("first", Pipeline(steps[:2])), steps[2]]
    source = Predictor(Pipeline(steps).fit(table, amounts))
    assert source.names == tuple(table)
    assert source.n_features == 3
    usual = table.assign(age=table["age"].mean())
    assert_allclose(source.outputs(table.drop(columns="age")), source.outputs(usual))


class Counts(TransformerMixin, BaseEstimator):
    """An encoder of another package, whose counts of the rows of each level nobody can find."""

    def fit(self, X, y=None):
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.counts_ = [(name, X[name].value_counts()) for name in X if name != "age"]
        return self

    def transform(self, X):
        counted = {name: X[name].map(one).fillna(0.0) for name, one in self.counts_}
        return X.assign(**counted)

    def get_feature_names_out(self, input_features=None):
        return self.feature_names_in_


@pytest.mark.parametrize("is_first", [True, False])
def test_an_encoder_of_another_package_that_has_none_of_the_levels_is_named(is_first):
    X = pd.DataFrame({"age": np.arange(80.0), "plan": ["pro", "pro", "basic", "plus"] * 20})
    y = X["plan"] == "pro"
    columns = make_column_transformer((Counts(), ["plan"]), remainder="passthrough")
    source = make_pipeline(Counts() if is_first else columns, LogisticRegression()).fit(X, y)
    model = TransferMLPClassifier(source=source, strategy="recalibrate")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, y)
    with pytest.warns(TransferWarning, match="for every level of 'plan' in X as for any other"):
        model.fit(X.assign(plan=X["plan"].str.upper()), y)


class Resampler(BaseEstimator):
    """Draws rows in fit, as those of imbalanced-learn do, and has no transform."""

    def fit_resample(self, X, y):
        return X, y


class ResamplingPipeline(Pipeline):
    """Skips what resamples in prediction, as imbalanced-learn's does."""

    def _iter(self, *args, **kwargs):
        return (one for one in super()._iter(*args, **kwargs) if hasattr(one[2], "transform"))


@pytest.mark.parametrize("last", [GaussianNB(), MLPClassifier((4,), max_iter=5, random_state=0)])
def test_a_step_that_resamples_the_rows_of_fit_is_skipped(last):
    X = pd.DataFrame({"age": np.arange(80.0), "plan": ["pro", "pro", "basic", "plus"] * 20})
    y = X["plan"] == "pro"
    columns = make_column_transformer((OneHotEncoder(), ["plan"]), (StandardScaler(), ["age"]))
    plain = make_pipeline(columns, last).fit(X, y)
    steps = zip("abcd", (Resampler(), columns, Resampler(), last), strict=True)
    source = ResamplingPipeline(list(steps))
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    model.fit(X.assign(plan=X["plan"].str.upper()), y)
    found = model.predict_proba(X.assign(plan=X["plan"].str.upper()))
    assert_allclose(found, plain.predict_proba(X), atol=1e-3)
