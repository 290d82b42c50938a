"""What two tables share is carried over by name: columns, categories, missing entries, classes."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import FEW_MEMBERS, NETWORKS, inputs_of, lighter, rows_by_input
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor, load
from sktransfer.exceptions import TransferError, TransferWarning
from sktransfer.sources import describe_source
from sktransfer.strategies import KeepHead, Recalibrate, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HARDLY = {"learning_rate_init": 1e-12, "max_iter": 1, "random_state": 1}
SMALL = {"hidden_layer_sizes": (8, 6), "random_state": 0}


def _table(seed, n, towns):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "wage": rng.lognormal(8, 1, n),
            "town": rng.choice(towns, n),
            "age": rng.integers(18, 90, n).astype(float),
            "pet": rng.choice(["cat", "dog"], n),
        }
    )
    return frame, np.array(["low", "mid", "high"])[np.arange(n) % 3]


FRAME, LABELS = _table(0, 90, ["Bonn", "Kiel", "Ulm"])
TARGET, TARGET_LABELS = _table(1, 45, ["Kiel", "Trier", "Ulm"])
GAPS = FRAME.mask(np.random.default_rng(5).random(FRAME.shape) < 0.1)
SOURCE = TransferMLPClassifier(**SMALL, max_iter=5).fit(FRAME, LABELS)
GAPPY = TransferMLPClassifier(**SMALL, max_iter=5).fit(GAPS, LABELS)


def _started(source, X, y, strategy="keep_head", **params):
    """A target before its first step."""
    model = TransferMLPClassifier(source=source, strategy=strategy, **{**HARDLY, **params})
    return model.fit(X, y)


def _assert_same_weights(here, there):
    """Bit for bit, whatever the order of the two tables' columns."""
    ours, theirs = rows_by_input(here), rows_by_input(there)
    assert ours.keys() == theirs.keys()
    for ids, row in ours.items():
        assert_array_equal(row, theirs[ids])
    for our_weight, their_weight in zip(here.coefs_[1:], there.coefs_[1:], strict=True):
        assert_array_equal(our_weight, their_weight)


# -- columns and categories ---------------------------------------------------------------


@pytest.mark.parametrize("source", [SOURCE, GAPPY], ids=["whole", "with gaps"])
def test_rows_of_the_first_layer_follow_columns_and_categories_by_name(source):
    theirs, ours = rows_by_input(source), rows_by_input(_started(source, TARGET, TARGET_LABELS))
    shared = set(theirs) & set(ours)
    assert {("town=Ulm", "value"), ("town=Kiel", "value"), ("age", "value")} <= shared
    for ids in shared:
        assert_allclose(ours[ids], theirs[ids], atol=1e-9)


def test_rows_of_the_targets_own_categories_start_at_zero():
    ours = rows_by_input(_started(SOURCE, TARGET, TARGET_LABELS))
    assert_allclose(ours["town=Trier", "value"], 0, atol=1e-9)


def test_levels_of_the_source_are_understood_though_the_target_has_not_seen_them():
    model = _started(SOURCE, TARGET, TARGET_LABELS)
    assert "town=Bonn" in inputs_of(model).columns.encoded_names
    assert_allclose(model.predict_proba(FRAME), SOURCE.predict_proba(FRAME), atol=1e-5)


def test_the_first_prediction_on_the_same_columns_is_the_sources():
    model = _started(SOURCE, TARGET, TARGET_LABELS)
    seen = TARGET[TARGET["town"] != "Trier"]
    assert_allclose(model.predict_proba(seen), SOURCE.predict_proba(seen), atol=1e-5)


def test_columns_of_the_target_only_do_not_change_the_first_prediction():
    rng = np.random.default_rng(2)
    more = FRAME.assign(height=rng.normal(170, 10, 90), eyes=rng.choice(["blue", "green"], 90))
    model = _started(SOURCE, more, LABELS)
    assert_allclose(model.predict_proba(more), SOURCE.predict_proba(FRAME), atol=1e-5)
    for ids, row in rows_by_input(model).items():
        if ids[0] in ("height", "eyes=green"):
            assert_allclose(row, 0, atol=1e-9)


