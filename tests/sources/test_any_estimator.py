"""Any fitted estimator as a source by its predictions."""

import operator
import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.exceptions import (
    NotSavableError,
    SourceError,
    SourceFormatError,
    SourceKindError,
    SourceLayersError,
)
from sktransfer.model_selection import rank_sources
from sktransfer.sources import Predictor, describe_source
from sktransfer.sources._saved_predictor import packed, savable
from sktransfer.strategies import Recalibrate

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RNG.normal(40, 10, 200),
        "wage": RNG.normal(3, 1, 200),
        "town": RNG.choice(["Ulm", "Ghent", "Lyon"], 200, p=[0.6, 0.3, 0.1]),
    }
)
LABELS = np.where(FRAME["age"] + 5 * (FRAME["town"] == "Ulm") > 42, "old", "young")
NUMBERS = FRAME[["age", "wage"]]
GRADES = np.digitize(FRAME["age"], [35, 45])


def _steps(**encoder):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return make_column_transformer(
        (numbers, ["age", "wage"]), (OneHotEncoder(**encoder), ["town"])
    )


# -- what it predicts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimator, y, kind, method",
    [
        (RandomForestClassifier(5), LABELS, "binary", "predict_proba"),
        (RandomForestClassifier(5), GRADES, "multiclass", "predict_proba"),
        (LinearSVC(), LABELS, "binary", "decision_function"),
        (LinearSVC(), GRADES, "multiclass", "decision_function"),
        (Perceptron(), LABELS, "binary", "decision_function"),
        (LinearRegression(), GRADES, "regression", "predict"),
        (RandomForestRegressor(5), np.c_[GRADES, GRADES], "regression", "predict"),
        (RandomForestClassifier(5), np.c_[GRADES > 0, GRADES > 1], "multilabel", "predict_proba"),
        (
            OneVsRestClassifier(LogisticRegression()),
            np.c_[GRADES > 0, GRADES > 1].astype(int),
            "multilabel",
            "predict_proba",
        ),
    ],
)
def test_outputs_are_what_the_schema_of_the_target_says(estimator, y, kind, method):
    source = describe_source(clone(estimator).fit(NUMBERS, y))
    outputs = source.predictor.outputs(NUMBERS)
    assert (source.target.kind, source.predictor.method) == (kind, method)
    assert outputs.shape == (200, source.target.n_outputs)
    assert outputs.dtype == np.float64
    if kind == "regression":
        expected = source.predictor.estimator.predict(NUMBERS).reshape(200, -1)
        np.testing.assert_array_equal(outputs, expected)
    elif kind == "multiclass":
        np.testing.assert_allclose(outputs.sum(axis=1), 1.0)
        assert np.mean(source.target.classes[outputs.argmax(axis=1)] == y) > 0.5
    else:
        assert ((outputs >= 0) & (outputs <= 1)).all()


def test_the_output_of_two_classes_is_the_probability_of_the_second():
    forest = RandomForestClassifier(5, random_state=0).fit(NUMBERS, LABELS)
    np.testing.assert_array_equal(
        Predictor(forest).outputs(NUMBERS)[:, 0], forest.predict_proba(NUMBERS)[:, 1]
    )


@pytest.mark.parametrize("strategy", ["recalibrate", "l2_sp"])
def test_a_source_of_a_single_class_is_refused_as_such(strategy):
    source = DummyClassifier().fit(NUMBERS, ["old"] * len(NUMBERS))
    with pytest.raises(SourceLayersError, match=r"DummyClassifier\) was fitted on a single class"):
        TransferMLPClassifier(source=source, strategy=strategy).fit(NUMBERS, LABELS)


@pytest.mark.parametrize("n_classes", [3, 4])
def test_margins_of_pairs_of_classes_are_votes_for_classes(n_classes):
    y = np.digitize(FRAME["age"], np.quantile(FRAME["age"], np.arange(1, n_classes) / n_classes))
    of_pairs = make_pipeline(StandardScaler(), SVC(decision_function_shape="ovo")).fit(NUMBERS, y)
    of_classes = make_pipeline(StandardScaler(), SVC()).fit(NUMBERS, y)
    expected = Predictor(of_classes).outputs(NUMBERS)
    np.testing.assert_allclose(Predictor(of_pairs).outputs(NUMBERS), expected)


