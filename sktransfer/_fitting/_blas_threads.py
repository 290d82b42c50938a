"""One thread of BLAS while an ensemble is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_lock = Lock()
_within: list[object] = []  # fits that run now, in all threads; the first entry is the limiter


@cache
def _controller() -> ThreadpoolController:
    """Found once: looking for the libraries takes more time than a small fit may."""
    return ThreadpoolController()


def _release_openblas() -> None:
    """Let any thread set OpenBLAS's threads: newer threadpoolctl keeps this to the first that did.

    Fits of other threads would not be limited, and could not lift the limit of one that has ended.
    """
    for library in _controller().lib_controllers:
        release = getattr(library, "clear_controlling_thread", None)
        if release is not None:
            release(force=True)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit numpy's and scipy's BLAS to one thread; the last fit to end lifts the limit.

    The matrices of a fold are small: further threads mostly wait for each other, at full load.
    On 16 cores a fit of 100 rows took twice the time and six times the CPU time without the
    limit (``benchmarks/speed/results.md``).  Results do not depend on the number of cores then.
    """
    with _lock:
        _within.append(_within[0] if _within else _controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limiter = _within.pop()
            if not _within:
                _release_openblas()  # it may be a thread that has ended which set the limit
                limiter.restore_original_limits()  # type: ignore[attr-defined]
                _release_openblas()