def test_columns_of_the_source_only_are_predicted_from_the_shared_ones():
    rng = np.random.default_rng(3)
    both = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    both = both.assign(sum=both["a"] - 2 * both["b"])
    labels = (both["sum"] > 0).to_numpy()
    params = {"numeric_embedding": None, "hidden_layer_sizes": (8, 6), "random_state": 0}
    source = TransferMLPClassifier(**params, learning_rate_init=0.02).fit(both, labels)
    known = both.drop(columns="sum")
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    answer = model.set_params(numeric_embedding=None).fit(known, labels).predict_proba(known)
    # not exactly, as standardised values are bent
    assert np.abs(answer - source.predict_proba(both)).mean() < 0.02
    assert np.mean(answer.argmax(1) == labels) > 0.95


def test_columns_of_the_source_only_act_at_their_mean_where_nothing_is_known_of_them(at_the_mean):
    model = _started(at_the_mean(SOURCE), FRAME.drop(columns="age"), LABELS)
    at_mean = FRAME.assign(age=FRAME["age"].mean())
    assert_allclose(
        model.predict_proba(FRAME.drop(columns="age")), SOURCE.predict_proba(at_mean), atol=1e-4
    )


def test_indicators_of_missing_entries_are_carried_though_the_target_misses_nothing():
    theirs, ours = rows_by_input(GAPPY), rows_by_input(_started(GAPPY, TARGET, TARGET_LABELS))
    flags = {ids for ids in theirs if ids[1] == "missing"}
    assert ("age", "missing") in flags
    for ids in flags:
        assert_allclose(ours[ids], theirs[ids], atol=1e-9)


def test_missing_entries_are_predicted_as_the_source_predicts_them():
    model = _started(GAPPY, FRAME, LABELS)
    assert_allclose(model.predict_proba(GAPS), GAPPY.predict_proba(GAPS), atol=1e-5)


def test_an_indicator_that_only_the_target_has_starts_at_zero():
    ours = rows_by_input(_started(SOURCE, GAPS, LABELS))
    assert ("age", "missing") in ours
    assert_allclose(ours["age", "missing"], 0, atol=1e-9)


def test_two_tables_agree_on_the_fourier_features_of_a_column_without_knowing_of_each_other():
    there = TransferMLPClassifier(**SMALL, max_iter=1).fit(TARGET[["age", "wage"]], TARGET_LABELS)
    ours, theirs = inputs_of(there).columns, inputs_of(SOURCE).columns
    by_name = {theirs.named_columns[i]: frequencies for i, frequencies in theirs.fourier}
    others = {ours.named_columns[i]: frequencies for i, frequencies in ours.fourier}
    assert set(others) == {"age", "wage"} <= set(by_name)
    assert all(by_name[name] == others[name] for name in others)


def test_a_column_whose_source_has_no_fourier_features_gets_none_unless_asked_for():
    source = TransferMLPClassifier(**SMALL, max_iter=1, numeric_embedding=None)
    source.fit(FRAME, LABELS)
    assert inputs_of(_started(source, TARGET, TARGET_LABELS)).columns.fourier == ()


# -- order --------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"auto"}))
@pytest.mark.parametrize("source", [SOURCE, GAPPY], ids=["whole", "with gaps"])
def test_the_order_of_a_mixed_targets_columns_changes_no_bit(strategy, source):
    order = ["pet", "age", "wage", "town"]
    if strategy == "scratch":
        return _scratch_is_indifferent_up_to_rounding(order)
    params = {"source": source, "strategy": strategy, "max_iter": 4, "random_state": 0}
    here = TransferMLPClassifier(**params).fit(TARGET, TARGET_LABELS)
    there = TransferMLPClassifier(**params).fit(TARGET[order], TARGET_LABELS)
    _assert_same_weights(here, there)
    assert_array_equal(here.predict_proba(TARGET), there.predict_proba(TARGET[order]))


def _scratch_is_indifferent_up_to_rounding(order):
    model = TransferMLPClassifier(source=SOURCE, strategy="scratch", max_iter=4, random_state=0)
    assert np.isfinite(model.fit(TARGET[order], TARGET_LABELS).predict_proba(TARGET[order])).all()


@pytest.mark.slow
@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"scratch"}))
def test_the_order_of_columns_changes_no_bit_where_tables_differ(strategy):
    mine = TARGET.drop(columns="age").assign(rent=np.arange(45.0), colour=TARGET["town"])
    params = {"source": SOURCE, "strategy": lighter(strategy), "max_iter": 4, "random_state": 0}
    here = TransferMLPClassifier(**params).fit(mine, TARGET_LABELS)
    there = TransferMLPClassifier(**params).fit(mine[mine.columns[::-1]], TARGET_LABELS)
    _assert_same_weights(here, there)


