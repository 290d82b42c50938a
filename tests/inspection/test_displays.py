"""Displays: the arrays that they keep, and what they draw, without comparing images."""

import copy
import pickle

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.inspection import (
    CoverageDisplay,
    LayerChangeDisplay,
    LossCurveDisplay,
    MemberWeightsDisplay,
    TaskAffinityDisplay,
    TransferCurveDisplay,
    task_affinity,
)
from sktransfer.model_selection import transfer_learning_curve
from sktransfer.strategies import L2SP, WeightedEnsemble

matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def source():
    return TransferMLPClassifier((12, 8), max_iter=5, random_state=0).fit(X, y)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def _fit(source, strategy, **params):
    params = {"max_iter": 12, "random_state": 0} | params
    return TransferMLPClassifier(source=source, strategy=strategy, **params).fit(X[:200], y[:200])


def test_the_loss_is_drawn_in_one_line_per_phase(source):
    model = _fit(source, "lp_ft")
    display = LossCurveDisplay.from_estimator(model)
    np.testing.assert_array_equal(display.loss_curve, model.loss_curve_)
    assert list(display.phase_starts) == [0, 6]
    first, second = display.lines_
    np.testing.assert_array_equal(first.get_ydata(), model.loss_curve_[:6])
    np.testing.assert_array_equal(second.get_xdata(), np.arange(6, 13))
    assert display.score_ax_ is None


def test_without_phases_it_is_one_line():
    model = _fit(None, "auto")
    display = LossCurveDisplay.from_estimator(model, color="red")
    (line,) = display.lines_
    assert line.get_color() == "red"
    assert len(line.get_xdata()) == model.n_iter_


def test_scores_on_held_out_rows_have_an_axis_of_their_own():
    model = _fit(None, "auto", early_stopping=True)
    display = LossCurveDisplay.from_estimator(model)
    (line,) = display.score_ax_.lines
    np.testing.assert_array_equal(line.get_ydata(), model.validation_scores_)


def test_after_unpickling_the_curve_is_one_line(source):
    model = pickle.loads(pickle.dumps(_fit(source, "lp_ft")))
    assert list(LossCurveDisplay.from_estimator(model).phase_starts) == [0]


def test_epochs_of_partial_fit_are_all_drawn(source):
    model = TransferMLPClassifier(source=source, strategy="l2_sp", random_state=0)
    for _ in range(3):
        model.partial_fit(X[:50], y[:50], classes=np.arange(10))
    display = LossCurveDisplay.from_estimator(model)
    drawn = {x for line in display.lines_ for x in line.get_xdata()}
    assert drawn == {1, 2, 3}


def test_a_solver_without_epochs_is_refused():
    with pytest.raises(ValueError, match="lbfgs"):
        LossCurveDisplay.from_estimator(_fit(None, "auto", solver="lbfgs", max_iter=3))


@pytest.mark.parametrize("kind", [LossCurveDisplay, LayerChangeDisplay, MemberWeightsDisplay])
def test_an_unfitted_estimator_is_refused(kind):
    with pytest.raises(NotFittedError):
        kind.from_estimator(TransferMLPClassifier())
    with pytest.raises(TypeError, match=r"expected one of sktransfer\. .* pipeline\[-1\]"):
        kind.from_estimator(make_pipeline(TransferMLPClassifier()))


def _displays(source):
    """One of each kind, drawn by the axes that are given."""
    model = _fit(source, "l2_sp")
    tasks = {"digit": y[:100], "large": y[:100] > 4}
    several = MultiTaskMLP((8,), max_iter=2, random_state=0).fit(X[:100], tasks)
    return {
        LossCurveDisplay: lambda ax: LossCurveDisplay.from_estimator(model, ax=ax),
        LayerChangeDisplay: lambda ax: LayerChangeDisplay.from_estimator(model, ax=ax),
        MemberWeightsDisplay: lambda ax: MemberWeightsDisplay.from_estimator(
            _fit(source, WeightedEnsemble(["linear", "l2_sp"])), ax=ax
        ),
        TaskAffinityDisplay: lambda ax: TaskAffinityDisplay.from_estimator(
            several, X[:100], tasks, n_epochs=1, ax=ax
        ),
        TransferCurveDisplay: lambda ax: TransferCurveDisplay.from_estimator(
            model, source, X[:100], y[:100], train_sizes=[20, 40], cv=2, random_state=0, ax=ax
        ),
    }


