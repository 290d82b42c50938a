"""Probe gain: is a linear model better off with the source's features?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sktransfer.metrics._arrays import check_features, target_columns

#: Strengths of the ridge penalty, relative to the mean of the features' squared singular values.
_STRENGTHS = np.logspace(-4, 4, 25)


def probe_gain_score(
    features: ArrayLike, X: ArrayLike, y: ArrayLike, *, task: str = "auto"
) -> float:
    """R² of a linear probe on hidden features, less that of the same probe on the raw columns.

    The probe is ridge regression, for labels on an indicator per class; its R² is by exact
    leave-one-out cross-validation, which has a closed form, draws nothing and takes any number of
    rows per class.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_features)
        What the source makes of the target's rows, such as its last hidden layer.  Columns are
        standardised.
    X : array-like of shape (n_samples, n_columns)
        The target's own columns, as numbers; they are standardised too.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target.  Several outputs count equally.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, and all else for labels.

    Returns
    -------
    float
        Above 0 where the source's features serve a linear model better than the columns do; 0 for
        a constant `y`.

    Raises
    ------
    ValueError
        If an entry is missing or infinite, or the numbers of rows differ.

    See Also
    --------
    logme_score : A score of the features alone.
    sktransfer.SharedLayerTransformer : What a source makes of rows.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    References
    ----------
    G. Alain, Y. Bengio, "Understanding intermediate layers using linear classifier probes", ICLR
    2017 workshop.  D. M. Allen, "The relationship between variable selection and data
    augmentation and a method for prediction", Technometrics 16 (1974), for leave-one-out.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.metrics import probe_gain_score
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=60)  # no linear function of X
    >>> features = np.column_stack([X[:, 0] * X[:, 1], X[:, 2] ** 2])
    >>> print(f"{probe_gain_score(features, X, y):.1f}")
    1.0
    """
    ours, theirs = check_features(X, y, "X"), check_features(features, y)
    outputs = target_columns(y, task)
    gains = [_leave_one_out_r2(theirs, Y) - _leave_one_out_r2(ours, Y) for Y in outputs]
    return float(np.mean(gains))


def _leave_one_out_r2(Z: np.ndarray, Y: np.ndarray) -> float:
    """R² of ridge regression with the best of its strengths; 0 is the mean of the other rows."""
    n = len(Y)
    if n < 3 or Z.shape[1] == 0 or Y.shape[1] == 0:
        return 0.0
    U, singular, _ = np.linalg.svd(Z, full_matrices=False)
    power = singular**2
    projected = U.T @ Y
    total = np.sum((Y * n / (n - 1)) ** 2)
    best = 0.0
    for strength in _STRENGTHS * power.mean():
        shrink = power / (power + strength)
        leverage = 1.0 / n + U**2 @ shrink
        residual = Y - U @ (shrink[:, None] * projected)
        residual /= np.maximum(1.0 - leverage, 1e-10)[:, None]
        best = max(best, 1.0 - float(np.sum(residual**2)) / total)
    return best