# -- a Pipeline's two entrances -------------------------------------------------------------


def _pipeline(output="default"):
    encode = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["wage", "age"]),
            (
                "levels",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ["town", "pet"],
            ),
        ],
        verbose_feature_names_out=False,
    )
    pipe = make_pipeline(encode, MLPClassifier((8, 6), max_iter=5, random_state=0))
    if output != "default":
        pipe[:-1].set_output(transform=output)
    return pipe.fit(FRAME, LABELS)


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_a_table_with_the_pipelines_raw_columns_enters_it_there(output):
    pipe = _pipeline(output)
    model = _started(pipe, TARGET[["pet", "age", "wage", "town"]], TARGET_LABELS)
    assert_allclose(
        model.predict_proba(TARGET[["pet", "age", "wage", "town"]]),
        pipe.predict_proba(TARGET),
        atol=1e-5,
    )


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_further_columns_follow_a_pipelines_raw_ones(output):
    pipe = _pipeline(output)
    more = TARGET.assign(height=np.arange(45.0), eyes=["blue", "green", "grey"] * 15)
    model = _started(pipe, more, TARGET_LABELS)
    statuses = {row.name: row.status for row in model.transfer_report_.rows}
    assert [statuses[name] for name in ("height", "eyes=blue", "town=Ulm")] == [
        "new",
        "new",
        "reused",
    ]
    assert_allclose(model.predict_proba(more), pipe.predict_proba(TARGET), atol=1e-5)


def test_a_table_with_the_pipelines_encoded_columns_enters_it_behind_them():
    pipe = _pipeline("pandas")
    encoded = pipe[:-1].transform(TARGET)
    model = _started(pipe, encoded, TARGET_LABELS)
    assert model.transfer_report_.counts("column")["reused"] == encoded.shape[1]
    assert_allclose(model.predict_proba(encoded), pipe.predict_proba(TARGET), atol=1e-5)


def test_a_fit_leaves_the_pipeline_as_it_was():
    pipe = _pipeline()
    before = pipe.predict_proba(TARGET)
    TransferMLPClassifier(source=pipe, strategy=FEW_MEMBERS, max_iter=3).fit(TARGET, TARGET_LABELS)
    assert_array_equal(pipe.predict_proba(TARGET), before)


# -- classes --------------------------------------------------------------------------------


def test_classes_of_another_name_are_carried_by_class_map():
    names = {"low": "niedrig", "mid": "mittel", "high": "hoch"}
    german = np.array([names[label] for label in LABELS])
    model = _started(SOURCE, FRAME, german, class_map=names)
    at = [list(model.classes_).index(names[label]) for label in SOURCE.classes_]
    assert_allclose(model.predict_proba(FRAME)[:, at], SOURCE.predict_proba(FRAME), atol=1e-5)
    assert model.transfer_report_.counts("class") == {"reused": 3}


def test_classes_outside_the_map_keep_their_own_names():
    y = np.where(LABELS == "high", "top", LABELS)
    model = _started(SOURCE, FRAME, y, class_map={"high": "top"})
    at = [list(model.classes_).index({"high": "top"}.get(c, c)) for c in SOURCE.classes_]
    assert_allclose(model.predict_proba(FRAME)[:, at], SOURCE.predict_proba(FRAME), atol=1e-5)


def test_overlapping_classes_keep_their_units_and_new_ones_start_at_zero():
    y = np.where(LABELS == "high", "top", LABELS)
    model = _started(SOURCE, FRAME, y)
    units = dict(zip(model.classes_, model.coefs_[-1].T, strict=True))
    theirs = dict(zip(SOURCE.classes_, SOURCE.coefs_[-1].T, strict=True))
    for label in ("low", "mid"):
        assert_allclose(units[label], theirs[label], atol=1e-9)
    assert_allclose(units["top"], 0, atol=1e-9)


FOUR = np.array(["a", "b", "c", "d"])[np.arange(90) % 4]
BY_LAYERS = TransferMLPClassifier(**SMALL, max_iter=5).fit(FRAME, FOUR)
BY_PREDICTIONS = CalibratedClassifierCV(GaussianNB()).fit(FRAME[["wage", "age"]], FOUR)


