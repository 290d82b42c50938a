"""Exported models: onnxruntime answers what the estimator answers."""

import numpy as np
import pandas as pd
import pytest
from fitted import model_of, one_fast_in
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PowerTransformer, StandardScaler

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.export import to_onnx
from sktransfer.strategies import (
    Boosting,
    EstimatorMember,
    Smooth,
    Tangent,
    Trees,
    WeightedEnsemble,
)

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sktransfer.exceptions.TransferWarning",
)

X, y = load_wine(return_X_y=True)
NUMBERS, PROGRESS = load_diabetes(return_X_y=True)
#: An ensemble of all kinds of members that ONNX has nodes for.
EXPORTED = WeightedEnsemble(
    {
        "near": "l2_sp",
        "probe": "probe",
        "trees": "trees",
        "linear": "linear",
        "own_trees": Trees(on_source=False),
        "own_boosting": Boosting(on_source=False),
    }
)
SETTINGS = {"hidden_layer_sizes": (16, 8), "max_iter": 5, "random_state": 0}


def _answers(model, table):
    """Outputs of the exported model by name."""
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    data = to_onnx(model).SerializeToString()
    session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, table), strict=True))


@pytest.fixture(scope="module")
def source():
    return TransferMLPClassifier(**SETTINGS).fit(X[::2], y[::2] > 0)


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_a_classifier_predicts_the_same(dtype, tolerance, activation):
    table = X.astype(dtype)
    model = TransferMLPClassifier(activation=activation, **SETTINGS).fit(table[::2], y[::2])
    got = _answers(model, {"X": table})
    assert got["probabilities"].dtype == dtype
    np.testing.assert_allclose(
        got["probabilities"], model.predict_proba(table), rtol=0, atol=tolerance
    )
    np.testing.assert_array_equal(got["label"], model.predict(table))


@pytest.mark.parametrize("labels", [["a", "b", "c"], [10, 20, 30], [1.0, 2.0, 4.0]])
def test_labels_are_the_users(source, labels):
    named = np.array(labels)[y]
    model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=5, random_state=0)
    got = _answers(model.fit(X[1::2], named[1::2]), {"X": X})
    assert got["label"].tolist() == model.predict(X).tolist()


def test_two_classes_have_two_probabilities(source):
    got = _answers(source, {"X": X})
    np.testing.assert_allclose(got["probabilities"], source.predict_proba(X), atol=1e-12)
    assert got["label"].tolist() == source.predict(X).tolist()


@pytest.mark.parametrize("strategy", ["trees", "boosting"])
def test_trees_without_a_source_predict_the_same(strategy):
    rows = X.astype(np.float32)
    model = TransferMLPClassifier(strategy=strategy, random_state=0).fit(rows, y)
    found = _answers(model, {"X": rows})["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(rows), atol=1e-5)


def test_several_labels_at_once():
    labels = np.column_stack([y > 0, y > 1, X[:, 0] > 13]).astype(int)
    model = TransferMLPClassifier(**SETTINGS).fit(X, labels)
    got = _answers(model, {"X": X})
    np.testing.assert_allclose(got["probabilities"], model.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(got["label"], model.predict(X))


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "poisson", "gamma"])
@pytest.mark.parametrize("standardize", [True, False])
def test_a_regressor_predicts_in_the_users_unit(loss, standardize):
    model = TransferMLPRegressor(loss, standardize=standardize, **SETTINGS).fit(NUMBERS, PROGRESS)
    got = _answers(model, {"X": NUMBERS})["prediction"]
    np.testing.assert_allclose(got.ravel(), model.predict(NUMBERS), rtol=1e-9)


def test_a_regressor_of_several_outputs():
    both = np.column_stack([PROGRESS, -PROGRESS])
    model = TransferMLPRegressor(**SETTINGS).fit(NUMBERS, both)
    got = _answers(model, {"X": NUMBERS})["prediction"]
    np.testing.assert_allclose(got, model.predict(NUMBERS), rtol=1e-9)


def test_missing_numbers_stand_for_what_they_stand_for_in_predict():
    holes = NUMBERS.copy()
    holes[np.random.default_rng(0).random(holes.shape) < 0.2] = np.nan
    model = TransferMLPRegressor(**SETTINGS).fit(holes, PROGRESS)
    got = _answers(model, {"X": holes})["prediction"]
    np.testing.assert_allclose(got.ravel(), model.predict(holes), rtol=1e-9)


@pytest.fixture
def cars():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(120) < 0.1, np.nan, rng.uniform(0, 20, 120)),
            "fuel": rng.choice(["petrol", "diesel", "electric"], 120),
            "gears": rng.choice(["manual", "automatic"], 120),
            "used": rng.random(120) < 0.5,
        }
    )
    frame.loc[::7, ["fuel", "gears"]] = None
    price = 30 - frame["age"].fillna(10) + 3 * (frame["fuel"] == "electric")
    return frame, price.to_numpy()


