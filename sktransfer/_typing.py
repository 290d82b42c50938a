"""Types of what users give and of what neighbours make, where these have no names of their own.

They are met by shape, not by class: scipy, pandas and scikit-learn ship no types, and a table may
be of any library that narwhals supports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard, cast

import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import ArrayLike, DTypeLike
from scipy import sparse

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.model_selection import BaseCrossValidator
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

    def astype(self, dtype: DTypeLike, /, *, copy: bool = True) -> SparseMatrix: ...

    def copy(self) -> SparseMatrix: ...

    def sum_duplicates(self) -> None: ...

    @property
    def format(self) -> str: ...

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
#: A class.
Label: TypeAlias = str | bytes | bool | int | float | np.generic
#: Targets as users may give them, of one task or of several by name.
TargetLike: TypeAlias = ArrayLike | SparseMatrix | Frame | Mapping[str, ArrayLike]
#: Predictions in the form in which the targets came.
Predictions: TypeAlias = np.ndarray | SparseMatrix | Frame | dict[str | int, np.ndarray]
#: What scikit-learn takes for the folds of cross-validation, for a score and for randomness.
SomeFolds: TypeAlias = "int | BaseCrossValidator | Iterable[tuple[np.ndarray, np.ndarray]] | None"
Scoring: TypeAlias = "str | Callable[[BaseEstimator, TableLike, TargetLike], float]"
RandomState: TypeAlias = int | np.random.RandomState | None
#: An entry of a column.
Entry: TypeAlias = (
    str | bytes | bool | int | float | complex | Decimal | date | time | timedelta
    | np.generic | None
)  # fmt: skip


class Estimator(Protocol):
    """An estimator of any package, with what members of an ensemble use."""

    def fit(self, X: TableLike, y: TargetLike) -> Estimator: ...

    def predict(self, X: TableLike) -> np.ndarray: ...


class Classifier(Estimator, Protocol):
    """One that predicts probabilities; of several labels a list of them, or a table."""

    classes_: np.ndarray | list[np.ndarray]

    def predict_proba(self, X: TableLike) -> np.ndarray | list[np.ndarray]: ...


class Callback(Protocol):
    """Is notified of a training, as skorch's callbacks are."""

    on_train_begin: Callable[..., None]


#: Callbacks, or pairs of a name and one.
Callbacks: TypeAlias = Sequence[Callback | tuple[str, Callback]]
#: scikit-learn's checks of parameters: types, values, or objects that check what they allow.
Constraints: TypeAlias = "dict[str, list[type | str | Constraint | None] | str]"


class Constraint(Protocol):
    """What a parameter may be."""

    def is_satisfied_by(self, val: Entry, /) -> bool: ...


def shaped(X: TableLike) -> CheckedTable:
    """A user's table as it is where it has a shape, else as an array."""
    return cast("CheckedTable", X) if hasattr(X, "shape") else np.asarray(X)


def is_pandas(X: CheckedTable) -> TypeGuard[pd.DataFrame]:
    """Whether a table is a frame of pandas, or one of the same methods."""
    return hasattr(X, "iloc")


def is_sparse(X: object) -> TypeIs[SparseMatrix]:
    """Whether a table is a sparse matrix or array of scipy."""
    return bool(sparse.issparse(X))
