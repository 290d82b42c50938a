"""The report of a transfer: what was carried, what began anew, what was left behind, and why."""

import pickle

import numpy as np
import pandas as pd
import pytest
from fitted import rows_by_input
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import KNNImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.inspection import ReportRow, TransferReport
from sktransfer.sources import describe_source
from sktransfer.strategies import Recalibrate, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HARDLY = {"learning_rate_init": 1e-15, "max_iter": 1, "random_state": 0}


def _frame(seed, n, towns):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.normal(40, 10, n),
            "town": rng.choice(towns, n),
            "income": rng.lognormal(10, 1, n),
        }
    )


FRAME = _frame(0, 80, ["Ulm", "Bonn", "Kiel"])
LABELS = np.array(["no", "yes", "perhaps"])[np.arange(80) % 3]
OTHER = _frame(1, 40, ["Ulm", "Trier", "Kiel"]).rename(columns={"income": "rent"})
OTHER_LABELS = np.array(["no", "yes", "never"])[np.arange(40) % 3]


@pytest.fixture(scope="module")
def source():
    return TransferMLPClassifier((7, 5), max_iter=3, random_state=0).fit(FRAME, LABELS)


@pytest.fixture
def target(source):
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    return model.fit(OTHER, OTHER_LABELS)


def _status(report, part):
    return {row.name: row.status for row in report.rows if row.part == part}


def test_every_column_category_class_and_layer_has_its_status(target):
    report = target.transfer_report_
    assert _status(report, "column") == {
        "age": "reused",
        "town": "reused",
        "rent": "new",
        "income": "not in this table",
    }
    assert _status(report, "category") == {
        "town=Ulm": "reused",
        "town=Kiel": "reused",
        "town=Bonn": "reused",
        "town=Trier": "new",
    }
    assert _status(report, "class") == {"no": "reused", "yes": "reused", "never": "new"}
    assert list(_status(report, "layer").values()) == ["reused", "reused", "partly reused"]


def test_counts_add_up_what_the_rows_say(target):
    report = target.transfer_report_
    assert report.counts("column") == {"reused": 2, "new": 1, "not in this table": 1}
    assert report.counts("category") == {"reused": 3, "new": 1}
    assert report.counts("class") == {"reused": 2, "new": 1}
    parts = ("layer", "column", "category", "class")
    assert sum(sum(report.counts(part).values()) for part in parts) == len(report.rows)


def test_each_row_has_a_reason(target):
    assert all(row.reason for row in target.transfer_report_.rows)


def test_on_the_same_table_every_parameter_is_carried_and_is_the_sources(source):
    model = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    report = model.fit(FRAME, LABELS).transfer_report_
    ours = [*model.coefs_, *model.intercepts_]
    assert report.n_carried == report.n_parameters
    assert sum(np.sum(w**2) for w in ours) == pytest.approx(
        sum(np.sum(w**2) for w in (*source.coefs_, *source.intercepts_)), rel=1e-6
    )


@pytest.mark.parametrize("strategy, layers", [("full", 2), ("keep_head", 3)])
def test_the_number_of_carried_parameters_is_that_of_the_carried_layers(strategy, layers):
    X, y = FRAME[["age", "income"]], LABELS
    source = MLPClassifier((7, 5), max_iter=3, random_state=0).fit(X, y)
    model = TransferMLPClassifier(source=source, strategy=strategy, **HARDLY).fit(X, y)
    same = 0
    for i, (weight, bias) in enumerate(zip(source.coefs_, source.intercepts_, strict=True)):
        same += np.isclose(model.coefs_[i], weight, atol=1e-12).sum()
        same += np.isclose(model.intercepts_[i], bias, atol=1e-12).sum()
    carried = sum(source.coefs_[i].size + source.intercepts_[i].size for i in range(layers))
    assert model.transfer_report_.n_carried == carried == same


def test_the_number_of_carried_parameters_counts_only_what_the_source_gave(source, at_the_mean):
    target = TransferMLPClassifier(source=at_the_mean(source), strategy="keep_head", **HARDLY)
    target.fit(OTHER, OTHER_LABELS)
    known = rows_by_input(source)
    same = 0
    for ids, row in rows_by_input(target).items():
        if ids in known:
            np.testing.assert_allclose(row, known[ids], atol=1e-9)
            same += row.size
    same += target.intercepts_[0].size  # with the dropped columns' mean in it
    same += target.coefs_[1].size + target.intercepts_[1].size
    same += 2 * (len(target.coefs_[2]) + 1)  # two classes of three
    assert target.transfer_report_.n_carried == same


def test_without_a_source_nothing_is_carried():
    report = TransferMLPRegressor(max_iter=1).fit(FRAME, FRAME["age"]).transfer_report_
    assert report.n_carried == 0
    assert report.source is None
    assert report.counts("layer") == {"new": 3}
    assert repr(report).startswith("Nothing starts from a source: no source was given.")