@pytest.mark.parametrize(
    "kind",
    [
        LossCurveDisplay,
        LayerChangeDisplay,
        MemberWeightsDisplay,
        TaskAffinityDisplay,
        TransferCurveDisplay,
    ],
)
def test_a_display_draws_where_it_is_given_and_leaves_the_style_alone(kind, source):
    before = dict(plt.rcParams)
    figure, (left, right) = plt.subplots(1, 2)
    display = _displays(source)[kind](left)
    assert type(display) is kind
    assert display.ax_ is left and display.figure_ is figure
    assert left.has_data() and not right.has_data()
    assert display.plot(ax=right) is display and display.ax_ is right
    assert right.has_data()
    assert dict(plt.rcParams) == before


def test_the_more_a_strategy_holds_the_less_layers_change(source):
    frozen, held, free = (
        LayerChangeDisplay.from_estimator(_fit(source, strategy)).change
        for strategy in ("frozen", L2SP(strength=10.0), "full")
    )
    np.testing.assert_allclose(frozen, 0, atol=1e-6)
    assert (held > 0).all() and (free > held).all()


def test_the_change_is_the_distance_of_the_weights(source):
    model = _fit(source, "keep_head")
    display = LayerChangeDisplay.from_estimator(model)
    assert display.layer_names == ["hidden layer 1", "hidden layer 2", "output layer"]
    start, now = source.coefs_[1], model.coefs_[1]
    expected = np.linalg.norm(now - start) / np.linalg.norm(start)
    assert display.change[1] == pytest.approx(expected, rel=1e-5)
    heights = [bar.get_height() for bar in display.bars_]
    np.testing.assert_array_equal(heights, display.change)


def test_the_change_is_that_of_the_transfer_that_happened(source):
    given = copy.deepcopy(source)
    model = _fit(given, "full")
    before = LayerChangeDisplay.from_estimator(model).change

    def is_kept(model):
        np.testing.assert_array_equal(LayerChangeDisplay.from_estimator(model).change, before)

    is_kept(pickle.loads(pickle.dumps(model)))
    given.fit(X[:50], y[:50])  # the source learns something else
    is_kept(model)
    is_kept(pickle.loads(pickle.dumps(model.set_params(source=None))))


@pytest.mark.parametrize("given", [False, True])
def test_without_a_carried_layer_there_is_nothing_to_show(given, source):
    model = _fit(source if given else None, "scratch")
    with pytest.raises(ValueError, match="carried over from a source"):
        LayerChangeDisplay.from_estimator(model)


# -- with and without a source ------------------------------------------------------------


@pytest.fixture(scope="module")
def curve(source):
    model = TransferMLPClassifier((12, 8), strategy="l2_sp", max_iter=5, random_state=0)
    return transfer_learning_curve(
        model, source, X[:300], y[:300], train_sizes=[20, 60], cv=3, random_state=0
    )


def test_a_transfer_curve_has_a_line_for_each_side(curve):
    display = TransferCurveDisplay(**curve).plot(linewidth=3)
    without, with_source, as_it_is = display.lines_
    np.testing.assert_allclose(as_it_is.get_ydata(), curve.scores_as_is.mean())
    np.testing.assert_array_equal(without.get_xdata(), [20, 60])
    np.testing.assert_allclose(without.get_ydata(), curve.scores_without.mean(axis=1))
    np.testing.assert_allclose(with_source.get_ydata(), curve.scores_with.mean(axis=1))
    assert with_source.get_linewidth() == 3
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == [
        "without source",
        "with source",
        "source as it is",
        "interval of the gain",
    ]


