"""How much more likely a labelled row is among the rows to predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sktransfer._preprocessing import encode

if TYPE_CHECKING:
    from sktransfer._alignment import Prepared

#: Inverse strength of the penalty: few rows must not be separated perfectly.
_C = 0.05
#: Ratios are not believed to be smaller or larger.
_LEAST, _MOST = 0.02, 50.0
#: Enough rows without labels.
_ENOUGH = 10_000


def ratio_of_tested(prepared: Prepared, tested: np.ndarray) -> np.ndarray | None:
    """The ratios at tested rows of a fit, None where it has no rows without labels."""
    if prepared.unlabeled is None:
        return None
    inputs = prepared.inputs
    labelled, unlabelled = (
        encode(X, inputs, np.dtype(np.float64))[:, : inputs.columns.n_scaled]
        for X in (prepared.table.numbers[tested], prepared.unlabeled)
    )
    return density_ratio(labelled, unlabelled)


def density_ratio(labelled: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """Ratios of two densities at labelled rows, and the mean ratio at unlabelled ones.

    A logistic regression separates the two sets of rows; its odds are the ratio.

    Parameters
    ----------
    labelled : ndarray of shape (n_labelled, n_inputs)
    unlabelled : ndarray of shape (n_unlabelled, n_inputs)

    Returns
    -------
    ndarray of shape (n_labelled,)

    References
    ----------
    S. Bickel, M. Brückner, T. Scheffer, "Discriminative Learning under Covariate Shift", Journal
    of Machine Learning Research 10, 2009, section 4.
    """
    from sklearn.linear_model import LogisticRegression

    unlabelled = unlabelled[:: -(-len(unlabelled) // _ENOUGH)]
    rows = np.vstack([labelled, unlabelled]).astype(np.float64)
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    is_new = np.arange(len(rows)) >= len(labelled)
    model = LogisticRegression(C=_C, max_iter=1000).fit(rows, is_new)
    odds = np.exp(model.decision_function(rows)) * len(labelled) / len(unlabelled)
    ratio = np.clip(odds, _LEAST, _MOST)
    relative: np.ndarray = ratio[: len(labelled)] / ratio[len(labelled) :].mean()
    return relative