@pytest.mark.parametrize("strategy", ["recalibrate", Recalibrate("none")])
def test_a_warning_says_that_there_is_no_source_to_update(strategy):
    numbers = FRAME[["age", "income"]]
    model = TransferMLPClassifier(strategy=strategy, random_state=0)
    with pytest.warns(TransferWarning, match=r"and there is none; .*Give `source`"):
        report = model.fit(numbers, LABELS).transfer_report_
    assert str(report) == "Nothing starts from a source: no source was given."


@pytest.mark.parametrize("strategy", ["additive", WeightedEnsemble(["linear"])])
def test_a_model_that_is_no_network_has_no_new_layers(strategy):
    numbers = FRAME[["age", "income"]]
    forest = RandomForestClassifier(5, random_state=0).fit(numbers, LABELS)
    model = TransferMLPClassifier(source=forest, strategy=strategy, random_state=0)
    report = model.fit(numbers, LABELS).transfer_report_
    assert report.counts("layer") == {} and report.counts("source") == {"not used": 1}
    assert report.headline() == "Nothing starts from a source: the strategy uses no source."


def test_as_a_frame_it_has_a_line_per_row(target):
    frame = target.transfer_report_.to_frame(every_category=True)
    assert list(frame.columns) == ["part", "name", "status", "reason", "n_parameters"]
    assert len(frame) == len(target.transfer_report_.rows)
    assert frame["n_parameters"].sum() == target.transfer_report_.n_carried


def test_its_text_says_how_much_from_where(target):
    text = repr(target.transfer_report_)
    assert text.splitlines()[0] == (
        "2 of 3 columns and 3 of 3 layers start from the source (TransferMLPClassifier)."
    )
    assert f"{target.transfer_report_.n_carried:,} of" in text
    assert "categories: 3 reused, 1 new" in text


def test_categories_are_told_of_in_the_line_of_their_column(target):
    frame = target.transfer_report_.to_frame().set_index("name")
    assert "category" not in set(frame["part"])
    assert frame["reason"]["town"] == "in both tables; categories: 3 reused, 1 new ('Trier')"


def test_no_line_says_that_it_has_no_parameters(target):
    frame = target.transfer_report_.to_frame()
    assert (frame["n_parameters"].dropna() > 0).all()
    assert set(frame["part"][frame["n_parameters"].notna()]) == {"layer"}


def test_print_shows_every_line_with_its_whole_reason(target):
    text = str(target.transfer_report_)
    frame = target.transfer_report_.to_frame()
    assert all(reason in text for reason in frame["reason"])
    assert all(name in text for name in frame["name"])
    assert text.splitlines()[0] == target.transfer_report_.headline()


def test_a_source_by_its_predictions_is_said_to_be_one():
    numbers = FRAME[["age", "income"]]
    forest = RandomForestClassifier(5, random_state=0).fit(numbers, LABELS)
    model = TransferMLPClassifier(source=forest, strategy="recalibrate", random_state=0)
    report = model.fit(numbers, LABELS).transfer_report_
    assert report.headline() == (
        "The predictions of the source (RandomForestClassifier) are used: 2 of 2 columns reach "
        "it; it has no layers."
    )
    report = model.fit(numbers.rename(columns={"income": "wealth"}), LABELS).transfer_report_
    assert report.headline().endswith(
        "1 of 2 columns reaches it, without 'income'; it has no layers."
    )


def test_one_of_something_is_said_in_the_singular():
    x, y = FRAME[["age"]], FRAME["income"]
    forest = RandomForestRegressor(5, random_state=0).fit(x, y)
    model = TransferMLPRegressor(source=forest, strategy="recalibrate").fit(x, y)
    assert "1 of 1 column reaches it" in model.transfer_report_.headline()
    assert "sources:    1 used for its predictions" in repr(model.transfer_report_)
    rows = [ReportRow("column", "age", "reused", ""), ReportRow("layer", "out", "reused", "", 1)]
    report = TransferReport(rows[1:], "old", 1)
    assert report.headline() == "1 of 1 layer starts from the source (old)."
    assert repr(report).endswith("parameters: 1 of 1 starts from the source")
    both = TransferReport(rows, "old", 1).headline()
    assert both == "1 of 1 column and 1 of 1 layer start from the source (old)."
    saved = TransferReport([ReportRow("source", "old", "predictions", "as was")], "old", 1)
    assert saved.headline() == "The predictions of the source (old) are used: as was."


def test_columns_that_a_step_takes_together_are_told_of_one_by_one():
    X, gaps = FRAME[["age", "income"]].assign(height=170.0 + np.arange(80)), FRAME["age"] > 50
    steps = StandardScaler(), KNNImputer()
    pipeline = make_pipeline(*steps, MLPClassifier(4, max_iter=3, random_state=0))
    pipeline.fit(X.assign(income=X["income"].mask(gaps)), LABELS)
    model = TransferMLPClassifier(source=pipeline, strategy="l2_sp", **HARDLY)
    model.fit(X.drop(columns="height").assign(new=1.0 * np.arange(80)), LABELS)
    assert _status(model.transfer_report_, "column") == {
        "age": "reused", "income": "reused", "new": "new", "height": "not in this table",
    }  # fmt: skip