def _columns(frame):
    """A frame as inputs of an exported model."""
    numbers = {name: frame[[name]].to_numpy(np.float64) for name in ("age", "used")}
    texts = {n: frame[[n]].fillna("?").to_numpy().astype(object) for n in ("fuel", "gears")}
    return numbers | texts


@pytest.mark.parametrize("strategy", ["l2_sp", EXPORTED])
def test_a_table_with_categories_has_an_input_per_column(cars, strategy):
    frame, price = cars
    old = TransferMLPRegressor(**SETTINGS).fit(frame[:60], price[:60])
    model = TransferMLPRegressor(source=old, strategy=strategy, max_iter=5, random_state=0)
    model.fit(frame[60:], price[60:])
    unseen = frame.copy()
    unseen.loc[:10, "fuel"] = "gas"
    got = _answers(model, _columns(unseen))["prediction"]
    np.testing.assert_allclose(got.ravel(), model.predict(unseen), rtol=1e-5)


def test_a_source_may_part_missing_categories_from_unseen_ones(cars):
    frame, price = cars
    encode = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0)
    source = make_pipeline(make_column_transformer((encode, ["fuel"])), network)
    source.fit(frame[["fuel"]], price)
    model = TransferMLPRegressor(source=source, strategy="l2_sp", max_iter=5, random_state=0)
    model.fit(frame[["fuel"]], price)
    texts = np.array([["petrol"], ["gas"], [""]], object)
    got = _answers(model, {"fuel": texts})["prediction"]
    expected = model.predict(pd.DataFrame({"fuel": ["petrol", "gas", None]}))
    np.testing.assert_allclose(got.ravel(), expected, rtol=1e-5)
    assert abs(expected[1] - expected[2]) > 1e-3


@pytest.mark.parametrize("kind", one_fast_in(3, ["numbers", "classes", "two classes"]))
def test_an_ensemble_predicts_the_same(source, kind):
    table, answer = (NUMBERS, PROGRESS) if kind == "numbers" else (X, y)
    if kind == "two classes":
        answer = y > 1
    estimator = TransferMLPRegressor if kind == "numbers" else TransferMLPClassifier
    old = estimator(**SETTINGS).fit(table[::3], answer[::3])
    model = estimator(source=old, strategy=EXPORTED, random_state=0)
    model.fit(table[1::2], answer[1::2])
    weights = model.member_weights_
    assert {"trees", "own_trees", "own_boosting"} & set(weights), weights
    assert {"near", "probe", "linear"} & set(weights), weights
    got = _answers(model, {"X": table})
    if kind == "numbers":
        np.testing.assert_allclose(got["prediction"].ravel(), model.predict(table), rtol=1e-5)
    else:
        np.testing.assert_allclose(got["probabilities"], model.predict_proba(table), atol=1e-6)
        assert got["label"].tolist() == model.predict(table).tolist()


def test_one_row_and_none_are_tables_too(source):
    for n in (0, 1):
        assert _answers(source, {"X": X[:n]})["probabilities"].shape == (n, 2)


