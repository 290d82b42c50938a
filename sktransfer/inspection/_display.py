"""What all displays share."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


class Display:
    """Something that can be drawn, and drawn again."""

    def plot(self, ax=None, **kwargs):
        """Draw the display.

        The arrays stay as they are, so that one display can be drawn into several figures.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **kwargs : dict
            Passed on to the method of the axes that draws the data.

        Returns
        -------
        object
            The display itself.

        See Also
        --------
        from_estimator : Makes a display, and draws it.

        Examples
        --------
        >>> from sktransfer.inspection import LossCurveDisplay
        >>> display = LossCurveDisplay([3.0, 2.0, 1.5]).plot(color="C2")
        >>> display.ax_.get_xlabel()
        'epoch'
        """
        if find_spec("matplotlib") is None:
            raise ImportError(
                f"{type(self).__name__}.plot requires matplotlib. Install it with "
                "pip install sktransfer[plot]."
            )
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        self.figure_, self.ax_ = ax.figure, ax
        self._draw(ax, **kwargs)
        return self

    def _draw(self, ax: Axes, **kwargs: Any) -> None:
        raise NotImplementedError


def legend_above(ax: Axes, handles: Sequence[Artist], labels: Sequence[str] | None = None) -> None:
    """A legend above the axes, where it hides nothing."""
    labels = [str(one.get_label()) for one in handles] if labels is None else labels
    ax.legend(
        handles,
        labels,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=min(len(labels), 3),
        frameon=False,
        fontsize="small",
    )


def within_scores(ax: Axes, scores: np.ndarray) -> None:
    """Keep the axis of scores that end at 1, and start at 0, from going beyond."""
    bottom, top = ax.get_ylim()
    if np.nanmax(scores) <= 1:
        ax.set_ylim(top=min(top, 1.02))
    if np.nanmin(scores) >= 0:
        ax.set_ylim(bottom=max(bottom, -0.02))


def nothing_to_show(what: str, reason: str) -> ValueError:
    """The error for a display of something that a fit does not have."""
    return ValueError(f"There is no {what} to show: {reason}. Give an estimator that has one.")