@pytest.mark.parametrize("source", [BY_LAYERS, BY_PREDICTIONS], ids=["layers", "predictions"])
@pytest.mark.parametrize(
    "merged, left_out",
    [
        ({"b": "a"}, None),
        ({"a": "no", "b": "yes", "c": "yes", "d": "yes"}, None),
        ({"b": "a", "c": "no"}, "d"),
    ],
)
def test_probabilities_of_classes_that_a_class_map_makes_one_add_up(
    source, merged, left_out, tmp_path
):
    y, rows = np.array([merged.get(label, label) for label in FOUR]), left_out != FOUR
    model = TransferMLPClassifier(
        source=source, strategy=Recalibrate("none"), class_map=merged, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.fit(FRAME[rows], y[rows])
    given = FRAME[["wage", "age"]] if source is BY_PREDICTIONS else FRAME
    theirs = source.predict_proba(given)
    own = [
        [merged.get(label, label) == ours for label in source.classes_] for ours in model.classes_
    ]
    expected = theirs @ np.transpose(own).astype(float)
    expected /= expected.sum(axis=1, keepdims=True)
    assert_allclose(model.predict_proba(FRAME), expected, atol=1e-3)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model", trust_source=True)
    assert_array_equal(loaded.predict_proba(FRAME), model.predict_proba(FRAME))


def test_a_class_map_adds_to_what_is_matched_by_its_spelling():
    y = np.array(["A", "A", "C", "D"])[np.arange(90) % 4]
    model = _started(BY_LAYERS, FRAME, y, Recalibrate("none"), class_map={"b": "A"})
    theirs = BY_LAYERS.predict_proba(FRAME)
    expected = np.c_[theirs[:, :2].sum(axis=1), theirs[:, 2:]]
    assert_allclose(model.predict_proba(FRAME), expected, atol=1e-6)


def test_of_several_sources_a_class_map_may_be_about_some():
    y = np.where(FOUR == "b", "a", FOUR)
    others = TransferMLPClassifier(**SMALL, max_iter=5).fit(FRAME, np.arange(90) % 4)
    members = WeightedEnsemble({"read": Recalibrate("slope")}, sources="all")
    params = {"source": {"one": BY_LAYERS, "other": others}, "strategy": members}
    model = TransferMLPClassifier(**params, class_map={"b": "a"}, random_state=0).fit(FRAME, y)
    assert len(model.member_losses_) == 2
    with pytest.raises(TransferError, match=r"keys 'e', which are not labels of the source"):
        TransferMLPClassifier(**params, class_map={"b": "a", "e": "a"}).fit(FRAME, y)


def test_an_output_layer_of_merged_classes_starts_from_their_mean_and_number():
    y = np.where(FOUR == "b", "a", FOUR)
    model = _started(BY_LAYERS, FRAME, y, class_map={"b": "a"})
    theirs, bias = BY_LAYERS.coefs_[-1], BY_LAYERS.intercepts_[-1]
    expected = np.c_[theirs[:, :2].mean(axis=1), theirs[:, 2:]]
    assert_allclose(model.coefs_[-1], expected, atol=1e-6)
    assert_allclose(model.intercepts_[-1], [bias[:2].mean() + np.log(2), *bias[2:]], atol=1e-6)


def test_a_class_that_no_class_of_the_source_becomes_is_said():
    y = np.array(["x", "y", "z"])[np.arange(90) % 3]
    with pytest.warns(TransferWarning, match="read by ridge regression"):
        _started(
            BY_LAYERS, FRAME, y, Recalibrate("none"), class_map={"a": "x", "b": "x", "c": "y"}
        )


@pytest.mark.parametrize(
    "class_map, message",
    [
        ({"tall": "low"}, r"keys 'tall'.*labels of the source"),
        ({"low": "short"}, r"values 'short'.*labels of the target"),
    ],
)
def test_a_class_map_of_unknown_labels_is_refused(class_map, message):
    with pytest.raises(TransferError, match=message):
        _started(SOURCE, FRAME, LABELS, class_map=class_map)


def test_a_class_map_that_is_no_dict_is_refused():
    with pytest.raises(ValueError, match="class_map"):
        _started(SOURCE, FRAME, LABELS, class_map=[("low", "high")])


@pytest.mark.parametrize("strategy", ["keep_head", "full"])
def test_a_regressor_keeps_a_classifiers_trunk(strategy):
    model = TransferMLPRegressor(source=SOURCE, strategy=strategy, **HARDLY)
    model.fit(FRAME, FRAME["age"])
    assert_allclose(model.coefs_[1], SOURCE.coefs_[1], atol=1e-9)
    assert model.transfer_report_.counts("layer") == {"reused": 2, "new": 1}


# -- by position --------------------------------------------------------------------------


@pytest.mark.parametrize("nameless", ["target", "source", "both", "neither"])
def test_by_position_a_categorys_levels_are_matched_by_their_text(nameless):
    def without_names(frame):
        return frame.set_axis(range(frame.shape[1]), axis=1)

    theirs = without_names(FRAME) if nameless in ("source", "both") else FRAME
    ours = without_names(TARGET) if nameless in ("target", "both") else TARGET
    source = TransferMLPClassifier(**SMALL, max_iter=5).fit(theirs, LABELS)
    params = {}
    if nameless == "neither":
        ours, params = TARGET.rename(columns=str.upper), {"feature_alignment": "position"}
    found = _started(source, ours, TARGET_LABELS, **params)
    named = _started(SOURCE, TARGET, TARGET_LABELS)
    for part in ("column", "category"):
        assert found.transfer_report_.counts(part) == named.transfer_report_.counts(part)
    expected = _started(source, TARGET.set_axis(theirs.columns, axis=1), TARGET_LABELS)
    assert_allclose(
        found.predict_proba(ours),
        expected.predict_proba(TARGET.set_axis(theirs.columns, axis=1)),
        rtol=1e-4,
    )


def test_levels_of_a_category_are_never_taken_for_columns_that_stand_where_they_do():
    numbers = np.random.default_rng(0).normal(size=(90, 4))
    source = TransferMLPClassifier(**SMALL, max_iter=2).fit(numbers, LABELS)
    table = FRAME[["town", "age"]].set_axis(range(2), axis=1)  # four encoded columns too
    with pytest.warns(TransferWarning, match="none is matched"):
        assert _started(source, table, LABELS).transfer_report_.n_carried == 0


# -- columns of another type ------------------------------------------------------------------

DAYS = FRAME.assign(day=pd.date_range("2024-01-01", periods=90), code=np.arange(90) % 4)
DATED = TransferMLPClassifier(**SMALL, max_iter=2, categorical_features=["town", "code", "pet"])
DATED.fit(DAYS, LABELS)


def _warnings_of_types(model, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return [str(w.message) for w in caught if "another type" in str(w.message)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "column, change, told, cure",
    [
        ("age", str, "text or categories in X, numbers in the source", "pandas.to_numeric"),
        ("day", str, "text or categories in X, datetimes in the source", "pandas.to_datetime"),
    ],
)
@pytest.mark.parametrize("strategy", ["l2_sp", FEW_MEMBERS], ids=str)
def test_a_column_of_another_type_is_named_once_with_the_line_that_converts_it(
    column, change, told, cure, strategy
):
    categories = [name for name in ("town", "code", "pet") if name != column]
    model = TransferMLPClassifier(
        source=DATED,
        strategy=strategy,
        max_iter=2,
        categorical_features="from_dtype",
        parse_text=False,
    )
    repeated = DAYS.assign(day=DAYS["day"].dt.to_period("M").dt.to_timestamp())  # not of rows
    table = repeated.astype({column: change, **dict.fromkeys(categories, "category")})
    (message,) = _warnings_of_types(model, table, LABELS)
    assert f"'{column}' ({told})" in message
    assert f"X['{column}'] = " in message and cure in message
    # that line is what it takes, or reading texts as what they say
    reading = clone(model).set_params(parse_text=True)
    assert not _warnings_of_types(reading, table, LABELS)
    assert reading.transfer_report_.counts("column") == {"reused": 6}
    converted = eval(message.partition("] = ")[2].rstrip("."), {"pandas": pd, "X": table})
    assert not _warnings_of_types(model, table.assign(**{column: converted}), LABELS)
    assert model.transfer_report_.counts("column") == {"reused": 6}


def test_numbers_that_the_source_knows_as_categories_need_no_conversion():
    model = TransferMLPClassifier(source=DATED, strategy="l2_sp", max_iter=2)
    table = DAYS.astype({"town": "category", "pet": "category", "code": float})
    assert not _warnings_of_types(model, table, LABELS)
    assert model.transfer_report_.counts("column") == {"reused": 6}


def test_many_columns_of_another_type_are_counted():
    numbers = pd.DataFrame(np.random.default_rng(0).integers(9, size=(90, 9)))
    numbers = numbers.rename(columns=str)
    source = TransferMLPClassifier(**SMALL, max_iter=2).fit(numbers, LABELS)
    model = TransferMLPClassifier(source=source, strategy="full", max_iter=2, parse_text=False)
    (message,) = _warnings_of_types(
        model, numbers.assign(**numbers.iloc[:, 1:].astype(str)), LABELS
    )
    assert "'1' (text" in message and "'5' (text" in message and "'6'" not in message
    assert "and 3 more" in message


def test_where_all_columns_are_of_another_type_one_warning_says_how_to_convert_them():
    model = TransferMLPClassifier(source=SOURCE, strategy="full", max_iter=2, parse_text=False)
    with pytest.warns(TransferWarning, match=r"pandas.to_numeric\(X\['age'\]\)") as caught:
        model.fit(TARGET[["age", "wage"]].astype(str), TARGET_LABELS)
    assert ["none is matched" in str(w.message) for w in caught] == [True]


# -- nothing in common ------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"auto", "scratch"}))
def test_without_a_common_column_training_is_from_scratch_and_says_so(strategy):
    other = TARGET.set_axis([f"column {i}" for i in range(TARGET.shape[1])], axis=1)
    model = TransferMLPClassifier(source=SOURCE, strategy=strategy, max_iter=3, random_state=0)
    with pytest.warns(TransferWarning, match="none is matched"):
        model.fit(other, TARGET_LABELS)
    report = model.transfer_report_
    assert report.n_carried == 0
    assert report.counts("layer") == {"new": 3}
    columns = sorted(other)  # the network's own order
    scratch = TransferMLPClassifier((8, 6), max_iter=3, random_state=0)
    scratch.fit(other[columns], TARGET_LABELS)
    assert_allclose(model.predict_proba(other), scratch.predict_proba(other[columns]), atol=1e-5)


@pytest.mark.parametrize("strategy", sorted(set(NETWORKS) - {"auto", "scratch"}))
def test_nameless_tables_of_other_widths_have_nothing_in_common(strategy):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 5)), np.arange(40) % 2
    source = TransferMLPClassifier(**SMALL, max_iter=2).fit(X, y)
    model = TransferMLPClassifier(source=source, strategy=strategy, max_iter=3, random_state=0)
    with pytest.warns(TransferWarning, match="none is matched"):
        model.fit(X[:, :3], y)
    scratch = TransferMLPClassifier((8, 6), max_iter=3, random_state=0).fit(X[:, :3], y)
    assert_array_equal(model.predict_proba(X[:, :3]), scratch.predict_proba(X[:, :3]))