def test_a_pipeline_is_joined_from_two_models():
    skl2onnx = pytest.importorskip("skl2onnx")
    table = X.astype(np.float32)
    pipe = make_pipeline(StandardScaler(), TransferMLPClassifier(**SETTINGS)).fit(table, y)
    before = skl2onnx.to_onnx(pipe[:-1], table[:1], target_opset={"": 17, "ai.onnx.ml": 3})
    network = to_onnx(pipe[-1])
    whole = onnx.compose.merge_models(
        onnx.compose.add_prefix(before, "before_"),
        network,
        io_map=[("before_variable", "X")],
    )
    session = runtime.InferenceSession(
        whole.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (name,) = (value.name for value in session.get_inputs())
    _, probabilities = session.run(None, {name: table})
    np.testing.assert_allclose(probabilities, pipe.predict_proba(table), atol=1e-5)


@pytest.mark.parametrize("unit", ["D", "h"])  # dates, and times within the day
def test_datetimes_are_days_since_1970(cars, unit):
    frame, price = cars
    days = np.random.default_rng(0).uniform(-3000, 20_000, len(frame)).astype("timedelta64[D]")
    sold = pd.Series(np.datetime64("1970-01-01") + days + np.timedelta64(7, unit))
    frame = frame.assign(sold=sold.mask(np.arange(len(frame)) == 1).to_numpy())
    model = TransferMLPRegressor(**SETTINGS).fit(frame, price)
    since_1970 = (frame["sold"] - pd.Timestamp(0)) / pd.Timedelta(days=1)
    columns = _columns(frame) | {"sold": since_1970.to_numpy(np.float64)[:, None]}
    found = _answers(model, columns)["prediction"].ravel()
    np.testing.assert_allclose(found, model.predict(frame), rtol=1e-5)


def test_durations_are_seconds_and_columns_may_be_called_as_nodes(cars):
    frame, price = cars
    frame = frame[["age"]].assign(n2=pd.to_timedelta(np.arange(120) % 50, unit="h"))
    model = TransferMLPRegressor(**SETTINGS).fit(frame, price)
    seconds = frame[["n2"]].apply(lambda column: column.dt.total_seconds()).to_numpy()
    found = _answers(model, {"age": frame[["age"]].to_numpy(), "n2": seconds})["prediction"]
    np.testing.assert_allclose(found.ravel(), model.predict(frame), rtol=1e-5)


# -- what has no counterpart --------------------------------------------------------------


def test_hashed_levels_are_refused_by_name(cars):
    # beyond 256 levels, those of one row share buckets
    frame = pd.DataFrame({"town": [f"t{i % 300}" for i in range(500)]})
    model = TransferMLPRegressor(**SETTINGS).fit(frame, np.arange(500.0))
    with pytest.raises(ValueError, match=r"'town'.*Merge rare levels"):
        to_onnx(model)


@pytest.mark.parametrize("strategy", ["l2_sp", WeightedEnsemble(["linear", "l2_sp"], cv=2)])
def test_a_sources_own_preprocessing_is_refused(strategy):
    table = pd.DataFrame(NUMBERS, columns=[f"x{i}" for i in range(10)])
    scaler = PowerTransformer().set_output(transform="pandas")
    network = MLPRegressor(hidden_layer_sizes=8, max_iter=5, random_state=0)
    old = make_pipeline(scaler, network).fit(table, PROGRESS)
    model = TransferMLPRegressor(source=old, strategy=strategy, max_iter=5, random_state=0)
    model.fit(table[:100], PROGRESS[:100])
    with pytest.raises(ValueError, match="skl2onnx"):
        to_onnx(model)


MADE_OF = r"networks, linear read-outs and trees.*such as strategy='l2_sp'"


def test_members_in_closed_form_are_refused_by_name():
    old = TransferMLPRegressor(**SETTINGS).fit(NUMBERS[::2], PROGRESS[::2])
    strategy = WeightedEnsemble({"tangent": Tangent(), "own_smooth": Smooth(on_source=False)})
    model = TransferMLPRegressor(source=old, strategy=strategy, random_state=0)
    model.fit(NUMBERS[1:100:2], PROGRESS[1:100:2])
    both = {one.name for one in model_of(model).members} & {"tangent", "own_smooth"}
    assert both
    for name in both:
        with pytest.raises(ValueError, match=f"'{name}' is fitted in closed form.*{MADE_OF}"):
            to_onnx(model)


def test_a_source_that_is_read_by_its_predictions_is_refused():
    forest = RandomForestRegressor(5, random_state=0).fit(NUMBERS[::2], PROGRESS[::2])
    model = TransferMLPRegressor(source=forest, strategy="recalibrate", random_state=0)
    model.fit(NUMBERS[1:100:2], PROGRESS[1:100:2])
    reason = f"member 'recalibrate'.*reads the predictions of its source.*Forest.*{MADE_OF}"
    with pytest.raises(ValueError, match=reason):
        to_onnx(model)


def test_other_packages_estimators_are_refused_by_name():
    strategy = WeightedEnsemble(
        {"forest": EstimatorMember(RandomForestRegressor(5)), "net": "scratch"}
    )
    model = TransferMLPRegressor(strategy=strategy, max_iter=2, random_state=0)
    model.fit(NUMBERS[:100], PROGRESS[:100])
    with pytest.raises(ValueError, match=f"'forest' predicts with a RandomForest.*{MADE_OF}"):
        to_onnx(model)


def test_several_tasks_are_refused():
    model = MultiTaskMLP((4,), max_iter=1).fit(X, {"kind": y, "alcohol": X[:, 0]})
    with pytest.raises(ValueError, match="MultiTaskMLP"):
        to_onnx(model)


def test_an_unfitted_estimator_is_refused():
    with pytest.raises(NotFittedError):
        to_onnx(TransferMLPClassifier())


def test_a_pipeline_is_refused_by_its_kind():
    with pytest.raises(TypeError, match="is a Pipeline; expected one of sktransfer"):
        to_onnx(make_pipeline(TransferMLPClassifier()))


@pytest.mark.parametrize("name", ["label", "prediction", ""])
def test_columns_that_are_called_as_outputs_are_refused(cars, name):
    frame, price = cars
    model = TransferMLPRegressor(**SETTINGS).fit(frame.rename(columns={"age": name}), price)
    with pytest.raises(ValueError, match=rf"a column '{name}', which .* Rename it before fit"):
        to_onnx(model)
