"""Smooth functions of the table's own columns, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

from sktransfer.strategies._closed_form import ClosedFormStrategy, Part


class Smooth(ClosedFormStrategy):
    """Ridge regression on the columns and a Gaussian kernel of them, in closed form.

    It starts from nothing, or, with a source whose outputs mean the target's, from the source's
    own prediction, updated.  The kernel is approximated from landmarks that are drawn
    where rows are, and none of which is one.

    Parameters
    ----------
    on_source : bool, default=True
        Whether it may start from the source's prediction; it then needs a source in an ensemble.

    See Also
    --------
    Linear : Linear and logistic regression.
    Additive : A smooth function of each column.
    Tangent : The kernel that a source's network has.

    References
    ----------
    C. K. I. Williams, M. Seeger, "Using the Nyström Method to Speed Up Kernel Machines", NeurIPS
    2000.

    Examples
    --------
    >>> from sktransfer.strategies import Smooth
    >>> Smooth(on_source=False).needs_source
    False
    """

    _parameter_constraints = {"on_source": ["boolean"]}

    def __init__(self, on_source: bool = True) -> None:
        self.on_source = on_source

    @property
    def carries_trunk(self) -> bool:  # type: ignore[override]
        return self.on_source

    @property
    def starts(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("slope_strong",) if self.on_source else ()

    @property
    def needs_agreement(self) -> bool:  # type: ignore[override]
        return self.on_source

    def kernels(
        self, has_outputs: bool, labels_agree: bool, has_layers: bool = True
    ) -> Sequence[dict[Part, float]]:
        return [{"linear": 0.3, "rbf": 1.0}]