def test_its_band_leaves_the_line_without_source_where_the_gain_is_clear(curve):
    display = TransferCurveDisplay(**curve).plot()
    corners = display.band_.get_paths()[0].vertices
    without = curve.scores_without.mean(axis=1)
    for at, low, high in zip(
        [20, 60], without + curve.gain_low, without + curve.gain_high, strict=True
    ):
        heights = corners[corners[:, 0] == at, 1]
        assert heights.min() == pytest.approx(low) and heights.max() == pytest.approx(high)


def test_a_single_fold_has_no_band(source):
    model = TransferMLPClassifier((12, 8), strategy="l2_sp", max_iter=2, random_state=0)
    folds = [(np.arange(50), np.arange(50, 100))]
    display = TransferCurveDisplay.from_estimator(
        model, source, X, y, cv=folds, train_sizes=[20, 50], random_state=0
    )
    assert display.band_ is None


@pytest.mark.parametrize(
    "given, expected", [({}, "accuracy"), ({"scoring": "neg_log_loss"}, "neg_log_loss"),
                        ({"score_name": "right answers"}, "right answers")]
)  # fmt: skip
def test_the_axis_of_a_transfer_curve_names_the_score(source, given, expected):
    model = TransferMLPClassifier((12, 8), strategy="l2_sp", max_iter=2, random_state=0)
    display = TransferCurveDisplay.from_estimator(
        model, source, X[:80], y[:80], cv=2, train_sizes=[40], random_state=0, **given
    )
    assert display.ax_.get_ylabel() == expected


# -- members of an ensemble -------------------------------------------------------------


@pytest.fixture(scope="module")
def ensemble(source):
    return _fit(source, WeightedEnsemble(["linear", "probe", "l2_sp", "scratch"]))


def test_member_weights_are_those_of_the_estimator(ensemble):
    display = MemberWeightsDisplay.from_estimator(ensemble)
    assert set(display.member_names) == {"linear", "probe", "l2_sp", "scratch"}
    for name, weight, loss, bar in zip(
        display.member_names, display.weights, display.losses, display.bars_, strict=True
    ):
        assert weight == ensemble.member_weights_.get(name, 0.0) == bar.get_width()
        assert loss == ensemble.member_losses_[name]
    assert display.weights.sum() == pytest.approx(1)


def test_members_with_and_without_the_source_differ(ensemble):
    display = MemberWeightsDisplay.from_estimator(ensemble)
    uses = dict(zip(display.member_names, display.uses_source, strict=True))
    assert uses == {"linear": False, "probe": True, "l2_sp": True, "scratch": False}
    colours = {uses[n]: b.get_facecolor() for n, b in zip(uses, display.bars_, strict=True)}
    assert colours[True] != colours[False]
    assert all(
        colours[uses[n]] == b.get_facecolor() for n, b in zip(uses, display.bars_, strict=True)
    )
    labels = {text.get_text() for text in display.ax_.get_legend().get_texts()}
    assert labels == {"with source", "without source"}


def test_the_loss_of_a_member_stands_next_to_its_bar(ensemble):
    display = MemberWeightsDisplay.from_estimator(ensemble)
    assert [text.get_text() for text in display.text_] == [
        f"loss {loss:.3g}" for loss in display.losses
    ]


def test_member_weights_are_known_after_unpickling(ensemble):
    again = pickle.loads(pickle.dumps(ensemble))
    weights = MemberWeightsDisplay.from_estimator(again).weights
    np.testing.assert_array_equal(weights, MemberWeightsDisplay.from_estimator(ensemble).weights)


def test_without_held_out_rows_there_are_weights_but_no_losses(source):
    model = TransferMLPClassifier(
        source=source, strategy=WeightedEnsemble(["linear", "l2_sp"]), max_iter=2, random_state=0
    ).fit(X[:3], y[:3])
    display = MemberWeightsDisplay.from_estimator(model)
    assert np.isnan(display.losses).all()
    assert {text.get_text() for text in display.text_} == {""}


