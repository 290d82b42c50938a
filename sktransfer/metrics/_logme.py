"""LogME: the evidence of a Bayesian linear model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sktransfer.metrics._arrays import check_features, standardised, target_columns

#: Ratios of the precisions of weights and noise over which evidence is maximised.
_RATIOS = np.logspace(-8, 8, 161)
#: Least variance of the noise, as a share of the target's: it bounds what a perfect fit gets.
_LEAST_NOISE = 1e-6
#: What uninformative features reach: the mean log density of a standard normal variable.
_NOTHING = -0.5 * (1.0 + np.log(2 * np.pi))


def logme_score(features: ArrayLike, y: ArrayLike, *, task: str = "auto") -> float:
    """Log of the maximum evidence (LogME) of a linear model on hidden features, per row.

    Evidence is the probability of `y` under a Bayesian linear model with its weights integrated
    out, maximised over the precisions of weights and noise.  It does not reward overfitting, so
    that it can be computed on the rows at hand.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_features)
        What the source makes of the target's rows, such as its last hidden layer.  Columns are
        standardised.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target.  Outputs count equally, so do the classes that occur in one; each is
        standardised.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, and all else for labels.

    Returns
    -------
    float
        Mean log density per row of a target of variance 1; about -1.42 for uninformative
        features, and for a constant `y`.

    Raises
    ------
    ValueError
        If an entry is missing or infinite, or the numbers of rows differ.

    See Also
    --------
    probe_gain_score : What features gain over the columns.
    h_score : How far apart the same features hold the classes.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    Notes
    -----
    The reference implementation iterates towards a fixed point; here the evidence is maximised
    over a grid, which the singular values make cheap, and which always ends.

    References
    ----------
    K. You, Y. Liu, J. Wang, M. Long, "LogME: Practical Assessment of Pre-trained Models for
    Transfer Learning", ICML 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.metrics import logme_score
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(100, 5))
    >>> y = np.where(features[:, 0] > 0, "yes", "no")
    >>> logme_score(features, y) > logme_score(rng.normal(size=(100, 5)), y)
    True
    """
    Z = check_features(features, y)
    outputs = [standardised(columns) for columns in target_columns(y, task)]
    if Z.shape[1] == 0:
        return float(_NOTHING)
    U, singular, _ = np.linalg.svd(Z, full_matrices=False)
    scores = [
        _evidence(U, singular**2, columns).mean() if columns.shape[1] else _NOTHING
        for columns in outputs
    ]
    return float(np.mean(scores))


def _evidence(U: np.ndarray, power: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Maximum log evidence per row of each column of `Y`.

    With the noise's precision at its best for a given ratio t of the precisions, evidence is a
    function of t alone: Q(t) / n is then the noise's variance.
    """
    n = len(Y)
    explained = (U.T @ Y) ** 2
    rest = np.maximum((Y**2).sum(axis=0) - explained.sum(axis=0), 0.0)
    t = _RATIOS[:, None] * power.max()
    shrinkage = t / (power + t)  # (n_ratios, n_components)
    noise = np.maximum((shrinkage @ explained + rest) / n, _LEAST_NOISE)
    occam = np.log(shrinkage).sum(axis=1, keepdims=True) / n
    return (0.5 * (occam - np.log(noise)) + _NOTHING).max(axis=0)
