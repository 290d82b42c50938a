"""Which tasks help each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sktransfer._estimators import MultiTaskMLP, fitted_model, shared_gradients, with_tasks_of
from sktransfer._typing import TableLike, TargetLike
from sktransfer.inspection._display import Display

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def task_affinity(
    multitask: MultiTaskMLP,
    X: TableLike,
    y: TargetLike,
    *,
    n_epochs: int = 10,
    sample_weight: ArrayLike | None = None,
) -> pd.DataFrame:
    """How similar the tasks' gradients on their shared layers are.

    A copy of the estimator is trained anew, and after every epoch the gradient of each task's loss
    on the shared layers is compared with every other's.  The mean of the cosines is nearer to 1
    the more two tasks use the same features, and negative for tasks in conflict.  Compare tasks
    with each other: the level depends on network and data.  Rows need not be labelled in both
    tasks.  It describes training; only a comparison of scores shows what learning together gains.
    Needs pandas.

    Parameters
    ----------
    multitask : MultiTaskMLP
        Fitted; it is left as it is.
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The table.
    y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
        The tasks that were fitted, with missing entries.
    n_epochs : int, default=10
        Epochs of training, at least 1.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

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

    See Also
    --------
    TaskAffinityDisplay : Draws it.
    sktransfer.balancing.PCGrad : What to do about conflicts.

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

    fitted_model(multitask)
    if not isinstance(multitask, MultiTaskMLP):
        raise TypeError(
            f"The estimator is a {type(multitask).__name__}; expected a MultiTaskMLP, whose tasks "
            "share layers."
        )
    if n_epochs < 1:
        raise ValueError(f"n_epochs={n_epochs}; expected at least 1 epoch of training to average.")
    model = with_tasks_of(multitask, y).set_params(early_stopping=False, warm_start=False)
    if model.solver == "lbfgs":
        model.set_params(solver="adam")  # which goes epoch by epoch
    total: np.ndarray | float = 0.0
    for _ in range(n_epochs):
        model.partial_fit(X, y, sample_weight=sample_weight)
        total = total + _cosines(shared_gradients(model, X, y, sample_weight))
    names = multitask.task_names_
    labelled = [name for name, task in fitted_model(model).target.tasks if task.n_outputs]
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


class TaskAffinityDisplay(Display):
    """Similarity of the tasks' gradients on their shared layers, as a matrix.

    Make one with :meth:`from_estimator`, or from the result of :func:`task_affinity`.

    Parameters
    ----------
    affinity : DataFrame or array-like of shape (n_tasks, n_tasks)
        Affinity of each task with each other, from -1 to 1; NaN for a task without labels.
    task_names : sequence of str, default=None
        Their names; by default those of the frame.

    Attributes
    ----------
    affinity : ndarray of shape (n_tasks, n_tasks)
        As given.
    task_names : list of str
        As given.
    figure_, ax_ : matplotlib Figure and Axes
        Where it was drawn last.
    image_ : matplotlib AxesImage
        The matrix.
    text_ : ndarray of matplotlib Text of shape (n_tasks, n_tasks)
        The numbers in it.

    See Also
    --------
    task_affinity : The numbers behind it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import MultiTaskMLP
    >>> from sktransfer.inspection import TaskAffinityDisplay
    >>> X, digit = load_digits(return_X_y=True)
    >>> Y = {"digit": digit, "size": digit > 4}
    >>> model = MultiTaskMLP((64,), max_iter=5, random_state=0).fit(X, Y)
    >>> display = TaskAffinityDisplay.from_estimator(model, X, Y, n_epochs=1)
    >>> display.task_names
    ['digit', 'size']
    """

    def __init__(self, affinity, task_names=None) -> None:
        self.affinity = np.asarray(affinity, dtype=float)
        if task_names is None:
            task_names = getattr(affinity, "columns", range(len(self.affinity)))
        self.task_names = [str(name) for name in task_names]

    @classmethod
    def from_estimator(
        cls, multitask, X, y, *, n_epochs=10, sample_weight=None, ax=None, **kwargs
    ) -> TaskAffinityDisplay:
        """Measure the affinity of the tasks of a fitted estimator, and draw it.

        A copy is trained for that, as long as a fit of `n_epochs` takes.

        Parameters
        ----------
        multitask : MultiTaskMLP
            Fitted; it is left as it is.
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The table.
        y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
            The tasks that were fitted, with missing entries.
        n_epochs : int, default=10
            Epochs of training, at least 1.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to ``ax.imshow``.

        Returns
        -------
        TaskAffinityDisplay
            The display, drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `multitask` is not fitted.
        ValueError
            If `n_epochs` is less than 1, or `y` has other tasks.

        See Also
        --------
        plot : Draws it again.
        task_affinity : The numbers without the drawing.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> from sktransfer.inspection import TaskAffinityDisplay
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP((8,), max_iter=5, random_state=0).fit(X, y)
        >>> display = TaskAffinityDisplay.from_estimator(model, X, y, n_epochs=2, cmap="PuOr")
        >>> display.affinity.shape
        (2, 2)
        """
        affinity = task_affinity(multitask, X, y, n_epochs=n_epochs, sample_weight=sample_weight)
        return cls(affinity).plot(ax=ax, **kwargs)

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        style = {"cmap": "RdBu", "vmin": -1, "vmax": 1, **kwargs}
        self.image_ = ax.imshow(self.affinity, **style)
        self.text_ = np.empty(self.affinity.shape, dtype=object)
        for (i, k), value in np.ndenumerate(self.affinity):
            red, green, blue, _ = self.image_.cmap(self.image_.norm(value))
            is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            shown = "–" if np.isnan(value) else f"{value:.2f}"
            color = "white" if is_dark and not np.isnan(value) else "black"
            self.text_[i, k] = ax.text(k, i, shown, ha="center", va="center", color=color)
        at = range(len(self.task_names))
        ax.set_xticks(at, self.task_names, rotation=30, ha="right", rotation_mode="anchor")
        ax.set_yticks(at, self.task_names)
