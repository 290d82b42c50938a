"""Which rows are trained on, which are held out, and how the network reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from sktransfer._preprocessing import LateInputs, Table, encode, encode_target
from sktransfer._records import FitOptions, InputSchema, TargetSchema
from sktransfer._targets import TargetCodec

if TYPE_CHECKING:
    from sktransfer._training import TrainingData

#: Bytes of encoded inputs up to which they are kept, if the table itself takes less.
_LARGE = 2**28


def split_table(
    options: FitOptions,
    table: Table,
    inputs: InputSchema,
    target: TargetCodec,
    rng: np.random.RandomState,
) -> tuple[Table, Table | None]:
    """Training rows and held-out rows, the latter None where nothing is held out.

    Rows of no weight would fill batches, and their score is no score; without `standardize` they
    stay in batches, as scikit-learn has it.
    """
    holds_out = options.early_stopping and options.solver != "lbfgs" and table.validation is None
    if options.standardize or holds_out:
        table = table.of_rows_that_count()
    if table.validation is not None:
        return table, table.validation.encoded(inputs)
    if not holds_out:
        return table, None
    if table.groups is not None:
        if len(np.unique(table.groups)) < 2:
            raise ValueError(
                "early_stopping=True holds out whole groups, and groups has one; expected two or "
                "more. Give rows to validate on (X_val, y_val), or early_stopping=False."
            )
        splitter = GroupShuffleSplit(1, test_size=options.validation_fraction, random_state=rng)
        train, held_out = next(splitter.split(table.y, groups=table.groups))
    else:
        try:
            train, held_out = train_test_split(
                np.arange(table.n_samples),
                random_state=rng,
                test_size=options.validation_fraction,
                stratify=table.y if target.stratifies(table.y) else None,
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping=True cannot hold out {options.validation_fraction:.0%} of "
                f"{table.n_samples} rows; expected two rows or more of each class, and as many "
                "held-out rows as classes. Give rows to validate on (X_val, y_val), a larger "
                f"validation_fraction, or early_stopping=False. (scikit-learn: {error})"
            ) from error
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    return table.rows(train), table.rows(held_out)


def training_data(
    table: Table, inputs: InputSchema, target: TargetSchema, at_once: bool
) -> TrainingData:
    """An encoded table as the network is given it.

    A sparse table stays sparse and is standardised a block at a time, and so is a large one that
    encoding would multiply, unless `at_once`.
    """
    from sktransfer._training import TrainingData  # imports torch

    y = encode_target(table.y, target, table.dtype)
    n_bytes = table.n_samples * inputs.n_inputs * np.dtype(table.dtype).itemsize
    if isinstance(table.X, np.ndarray) and n_bytes > max(_LARGE, table.X.nbytes) and not at_once:
        late = LateInputs(table.X, inputs, table.dtype)
        return TrainingData(late, y, table.sample_weight, np.asarray)
    if isinstance(table.X, np.ndarray) or at_once:
        return TrainingData(encode(table.numbers, inputs, table.dtype), y, table.sample_weight)
    return TrainingData(
        table.numbers, y, table.sample_weight, lambda rows: encode(rows, inputs, table.dtype)
    )