@pytest.mark.parametrize("strategy", [FEW_MEMBERS, "l2_sp"], ids=str)
def test_the_report_of_nothing_in_common_does_not_say_that_there_was_no_source(strategy):
    model = TransferMLPClassifier(source=SOURCE, strategy=strategy, max_iter=3, random_state=0)
    with pytest.warns(TransferWarning, match="feature_alignment='position' does without"):
        model.fit(TARGET.set_axis(list("vwxy"), axis=1), TARGET_LABELS)
    assert "source and target have nothing in common" in str(model.transfer_report_)


def test_names_that_a_pipelines_steps_give_do_not_matter():
    def fitted(**names):
        columns = ColumnTransformer([("n", StandardScaler(), ["wage", "age"])], **names)
        return make_pipeline(columns, MLPClassifier((8,), random_state=0)).fit(FRAME, LABELS)

    table = TARGET[["age", "pet"]]
    models = [
        _started(fitted(**names), table, TARGET_LABELS)
        for names in ({}, {"verbose_feature_names_out": False})
    ]
    assert [m.transfer_report_.counts("column")["reused"] for m in models] == [1, 1]
    assert_array_equal(*(model.predict_proba(table) for model in models))


def test_where_steps_before_the_target_put_their_name_before_its_columns_these_are_known():
    def target(**names):
        columns = ColumnTransformer([("num", StandardScaler(), ["wage", "age"])], **names)
        network = TransferMLPClassifier(source=SOURCE, strategy="full", max_iter=2)
        return make_pipeline(columns, network).set_output(transform="pandas")

    models = [
        target(**names).fit(TARGET, TARGET_LABELS)
        for names in ({}, {"verbose_feature_names_out": False})
    ]
    assert [m[-1].transfer_report_.counts("column")["reused"] for m in models] == [2, 2]


