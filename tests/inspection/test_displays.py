"""Displays: the arrays that they keep, and what they draw, without comparing images."""

import pickle

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from sktransfer import TransferMLPClassifier
from sktransfer.inspection import LayerChangeDisplay, LossCurveDisplay
from sktransfer.strategies import L2SP

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
    model = TransferMLPClassifier(source=source, random_state=0)
    for _ in range(3):
        model.partial_fit(X[:50], y[:50], classes=np.arange(10))
    display = LossCurveDisplay.from_estimator(model)
    drawn = {x for line in display.lines_ for x in line.get_xdata()}
    assert drawn == {1, 2, 3}


def test_a_solver_without_epochs_is_refused():
    with pytest.raises(ValueError, match="lbfgs"):
        LossCurveDisplay.from_estimator(_fit(None, "auto", solver="lbfgs", max_iter=3))


@pytest.mark.parametrize("kind", [LossCurveDisplay, LayerChangeDisplay])
def test_an_unfitted_estimator_is_refused(kind):
    with pytest.raises(NotFittedError):
        kind.from_estimator(TransferMLPClassifier())


@pytest.mark.parametrize("kind", [LossCurveDisplay, LayerChangeDisplay])
def test_a_display_draws_where_it_is_told_to_and_leaves_the_style_alone(kind, source):
    before = dict(plt.rcParams)
    figure, (left, right) = plt.subplots(1, 2)
    display = kind.from_estimator(_fit(source, "l2_sp"), ax=left)
    assert display.ax_ is left and display.figure_ is figure
    assert display.plot(ax=right) is display and display.ax_ is right
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


def test_the_change_is_known_after_unpickling(source):
    model = _fit(source, "full")
    before = LayerChangeDisplay.from_estimator(model).change
    again = LayerChangeDisplay.from_estimator(pickle.loads(pickle.dumps(model))).change
    np.testing.assert_allclose(again, before, rtol=1e-6)


@pytest.mark.parametrize("given", [False, True])
def test_without_a_carried_layer_there_is_nothing_to_show(given, source):
    model = _fit(source if given else None, "scratch")
    with pytest.raises(ValueError, match="carried over from a source"):
        LayerChangeDisplay.from_estimator(model)
