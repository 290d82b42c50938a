"""Categories that the encoder of a source was not fitted on, and columns without any entry."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import lighter
from numpy.testing import assert_allclose
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, VotingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)

from sktransfer import TransferMLPRegressor, load
from sktransfer.exceptions import SourceError, TransferWarning
from sktransfer.sources import Predictor
from sktransfer.strategies import Recalibrate

_RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "town": _RNG.choice(["Ghent", "Lyon", "Ulm"], 120),
        "size": _RNG.integers(1, 4, 120),
        "age": _RNG.normal(40, 10, 120),
    }
)
AMOUNTS = TABLE["age"] + 9 * (TABLE["town"] == "Lyon") + 5 * TABLE["size"]


def _source(encoder, last=None, columns=("town",)):
    steps = make_column_transformer((encoder, list(columns)), remainder="passthrough")
    return make_pipeline(steps, last or HistGradientBoostingRegressor(max_iter=20))


def _constant(**ignore):
    fill = SimpleImputer(strategy="constant", fill_value="none")
    return make_pipeline(fill, OneHotEncoder(**ignore))


_IGNORE = {"handle_unknown": "ignore"}
_AS_MINUS_ONE = {"handle_unknown": "use_encoded_value", "unknown_value": -1}


@pytest.mark.parametrize("form", ["pipeline", "vote", "search", "array"])
@pytest.mark.parametrize(
    ("raises", "ignores"),
    [
        (OneHotEncoder(), OneHotEncoder(**_IGNORE)),
        (OrdinalEncoder(), OrdinalEncoder(**_AS_MINUS_ONE)),
        (OrdinalEncoder(dtype=np.uint8), OrdinalEncoder(**_AS_MINUS_ONE)),
        (_constant(), _constant(**_IGNORE)),
    ],
    ids=["one-hot", "ordinal", "unsigned", "imputed"],
)
def test_an_encoder_that_raises_for_other_categories_reads_them_as_none(raises, ignores, form):
    columns = [0] if form == "array" else ["town"]
    given = TABLE.to_numpy() if form == "array" else TABLE
    source, lenient = _source(raises, columns=columns), _source(ignores, columns=columns)
    lenient.fit(given, AMOUNTS)
    if form == "vote":
        source = VotingRegressor([("one", source)])
    if form == "search":
        source = FrozenEstimator(GridSearchCV(source, {}, cv=2).fit(given, AMOUNTS))
    source.fit(given, AMOUNTS)
    is_other = np.arange(120) < 20
    for entry in ("Bern", None, pd.NA):
        X = TABLE.assign(town=TABLE["town"].astype(object).mask(is_other, entry))
        known = X.assign(town=X["town"].where(X["town"].notna(), np.nan))
        expected = lenient.predict(known.to_numpy() if form == "array" else known)
        assert_allclose(Predictor(source).outputs(X)[:, 0], expected)
        assert_allclose(Predictor(source).outputs(X[:1])[:, 0], expected[:1])
    with pytest.raises(ValueError, match="unknown categories"):
        source.predict(known.to_numpy() if form == "array" else known)  # itself is as it was


@pytest.mark.parametrize("strategy", ["auto", "l2_sp"])
@pytest.mark.parametrize(
    "steps",
    [
        [PolynomialFeatures(2)],
        [QuantileTransformer(n_quantiles=20)],
        [FunctionTransformer(), StandardScaler()],
    ],
)
def test_a_network_behind_other_steps_reads_other_categories_as_none(steps, strategy):
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)
    encode = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["town"]), remainder="passthrough"
    )
    source = make_pipeline(_OwnFunction(), encode, *steps, network)
    source.fit(TABLE, AMOUNTS)
    params = {"strategy": lighter(strategy), "max_iter": 5, "random_state": 0}
    model = TransferMLPRegressor(source=source, **params)
    model.fit(TABLE[:60].assign(town=TABLE["town"][:60].replace("Ulm", "Bern")), AMOUNTS[:60])
    for town in ("Basel", None, np.nan):
        assert np.isfinite(model.predict(TABLE[:3].assign(town=town))).all()


_AS_RARE = {"handle_unknown": "infrequent_if_exist", "min_frequency": 30}


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(**_IGNORE),
        OneHotEncoder(**_IGNORE, drop="first"),
        OneHotEncoder(**_AS_RARE),
        OrdinalEncoder(**_AS_MINUS_ONE, encoded_missing_value=-2),
        make_pipeline(OrdinalEncoder(**_AS_MINUS_ONE), SimpleImputer(add_indicator=True)),
        TargetEncoder(target_type="continuous"),
    ],
    ids=["one-hot", "dropped", "rare", "ordinal", "imputed codes", "means"],
)
@pytest.mark.parametrize("fill", [None, "most_frequent", "constant"])
@pytest.mark.parametrize("has_missing", [True, False])
def test_a_network_reads_missing_and_unseen_categories_as_its_own_steps_do(
    encoder, fill, has_missing, tmp_path
):
    old = TABLE["town"].astype(object)
    X = TABLE.assign(town=old.mask(np.arange(120) % 5 == 0, np.nan) if has_missing else old)
    encode = make_pipeline(SimpleImputer(strategy=fill), encoder) if fill else encoder
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)
    source = make_pipeline(
        make_column_transformer((encode, ["town"]), (StandardScaler(), ["age"])), network
    )
    source.fit(X, AMOUNTS)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(X[:60].assign(town=X["town"][:60].replace("Ulm", "Bern")), AMOUNTS[:60])
    towns = ["Basel", "Bern", "Lyon", "Ulm", "", None]
    asked = pd.DataFrame({"town": towns, "size": 1, "age": 40.0})
    for one in (asked[:5], asked[5:], asked):
        expected = source.predict(one)
        assert_allclose(model.predict(one), expected, rtol=1e-5)
        assert_allclose(Predictor(source).outputs(one)[:, 0], expected)
        assert_allclose(model.predict(one.astype({"town": "string"})), expected, rtol=1e-5)
    model.save(tmp_path)
    assert_allclose(load(tmp_path).predict(asked), model.predict(asked))
    names = {row.name for row in model.transfer_report_.rows if row.part == "category"}
    assert all(name.startswith("town=") for name in names)


def test_a_network_whose_encoder_raises_reads_unseen_categories_as_one_that_ignores_them():
    asked = pd.DataFrame({"town": ["Basel", "Lyon", np.nan], "size": 1, "age": 40.0})
    predictions = []
    for encoder in (OneHotEncoder(), OneHotEncoder(**_IGNORE)):
        encode = make_pipeline(SimpleImputer(strategy="most_frequent"), encoder)
        network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)
        source = make_pipeline(make_column_transformer((encode, ["town"])), network)
        model = TransferMLPRegressor(source=source.fit(TABLE, AMOUNTS), strategy="l2_sp")
        model.set_params(max_iter=2, random_state=0).fit(TABLE[:40], AMOUNTS[:40])
        predictions.append(model.predict(asked))
    assert_allclose(*predictions)


@pytest.mark.parametrize("fill", [None, "constant"])
@pytest.mark.parametrize("rare", [{}, {**_AS_RARE, "min_frequency": 2}], ids=["each", "rare"])
def test_thousands_of_levels_are_read_in_the_time_of_a_few_predictions(fill, rare):
    levels = np.array([f"L{i}" for i in range(4000)] + ["L0", "L1"])
    encoder = OneHotEncoder(**_IGNORE | rare)
    steps = make_pipeline(SimpleImputer(strategy=fill), encoder) if fill else encoder
    source = make_pipeline(make_column_transformer((steps, ["town"])), Ridge())
    source.fit(pd.DataFrame({"town": levels}), np.arange(4002) % 7)
    asked = pd.DataFrame({"town": ["L7", "L1", "Basel"]})
    start = time.process_time()
    found = Predictor(source).outputs(asked)[:, 0]
    assert time.process_time() - start < 10  # a loop over all pairs of levels takes minutes
    assert_allclose(found, source.predict(asked))


class _OwnFunction(FunctionTransformer):
    """A step of which nothing says that it passes its columns on."""

    def __init__(self):
        super().__init__(pd.DataFrame.copy, feature_names_out="one-to-one")


_CODES = TABLE["size"] - 1
_OTHER_CATEGORIES = {
    "numbers among objects": _CODES.astype(object),
    "truth values among objects": (_CODES > 0).astype(object),
    "pandas' truth values": (_CODES > 0).astype("boolean"),
    "intervals": pd.cut(_CODES, [-1, 0, 1, 2]),
    "datetimes": pd.Timestamp("2024-01-01") + pd.to_timedelta(_CODES, unit="D"),
    "dates": pd.to_datetime("2024-01-0" + TABLE["size"].astype(str)).dt.date,
    "durations among objects": pd.to_timedelta(_CODES, unit="D").astype(object),
}


@pytest.mark.parametrize(
    "last", [Ridge(), MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)]
)
@pytest.mark.parametrize("has_imputer", [False, True])
@pytest.mark.parametrize("kind", _OTHER_CATEGORIES)
def test_categories_are_other_things_than_texts(kind, has_imputer, last):
    encoder = OneHotEncoder(**_IGNORE)
    if has_imputer and kind != "datetimes":  # which scikit-learn's imputer refuses
        encoder = make_pipeline(SimpleImputer(strategy="most_frequent"), encoder)
    table = TABLE[["age"]].assign(kind=_OTHER_CATEGORIES[kind])
    source = _source(encoder, last, columns=["kind"])
    expected = source.fit(table, AMOUNTS).predict(table)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        assert_allclose(model.fit(table, AMOUNTS).predict(table), expected, rtol=1e-5)


def test_a_source_of_numbers_among_objects_takes_numbers_and_is_saved(tmp_path):
    table = TABLE[["size", "age"]].astype({"size": object})
    source = _source(OneHotEncoder(), Ridge(), columns=["size"]).fit(table, AMOUNTS)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    model.fit(table[:60], AMOUNTS[:60]).save(tmp_path / "model")
    for given in (table, TABLE[["size", "age"]]):
        assert_allclose(Predictor(source).outputs(given)[:, 0], source.predict(table))
        again = load(tmp_path / "model", trust_source=True)
        assert_allclose(again.predict(given), source.predict(table), rtol=1e-6)


def test_a_missing_truth_value_is_what_an_imputer_makes_of_it():
    truth = (TABLE["town"] == "Lyon").astype(object).mask(TABLE["size"] == 1)
    table = TABLE[["age"]].assign(truth=truth)
    encoder = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    last = MLPRegressor(hidden_layer_sizes=(4,), max_iter=50, random_state=0)
    source = _source(encoder, last, columns=["truth"]).fit(table, AMOUNTS)
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none")).fit(table, AMOUNTS)
    assert_allclose(model.predict(table), source.predict(table), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "string"])
def test_numbers_are_the_categories_of_an_encoder_whatever_type_they_are_of(dtype):
    source = _source(OneHotEncoder(), columns=["town", "size"]).fit(TABLE, AMOUNTS)
    found = Predictor(source).outputs(TABLE.assign(size=TABLE["size"].astype(dtype)))[:, 0]
    assert_allclose(found, source.predict(TABLE))


def test_a_fit_warns_of_categories_for_which_the_encoder_raises():
    source = _source(OneHotEncoder()).fit(TABLE, AMOUNTS)
    X = TABLE.assign(town=TABLE["town"].mask(TABLE["age"] > 50, "Bern"))
    model = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with pytest.warns(TransferWarning, match=r"not fitted on, in 'town' \('Bern'\)"):
        model.fit(X, AMOUNTS)
    source[0].named_transformers_["onehotencoder"].set_params(handle_unknown="ignore")
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(X, AMOUNTS)
    assert_allclose(model.predict(X), source.predict(X), rtol=1e-6)


@pytest.mark.parametrize(
    "encoder", [TargetEncoder(), OneHotEncoder(handle_unknown="ignore", sparse_output=False)]
)
def test_categories_may_be_missing_in_every_row_whatever_type_the_column_has(encoder):
    source = _source(encoder).fit(TABLE, AMOUNTS)
    nothing = pd.Series([np.nan] * 120, dtype=object)
    expected = source.predict(TABLE.assign(town=nothing))
    for dtype in ("float64", "category", "string", "Int64"):
        X = TABLE.assign(town=nothing.astype(dtype))
        assert_allclose(Predictor(source).outputs(X)[:, 0], expected)
    one = pd.DataFrame([{**TABLE.iloc[0].to_dict(), "town": np.nan}])  # as from a request
    assert_allclose(Predictor(source).outputs(one)[0], expected[:1])


def test_a_column_of_a_target_encoder_may_be_absent():
    source = _source(TargetEncoder()).fit(TABLE, AMOUNTS)
    nothing = TABLE.assign(town=pd.Series([np.nan] * 120, dtype=object))
    found = Predictor(source).outputs(TABLE.drop(columns="town"))[:, 0]
    assert_allclose(found, source.predict(nothing))


def test_a_missing_entry_is_the_missing_category_of_the_encoder_in_any_form():
    gaps = np.arange(120) % 5 == 0
    known = TABLE.assign(town=TABLE["town"].astype(object).mask(gaps, np.nan))
    encode = OneHotEncoder(handle_unknown="ignore")
    source = _source(encode, Ridge()).fit(known, AMOUNTS - 30 * gaps)
    expected = source.predict(known)
    for town in (known["town"].where(~gaps, None), known["town"].astype("string")):
        assert_allclose(Predictor(source).outputs(known.assign(town=town))[:, 0], expected)


@pytest.mark.parametrize("dtype", [object, "Int64", "Float64", "boolean"])
def test_a_number_that_the_steps_pass_on_may_be_missing_in_a_single_row(dtype):
    encode = ColumnTransformer(
        [("town", OneHotEncoder(), ["town"])], remainder="passthrough", sparse_threshold=0
    )
    source = make_pipeline(encode, HistGradientBoostingRegressor(max_iter=20)).fit(TABLE, AMOUNTS)
    row = TABLE[:1].assign(age=pd.Series([pd.NA], dtype=dtype))
    expected = source.predict(TABLE[:1].assign(age=np.nan))
    assert_allclose(Predictor(source).outputs(row)[0], expected)


@pytest.mark.parametrize("handle_unknown", ["ignore", "error"])
def test_what_stands_for_an_absent_column_is_no_warning_of_the_encoder(handle_unknown):
    encode = OneHotEncoder(drop="first", handle_unknown=handle_unknown)
    source = _source(encode, columns=["town", "size"]).fit(TABLE, AMOUNTS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = Predictor(source).outputs(TABLE.assign(town="Bern"))[:, 0]
    assert_allclose(found, source.predict(TABLE.assign(town="Ghent")))  # the one that is dropped
    assert source[0].named_transformers_["onehotencoder"].drop == "first"


def test_a_table_of_the_encoder_s_own_categories_is_passed_on_as_it_is():
    source = _source(OneHotEncoder(), columns=["town", "size"]).fit(TABLE, AMOUNTS)
    predictor = Predictor(source)
    for table in (TABLE, TABLE[:1], TABLE.astype({"town": "category"})):
        assert predictor._table(table, None) is table
    for table in (TABLE.assign(town=None), TABLE.astype({"size": str})):
        assert predictor._table(table, None) is not table


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder(**_AS_MINUS_ONE)])
@pytest.mark.parametrize(
    "codes",
    [np.arange(120) % 3, TABLE["age"], TABLE["age"] > 40, pd.date_range("2024", periods=120)],
    ids=["codes", "numbers", "truths", "dates"],
)
def test_numbers_under_the_name_of_a_column_of_words_are_a_new_column(encoder, codes):
    source = _source(encoder, last=Ridge()).fit(TABLE, AMOUNTS)
    target = TransferMLPRegressor(source=source, strategy=Recalibrate("none"))
    with pytest.warns(TransferWarning, match="no level in common with X.*'town'.*'Ghent'"):
        target.fit(TABLE.assign(town=codes), AMOUNTS)
    without = Predictor(source).outputs(TABLE.drop(columns="town"))[:, 0]
    assert_allclose(target.predict(TABLE.assign(town=codes)), without, rtol=1e-5)


def test_truth_values_are_the_words_of_an_encoder_that_mean_them():
    table = TABLE.assign(town=np.where(TABLE["town"] == "Ulm", "yes", "no"))
    source = _source(OneHotEncoder(), last=Ridge()).fit(table, AMOUNTS)
    target = TransferMLPRegressor(source=source, strategy=Recalibrate("none")).fit(table, AMOUNTS)
    of_truths = target.predict(table.assign(town=table["town"] == "yes"))
    assert_allclose(of_truths, source.predict(table), rtol=1e-5)


def test_numbers_in_the_place_of_texts_are_refused():
    source = _source(OneHotEncoder()).fit(TABLE, AMOUNTS)
    with pytest.raises(SourceError, match="does not take these columns"):
        Predictor(source).outputs(TABLE[["size", "age", "age"]].to_numpy())
