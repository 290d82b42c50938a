"""Any estimator as a member: cloned, fitted to some rows, and aligned with the ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn import get_config
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MetadataRouter, get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from sktransfer._alignment import Prepared
from sktransfer._compat import BaseSearchCV
from sktransfer._fitting._readout import fixed_layers, read_rows
from sktransfer._preprocessing import Table
from sktransfer._records import ForeignModel, Member
from sktransfer._typing import CheckedTable
from sktransfer.exceptions import TransferError
from sktransfer.strategies import EstimatorMember, unfitted

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


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
    if not prepared.uses_source and {*strategy.features} <= {"hidden", "outputs"}:
        raise TransferError(
            f"Member {prepared.name!r} has reads={strategy.reads!r}, and there is no source, or "
            "none whose columns are in X; expected one. Give `source`, or read 'encoded' too."
        )
    model = unfitted(strategy.estimator)
    params = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    unset = [name for name, value in params.items() if _is_random_state(name) and value is None]
    if unset:
        model.set_params(**dict.fromkeys(unset, seed % 2**31))
    weight: dict[str, np.ndarray] = {}
    if table.sample_weight is not None:
        parameter = weight_parameter(model)
        if parameter is None:
            raise TransferError(_no_weight(prepared.name, model))
        weight[parameter] = table.sample_weight
    labels = _labels(prepared, table.y)
    if prepared.target.kind in ("binary", "multiclass") and len(np.unique(labels)) == 1:
        # a fold without the rows of a rare class, of which many classifiers make nothing
        model, weight = DummyClassifier(), {}
    foreign = ForeignModel(model, tuple(strategy.features))
    try:
        model.fit(features_of(prepared, foreign, table), labels, **weight)
    except (TypeError, ValueError) as error:
        if strategy.features == ["table"]:
            error.add_note(
                f"It came from {type(model).__name__}.fit of an EstimatorMember, which got X as "
                "it is. Where it takes numbers alone, give EstimatorMember(..., reads='encoded'): "
                "the columns in numbers, standardised, without missing entries."
            )
        raise
    coefs, intercepts = fixed_layers(prepared) if strategy.carries_trunk else ([], [])
    return prepared.member(coefs, intercepts, foreign=foreign)


def weight_parameter(model: BaseEstimator) -> str | None:
    """Under which name an estimator's ``fit`` takes weights of rows; None where it does not.

    Those of a pipeline are its last step's, those of a search its estimator's.  With metadata
    routing, they reach whatever requests them.

    Parameters
    ----------
    model : estimator
        Not fitted.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> weight_parameter(make_pipeline(StandardScaler(), Ridge()))
    'ridge__sample_weight'
    """
    if has_fit_parameter(model, "sample_weight"):
        return "sample_weight"
    if get_config()["enable_metadata_routing"]:
        requested = get_routing_for_object(model).consumes("fit", {"sample_weight"})
        return "sample_weight" if requested else None
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        of_last = None if last is None or isinstance(last, str) else weight_parameter(last)
        return None if of_last is None else f"{name}__{of_last}"
    if isinstance(model, BaseSearchCV):
        return weight_parameter(model.estimator)
    if isinstance(model, TransformedTargetRegressor):
        return "sample_weight" if model.regressor is None else weight_parameter(model.regressor)
    if type(model).__name__.startswith(("Voting", "Stacking")):
        every = [weight_parameter(one) for _, one in model.estimators if not isinstance(one, str)]
        return "sample_weight" if set(every) == {"sample_weight"} else None
    return None


def _no_weight(name: str, model: BaseEstimator) -> str:
    """Why weights of rows cannot reach a member, and what to do."""
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    which = "" if last is model else f", and neither does that of its {type(last).__name__}"
    way_out = ""
    if (
        isinstance(get_routing_for_object(model), MetadataRouter)
        and weight_parameter(last) is None
    ):
        way_out = (
            "Parts of it get them by metadata routing: sklearn.set_config("
            "enable_metadata_routing=True), and set_fit_request(sample_weight=True) on each part "
            "that is to have them, False on others that take them. Otherwise leave "
        )
    return (
        f"Member {name!r} is a {type(model).__name__}, whose fit takes no sample_weight{which}; "
        "expected one that does, as weights of rows were given. "
        f"{way_out or 'Leave '}the weights or this member out."
    )


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
