"""The inputs of a network in the order of the table's columns, and their names."""

from __future__ import annotations

import numpy as np

from sktransfer._records import InputColumns, missing_indicator_of


def input_order(columns: InputColumns) -> list[int]:
    """Positions of a network's inputs, in the order of the table's columns.

    By name, a network takes columns in the order of their names, so that a table's order changes
    no bit of a fit.  Who reads its weights expects the table's order.
    """
    of_table = columns.order or range(columns.n_encoded)
    rank = {column: (of_table[column], column) for column in range(columns.n_encoded)}
    indicators, fourier = columns.missing_indicators, columns.fourier
    order = sorted(range(columns.n_encoded), key=rank.__getitem__)
    at = columns.n_encoded
    order += [at + i for i in sorted(range(len(indicators)), key=lambda i: rank[indicators[i]])]
    at += len(indicators)
    starts = [at]
    for _, frequencies in fourier:
        starts.append(starts[-1] + 2 * len(frequencies))
    for i in sorted(range(len(fourier)), key=lambda i: rank[fourier[i][0]]):
        order += range(starts[i], starts[i + 1])
    return order


def input_names(columns: InputColumns) -> np.ndarray:
    """Names of a network's inputs, in the order of the table's columns.

    As scikit-learn names such a column, where it makes some.
    """
    known = columns.named_columns
    names = [*known, *(missing_indicator_of(known[i]) for i in columns.missing_indicators)]
    for i, frequencies in columns.fourier:
        for part in ("cos", "sin"):
            names += [f"{known[i]}_{part}{number}" for number in range(len(frequencies))]
    return np.array(names, dtype=object)[input_order(columns)]