def test_a_single_strategy_has_no_members_to_show(source):
    with pytest.raises(ValueError, match="one strategy"):
        MemberWeightsDisplay.from_estimator(_fit(source, "l2_sp"))


# -- affinity of tasks --------------------------------------------------------------------


def test_a_matrix_of_affinities_shows_its_numbers():
    affinity = pd.DataFrame(
        [[1.0, -0.25], [-0.25, 1.0]], index=["mass", "sugar"], columns=["mass", "sugar"]
    )
    display = TaskAffinityDisplay(affinity).plot(cmap="PiYG")
    assert [[text.get_text() for text in row] for row in display.text_] == [
        ["1.00", "-0.25"],
        ["-0.25", "1.00"],
    ]
    np.testing.assert_array_equal(display.image_.get_array(), affinity)
    assert display.image_.cmap.name == "PiYG" and display.image_.get_clim() == (-1, 1)
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert ticks == display.task_names == ["mass", "sugar"]


def test_a_task_without_labels_is_a_dash():
    display = TaskAffinityDisplay(np.array([[1.0, np.nan], [np.nan, np.nan]])).plot()
    assert display.text_[0, 1].get_text() == "–"
    assert display.task_names == ["0", "1"]


def test_affinities_of_an_estimator_are_those_of_task_affinity():
    tasks = pd.DataFrame({"digit": y[:100], "large": y[:100] > 4})
    model = MultiTaskMLP((8,), max_iter=2, random_state=0).fit(X[:100], tasks)
    display = TaskAffinityDisplay.from_estimator(model, X[:100], tasks, n_epochs=2)
    np.testing.assert_array_equal(
        display.affinity, task_affinity(model, X[:100], tasks, n_epochs=2)
    )


def test_coverage_is_counted_by_groups_of_the_prediction():
    model = TransferMLPRegressor(strategy="linear", random_state=0).fit(X[:200], X[:200, 20])
    new, amounts = X[200:440], X[200:440, 20] + 0.1 * np.arange(240)
    display = CoverageDisplay.from_estimator(model, new, amounts, n_groups=3, color="C3")
    lower, upper = model.predict_interval(new).T
    assert display.n_samples.sum() == 240 and len(display.group_names) <= 3
    covered = ((amounts >= lower) & (amounts <= upper)).mean()
    assert np.average(display.covered, weights=display.n_samples) == pytest.approx(covered)
    assert len(display.bars_) == len(display.covered)
    assert display.line_.get_ydata()[0] == 0.9
    assert display.width_ax_.get_ylabel() == "mean width"
    assert display.plot().ax_.get_xlabel() == "prediction"


def test_coverage_of_sets_is_counted_by_groups_of_the_user():
    model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[:150], y[:150] % 3)
    labels = np.where(np.arange(100) < 5, 7, y[200:300] % 3)  # 7 is in no set
    groups = np.where(np.arange(100) < 5, "other", "same")
    display = CoverageDisplay.from_estimator(model, X[200:300], labels, groups=groups)
    assert display.group_names == ["other", "same"] and display.n_samples.tolist() == [5, 95]
    assert display.covered[0] == 0 and display.covered[1] > 0.7
    assert 1 <= display.width.max() <= 3
    assert display.plot().bars_[0].get_height() == pytest.approx(display.width[0])


def test_rows_of_no_group_are_one_and_long_names_are_slanted():
    model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[:150], y[:150] % 3)
    groups = np.array([f"a name of a group {i % 4}" if i % 5 else None for i in range(100)])
    shown = CoverageDisplay.from_estimator(model, X[200:300], y[200:300] % 3, groups=groups)
    assert shown.group_names[-1] == "missing" and shown.n_samples.tolist() == [20] * 5
    assert {text.get_rotation() for text in shown.ax_.get_xticklabels()} == {45.0}


def test_coverage_of_several_outputs_is_refused():
    model = TransferMLPRegressor(strategy="linear").fit(X[:50], X[:50, 2:4])
    with pytest.raises(ValueError, match="y has 2 outputs"):
        CoverageDisplay.from_estimator(model, X[50:90], X[50:90, 2:4])
