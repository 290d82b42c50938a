"""H-score: how far features separate classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.covariance import ledoit_wolf

from sktransfer.metrics._arrays import check_features, target_codes


def h_score(features: ArrayLike, y: ArrayLike, *, task: str = "auto") -> float:
    """H-score: variance between classes as a share of the features' variance, in all directions.

    ``trace(cov(f)⁻¹ cov(E[f | y]))`` with a shrunk covariance, which needs no more rows than
    features.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_features)
        What the source makes of the target's rows, such as its last hidden layer.  Columns are
        standardised.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target.  Numbers are grouped into at most five bins of equally many rows; several
        outputs count equally.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, and all else for labels.

    Returns
    -------
    float
        From 0, for uninformative features and for a constant `y`, towards the number of
        classes less one.

    Raises
    ------
    ValueError
        If an entry is missing or infinite, or the numbers of rows differ.

    See Also
    --------
    logme_score : The same by the evidence of a linear model.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    Notes
    -----
    Ibrahim et al. also multiply by one less the shrinkage.  That factor is left out: standardised
    features that vary independently are shrunk altogether, and would score 0 however informative
    they are.

    References
    ----------
    Y. Bao et al., "An Information-Theoretic Approach to Transferability in Task Transfer
    Learning", ICIP 2019.  S. Ibrahim, N. Ponomareva, R. Mazumder, "Newer is not always better:
    Rethinking transferability metrics, their peculiarities, stability and performance",
    ECML PKDD 2022, for the shrinkage.

    Examples
    --------
    >>> import numpy as np
    >>> from sktransfer.metrics import h_score
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(100, 5))
    >>> y = features[:, 0] > 0
    >>> h_score(features, y) > h_score(rng.normal(size=(100, 5)), y)
    True
    """
    Z = check_features(features, y)
    outputs = target_codes(y, task)
    if Z.shape[1] == 0:
        return 0.0
    covariance, _ = ledoit_wolf(Z, assume_centered=True)
    scores = []
    for codes in outputs:
        size = np.bincount(codes)
        means = np.eye(len(size))[codes].T @ Z / size[:, None]
        means *= np.sqrt(size / len(Z))[:, None]  # now means.T @ means = cov(E[f | y])
        # least squares: two equal features leave a singular matrix where nothing is shrunk
        inverse = np.linalg.lstsq(covariance, means.T, rcond=1e-10)[0]
        scores.append(float(np.sum(means.T * inverse)))
    return max(0.0, float(np.mean(scores)))
