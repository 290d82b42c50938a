"""Axes to draw on."""

from __future__ import annotations

from typing import Any

from sklearn.utils._optional_dependencies import check_matplotlib_support


def axes_for(display: object, ax: Any = None) -> tuple[Any, Any]:
    """Figure and axes: the ones that were given, or new ones.

    Parameters
    ----------
    display : object
        Who draws, for the error where matplotlib is missing.
    ax : matplotlib Axes, optional

    Returns
    -------
    figure, axes
    """
    check_matplotlib_support(f"{type(display).__name__}.plot")
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots()
    return ax.figure, ax
