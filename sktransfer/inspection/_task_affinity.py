"""Which tasks help each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sktransfer._multitask import MultiTaskMLP


def task_affinity(
    multitask: MultiTaskMLP, X: Any, y: Any, *, n_epochs: int = 10, sample_weight: Any = None
) -> Any:
    """How far the tasks of one table pull their shared layers the same way.

    A copy of the estimator is trained anew, and after every epoch the gradient of each task's loss
    on the shared layers is compared with every other's.  The mean of the cosines is nearer to 1
    the more two tasks ask for the same features, and negative for tasks in conflict.  Compare
    tasks with each other: the level depends on network and data.  Rows need not be labelled in
    both tasks.  It describes training; what learning together gains, only a comparison of scores
    tells.  Needs pandas.

    Parameters
    ----------
    multitask : MultiTaskMLP
        Fitted; it is left as it is.
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
    y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
        The tasks that were fitted, with missing entries.
    n_epochs : int, default=10
        Epochs of training, at least 1.
    sample_weight : array-like of shape (n_samples,), default=None

    Returns
    -------
    pandas.DataFrame of shape (n_tasks, n_tasks)
        Symmetric, ones on the diagonal, in the order of ``multitask.task_names_``; NaN for a task
        without labels.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If `multitask` is not fitted.
    ValueError
        If `n_epochs` is less than 1, or `y` has other tasks.

    References
    ----------
    C. Fifty et al., "Efficiently Identifying Task Groupings for Multi-Task Learning", NeurIPS
    2021, who average an affinity over training; and T. Yu et al., "Gradient Surgery for
    Multi-Task Learning", NeurIPS 2020, for the cosine of gradients as its measure.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import MultiTaskMLP
    >>> from sktransfer.inspection import task_affinity
    >>> X, digit = load_digits(return_X_y=True)
    >>> noise = np.random.default_rng(0).permutation(digit > 4)
    >>> Y = {"digit": digit, "size": digit > 4, "noise": noise}
    >>> model = MultiTaskMLP((64,), max_iter=5, random_state=0).fit(X, Y)
    >>> affinity = task_affinity(model, X, Y, n_epochs=3)
    >>> bool(affinity.loc["size", "digit"] > affinity.loc["size", "noise"])
    True
    """
    import pandas as pd

    check_is_fitted(multitask)
    if n_epochs < 1:
        raise ValueError(f"n_epochs={n_epochs}; expected at least 1 epoch of training to average.")
    multitask._columns(y)  # refuses other tasks
    model = clone(multitask).set_params(early_stopping=False, warm_start=False)
    if model.solver == "lbfgs":
        model.set_params(solver="adam")  # which goes epoch by epoch
    model._tasks = multitask._tasks
    total: Any = 0.0
    for _ in range(n_epochs):
        model.partial_fit(X, y, sample_weight=sample_weight)
        total = total + _cosines(model._shared_gradients(X, y, sample_weight))
    names = multitask.task_names_
    labelled = [name for name, task in model._target.tasks if task.n_outputs]
    matrix = np.full((len(names), len(names)), np.nan)
    at = [names.index(name) for name in labelled]
    matrix[np.ix_(at, at)] = total / n_epochs
    return pd.DataFrame(matrix, index=names, columns=names)


def _cosines(gradients: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    units = gradients / np.where(norms > 0, norms, 1.0)
    cosines = units @ units.T
    np.fill_diagonal(cosines, 1.0)
    return cosines
