"""Who is notified of a fit, of its parts and of their epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from sktransfer._records import Member

if TYPE_CHECKING:
    from sktransfer._networks import DenseNetwork


class FitListener(Protocol):
    """What the steps of a fit call; the estimators have one for scikit-learn's callbacks."""

    @property
    def is_followed(self) -> bool:
        """Whether anyone listens."""

    def begin(
        self, n_subtasks: int, snapshot: Callable[[DenseNetwork], Member] | None = None
    ) -> FitListener:
        """The fit begins: most epochs, or runs, that it can take.

        `snapshot` makes of a network that still trains the member as if training had stopped.
        """

    def run(self, name: str, n_epochs: int = 0) -> FitListener:
        """One of many runs begins, called after what it trains."""

    def run_ends(self) -> None:
        """That run ends."""

    def epoch_begins(self) -> None:
        """An epoch begins."""

    def epoch_ends(self, network: DenseNetwork) -> bool:
        """An epoch ends; True where training should stop."""
