"""Messages of errors that are of Python's own classes."""

from __future__ import annotations


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


def device_is_missing(device: str, reason: str) -> ValueError:
    """The error for a device that torch does not have here."""
    return ValueError(
        f"device={device!r} cannot be trained on; expected 'auto', 'cpu' or a device that torch "
        f"has here, such as 'cuda' where torch.cuda.is_available(). torch says: "
        f"{reason.splitlines()[0]} Give device='auto', or install a torch for this device."
    )
