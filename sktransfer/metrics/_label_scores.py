"""LEEP and NCE: how well a source's outputs predict the target's labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length

from sktransfer.metrics._arrays import class_codes, outputs_of, target_codes


def leep_score(source_proba: ArrayLike, y: ArrayLike, *, task: str = "auto") -> float:
    """Log expected empirical prediction (LEEP): labels predicted from the source's probabilities.

    The mean log likelihood of `y` under a model that draws a source class from the source's
    probabilities, and the label from how often it occurs with that class.

    Parameters
    ----------
    source_proba : array-like of shape (n_samples, n_source_classes)
        The source's ``predict_proba`` on the target's rows.  A class that is never predicted is
        no obstacle.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target.  Numbers are grouped into at most five bins of equally many rows; several
        outputs count equally.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, and all else for labels.

    Returns
    -------
    float
        At most 0, where the source's class determines the label.

    Raises
    ------
    ValueError
        If an entry is missing or infinite, rows of `source_proba` are not probabilities that sum
        to one, or the numbers of rows differ.

    See Also
    --------
    nce_score : The same from labels alone.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    References
    ----------
    C. V. Nguyen, T. Hassner, M. Seeger, C. Archambeau, "LEEP: A New Measure to Evaluate
    Transferability of Learned Representations", ICML 2020.

    Examples
    --------
    >>> from sktransfer.metrics import leep_score
    >>> proba = [[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.1, 0.9, 0.0], [0.2, 0.8, 0.0]]
    >>> print(f"{leep_score(proba, ['a', 'a', 'b', 'b']):.2f}")
    -0.30
    >>> print(f"{leep_score(proba, ['a', 'b', 'a', 'b']):.2f}")
    -0.69
    """
    proba = check_array(source_proba, dtype=np.float64, input_name="source_proba")
    check_consistent_length(proba, y)
    total = proba.sum(axis=1)
    if (proba < 0).any() or not np.allclose(total, 1.0, atol=1e-3):
        raise ValueError(
            "source_proba must hold a probability per class, at least 0, and rows that sum to 1; "
            f"got entries from {proba.min():.3g} and sums from {total.min():.3g} to "
            f"{total.max():.3g}. Give predict_proba(X) of a classifier with one label a row."
        )
    proba = proba / total[:, None]
    scores = []
    for codes in target_codes(y, task):
        together = np.eye(codes.max() + 1)[codes].T @ proba  # (n_classes, n_source_classes)
        predicted = together.sum(axis=0)
        conditional = together / np.where(predicted > 0, predicted, 1.0)
        scores.append(np.log((conditional[codes] * proba).sum(axis=1)).mean())
    return min(0.0, float(np.mean(scores)))


def nce_score(source_labels: ArrayLike, y: ArrayLike, *, task: str = "auto") -> float:
    """Negative conditional entropy (NCE) of the target's labels, given the source's.

    It needs what a source predicts and no probabilities, so that the source may be any classifier,
    or regressor.

    Parameters
    ----------
    source_labels : array-like of shape (n_samples,)
        The source's ``predict`` on the target's rows.  Numbers with fractions are grouped into at
        most five bins of equally many rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The target.  Numbers are grouped likewise; several outputs count equally.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, and all else for labels.

    Returns
    -------
    float
        In nats: at most 0, where the source's label determines the target's.

    Raises
    ------
    ValueError
        If an entry is missing or infinite, `source_labels` has several columns, or the numbers of
        rows differ.

    See Also
    --------
    leep_score : The same from probabilities, which contain more information.
    sktransfer.model_selection.rank_sources : Puts sources in order by such a score.

    References
    ----------
    A. T. Tran, C. V. Nguyen, T. Hassner, "Transferability and Hardness of Supervised
    Classification Tasks", ICCV 2019.

    Examples
    --------
    >>> from sktransfer.metrics import nce_score
    >>> nce_score(["x", "x", "y", "y"], [0, 0, 1, 1])
    0.0
    >>> print(f"{nce_score(['x', 'y', 'x', 'y'], [0, 0, 1, 1]):.2f}")
    -0.69
    """
    outputs, binned = outputs_of(source_labels, "auto")
    if len(outputs) != 1:
        raise ValueError(
            f"source_labels must have one label a row; got {len(outputs)} columns. Compare the "
            "columns one by one."
        )
    given = class_codes(outputs[0], binned)
    check_consistent_length(given, y)
    scores = []
    for codes in target_codes(y, task):
        together = np.zeros((given.max() + 1, codes.max() + 1))
        np.add.at(together, (given, codes), 1.0 / len(codes))
        conditional = together / together.sum(axis=1, keepdims=True)
        # 0 log 0 is 0
        scores.append(np.sum(together * np.log(np.where(conditional > 0, conditional, 1.0))))
    return min(0.0, float(np.mean(scores)))
