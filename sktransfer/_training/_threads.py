"""One torch thread for small steps, and the count as it was afterwards.

A step of a small network lasts less than it takes to wake a second thread; on a busy machine
waiting for one costs tens of times the step (pytorch issues 57715 and 80777).  So the count is
lowered around small fits, never raised, and restored.  torch keeps it per thread, so that fits
in several threads do not disturb each other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Floating-point operations of a step from which on more threads are worth it.
SMALL_STEP = 3e8


@contextmanager
def threads_for(n_operations: float) -> Iterator[None]:
    """Run with one torch thread if steps of `n_operations` are small.

    Parameters
    ----------
    n_operations : float
        Floating-point operations of one training step.
    """
    import torch

    found = torch.get_num_threads()
    if found == 1 or n_operations >= SMALL_STEP:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(found)


def _one_thread() -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


if hasattr(os, "register_at_fork"):
    # the parent's threads do not exist in a forked child, which would wait for them for ever
    os.register_at_fork(after_in_child=_one_thread)