@pytest.mark.parametrize("steps", [(), (StandardScaler(),)], ids=["alone", "pipeline"])
def test_rows_of_a_sure_source_keep_their_order_as_it_is(steps):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(400, 5)), 20, axis=1) + 0.3 * rng.normal(size=(400, 100))
    y = (X[:, 0] + rng.normal(size=400) > 0).astype(int)
    bayes = make_pipeline(*steps, GaussianNB()).fit(X[:200], y[:200])
    own = np.diff(bayes.predict_log_proba(X[200:])).ravel()
    assert np.abs(own).max() > 40  # beyond what numbers next to 1 can hold
    target = TransferMLPClassifier(source=bayes, strategy=Recalibrate("none"))
    found = target.fit(X[200:240], y[200:240]).predict_proba(X[200:])[:, 1]
    np.testing.assert_array_equal(np.argsort(np.argsort(found)), np.argsort(np.argsort(own)))
    assert roc_auc_score(y[200:], found) == roc_auc_score(y[200:], own)


@pytest.mark.parametrize(
    "estimator, found",
    [(IsolationForest(n_estimators=5), "outliers"), (KMeans(2, n_init=1), "clusters")],
)
def test_what_was_fitted_to_no_target_is_refused(estimator, found):
    source = make_pipeline(StandardScaler(), estimator).fit(np.arange(8.0)[:, None])
    for one in (source, Predictor(source), FrozenEstimator(source[-1])):
        with pytest.raises(SourceKindError, match=f"finds {found}, and was fitted to no target"):
            describe_source(one)


@pytest.mark.parametrize("levels", [[False, True], ["no", "yes"]])
def test_truth_values_are_an_estimators_categories(levels):
    X = pd.DataFrame({"age": np.arange(80.0) % 7, "member": np.arange(80) % 3 > 0})
    own = X.assign(member=pd.Categorical.from_codes(X["member"].astype(int), levels))
    source = HistGradientBoostingClassifier(max_iter=2).fit(own, X["member"] ^ (X["age"] > 5))
    expected = source.predict_proba(own)[:, 1]
    assert np.ptp(expected) > 0.01
    for dtype in (bool, object, "boolean"):
        found = Predictor(source).outputs(X.astype({"member": dtype}))[:, 0]
        np.testing.assert_allclose(found, expected, err_msg=str(dtype))


@pytest.mark.parametrize("held", [int, float, "category", str])
def test_truth_values_are_objects_behind_steps_that_passed_them_on_with_codes(held):
    X = pd.DataFrame({"town": ["Rome", "Oslo"] * 40, "member": np.arange(80) % 3 > 0})
    columns = make_column_transformer((OrdinalEncoder(), ["town"]), remainder="passthrough")
    boosting = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0])
    source = make_pipeline(columns, boosting).fit(X, X["member"])
    found = Predictor(source).outputs(X.assign(member=X["member"].astype(held)))[:, 0]
    np.testing.assert_array_equal(found, source.predict_proba(X)[:, 1])


def test_missing_entries_among_categories_of_pyarrow_are_missing():
    towns = ["Rome", None, "Oslo", "Rome"] * 20
    X = pd.DataFrame({"town": towns, "age": np.arange(80.0)})
    steps = make_column_transformer((OneHotEncoder(), ["town"]))
    source = make_pipeline(steps, LogisticRegression()).fit(X, X["town"].isna())
    table = pa.table({"town": pa.array(towns).dictionary_encode(), "age": X["age"].to_numpy()})
    expected = source.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(Predictor(source).outputs(table)[:, 0], expected)


class OneColumn(GaussianNB):
    """Gives the probability of one class alone."""

    def predict_proba(self, X):
        return super().predict_proba(X)[:, 1]


def test_probabilities_that_are_not_one_column_a_class_are_refused():
    X, y = np.arange(8.0)[:, None], np.arange(8) > 4
    with pytest.raises(SourceError, match=r"classes False, True, .* shape \(8,\); expected a col"):
        Predictor(OneColumn().fit(X, y)).outputs(X)


@pytest.mark.parametrize("dtype", [object, "boolean", "bool[pyarrow]"])
def test_missing_truth_values_are_what_the_sample_has_or_are_named(dtype):
    X = pd.DataFrame({"age": np.arange(8.0), "member": np.arange(8) % 4 > 0})
    steps = make_column_transformer((StandardScaler(), ["age"]), remainder="passthrough")
    source = make_pipeline(steps, LogisticRegression()).fit(X, np.arange(8) > 4)
    gaps = X.assign(member=X["member"].astype(dtype))
    gaps.loc[[0, 3], "member"] = None if dtype is object else pd.NA
    with pytest.raises(SourceError, match="X has missing entries in 'member'"):
        Predictor(source).outputs(gaps)
    found = Predictor(source, X_sample=X).outputs(gaps)
    filled = X.assign(member=gaps["member"].fillna(True).astype(bool))
    np.testing.assert_allclose(found[:, 0], source.predict_proba(filled)[:, 1])


