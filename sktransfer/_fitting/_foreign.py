"""Any estimator as a member: cloned, fitted to some rows, and aligned with the ensemble."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from sktransfer._alignment import Prepared
from sktransfer._fitting._readout import fixed_layers, read_rows
from sktransfer._preprocessing import Table
from sktransfer._records import ForeignModel, Member
from sktransfer._typing import CheckedTable
from sktransfer.exceptions import TransferError
from sktransfer.strategies import EstimatorMember


def fit_foreign(prepared: Prepared, table: Table, seed: int) -> Member:
    """Fit a clone of a member's estimator to some rows.

    Parameters
    ----------
    prepared : Prepared
    table : Table
        Encoded rows, the user's own columns with them where they are read.
    seed : int
        Becomes an unset ``random_state``.

    Returns
    -------
    Member
    """
    strategy: EstimatorMember = prepared.strategy
    model = clone(strategy.estimator)
    params = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    unset = [name for name, value in params.items() if _is_random_state(name) and value is None]
    if unset:
        model.set_params(**dict.fromkeys(unset, seed % 2**31))
    weight: dict[str, np.ndarray] = {}
    if table.sample_weight is not None:
        if not has_fit_parameter(model, "sample_weight"):
            raise TransferError(
                f"Member {prepared.name!r} is a {type(model).__name__}, whose fit takes no "
                "sample_weight; expected one that does, as weights of rows were given. Leave the "
                "weights or this member out."
            )
        weight["sample_weight"] = table.sample_weight
    foreign = ForeignModel(model, tuple(strategy.features))
    model.fit(features_of(prepared, foreign, table), _labels(prepared, table.y), **weight)
    coefs, intercepts = fixed_layers(prepared) if strategy.carries_trunk else ([], [])
    return prepared.member(coefs, intercepts, foreign=foreign)


def _is_random_state(name: str) -> bool:
    return name == "random_state" or name.endswith("__random_state")


def features_of(prepared: Prepared, foreign: ForeignModel, table: Table) -> CheckedTable:
    """What a member's estimator reads of some rows."""
    if foreign.reads_table:
        return table.given
    coefs, intercepts = fixed_layers(prepared) if prepared.strategy.carries_trunk else ([], [])
    return read_rows(prepared, table, foreign.parts, coefs, intercepts)


def _labels(prepared: Prepared, y: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 for classes, indicators for several labels, numbers as they are."""
    kind = prepared.target.kind
    if np.isnan(y.astype(np.float64)).any():
        raise TransferError(
            f"Member {prepared.name!r} cannot learn from targets with missing entries; expected "
            "all of them. Leave this member out, or rows with missing entries."
        )
    if kind == "multiclass":
        labels: np.ndarray = np.argmax(y, axis=1)
        return labels
    y = y.astype(int) if kind in ("binary", "multilabel") else y.astype(np.float64)
    return y[:, 0] if y.shape[1] == 1 else y
