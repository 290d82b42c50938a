"""Weights of classes, multiplied into those of rows."""

import numpy as np
import pytest
from scipy import sparse

from sktransfer._targets._schemas import balanced_weight

LABELS = np.array(["a", "b", "a", "c", "a", "b"])
ROWS = np.array([2.0, 1.0, 0.0, 3.0, 1.0, 4.0])


@pytest.mark.parametrize(
    "y", [LABELS, LABELS == "a", np.c_[LABELS == "a", LABELS == "b"].astype(int)]
)
def test_classes_are_balanced_by_the_weights_of_their_rows(y):
    times = ROWS.astype(int)
    weighted = balanced_weight("balanced", y, ROWS)
    repeated = balanced_weight("balanced", np.repeat(y, times, axis=0), None)
    np.testing.assert_allclose(np.repeat(weighted / np.maximum(ROWS, 1), times), repeated)
    if y.ndim == 2:
        np.testing.assert_allclose(
            balanced_weight("balanced", sparse.csr_matrix(y), ROWS), weighted
        )


def test_a_class_of_rows_without_weight_takes_no_share():
    without = balanced_weight("balanced", LABELS[:3], np.ones(3))
    weighted = balanced_weight("balanced", LABELS[:4], np.array([1.0, 1.0, 1.0, 0.0]))
    np.testing.assert_allclose(weighted, [*without, 0.0])