class Calibrated(GaussianNB):
    """Its own probabilities, and logarithms of others."""

    def predict_proba(self, X):
        return (super().predict_proba(X) > 0.5) * 1.0


def test_probabilities_of_a_source_win_over_logarithms_that_differ():
    source = Calibrated().fit(NUMBERS, LABELS)
    logs = Predictor(source).log_probabilities(NUMBERS)
    np.testing.assert_allclose(np.exp(logs), source.predict_proba(NUMBERS), atol=1e-12)


class Rule(ClassifierMixin, BaseEstimator):
    """Labels and nothing else."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.where(np.asarray(X)[:, 0] > 40, self.classes_[0], self.classes_[1])


def test_labels_become_zeros_and_ones():
    predictor = Predictor(Rule().fit(NUMBERS, LABELS))
    assert predictor.method == "predict"
    np.testing.assert_array_equal(
        predictor.outputs(NUMBERS.to_numpy())[:, 0], (NUMBERS["age"] <= 40).astype(float)
    )


def test_what_was_never_fitted_is_refused():
    for unfitted in (
        RandomForestClassifier(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        FrozenEstimator(LogisticRegression()),
    ):
        with pytest.raises(NotFittedError, match="given as `source` is not fitted"):
            describe_source(unfitted)


class Foreign:
    """Of another package, with an error of its own."""

    def predict(self, X):
        class NotFittedYet(Exception):
            pass

        raise NotFittedYet("call train first")


class OfOnesOwn:
    """Without scikit-learn's base class."""

    def fit(self, X, y):
        self.mean = y.mean()
        return self

    def predict(self, X):
        return np.full(len(X), self.mean)


@pytest.mark.parametrize("kind", [Foreign, OfOnesOwn])
def test_the_error_of_a_first_prediction_says_that_it_was_never_fitted(kind):
    with pytest.raises(NotFittedError, match=f"{kind.__name__} given as `source` is not fitted"):
        Predictor(kind()).outputs([[1.0]])


# -- its columns --------------------------------------------------------------------------

PIPE = make_pipeline(_steps(), RandomForestClassifier(20, random_state=0)).fit(FRAME, LABELS)


@pytest.mark.parametrize(
    "form",
    [
        lambda X: X[["town", "wage", "age"]].assign(more=1.0),
        lambda X: pl.from_pandas(X),
        lambda X: pl.from_pandas(X).to_arrow(),
        lambda X: X.astype({"town": "category"}),
        lambda X: X.set_index(np.arange(200, 0, -1)),
    ],
    ids=["other order and more columns", "polars", "arrow", "categories", "another index"],
)
def test_the_estimator_gets_exactly_its_own_columns(form):
    found = Predictor(PIPE).outputs(form(FRAME))
    np.testing.assert_array_equal(found[:, 0], PIPE.predict_proba(FRAME)[:, 1])


@pytest.mark.parametrize("form", ["bsr", "dia", "lil", "dok"])
def test_sparse_tables_of_every_format_are_taken(form):
    X = NUMBERS.to_numpy()
    forest = RandomForestClassifier(5, random_state=0).fit(X, LABELS)
    model = TransferMLPClassifier(source=forest, strategy=Recalibrate("none"))
    table = sparse.csr_array(X).asformat(form)
    found = model.fit(table, LABELS).predict_proba(table)
    np.testing.assert_array_equal(found, model.predict_proba(X))


def test_arrays_and_sparse_tables_are_taken_by_position_and_arrays_of_named_columns_by_name():
    forest = RandomForestClassifier(5, random_state=0).fit(NUMBERS.to_numpy(), LABELS)
    expected = forest.predict_proba(NUMBERS.to_numpy())[:, 1]
    predictor = Predictor(forest)
    for table in (NUMBERS, sparse.csr_matrix(NUMBERS.to_numpy())):
        np.testing.assert_array_equal(predictor.outputs(table)[:, 0], expected)
    named = Predictor(RandomForestClassifier(5, random_state=0).fit(NUMBERS, LABELS))
    turned = NUMBERS[["wage", "age"]].to_numpy()
    for array in (turned, torch.tensor(turned.copy())):
        np.testing.assert_array_equal(named.outputs(array, ("wage", "age"))[:, 0], expected)
    with pytest.raises(SourceError, match=r"fitted on 2 columns.*which has 3"):
        predictor.outputs(np.ones((4, 3)))


