"""Members that are fitted in closed form, on a dense source or on the columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sktransfer._records import TargetSchema
from sktransfer.strategies._base import Strategy

#: A part of a kernel: a source's tangent, own columns, a Gaussian kernel of these, a sum
#: of Gaussian kernels of single ones, the source's outputs.
Part = Literal["tangent", "linear", "rbf", "additive", "outputs"]
#: Parts of a kernel and their shares.
Kernel = dict[Part, float]


class ClosedFormStrategy(Strategy):
    """Base class of strategies that are ridge regression on a sum of kernels.

    Nothing is trained by gradient steps: one decomposition gives every strength of the penalty and
    every out-of-fold prediction.  Of several kernels, and of several updates of the source's
    prediction, the one of least held-out loss is kept.

    Attributes
    ----------
    starts : tuple of str, default=('slope_strong',)
        Updates of the source's prediction to start from, where its outputs mean the target's:
        ``'as_is'``, ``'intercept_strong'``, ``'intercept_weak'``, ``'slope_strong'``,
        ``'slope_weak'``.
    needs_agreement : bool, default=False
        Whether there is nothing to do where they mean other things.
    needs_same_classes : bool, default=False
        Whether an ensemble does without it where the source has classes that the target lacks.
    needs_moved_columns : bool, default=False
        Whether an ensemble does without it where no column that both tables have is standardised
        otherwise than in the source.
    reads_instead : bool, default=False
        Whether the outputs of such a source are read by ridge regression too, and the better of
        both by held-out loss predicts.
    n_rows : int, default=1000
        Rows that it learns from at most: a decomposition takes time in the cube of their number.

    See Also
    --------
    Tangent : Linearised fine-tuning.
    Recalibrate : The source's own prediction, updated.

    Examples
    --------
    >>> from sktransfer.strategies import Tangent
    >>> Tangent().trains_network
    False
    """

    most_columns: float = 10_000
    is_random = False
    starts: tuple[str, ...] = ("slope_strong",)
    needs_agreement: bool = False
    needs_same_classes: bool = False
    needs_moved_columns: bool = False
    reads_instead: bool = False
    n_rows: int = 1000

    def kernels(
        self, has_outputs: bool, labels_agree: bool, has_layers: bool = True
    ) -> Sequence[Kernel]:
        """The kernels to choose from.

        The sum of a kernel's parts is one ridge regression.

        Parameters
        ----------
        has_outputs : bool
            Whether there is a source with outputs.
        labels_agree : bool
            Whether these mean the target's.
        has_layers : bool, default=True
            Whether it has layers, too.

        Returns
        -------
        sequence of dict of str to float
            Parts and their shares; an empty dict is the offset alone.

        See Also
        --------
        Strategy.cannot_fit : Says which targets are refused.

        Examples
        --------
        >>> from sktransfer.strategies import Recalibrate
        >>> Recalibrate().kernels(has_outputs=True, labels_agree=True)
        [{}]
        """
        raise NotImplementedError

    def cannot_fit(self, target: TargetSchema) -> str | None:
        return "it has several tasks" if target.kind == "several" else None
