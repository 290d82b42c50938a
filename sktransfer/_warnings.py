"""How a warning is shown or suppressed, what an error is about, and how messages list names."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType


def listed(names, most: int = 5) -> str:
    """``'a', 'b' and 3 more``: a list of names short enough for a message."""
    names = list(names)
    shown = ", ".join(repr(name) for name in names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def counted(n: int, one: str, several: str = "") -> str:
    """``'1 row'``, ``'3 rows'``: how many there are of something, for a message."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"


@contextmanager
def errors_in(what: str, kind: type[ValueError] = ValueError) -> Iterator[None]:
    """Say of a ValueError what it is about, where that is not the user's `X` and `y`."""
    try:
        yield
    except ValueError as error:
        raise kind(f"In {what}: {error}") from None


_SILENCE = threading.RLock()
if hasattr(os, "register_at_fork"):

    def _renew() -> None:  # the thread that held it does not exist in a forked child
        global _SILENCE
        _SILENCE = threading.RLock()

    os.register_at_fork(after_in_child=_renew)


#: Categories without which a call runs: what it does not show counts as not said.
_SILENCED: ContextVar[tuple[type[Warning], ...]] = ContextVar("silenced", default=())


@contextmanager
def silenced(category: type[Warning]) -> Iterator[None]:
    """Without warnings of a category, for one thread at a time.

    The filters of warnings belong to the whole process: two threads that change them at once
    would leave them changed.
    """
    token = _SILENCED.set((*_SILENCED.get(), category))
    try:
        with _SILENCE, warnings.catch_warnings():
            warnings.simplefilter("ignore", category)
            yield
    finally:
        _SILENCED.reset(token)


#: Packages whose lines a user did not write: this one, and those between which calls go.
_NOT_THE_USERS = {"sktransfer", "sklearn", "skorch", "joblib"}
#: Where a worker's calls begin: behind these is no line of the user's.
_WORKERS = {"multiprocessing", "concurrent", "threading"}


#: Messages of the current call, where each is to be shown once.
_SAID: ContextVar[set[str] | None] = ContextVar("said", default=None)


@contextmanager
def each_once() -> Iterator[None]:
    """Show every message once, however many members of an ensemble raise it."""
    token = _SAID.set(set()) if _SAID.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _SAID.reset(token)


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn, and show the user's line that led here; in a worker, the caller's."""
    kind = type(message) if isinstance(message, Warning) else category
    if issubclass(kind, _SILENCED.get()):
        return
    said = _SAID.get()
    if said is not None:
        if str(message) in said:
            return
        said.add(str(message))
    level, frame = 1, sys._getframe()
    while frame.f_back and _package_of(frame) in _NOT_THE_USERS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=2 if _package_of(frame) in _WORKERS else level)


def _package_of(frame: FrameType) -> str:
    return frame.f_globals.get("__name__", "").split(".")[0]