@pytest.mark.parametrize("fitted_on", ["array", "numbered", "tuples"])
@pytest.mark.parametrize("strategy", [Recalibrate("none"), "trees"])
def test_a_table_without_names_stands_in_the_order_of_a_named_source(fitted_on, strategy):
    source = RandomForestClassifier(5, random_state=0).fit(NUMBERS, LABELS)
    names = [("of", name) for name in NUMBERS] if fitted_on == "tuples" else range(2)
    forms = [
        NUMBERS.to_numpy(),
        NUMBERS.set_axis(names, axis=1),
        pl.from_numpy(NUMBERS.to_numpy()),
        NUMBERS.set_axis(["a", "b"], axis=1),
    ]
    first = forms[0 if fitted_on == "array" else 1]
    model = TransferMLPClassifier(source=source, strategy=strategy, random_state=0)
    model.fit(first, LABELS)
    layers = SharedLayerTransformer(source=source).fit(first)
    expected, outputs = model.predict_proba(first), layers.transform(first)
    np.testing.assert_array_equal(outputs[:, 0], source.predict_proba(NUMBERS)[:, 1])
    for form in forms[: 2 if fitted_on != "array" else None]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "X has feature names")
            np.testing.assert_allclose(model.predict_proba(form), expected, atol=1e-6)
            np.testing.assert_allclose(layers.transform(form), outputs)


