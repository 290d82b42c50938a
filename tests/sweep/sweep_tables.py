"""The tables of the sweep: one set of rows in every form, with its columns in every state."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse

#: Named as nameless columns are, so that an array and a frame mean the same.
NAMES = ("x0", "x1", "x2", "x3", "x4", "x5")
N_SOURCE, N_FIT, N_TEST = 120, 40, 30
FORMS = ("array", "frame", "mixed", "polars", "sparse", "missing")
COLUMNS = ("same", "less", "more", "order")


class Rows(NamedTuple):
    """Rows to fit on and rows to predict, in one form, with their targets."""

    X: object
    labels: np.ndarray
    numbers: np.ndarray
    X_test: object


@cache
def _whole() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    n = N_SOURCE + N_FIT + N_TEST
    frame = pd.DataFrame(
        {
            "x0": rng.normal(6.0, 3.0, n),
            "x1": 40 * rng.lognormal(0.0, 0.6, n),
            "x2": rng.integers(0, 3, n).astype(float),
            "x3": rng.normal(0.0, 1.0, n),
            "x4": rng.uniform(200.0, 600.0, n),
            "x5": rng.normal(0.0, 1.0, n),
            "extra": rng.normal(5.0, 2.0, n),
            "plan": rng.choice(["basic", "plus", "pro"], n),
            "since": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )
    frame["plan"] = frame["plan"].astype("category")
    signal = frame["x0"] / 3 + frame["x1"] / 40 - frame["x2"] + frame["x3"] + frame["x4"] / 120
    signal = signal + (frame["plan"] == "pro") + rng.normal(0, 0.3, n)
    return frame, signal.to_numpy()


def targets(index: slice) -> tuple[np.ndarray, np.ndarray]:
    """Labels and numbers of some rows."""
    signal = _whole()[1]
    return np.where(signal > np.median(signal), "high", "low")[index], 10 * signal[index] + 100


@cache
def _scaled() -> pd.DataFrame:
    frame = _whole()[0].copy()
    numbers = [*NAMES, "extra"]
    frame[numbers] = (frame[numbers] - frame[numbers].mean()) / frame[numbers].std()
    return frame


def source_rows(with_text: bool, scaled: bool, missing: bool = False) -> pd.DataFrame:
    """Rows that a source learns from; the target's are others."""
    names = [*NAMES, "plan"] if with_text else list(NAMES)
    frame = (_scaled() if scaled else _whole()[0])[names][:N_SOURCE].copy()
    if missing:
        frame.iloc[::9, 0] = np.nan
    return frame


def rows(form: str, columns: str, with_text: bool, scaled: bool) -> Rows:
    """The target's rows in a form.

    Parameters
    ----------
    form : one of FORMS
    columns : one of COLUMNS
        How the columns differ from the source's.
    with_text : bool
        Whether the source learned a column of categories as well.
    scaled : bool
        Whether the numbers are standardised beforehand, for networks that do not do so.
    """
    frame = _scaled() if scaled else _whole()[0]
    names = [*NAMES, "plan"] if with_text else list(NAMES)
    if form == "mixed" and not with_text:
        names += ["plan", "since"]
    if form in ("sparse", "frame", "missing"):
        names = [name for name in names if name in NAMES]
    if columns == "less":
        names.remove("x3")
    if columns == "more":
        names.insert(2, "extra")
    if columns == "order":
        names = names[::-1]
    labels, numbers = targets(slice(N_SOURCE, N_SOURCE + N_FIT))
    X, X_test = frame[names][N_SOURCE : N_SOURCE + N_FIT], frame[names][N_SOURCE + N_FIT :]
    if form == "missing":
        X, X_test = X.copy(), X_test.copy()
        X.iloc[::7, 0], X_test.iloc[::5, 0] = np.nan, np.nan
    return Rows(in_form(X, form), labels, numbers, in_form(X_test, form))


def in_form(frame: pd.DataFrame, form: str):
    """The same rows in another form."""
    if form == "array":
        # text beside numbers makes an array of objects
        return frame.astype({"plan": object}).to_numpy() if "plan" in frame else frame.to_numpy()
    if form == "polars":
        return pl.from_pandas(frame.reset_index(drop=True))
    if form == "sparse":
        return sparse.csr_matrix(frame.to_numpy())
    return frame
