"""Scores of any size within bounds, in the order that they had."""

from __future__ import annotations

import numpy as np


def bounded(scores: np.ndarray, as_is: float, most: float) -> np.ndarray:
    """Scores as they are up to a size, and beyond it by their logarithm, below another size.

    Parameters
    ----------
    scores : ndarray
    as_is : float
        The size up to which a score stays.
    most : float
        The size that none reaches.

    Returns
    -------
    ndarray of the shape of `scores`
    """
    sizes, room = np.abs(scores), most - as_is
    beyond = np.log1p(np.maximum(sizes - as_is, 0.0))
    return np.asarray(
        np.sign(scores) * (np.minimum(sizes, as_is) + room * beyond / (beyond + room))
    )