class ByName(ClassifierMixin, BaseEstimator):
    """Takes its columns by name from a frame, and notes neither their names nor their number."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.middle_ = X["wage"].mean()
        return self

    def predict(self, X):
        return self.classes_[(X["wage"] > self.middle_).to_numpy().astype(int)]


@pytest.mark.parametrize("form", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_an_estimator_without_a_note_of_its_columns_gets_the_frame(form):
    model = ByName().fit(FRAME, LABELS)
    table = FRAME.assign(age=FRAME["age"].where(FRAME.index > 5))  # not read by it
    found = Predictor(model).outputs(form(table))[:, 0]
    np.testing.assert_array_equal(found == 1, model.predict(FRAME) == model.classes_[1])
    with pytest.raises(SourceError, match=r"does not take these columns.*'wage'"):
        Predictor(model).outputs(form(FRAME.drop(columns="wage")))


@pytest.mark.parametrize("form", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_a_source_of_texts_gets_the_column_of_texts(form):
    texts = pd.Series(np.where(FRAME["age"] > FRAME["age"].median(), "long since", "new here"))
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, LABELS)
    table, expected = FRAME.assign(note=texts), model.predict_proba(texts)[:, 1]
    alone = form(table[["age", "note"]])
    np.testing.assert_allclose(Predictor(model).outputs(alone)[:, 0], expected)
    with pytest.raises(SourceError, match=r"one column of texts.*'town', 'note'"):
        Predictor(model).outputs(form(table))
    by_name = make_pipeline(FunctionTransformer(operator.itemgetter("note")), model)
    np.testing.assert_allclose(Predictor(by_name).outputs(form(table))[:, 0], expected)


def test_categories_are_those_that_the_estimator_knew():
    table = FRAME.astype({"town": "category"})
    boosting = HistGradientBoostingClassifier(max_iter=5).fit(table, LABELS)
    text = FRAME.assign(town=np.where(FRAME["town"] == "Lyon", "Turin", FRAME["town"]))
    unknown = table.assign(town=table["town"].cat.remove_categories("Lyon"))
    np.testing.assert_array_equal(
        Predictor(boosting).outputs(text)[:, 0], boosting.predict_proba(unknown)[:, 1]
    )


def test_columns_and_categories_of_other_names_are_the_estimators():
    predictor = Predictor(PIPE).renamed({"age": "Age"}, {"town": {"ulm": "Ulm"}})
    table = FRAME.rename(columns={"age": "Age"}).assign(town=FRAME["town"].replace("Ulm", "ulm"))
    np.testing.assert_array_equal(predictor.outputs(table)[:, 0], PIPE.predict_proba(FRAME)[:, 1])


def _records(X):
    return X.to_dict("records")


@pytest.mark.parametrize("last", [LogisticRegression(), MLPClassifier((4,), max_iter=5)])
def test_numbers_as_text_reach_a_source_of_records_as_numbers_and_levels_are_matched(last):
    steps = FunctionTransformer(_records), DictVectorizer(sparse=False), StandardScaler()
    source = make_pipeline(*steps, clone(last)).fit(FRAME, LABELS)
    texts = FRAME.assign(age=FRAME["age"].astype(str), town=FRAME["town"].str.upper())
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    found = model.fit(texts, LABELS).predict_proba(texts)
    expected = source.predict_proba(FRAME)  # at most e^-8 is left of what it is sure of
    np.testing.assert_allclose(found, expected, atol=6e-4)


@pytest.mark.parametrize("form", [pd.DataFrame, pl.from_pandas])
@pytest.mark.parametrize("is_sparse", [True, False])
def test_an_estimator_of_records_takes_the_rows_of_a_table(is_sparse, form):
    source = make_pipeline(DictVectorizer(sparse=is_sparse), LogisticRegression(max_iter=500))
    source.fit(_records(FRAME), LABELS)
    searched = GridSearchCV(clone(source), {"logisticregression__C": [1.0]}, cv=2)
    searched.fit(_records(FRAME), LABELS)
    texts = FRAME.assign(age=FRAME["age"].astype(str))[["town", "wage", "age"]]
    expected = source.predict_proba(_records(FRAME))[:, 1]
    for given in (source, searched, FrozenEstimator(source)):
        for table in (FRAME, texts, FRAME.assign(other=1.0)):
            found = Predictor(given).outputs(form(table))[:, 0]
            np.testing.assert_allclose(found, expected, atol=1e-6)
    lacking = Predictor(source, X_sample=FRAME).outputs(form(NUMBERS[["age"]].assign(town="Ulm")))
    usual = FRAME.assign(town="Ulm", wage=FRAME["wage"].mean())
    np.testing.assert_allclose(lacking, source.predict_proba(_records(usual))[:, 1:], atol=1e-6)


def test_a_network_behind_records_is_a_source_of_layers_for_tables():
    steps = DictVectorizer(sparse=False), StandardScaler()
    source = make_pipeline(*steps, MLPClassifier((4,), max_iter=5)).fit(_records(FRAME), LABELS)
    model = TransferMLPClassifier(source=source, strategy="keep_head", max_iter=1)
    model.fit(FRAME.assign(town=FRAME["town"].str.upper()), LABELS)
    assert model.coefs_[0].shape[1] == 4
    found = describe_source(source).predictor.outputs(FRAME)[:, 0]
    np.testing.assert_allclose(found, source.predict_proba(_records(FRAME))[:, 1])


@pytest.mark.parametrize("has_function", [False, True])
def test_numbers_as_text_reach_hashed_records_as_numbers_where_the_source_had_such(has_function):
    steps = [FeatureHasher(2**10), LogisticRegression(max_iter=500)]
    codes = FRAME.assign(code=np.where(FRAME["age"] > 40, "17", "23"))
    given = codes if has_function else _records(codes)
    if has_function:
        steps.insert(0, FunctionTransformer(_records))
    source = make_pipeline(*steps).fit(given, LABELS)
    expected = source.predict_proba(given)[:, 1]
    for table in (codes, codes.astype({"age": str, "wage": str})):
        np.testing.assert_allclose(Predictor(source).outputs(table)[:, 0], expected)


# -- columns that a table lacks -----------------------------------------------------------


def test_a_missing_entry_stands_for_a_column_where_the_estimator_takes_it():
    boosting = HistGradientBoostingClassifier(max_iter=5).fit(NUMBERS, LABELS)
    np.testing.assert_array_equal(
        Predictor(boosting, X_sample=NUMBERS).outputs(NUMBERS[["age"]])[:, 0],
        boosting.predict_proba(NUMBERS.assign(wage=np.nan))[:, 1],
    )


def test_what_a_pipeline_knows_stands_for_a_column():
    np.testing.assert_array_equal(
        Predictor(PIPE).outputs(FRAME[["wage", "town"]])[:, 0],
        PIPE.predict_proba(FRAME.assign(age=FRAME["age"].mean()))[:, 1],
    )
    scaled = make_pipeline(StandardScaler(), LogisticRegression()).fit(NUMBERS, LABELS)
    for source in (scaled, CalibratedClassifierCV(FrozenEstimator(scaled)).fit(NUMBERS, LABELS)):
        found = Predictor(source).outputs(NUMBERS[["age"]])[:, 0]
        expected = source.predict_proba(NUMBERS.assign(wage=NUMBERS["wage"].mean()))[:, 1]
        np.testing.assert_allclose(found, expected)


def test_the_most_frequent_category_stands_for_a_column_where_a_scaler_knows_it():
    steps = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["town"]), remainder="passthrough"
    )
    source = make_pipeline(steps, StandardScaler(), LogisticRegression()).fit(FRAME, LABELS)
    np.testing.assert_allclose(
        Predictor(source).outputs(NUMBERS)[:, 0],
        source.predict_proba(FRAME.assign(town="Ulm"))[:, 1],
    )


def test_a_sample_of_its_rows_stands_for_a_column_and_is_not_kept():
    regression = LogisticRegression().fit(NUMBERS, LABELS)
    predictor = Predictor(regression, X_sample=NUMBERS[:50])
    expected = regression.predict_proba(NUMBERS.assign(wage=NUMBERS["wage"][:50].mean()))[:, 1]
    np.testing.assert_allclose(predictor.outputs(NUMBERS[["age"]])[:, 0], expected)
    assert len(pickle.dumps(predictor)) < 2000
    mode = Predictor(PIPE, X_sample=FRAME).outputs(NUMBERS)[:, 0]
    np.testing.assert_array_equal(mode, PIPE.predict_proba(FRAME.assign(town="Ulm"))[:, 1])


def test_a_column_for_which_nothing_stands_is_named():
    regression = LogisticRegression().fit(NUMBERS, LABELS)
    with pytest.raises(SourceError, match=r"lacks 'wage'.*LogisticRegression.*X_sample"):
        Predictor(regression).outputs(NUMBERS[["age"]])
    voting = VotingClassifier([("a", LogisticRegression())]).fit(NUMBERS, LABELS)
    with pytest.raises(SourceError, match="lacks 'wage'"):
        Predictor(voting).outputs(NUMBERS[["age"]])
    with pytest.raises(SourceError, match="none is matched"):
        Predictor(regression).outputs(NUMBERS.rename(columns=str.upper))


@pytest.mark.parametrize("form", [lambda X: X, pl.from_pandas, pd.DataFrame.convert_dtypes])
def test_missing_numbers_are_filled_where_the_estimator_takes_none(form):
    regression = make_pipeline(StandardScaler(), LogisticRegression()).fit(NUMBERS, LABELS)
    holes = NUMBERS[:9].copy()
    holes.iloc[::2, 1] = np.nan
    filled = holes.fillna(NUMBERS.mean())
    expected = regression.predict_proba(filled)[:, 1]
    np.testing.assert_allclose(Predictor(regression).outputs(form(holes))[:, 0], expected)
    by_position = make_pipeline(StandardScaler(), LogisticRegression())
    by_position.fit(NUMBERS.to_numpy(), LABELS)
    out = Predictor(by_position).outputs(holes.to_numpy())[:, 0]
    np.testing.assert_allclose(out, expected)


def test_missing_numbers_for_which_nothing_stands_are_named():
    regression = LogisticRegression().fit(NUMBERS, LABELS)
    holes = NUMBERS.assign(wage=np.nan)
    with pytest.raises(SourceError, match=r"missing entries in 'wage'.*LogisticRegr.*X_sample"):
        Predictor(regression).outputs(holes)
    usual = Predictor(regression, X_sample=NUMBERS).outputs(holes)[:, 0]
    expected = regression.predict_proba(NUMBERS.assign(wage=NUMBERS["wage"].mean()))[:, 1]
    np.testing.assert_allclose(usual, expected)


def test_a_table_that_the_estimator_refuses_is_an_error_about_the_source():
    with pytest.raises(SourceError, match=r"RandomForest.*does not take.*predict_proba raised"):
        Predictor(PIPE).outputs(np.zeros((3, 3)))


# -- as a source --------------------------------------------------------------------------


def test_a_source_with_layers_has_its_predictions_too():
    network = MLPClassifier((4,), max_iter=5, random_state=0).fit(NUMBERS, LABELS)
    source = describe_source(network)
    assert source.layers
    np.testing.assert_array_equal(
        source.predictor.outputs(NUMBERS)[:, 0], network.predict_proba(NUMBERS)[:, 1]
    )


def test_a_strategy_that_starts_from_layers_says_that_there_are_none():
    model = TransferMLPClassifier(source=PIPE, strategy="l2_sp")
    with pytest.raises(
        SourceLayersError, match=r"\(RandomForestClassifier\) has.*no layers, .*'recalibrate'"
    ):
        model.fit(FRAME, LABELS)
    tasks = {"label": LABELS, "age": FRAME["age"]}
    with pytest.raises(SourceLayersError, match="one TransferMLPClassifier or"):
        MultiTaskMLP(source=PIPE).fit(FRAME, tasks)
    with pytest.raises(SourceLayersError, match="layers='hidden' asks"):
        SharedLayerTransformer(PIPE, layers="hidden").fit(FRAME)


def test_predictions_are_columns_of_the_transformer_and_what_is_ranked():
    model = SharedLayerTransformer(PIPE, passthrough=True).fit(NUMBERS)
    assert model.get_feature_names_out().tolist() == ["age", "wage", "source_output"]
    expected = Predictor(PIPE).outputs(NUMBERS)[:, 0]
    np.testing.assert_array_equal(model.transform(NUMBERS)[:, 2], expected)
    grades = RandomForestClassifier(5, random_state=0).fit(NUMBERS, GRADES)
    model = SharedLayerTransformer(grades).set_output(transform="pandas").fit(NUMBERS)
    assert list(model.transform(NUMBERS)) == [f"source_output_{grade}" for grade in (0, 1, 2)]
    noise = np.random.default_rng(0).permutation(LABELS)
    strange = RandomForestClassifier(5, random_state=0).fit(NUMBERS, noise)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ranked = rank_sources({"strange": strange, "own": PIPE}, FRAME, LABELS, method="leep")
    assert ranked["source"].tolist() == ["own", "strange"]


def test_predictors_survive_clones_grids_and_pickling():
    predictor = Predictor(PIPE, X_sample=FRAME)
    model = TransferMLPClassifier(source=predictor, strategy="scratch", max_iter=2)
    assert clone(model).source is predictor
    grid = GridSearchCV(model, {"source": [predictor, FrozenEstimator(PIPE), None]}, cv=2)
    assert hasattr(grid.fit(FRAME, LABELS), "best_estimator_")
    again = pickle.loads(pickle.dumps(predictor))
    np.testing.assert_array_equal(again.outputs(FRAME), predictor.outputs(FRAME))


def test_an_estimator_is_packed_by_skops_as_far_as_that_is_trusted():
    pytest.importorskip("skops")
    source = describe_source(PIPE)
    kept = savable(source).predictor
    assert kept.data.dtype == np.uint8
    np.testing.assert_array_equal(kept.outputs(FRAME), source.predictor.outputs(FRAME))
    assert packed(kept) is kept
    boosting = HistGradientBoostingClassifier(max_iter=2, categorical_features="from_dtype")
    boosting.fit(FRAME.astype({"town": "category"}), LABELS)
    kept = packed(Predictor(boosting))
    np.testing.assert_array_equal(kept.outputs(FRAME), Predictor(boosting).outputs(FRAME))
    with pytest.raises(NotSavableError, match=r"does not trust.*Rule.*joblib.dump"):
        packed(Predictor(Rule().fit(NUMBERS, LABELS)))
    network = describe_source(MLPClassifier((4,), max_iter=2).fit(NUMBERS, LABELS))
    assert savable(network).predictor is None


def test_an_estimator_of_several_tasks_is_refused_as_a_source_by_predictions():
    tasks = MultiTaskMLP(hidden_layer_sizes=(3,), max_iter=1, random_state=0)
    tasks.fit(NUMBERS, {"label": LABELS, "grade": GRADES})
    with pytest.raises(SourceKindError, match="predicts several targets"):
        Predictor(tasks).outputs(NUMBERS)


def test_a_constant_is_a_source_too():
    source = describe_source(DummyRegressor().fit(NUMBERS, GRADES))
    np.testing.assert_allclose(source.predictor.outputs(NUMBERS), GRADES.mean())


def test_a_saved_tree_that_leads_out_of_itself_is_refused():
    kept = packed(Predictor(RandomForestClassifier(2, random_state=0).fit(NUMBERS, LABELS)))
    tree = kept.estimator.estimators_[0].tree_
    state = tree.__getstate__()
    state["nodes"]["left_child"][0] = 10_000
    tree.__setstate__(state)
    changed = packed(Predictor(kept.estimator))
    with pytest.raises(SourceFormatError, match="node that is not in it"):
        changed.outputs(NUMBERS)


def test_a_regressor_with_an_empty_list_of_classes_is_one():
    class Line(RegressorMixin, BaseEstimator):
        """As CatBoostRegressor is."""

        def fit(self, X, y):
            self.n_features_in_, self.slope_ = 2, np.linalg.lstsq(X, y, rcond=None)[0]
            self.classes_ = np.array([], dtype=object)
            return self

        def predict(self, X):
            return np.asarray(X) @ self.slope_

    X = np.random.RandomState(0).standard_normal((200, 2))
    y = X @ [2.0, -1.0]
    source = Line().fit(X, y)
    target = TransferMLPRegressor(source=source, strategy="recalibrate").fit(X[:30], y[:30])
    assert target.score(X[30:], y[30:]) > 0.999


class _Wrapped:
    """A class of one's own around a classifier, with or without a note of its classes."""

    def __init__(self, model, classes=None):
        self.model = model
        if classes is not None:
            self.classes_ = classes

    def predict(self, X):
        return self.model.predict(X)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_classes_may_be_held_in_any_sequence(kind):
    model = LogisticRegression().fit([[0.0], [1.0], [2.0]], ["a", "b", "c"])
    source = Predictor(_Wrapped(model, kind(["a", "b", "c"])))
    assert source.target.kind == "multiclass"
    np.testing.assert_array_equal(source.outputs([[-5.0], [9.0]]), [[1, 0, 0], [0, 0, 1]])


