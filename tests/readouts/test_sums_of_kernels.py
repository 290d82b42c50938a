"""Members in closed form: what is held out, and what the fitted arrays predict."""

import dataclasses

import numpy as np
import pytest
from fitted import one_fast_in

from sktransfer._networks import closed_form_predictions, forward, scaled_columns
from sktransfer._readouts._closed_form import Learning, fit_closed_form, fit_source_alone
from sktransfer._readouts._features import draw_landmarks, own_columns
from sktransfer._readouts._parts import function_part, linear_part, output_part, tangent_part
from sktransfer._readouts._recalibrate import recalibration_ladder
from sktransfer._readouts._tangent import source_gradients, tangent_directions

N = 60
RNG = np.random.RandomState(0)
INPUTS = RNG.randn(N, 5) * [1, 10, 0.1, 1, 1] + 3
INPUTS[:, 3] = RNG.rand(N) < 0.1
COEFS = [RNG.randn(5, 8) / 3, RNG.randn(8, 3)]
INTERCEPTS = [RNG.randn(8), RNG.randn(3) - 1]
CHAIN = COEFS, INTERCEPTS, "tanh"
OUTPUTS = forward(INPUTS, *CHAIN)
FOLD = RNG.permutation(N) % 4
PAIRS = tuple((np.flatnonzero(k != FOLD), np.flatnonzero(k == FOLD)) for k in range(4))
WEIGHT = RNG.randint(1, 4, N) * 1.0
SIGNAL = OUTPUTS + np.sin(INPUTS[:, :3])
TARGETS = {
    "binary": (SIGNAL.mean(axis=0) < SIGNAL).astype(float),
    "multiclass": np.eye(3)[SIGNAL.argmax(axis=1)],
    "number": SIGNAL * 5 + 20,
    "count": np.round(np.exp(SIGNAL / 4)),
}


def parts_of(names, weight):
    columns = own_columns(INPUTS, weight)
    landmarks = draw_landmarks(scaled_columns(columns, INPUTS), 0, weight, n_landmarks=40)
    directions, direction_of = tangent_directions(np.eye(3), 0)
    made = {
        "linear": linear_part(columns, INPUTS, weight),
        "rbf": function_part(columns, INPUTS, landmarks, weight),
        "outputs": output_part(OUTPUTS, weight),
        "tangent": tangent_part(source_gradients(INPUTS, *CHAIN, directions), direction_of),
        "some rows": tangent_part(
            source_gradients(INPUTS, *CHAIN, directions), direction_of, 20, 0, weight
        ),
    }
    return [(made[name], 1.0 + i) for i, name in enumerate(names)]


@pytest.mark.parametrize(
    "names",
    [
        ("linear",),
        ("linear", "rbf"),
        ("outputs",),
        ("tangent",),
        ("rbf", "tangent", "linear"),
        ("rbf", "some rows"),
    ],
    ids="+".join,
)
@pytest.mark.parametrize("kind", one_fast_in(3, TARGETS))
def test_the_fitted_member_predicts_what_its_equations_say(kind, names):
    """Rows of weight 0 are held out from the model of all rows, too."""
    weight, new = WEIGHT.copy(), np.arange(0, N, 4)
    weight[new] = 0
    pairs = ((np.arange(N), new),)
    learning = Learning(kind, TARGETS[kind], weight, pairs, OUTPUTS)
    ladder = recalibration_ladder(OUTPUTS, TARGETS[kind], kind, weight, pairs)
    # by the other rows, for on these none of them has weight
    scored = dataclasses.replace(learning, weight=None)
    offsets = [None, ladder[0], ladder[-1]]
    fits = fit_closed_form(learning, parts_of(names, weight), offsets)
    for fit in [*fits, fit_source_alone(learning, ladder[-1])]:
        model = fit.model()
        found = closed_form_predictions(model, INPUTS[new], *CHAIN, outputs=OUTPUTS[new])
        np.testing.assert_allclose(found, fit.held_out, atol=1e-8)
        assert np.isnan(fit.loss) and np.isfinite(scored.loss(fit.held_out))


