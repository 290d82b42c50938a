"""A source's own preprocessing on the target's table, and the error where it does not take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.exceptions import NotFittedError

from sktransfer._typing import CheckedTable, Matrix
from sktransfer.exceptions import TransferError

if TYPE_CHECKING:
    from sktransfer._records import Transformer


def transform_by_source(transformer: Transformer, X: CheckedTable) -> Matrix:
    """What a fitted transformer of a source makes of columns of the target's table.

    Raises
    ------
    TransferError
        If it does not take them.
    """
    try:
        return transformer.transform(X)
    except NotFittedError:
        raise
    except (TypeError, ValueError) as error:
        raise refused_columns(transformer, error) from error


def refused_columns(transformer: Transformer, error: Exception) -> TransferError:
    """The error for columns that a source's transformer does not take."""
    return TransferError(
        f"The source's own preprocessing ({_steps_of(transformer)}) does not take these "
        "columns of X; expected columns such as it was fitted on. Give X as that table was: "
        "dense where it was dense, in a frame of the same library, without missing entries "
        f"where it had none. The preprocessing raised: {error}"
    )


def _steps_of(transformer: Transformer) -> str:
    steps = getattr(transformer, "steps", None) or [transformer]
    steps = [step[-1] if isinstance(step, tuple) else step for step in steps]
    return ", ".join(type(step).__name__ for step in steps)
