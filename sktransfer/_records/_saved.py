"""What a file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sktransfer._records._source import SourceDescription


@dataclass(frozen=True, eq=False)
class SavedModel:
    """A fitted estimator, taken apart.

    Attributes
    ----------
    description : SourceDescription or None
        What it has learned, for another one to start from; None of read-outs alone, which have no
        layers.
    estimator : str
        The name of its class.
    params : dict of str to object
        Constructor parameters, the source as its description.
    fitted : dict of str to object
        Fitted attributes that the description does not contain.
    """

    description: SourceDescription | None
    estimator: str
    params: dict[str, Any]
    fitted: dict[str, Any]
