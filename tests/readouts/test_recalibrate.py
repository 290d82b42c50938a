"""A source's predictions, updated: as it is, intercept, slope and intercept."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from sktransfer._networks import recalibrate, to_predictions, to_scores
from sktransfer._readouts._recalibrate import LADDER, recalibration_ladder, to_logits
from sktransfer._readouts._to_probability import fit_score_scale

N = 60
RNG = np.random.RandomState(0)
F = RNG.randn(N, 3) * 2 + 0.5
WEIGHT = RNG.randint(0, 3, N) * 1.0
FOLD = RNG.permutation(N) % 4
PAIRS = tuple((np.flatnonzero(k != FOLD), np.flatnonzero(k == FOLD)) for k in range(4))
TARGETS = {
    "binary": (RNG.rand(N, 3) < 1 / (1 + np.exp(-0.6 * F + 1))).astype(float),
    "multiclass": np.eye(3)[(F + RNG.gumbel(size=F.shape)).argmax(axis=1)],
    "number": 0.7 * F + 2 + RNG.randn(N, 3),
    "count": RNG.poisson(np.exp(0.3 * F)).astype(float),
}


def penalised(params, kind, rung, center, y, weight):
    """The loss that a rung minimises, of all outputs, for slopes and shifts around the mean."""
    slope, shift = params
    f = F + shift + (slope - 1) * (F - center)
    loss = {
        "binary": lambda: (np.logaddexp(0, f) - y * f).sum(axis=1),
        "multiclass": lambda: logsumexp(f, axis=1) - (y * f).sum(axis=1),
        "count": lambda: (np.exp(f) - y * f).sum(axis=1),
    }[kind]()
    slopes = slope[:1] if kind == "multiclass" else slope
    pull = 0.0 if np.isinf(rung.slope) else rung.slope * np.sum((slopes - 1) ** 2)
    return weight @ loss + 0.5 * (pull + rung.intercept * np.sum(shift**2))


@pytest.mark.parametrize("rung", LADDER[1:], ids=lambda rung: rung.name)
@pytest.mark.parametrize("kind", ["binary", "multiclass", "count"])
def test_slope_and_intercept_minimise_the_penalised_loss(kind, rung):
    y = TARGETS[kind]
    (fit,) = recalibration_ladder(F, y, kind, WEIGHT, ladder=[rung])
    center = np.average(F, axis=0, weights=WEIGHT)
    n_slopes = 0 if np.isinf(rung.slope) else 1 if kind == "multiclass" else 3

    def loss(params):
        slope = np.ones(3) if not n_slopes else np.broadcast_to(params[:n_slopes], 3)
        return penalised((slope, params[n_slopes:]), kind, rung, center, y, WEIGHT)

    least = minimize(loss, np.r_[np.ones(n_slopes), np.zeros(3)], options={"gtol": 1e-8})
    slope = np.broadcast_to(least.x[:n_slopes], 3) if n_slopes else np.ones(3)
    expected = (F - center) * slope + center + least.x[n_slopes:]
    np.testing.assert_allclose(recalibrate(fit.of_all, F), expected, atol=1e-4)


@pytest.mark.parametrize("kind", list(TARGETS))
def test_every_fold_is_fitted_without_its_test_rows(kind):
    y = TARGETS[kind]
    for fit in recalibration_ladder(F, y, kind, WEIGHT, PAIRS):
        offset, parts = fit.offset(F, kind), []
        for fold, (train, test) in enumerate(PAIRS):
            (alone,) = recalibration_ladder(
                F[train], y[train], kind, WEIGHT[train], ladder=[fit.rung]
            )
            parts.append(recalibrate(alone.of_all, F[test]))
            scores = to_scores(recalibrate(alone.of_all, F), kind)
            np.testing.assert_allclose(offset.by_fold[fold], scores, atol=1e-8)
        np.testing.assert_allclose(fit.held_out(F, PAIRS), np.concatenate(parts), atol=1e-8)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_scores_that_are_no_logits_get_their_slope_from_few_rows(kind):
    y, known = TARGETS[kind], {}
    for factor in (1.0, 0.1):  # margins of a linear model, say, lie between -1 and 1
        *_, strong, weak = recalibration_ladder(factor * F, y, kind)
        known[factor] = strong.of_all.slope * factor, weak.of_all.slope * factor
    assert (known[0.1][0] > 0.3 * known[1.0][0]).all()  # with a penalty of 16 below .2
    assert (known[0.1][1] > 0.3 * known[1.0][1]).all()


def test_slopes_of_numbers_minimise_the_penalised_loss_of_normal_errors():
    y = TARGETS["number"]
    as_is, *slopes = (
        fit for fit in recalibration_ladder(F, y, "number") if "int" not in fit.rung.name
    )
    np.testing.assert_array_equal(recalibrate(as_is.of_all, F), F)
    for fit in slopes:
        for column in range(3):
            f, t = F[:, column] - F[:, column].mean(), y[:, column] - y[:, column].mean()
            variance = np.sum((t - (f @ t) / (f @ f) * f) ** 2) / (N - 2)
            expected = (f @ t + fit.rung.slope * variance) / (f @ f + fit.rung.slope * variance)
            np.testing.assert_allclose(fit.of_all.slope[column], expected, rtol=1e-6)


@pytest.mark.parametrize("origin", [0.0, 0.2, 1e6])
def test_an_intercept_of_numbers_is_left_as_far_as_it_exceeds_its_standard_error(origin):
    error = np.random.RandomState(2).randn(12)
    error += origin - error.mean()
    fits = recalibration_ladder(
        F[:12, :1], F[:12, :1] + error[:, None], "number", ladder=LADDER[1:3]
    )
    for fit in fits:
        t = origin / np.sqrt(error.var() * 12 / 10 / 12)
        expected = origin * t**2 / max(t**2 + 2 * fit.rung.intercept, 1e-9)
        np.testing.assert_allclose(fit.of_all.intercept, expected, rtol=1e-9, atol=1e-12)


def test_a_slope_of_numbers_stays_where_rows_do_not_tell_it_and_moves_where_they_do():
    few, noise = slice(0, 12), np.random.RandomState(1).randn(12, 3)
    (_, *_, unknown, _), (_, *_, clear, _) = (
        recalibration_ladder(F[few], y, "number")
        for y in (0.1 * F[few] + 50 * noise, 0.001 * F[few] + 3)  # another unit
    )
    np.testing.assert_allclose(unknown.of_all.slope, 1, atol=0.3)
    np.testing.assert_allclose(clear.of_all.slope, 0.001, rtol=1e-6)
    (*_, two) = recalibration_ladder(F[:2], TARGETS["number"][:2], "number")
    np.testing.assert_array_equal(two.of_all.slope, 1)


@pytest.mark.parametrize("unit", [10.0, 1e4])
def test_another_unit_of_y_is_read_off_few_rows(unit):
    f = F[:12, :1]
    y = unit * (f + 0.3 * np.random.RandomState(1).randn(12, 1)) + 3
    for fit in recalibration_ladder(f, y, "number", ladder=LADDER[-2:]):
        expected, _ = np.polyfit(f.ravel(), y.ravel(), 1)
        np.testing.assert_allclose(fit.of_all.slope, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", list(TARGETS))
def test_a_negative_slope_needs_clear_evidence(kind):
    y = TARGETS[kind]
    for name in ("slope_strong", "slope_weak"):
        (rung,) = [rung for rung in LADDER if rung.name == name]
        (turned,) = recalibration_ladder(-F, y, kind, ladder=[rung])
        assert (turned.of_all.slope < 0).all()
        (right,) = recalibration_ladder(F, y, kind, ladder=[rung])
        assert (right.of_all.slope > 0).all()
        few = slice(0, 4)  # of a few rows it is chance
        (few_rows,) = recalibration_ladder(-F[few], y[few], kind, ladder=[rung])
        assert kind not in ("binary", "multiclass") or (few_rows.of_all.slope >= 0).all()


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_rows_that_contradict_the_source_leave_the_order_of_its_predictions(kind):
    outputs = np.tile([[1.0, -1.0], [-1.0, 1.0]], (5, 1))
    y = np.eye(2)[[1, 0] * 3 + [0, 1] * 2]  # six of ten rows against it
    (weak,) = recalibration_ladder(outputs, y, kind, ladder=LADDER[-1:])
    assert (weak.of_all.slope > 0).all()
    updated = recalibrate(weak.of_all, outputs)
    np.testing.assert_allclose(updated.std(axis=0), 0.05)
    np.testing.assert_allclose(updated.mean(axis=0) - updated.mean(), 0, atol=1e-6)


def test_outputs_that_say_nothing_get_slopes_that_are_not_negative():
    noise = np.random.RandomState(1).randn(20, 40)
    y = (np.random.RandomState(2).rand(20, 40) < 0.5).astype(float)
    _, *_, weak = recalibration_ladder(noise, y, "binary")
    assert (weak.of_all.slope >= 0).mean() > 0.9
    _, *_, weak = recalibration_ladder(noise, np.random.RandomState(3).randn(20, 40), "number")
    assert (weak.of_all.slope >= 0).mean() > 0.9


@pytest.mark.parametrize("kind", ["binary", "number", "count"])
def test_missing_entries_leave_each_output_its_own_rows(kind):
    y = TARGETS[kind].copy()
    y[RNG.rand(*y.shape) < 0.3] = np.nan
    *_, weak = recalibration_ladder(F, y, kind, WEIGHT)
    for column in range(3):
        known = ~np.isnan(y[:, column])
        *_, alone = recalibration_ladder(
            F[known][:, [column]], y[known][:, [column]], kind, WEIGHT[known]
        )
        np.testing.assert_allclose(weak.of_all.slope[[column]], alone.of_all.slope, rtol=1e-6)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_a_class_that_is_alone_and_certain_outputs_stay_finite(kind):
    y = np.zeros((8, 3))
    y[:, 1] = 1
    certain = to_logits(y[::-1] if kind == "multiclass" else y, kind)
    assert np.abs(certain).max() <= 8.0 + 1e-9  # the clip: e⁻⁸
    for fit in recalibration_ladder(certain, y, kind, pairs=((np.arange(4), np.arange(4, 8)),)):
        assert np.isfinite(fit.held_out(certain, ((np.arange(4), np.arange(4, 8)),))).all()
    for fit in recalibration_ladder(np.full((8, 3), 400.0), 1 - y, "binary"):
        assert np.isfinite(fit.of_all.slope).all() and np.isfinite(fit.of_all.intercept).all()


def test_scores_are_twice_the_probability_minus_one():
    p = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])
    np.testing.assert_allclose(to_scores(to_logits(p, "binary"), "binary"), 2 * p - 1)
    np.testing.assert_allclose(to_scores(to_logits(p, "multiclass"), "multiclass"), 2 * p - 1)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_the_scale_of_scores_has_the_least_held_out_loss(kind):
    y = TARGETS[kind]
    scores = np.stack([to_scores(F, kind), 0.2 * F])
    scale, loss = fit_score_scale(scores, y, kind, WEIGHT)
    assert scale.shape == (2, 3 if kind == "binary" else 1)

    def mean_loss(model, factor):
        p = to_predictions(scores[model], scale[model] * factor, kind)
        of_row = np.where(y == 1, p, 1 - p) if kind == "binary" else (y * p).sum(axis=1)[:, None]
        return np.average(-np.log(of_row), axis=0, weights=WEIGHT)

    for model in range(2):
        np.testing.assert_allclose(mean_loss(model, 1.0), loss[model])
        for factor in (0.5, 2.0):  # the prior counts for a tenth of the rows
            assert (mean_loss(model, factor) > loss[model] - 0.03).all()
        alone, _ = fit_score_scale(scores[model], y, kind, WEIGHT)
        np.testing.assert_array_equal(alone, scale[model])