def test_where_names_were_lost_before_the_target_the_warning_says_how_to_keep_them():
    def target():
        network = TransferMLPClassifier(source=SOURCE, strategy="full", max_iter=2)
        return make_pipeline(StandardScaler(), network)

    table = TARGET[["age", "wage"]]
    with pytest.warns(TransferWarning, match=r"names were probably lost.*set_output\(transform"):
        target().fit(table, TARGET_LABELS)
    model = target().set_output(transform="pandas").fit(table, TARGET_LABELS)
    assert model[-1].transfer_report_.counts("column")["reused"] == 2


def test_some_meta_estimators_strip_names_and_others_keep_them():
    table = TARGET[["age", "wage"]]
    network = TransferMLPClassifier(source=SOURCE, strategy="full", max_iter=2, random_state=0)
    with pytest.warns(TransferWarning, match=r"ClassifierChain.* hand over plain arrays"):
        ClassifierChain(network).fit(table, np.c_[TARGET_LABELS == "low", TARGET_LABELS == "mid"])
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        OneVsRestClassifier(network).fit(table, TARGET_LABELS)
        VotingClassifier([("network", network)]).fit(table, TARGET_LABELS)
        StackingClassifier([("network", network)], cv=2).fit(table, TARGET_LABELS)
        CalibratedClassifierCV(network, cv=2).fit(table, TARGET_LABELS)


