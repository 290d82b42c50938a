"""What becomes of a hundred tables that nobody would want to be given: see ``bad_inputs.py``."""

import numpy as np
import pytest
from bad_inputs import FRAME, LABELS, METHODS, OURS, X, inputs, outcome

INPUTS = {name: rest for name, *rest in inputs()}


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_is_answered_or_refused_by_a_clear_error(name):
    table, *targets = INPUTS[name]
    for kind, make in enumerate(OURS):
        for method in METHODS:
            found, error = outcome(make, method, table, targets[kind], kind)
            assert found in ("ok", "warned", "error"), (method, kind, error)
            assert error is None or len(str(error)) > 10


@pytest.mark.parametrize("make", OURS)
def test_the_mask_of_an_array_is_not_lost(make):
    masked = np.ma.masked_less(X, 0)
    model = make().fit(X, LABELS)
    for call in (lambda: make().fit(masked, LABELS), lambda: model.predict(masked)):
        with pytest.raises(TypeError, match=r"masked entries.*filled\(numpy.nan\)"):
            call()
    make().fit(np.ma.masked_array(X), LABELS)  # nothing is masked


def test_what_is_missing_in_a_frame_is_missing_whatever_marks_it():
    model = OURS[0]().fit(FRAME.mask(FRAME < -1), LABELS)
    nullable = FRAME.convert_dtypes().mask(FRAME < -1)
    np.testing.assert_array_equal(
        model.predict_proba(nullable), model.predict_proba(FRAME.mask(FRAME < -1))
    )