def test_labels_without_classes_are_refused_with_what_to_add():
    model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    with pytest.raises(SourceError, match=r"such as no and has no classes_; .*: set classes_"):
        Predictor(_Wrapped(model)).outputs([[0.0], [9.0]])


@pytest.mark.parametrize(
    "model", [HistGradientBoostingClassifier(), make_pipeline(StandardScaler(), Perceptron())]
)
def test_words_where_an_estimator_had_numbers_are_named_with_their_column(model):
    numbers = pd.DataFrame({"self": np.arange(40) % 4, "senior": np.arange(40) % 2})
    model.fit(numbers, LABELS[:40])
    texts = numbers.astype({"self": str})  # a name that is also a parameter of pandas' assign
    expected = Predictor(model).outputs(numbers)
    np.testing.assert_array_equal(Predictor(model).outputs(texts), expected)
    words = numbers.assign(senior=numbers["senior"].map({0: "junior", 1: "senior"}))
    with pytest.raises(SourceError, match=r"X\['senior'\] has words, such as 'junior'.*\.map"):
        Predictor(model).outputs(words)


@pytest.mark.parametrize("last", [LogisticRegression(), MLPClassifier((4,), max_iter=2)])
def test_a_text_that_is_missing_has_no_words_among_other_columns(last):
    notes = np.where(FRAME["age"] > FRAME["age"].median(), "long since", "new here")
    table = FRAME[["age"]].assign(note=notes)
    columns = make_column_transformer((CountVectorizer(), "note"), (StandardScaler(), ["age"]))
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model = make_pipeline(columns, last).fit(table, LABELS)
    gaps = table.assign(note=table["note"].where(FRAME.index % 3 > 0))
    without = table.assign(note="")
    for X, expected in ((gaps, gaps.fillna({"note": ""})), (table[["age"]], without)):
        target = TransferMLPClassifier(source=model, strategy=Recalibrate("none"))
        found = target.fit(X[:40], LABELS[:40]).predict_proba(X)
        np.testing.assert_allclose(found, model.predict_proba(expected), atol=1e-3)