def test_a_source_without_names_asks_for_the_same_columns():
    source = TransferMLPClassifier(**SMALL, max_iter=2).fit(FRAME[["age"]].to_numpy(), LABELS)
    model = TransferMLPClassifier(source=source, strategy="full", max_iter=2)
    with pytest.warns(TransferWarning, match="Give the same columns in the same order"):
        model.fit(TARGET[["age", "wage"]], TARGET_LABELS)


def test_describing_a_source_of_a_mixed_table_lists_its_columns():
    inputs = describe_source(SOURCE).inputs.columns
    assert inputs.names == ("wage", "town", "age", "pet")
    assert {"town=Ulm", "pet=dog", "age"} <= set(inputs.encoded_names)


def test_transfer_composes_over_mixed_tables():
    strategy = KeepHead(scaling="source")
    middle = _started(SOURCE, TARGET, TARGET_LABELS, strategy)
    last = _started(middle, FRAME, LABELS, strategy)
    assert_allclose(last.predict_proba(FRAME), SOURCE.predict_proba(FRAME), atol=1e-5)


@pytest.mark.slow
def test_a_table_vectorizer_travels_with_its_network():
    skrub = pytest.importorskip("skrub")
    network = MLPClassifier((8, 6), max_iter=5, random_state=0)
    source = make_pipeline(skrub.TableVectorizer(), StandardScaler(), network).fit(FRAME, LABELS)
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    model.fit(FRAME.assign(extra=1.0), LABELS)
    assert_allclose(
        model.predict_proba(FRAME.assign(extra=1.0)), source.predict_proba(FRAME), atol=1e-5
    )
    assert model.transfer_report_.counts("column")["new"] == 1


def test_a_large_table_is_encoded_a_block_at_a_time_with_the_same_result(monkeypatch):
    from sktransfer._fitting import _rows

    X = np.random.default_rng(0).normal(size=(90, 3))
    y = X[:, 0] > 0
    model = TransferMLPClassifier((6,), max_iter=3, batch_size=16, random_state=0)
    at_once = clone(model).fit(X, y)
    monkeypatch.setattr(_rows, "_LARGE", 100)
    blocks = clone(model).fit(X, y)
    for ours, theirs in zip(blocks.coefs_, at_once.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    assert_array_equal(
        inputs_of(blocks).statistics.covariance, inputs_of(at_once).statistics.covariance
    )
