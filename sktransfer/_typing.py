"""Types of what users give and of what neighbours make, where these have no names of their own.

They are met by shape, not by class: scipy, pandas and scikit-learn ship no types, and a table may
be of any library that narwhals knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard, cast

import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import ArrayLike, DTypeLike
from scipy import sparse

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import TypeIs


class Frame(IntoDataFrame, Protocol):
    """A table with columns of their own types: pandas', polars', any that narwhals takes."""

    @property
    def shape(self) -> tuple[int, int]: ...


class SparseMatrix(Protocol):
    """A matrix or array of ``scipy.sparse`` in compressed rows or columns."""

    dtype: np.dtype
    data: np.ndarray  # of the entries that are stored
    indices: np.ndarray
    indptr: np.ndarray
    has_canonical_format: bool

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def nnz(self) -> int: ...

    @property
    def T(self) -> SparseMatrix: ...

    def __getitem__(self, key: Index | tuple[Index, Index], /) -> SparseMatrix: ...

    def __matmul__(self, other: np.ndarray, /) -> np.ndarray: ...

    def astype(self, dtype: DTypeLike, /) -> SparseMatrix: ...

    def copy(self) -> SparseMatrix: ...

    def sum_duplicates(self) -> None: ...

    def toarray(self) -> np.ndarray: ...

    def tocsc(self) -> SparseMatrix: ...

    def tocsr(self) -> SparseMatrix: ...


#: What picks rows or columns of an array or a sparse matrix.
Index: TypeAlias = slice | np.ndarray | list[int]
#: A table of numbers.
Matrix: TypeAlias = np.ndarray | SparseMatrix
#: A table after its check.
CheckedTable: TypeAlias = np.ndarray | SparseMatrix | Frame
#: A table as users may give it.
TableLike: TypeAlias = ArrayLike | SparseMatrix | Frame
#: Targets as users may give them, of one task or of several by name.
TargetLike: TypeAlias = ArrayLike | Frame | Mapping[str, ArrayLike]
#: An entry of a column.
Entry: TypeAlias = (
    str | bytes | bool | int | float | complex | Decimal | date | time | timedelta
    | np.generic | None
)  # fmt: skip


def shaped(X: TableLike) -> CheckedTable:
    """A user's table as it is where it has a shape, else as an array."""
    return cast("CheckedTable", X) if hasattr(X, "shape") else np.asarray(X)


def is_pandas(X: CheckedTable) -> TypeGuard[pd.DataFrame]:
    """Whether a table is a frame of pandas, or one of the same methods."""
    return hasattr(X, "iloc")


def is_sparse(X: object) -> TypeIs[SparseMatrix]:
    """Whether a table is a sparse matrix or array of scipy."""
    return bool(sparse.issparse(X))