@pytest.mark.slow
def test_its_html_escapes_the_tables_own_words(source):
    hostile = OTHER.rename(columns={"rent": "<script>"})
    model = TransferMLPClassifier(source=source, **HARDLY).fit(hostile, OTHER_LABELS)
    html = model.transfer_report_._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html


def test_notebooks_show_it_below_an_estimator_with_a_source_only(source, target):
    assert "sktransfer-report" in target._repr_html_()
    assert "sktransfer-report" in target._repr_mimebundle_()["text/html"]
    assert "sktransfer-report" not in source._repr_html_()
    assert "sktransfer-report" not in source._repr_mimebundle_()["text/html"]
    assert "sktransfer-report" not in TransferMLPClassifier(source=source)._repr_html_()


def test_below_an_estimator_it_names_the_strategy_and_the_source_is_nested_above(target):
    html = target._repr_html_()
    assert "Strategy: <code>keep_head</code>" in html
    assert "source: TransferMLPClassifier" in html


def test_the_diagram_of_a_pipeline_says_what_came_of_the_source(source):
    model = TransferMLPClassifier(source=source, strategy="l2_sp", **HARDLY)
    html = make_pipeline("passthrough", model).fit(OTHER, OTHER_LABELS)._repr_html_()
    report = html[html.index("source: TransferMLPClassifier") :]
    assert "strategy: l2_sp" in report
    assert repr(model.transfer_report_) in report
    assert "checked" not in report[: report.index("strategy: l2_sp")]  # collapsed


def test_the_diagram_lists_the_weights_of_an_ensembles_members(source):
    model = TransferMLPClassifier(
        source=source, strategy=WeightedEnsemble(["linear", "l2_sp"]), max_iter=2, random_state=0
    ).fit(OTHER, OTHER_LABELS)
    html = model._repr_html_()
    for name, weight in model.member_weights_.items():
        assert f"{name:<16}{weight:.2f}" in html


@pytest.mark.parametrize("kind", ["description", "path", "pipeline"])
def test_whatever_the_source_is_the_diagram_nests_it(source, tmp_path, kind):
    if kind == "description":
        given = describe_source(source)
    elif kind == "path":
        given = str(tmp_path / "saved")
        source.save(given)
    else:
        given = make_pipeline(StandardScaler(), MLPClassifier(4)).fit([[0.0], [1.0]], [0, 1])
    html = TransferMLPClassifier(source=given)._repr_html_()
    assert f"source: {type(given).__name__}" in html
    if kind == "pipeline":
        assert "StandardScaler" in html


def test_it_survives_pickling(target):
    again = pickle.loads(pickle.dumps(target)).transfer_report_
    assert again.rows == target.transfer_report_.rows
    assert repr(again) == repr(target.transfer_report_)
    assert again.n_carried == target.transfer_report_.n_carried


def test_resuming_does_not_forget_it(target):
    before = target.transfer_report_
    target.set_params(warm_start=True).fit(OTHER, OTHER_LABELS)
    assert target.transfer_report_.rows == before.rows


def test_by_position_no_carried_column_is_listed_as_dropped():
    numbers = FRAME[["age", "income"]]
    source = TransferMLPClassifier((7,), max_iter=3, random_state=0).fit(numbers, LABELS)
    model = TransferMLPClassifier(source=source, strategy="full", **HARDLY)
    report = model.fit(numbers.to_numpy(), LABELS).transfer_report_
    assert [row.status for row in report.rows if row.part == "column"] == ["reused", "reused"]


@pytest.mark.parametrize("strategy", [Recalibrate("none"), "recalibrate", "tangent", "probe"])
def test_a_strategy_that_reads_the_outputs_of_a_network_keeps_all_its_layers(strategy):
    X, y = load_iris(return_X_y=True, as_frame=True)
    source = TransferMLPClassifier(4, max_iter=3, random_state=0).fit(X, y)
    model = TransferMLPClassifier(source=source, strategy=strategy, random_state=0)
    report = model.fit(X[::3], y[::3]).transfer_report_
    assert "2 of 2 layers start from the source" in report.headline()
    assert report.counts("layer") == {"reused": 2} and report.counts("class") == {"reused": 3}
    assert report.n_carried == report.n_parameters


def test_outputs_of_other_labels_are_read_and_not_reused():
    X, y = load_iris(return_X_y=True, as_frame=True)
    source = TransferMLPClassifier(4, max_iter=3, random_state=0).fit(X, y > 0)
    model = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    report = model.fit(X[::3], y[::3]).transfer_report_
    assert report.counts("layer") == {"reused": 2} and report.counts("class") == {"new": 3}


def test_a_model_without_layers_reports_none():
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = TransferMLPClassifier(source=LogisticRegression().fit(X, y), strategy="recalibrate")
    report = model.fit(X[::3], y[::3]).transfer_report_
    assert report.counts("layer") == {}
    assert "no source was given" not in str(report)
