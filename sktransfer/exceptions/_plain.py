"""Messages of errors that are of Python's own classes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from sktransfer.exceptions._saying import listed


def nothing_to_show(what: str, reason: str) -> ValueError:
    """The error for a display of something that a fit does not have."""
    return ValueError(f"There is no {what} to show: {reason}. Give an estimator that has one.")


def not_exportable(what: str, reason: str) -> ValueError:
    """The error for something that the format of an export cannot express."""
    return ValueError(f"This estimator has {what}, which cannot be exported: {reason}.")


def combination_of_several_tasks() -> ValueError:
    """The error for a combination where there are several tasks."""
    return ValueError(
        "strategy=Combined(...) in a MultiTaskMLP; expected a strategy that trains one network, "
        "such as 'l2_sp'. Members are weighed by one task's loss: combine them in one "
        "TransferMLPClassifier or TransferMLPRegressor per task."
    )


def no_applicable_member(names) -> ValueError:
    """The error for a combination of which no network can be trained on this table."""
    return ValueError(
        f"None of the combination's networks can be trained here: {listed(names)} would keep the "
        "source's output layer or start from its layers, and what y or X has does not fit them. "
        "Expected at least one that can do without, such as 'l2_sp' or 'scratch'; add it to the "
        "members."
    )


def device_is_missing(device: str, reason: str) -> ValueError:
    """The error for a device that torch does not have here."""
    return ValueError(
        f"device={device!r} cannot be trained on; expected 'auto', 'cpu' or a device that torch "
        f"has here, such as 'cuda' where torch.cuda.is_available(). torch says: "
        f"{reason.splitlines()[0]} Give device='auto', or install a torch for this device."
    )


def unknown_name(what: str, name: object, known, otherwise: str) -> ValueError:
    """The error for a name that is none of those that are known."""
    close = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return ValueError(
        f"{what} is not known; expected one of {sorted(known)} or {otherwise}.{hint}"
    )


def continuous_labels(example: float, n_columns: int = 1) -> ValueError:
    """The error for numbers where labels are expected."""
    return ValueError(
        f"Unknown label type: continuous{'-multioutput' if n_columns > 1 else ''}. y has numbers "
        f"with fractions such as {example:g}; expected labels. Use TransferMLPRegressor for "
        "numbers, or convert labels that were read as numbers (y.astype(int))."
    )


def several_targets(n_columns: int, expected: str) -> ValueError:
    """The error for a `y` of several columns that are not of one kind."""
    return ValueError(
        f"y has {n_columns} columns of labels or of different kinds; expected {expected}. Several "
        "targets at once, each of its own kind, are for MultiTaskMLP: MultiTaskMLP().fit(X, y)."
    )


def no_numbers(value: Any, n_columns: int = 1) -> ValueError:
    """The error for a target of a regression that is no number."""
    kind = type(value).__name__.rstrip("_")
    if "delta" in kind.lower():
        cure = "Give them in a unit, such as y / pandas.Timedelta('1D')."
    elif isinstance(value, str | bytes):
        cure = (
            "Use TransferMLPClassifier for labels, or convert numbers that were read as text "
            "(pandas.to_numeric)."
        )
    elif kind == "Period":
        cure = "Convert them to moments, y.dt.to_timestamp(), and count from one of these."
    elif "date" in kind.lower() or kind == "Timestamp":
        cure = "Count from a date, such as (y - y.min()) / pandas.Timedelta('1D')."
    else:
        cure = "Convert them first."
    if n_columns > 1:
        cure += " Several targets at once, each of its own kind, are for MultiTaskMLP."
    return ValueError(
        f"y has entries such as {str(value)!r} of type {kind}; expected numbers, as this is a "
        f"regression. {cure}"
    )


def repeated_columns(names) -> ValueError:
    """The error for a table in which columns have the same name."""
    return ValueError(
        f"A table has several columns of the name {listed(names)}; expected names that differ, as "
        "columns are known by them. Rename them, or leave copies out: "
        "table.loc[:, ~table.columns.duplicated()]."
    )


def column_of_type(name: str, dtype: object) -> ValueError:
    """The error for a column of a type that nothing is made of."""
    column = f"X[{name!r}]"
    cures = {
        "period": f"Convert it to moments, {column}.dt.to_timestamp()",
        "sparse": f"Convert it, {column}.sparse.to_dense(), or a whole table, X.sparse.to_coo()",
        "complex": f"Take it apart, {column}.real and {column}.imag",
        "cat": f"Name it in categorical_features={[name]}, or leave that at 'from_dtype'",
        "interval": f"Convert it, {column}.astype('category') or {column}.array.mid",
    }
    cure = next((c for kind, c in cures.items() if str(dtype).lower().startswith(kind)), None)
    return ValueError(
        f"Column {name!r} is of type {dtype}; expected numbers, booleans, categories, text or "
        f"moments. {cure or 'Take it apart into columns of these'}, or leave it out."
    )


def no_callback(obj: object) -> TypeError:
    """The error for something in `callbacks` that is none."""
    return TypeError(
        f"callbacks has {obj!r}, of type {type(obj).__name__}; expected skorch callbacks, such as "
        "skorch.callbacks.EarlyStopping(monitor='train_loss'), or pairs of a name and one. A "
        "function goes into a class derived from skorch.callbacks.Callback; scikit-learn's "
        "callbacks are given to set_callbacks."
    )


def callback_without_validation(problem: object) -> ValueError:
    """The error for a callback that looks for the loss on rows that were not held out."""
    said = str(problem).strip('"').rstrip(".")
    return ValueError(
        f"A callback stopped: {said}. It looks for what is measured on a validation set, and "
        "there is none. Give fit(X_val=..., y_val=...), or "
        "early_stopping=True, or let it look at the training rows (monitor='train_loss')."
    )
