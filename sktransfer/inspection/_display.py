"""What all displays share."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def nothing_to_show(what: str, reason: str) -> ValueError:
    """The error for a display of something that a fit does not have."""
    return ValueError(f"There is no {what} to show: {reason}. Give an estimator that has one.")