def test_texts_stay_texts_where_other_columns_are_read_as_what_they_seem():
    notes = np.where(FRAME["age"] > FRAME["age"].median(), "77", "99")
    table = FRAME[["wage"]].abs().assign(note=notes)
    columns = make_column_transformer(
        (CountVectorizer(), "note"), (FunctionTransformer(lambda X: np.log1p(X)), ["wage"])
    )
    model = make_pipeline(columns, LogisticRegression()).fit(table, LABELS)
    found = Predictor(model).outputs(table.astype({"wage": str}))
    np.testing.assert_allclose(found[:, 0], model.predict_proba(table)[:, 1])


class OfArrays:
    """Predicts arrays, and notes nothing about their columns."""

    def predict(self, X):
        return X[:, 0] + X[:, 1]


def test_an_estimator_without_a_note_of_its_columns_may_take_arrays_alone():
    expected = OfArrays().predict(NUMBERS.to_numpy())
    np.testing.assert_allclose(Predictor(OfArrays()).outputs(NUMBERS)[:, 0], expected)


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("levels", [(False, True), ("no", "yes"), (1, 2)])
def test_categories_among_objects_reach_scikit_learns_boosting_as_objects(levels, missing):
    flag = pd.Series([[*levels, missing][i % 3] for i in range(120)], dtype=object)
    frame = pd.DataFrame({"flag": flag, "size": np.arange(120.0) % 7})
    label = (np.arange(120) % 3 == 2) | (frame["size"] > 4)
    boosting = HistGradientBoostingClassifier(max_iter=5, categorical_features=["flag"])
    boosting.fit(frame, label)
    expected = boosting.predict_proba(frame)
    for table in (frame, frame.assign(flag=flag.astype("category")), frame[["size", "flag"]]):
        found = Predictor(boosting).outputs(table)[:, 0]
        np.testing.assert_allclose(found, expected[:, 1])
