"""Smooth functions of the table's own columns, in closed form."""

from __future__ import annotations

from sktransfer.strategies._closed_form import ClosedFormStrategy


class Smooth(ClosedFormStrategy):
    """Ridge regression on the columns and a Gaussian kernel of them, in closed form.

    Without a source it starts from nothing; with one whose outputs mean the target's it may start
    from the source's own prediction, updated.  The kernel is seen from landmarks that are drawn
    where rows are, and none of which is one.

    See Also
    --------
    Linear : Linear and logistic regression.
    Tangent : The kernel that a source's network has.

    References
    ----------
    C. K. I. Williams, M. Seeger, "Using the Nyström Method to Speed Up Kernel Machines", NeurIPS
    2000.

    Examples
    --------
    >>> from sktransfer.strategies import Smooth
    >>> Smooth().needs_source
    False
    """

    @property
    def needs_source(self) -> bool:
        return False

    def kernels(self, has_outputs, labels_agree):
        return [{"linear": 1.0}, {"linear": 0.3, "rbf": 1.0}]
