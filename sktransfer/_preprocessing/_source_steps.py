"""A source's own preprocessing on the target's table, and the error where it does not take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sklearn.exceptions import NotFittedError

from sktransfer._preprocessing._refused_entry import RefusedEntry, about_entry, refused_entry
from sktransfer._typing import CheckedTable, is_pandas
from sktransfer.exceptions import TransferError

if TYPE_CHECKING:
    from sktransfer._records import Transformer

Made = TypeVar("Made")


#: Errors that are probably about the table.
ABOUT_TABLES = (TypeError, ValueError, LookupError, AttributeError)


def transform_by_source(
    transformer: Transformer, transform: Callable[[CheckedTable], Made], X: CheckedTable
) -> Made:
    """What a fitted transformer of a source makes of columns of the target's table.

    Parameters
    ----------
    transformer : Transformer
    transform : callable
        Its own ``transform``, or what is made with it.
    X : table

    Raises
    ------
    TransferError
        If it does not take them.
    """
    try:
        return transform(X)
    except NotFittedError:
        raise
    except ABOUT_TABLES as error:
        raise _refused(transformer, error, refused_entry(transform, X), X) from error


def _refused(
    transformer: Transformer, error: Exception, entry: RefusedEntry | None, X: CheckedTable
) -> TransferError:
    """The error for columns that a source's transformer does not take, or one entry of them."""
    what = (
        "does not take these columns of X; expected columns such as it was fitted on. Give X as "
        "that table was: dense where it was dense, in a frame of the same library, without "
        "missing entries where it had none."
    )
    if entry is not None:
        what = about_entry(entry, list(map(str, X.columns)) if is_pandas(X) else None)
    return TransferError(
        f"The source's own preprocessing ({_steps_of(transformer)}) {what} The preprocessing "
        f"raised: {error}"
    )


def _steps_of(transformer: Transformer) -> str:
    steps = getattr(transformer, "steps", None) or [transformer]
    steps = [step[-1] if isinstance(step, tuple) else step for step in steps]
    return ", ".join(type(step).__name__ for step in steps)
