"""A table as the user gave it, for members that read it so."""

from __future__ import annotations

import numpy as np

from sktransfer._networks._foreign import foreign_predictions
from sktransfer._networks._predict import predict_member
from sktransfer._networks._source_outputs import source_outputs
from sktransfer._preprocessing import encode
from sktransfer._records import ForeignModel, Member
from sktransfer._typing import CheckedTable, Matrix


def reads_table(model: ForeignModel | None) -> bool:
    """Whether an estimator is given the user's table, and nothing that is made of it."""
    return model is not None and model.reads_table


class GivenTable:
    """A table as the user gave it; each source that has no layers is called once.

    Parameters
    ----------
    raw : table of shape (n_samples, n_features)
    """

    def __init__(self, raw: CheckedTable) -> None:
        self._raw = raw
        self._outputs: dict[int, np.ndarray] = {}

    def outputs(self, member: Member) -> np.ndarray | None:
        """Of the source whose predictions a member reads; None where it reads none."""
        predictor = member.predictor
        if predictor is None:
            return None
        key = id(predictor)
        if key not in self._outputs:
            names = member.inputs.columns.names
            self._outputs[key] = source_outputs(predictor, self._raw, names)
        return self._outputs[key]

    def predictions(self, member: Member, encoded: Matrix, dtype: np.dtype) -> np.ndarray:
        """A member's, in the user's unit, from the table or from its encoded columns."""
        if reads_table(member.foreign):
            return self.of_estimator(member)
        inputs = encode(encoded, member.inputs, dtype)
        return predict_member(member, inputs, self.outputs(member))

    def of_estimator(self, member: Member) -> np.ndarray:
        """Predictions of an estimator that reads the table."""
        assert member.foreign is not None
        return foreign_predictions(member.foreign, self._raw, member.target)