@pytest.mark.parametrize("kind", list(TARGETS))
def test_strengths_are_averaged_by_the_likelihood_of_held_out_rows(kind):
    learning = Learning(kind, TARGETS[kind], WEIGHT, PAIRS, OUTPUTS)
    ladder = recalibration_ladder(OUTPUTS, TARGETS[kind], kind, WEIGHT, PAIRS)
    parts, strengths = parts_of(("tangent", "rbf"), WEIGHT), (100.0, 0.1)
    alone = [fit_closed_form(learning, parts, [ladder[-1]], [s])[0] for s in strengths]
    (both,) = fit_closed_form(learning, parts, [ladder[-1]], strengths)
    assert [fit.strength for fit in alone] == pytest.approx(strengths)
    assert strengths[1] < both.strength < strengths[0]
    better = int(np.argmin([fit.loss for fit in alone]))
    distance = np.abs(np.log(both.strength / np.array(strengths)))
    assert int(np.argmin(distance)) == better
    assert both.loss < max(fit.loss for fit in alone)
    (all_strengths,) = fit_closed_form(learning, parts, [ladder[-1]])
    np.testing.assert_allclose(all_strengths.loss, learning.loss(all_strengths.held_out))
    constant = np.tile(np.average(TARGETS[kind], axis=0, weights=WEIGHT), (N, 1))
    assert all_strengths.loss < learning.loss(constant)


def test_every_target_has_its_own_strengths_and_missing_entries_do_not_count():
    y = TARGETS["number"].copy()
    y[::3, 1] = np.nan
    learning = Learning("number", y, WEIGHT, PAIRS)
    (fit,) = fit_closed_form(learning, parts_of(("linear",), WEIGHT))
    for column in range(3):
        one = Learning("number", y[:, [column]], WEIGHT, PAIRS)
        (alone,) = fit_closed_form(one, parts_of(("linear",), WEIGHT))
        np.testing.assert_allclose(fit.held_out[:, [column]], alone.held_out, atol=1e-8)


def test_without_folds_a_usual_strength_is_taken():
    learning = Learning("binary", TARGETS["binary"], None, (), OUTPUTS)
    (fit,) = fit_closed_form(learning, parts_of(("linear",), None))
    assert 0.1 < fit.strength < 1
    assert fit.held_out.shape == (0, 3)
    found = closed_form_predictions(fit.model(), INPUTS)
    assert ((found > 0) & (found < 1)).all()


def test_no_training_row_is_in_a_fitted_member():
    """Not in its arrays, whatever unit these are in."""
    learning = Learning("number", TARGETS["number"], None, PAIRS, OUTPUTS)
    parts = parts_of(("linear", "rbf", "tangent"), None)
    model = fit_closed_form(learning, parts)[0].model()
    assert model.tangent.weights[0].shape == (3, 5, 8)
    z = scaled_columns(model.columns, INPUTS)
    nearest = np.sqrt(((z[:, None] - model.rbf.landmarks) ** 2).sum(axis=2)).min()
    assert nearest > 0.1
    for array in (model.linear, model.rbf.weight, model.rbf.landmarks, model.tangent.head):
        assert N not in array.shape


def test_landmarks_are_nearly_as_good_as_the_rows_themselves():
    z = scaled_columns(own_columns(INPUTS), INPUTS)
    features = draw_landmarks(z, 0).features(z)
    kernel = np.exp(-((z[:, None] - z) ** 2).sum(axis=2) / z.shape[1])
    assert np.abs(features @ features.T - kernel).max() < 0.15
    assert np.linalg.norm(features @ features.T - kernel) < 0.05 * np.linalg.norm(kernel)


def test_a_tangent_written_by_some_rows_is_that_of_all_where_these_span_it():
    directions, direction_of = tangent_directions(np.eye(3), 0)
    gradients = source_gradients(INPUTS, *CHAIN, directions)
    learning = Learning("number", TARGETS["number"], None, PAIRS)
    columns = linear_part(own_columns(INPUTS), INPUTS)
    for most_rows, is_close in ((59, 1e-3), (30, 0.3)):
        some = tangent_part(gradients, direction_of, most_rows)
        assert some.n_rows == most_rows
        exact = fit_closed_form(
            learning, [(tangent_part(gradients, direction_of), 1.0), (columns, 1.0)]
        )
        (near,) = fit_closed_form(learning, [(some, 1.0), (columns, 1.0)])
        error = np.abs(near.held_out - exact[0].held_out).mean(axis=0)
        assert (error < is_close * TARGETS["number"].std(axis=0)).all()


def test_columns_of_two_values_are_not_stretched_and_constant_ones_left_out():
    rows = np.zeros((100, 3))
    rows[0, 0], rows[:, 1] = 1, RNG.randn(100)
    scale = own_columns(rows)
    assert scale.position.tolist() == [0, 1]
    assert scale.scale[0] == 0.3
    moved = own_columns(rows * 7 + 2)  # in any unit
    np.testing.assert_allclose(
        scaled_columns(scale, rows), scaled_columns(moved, rows * 7 + 2), atol=1e-12
    )


def test_a_member_that_reads_outputs_says_that_it_needs_them():
    learning = Learning("number", TARGETS["number"], None, PAIRS, OUTPUTS)
    (fit,) = fit_closed_form(learning, parts_of(("outputs",), None))
    with pytest.raises(ValueError, match="give outputs"):
        closed_form_predictions(fit.model(), INPUTS)
