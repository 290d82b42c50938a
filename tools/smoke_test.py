"""Fit, predict, save and load with an installed wheel: a few seconds, needs no checkout.

::

    python smoke_test.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestRegressor

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor


def main() -> None:
    """Raise if anything is wrong."""
    X, y = load_digits(return_X_y=True)
    low = y < 5
    source = TransferMLPClassifier(random_state=0).fit(X[low], y[low])
    target = TransferMLPClassifier(source=source, random_state=0).fit(X[~low][:60], y[~low][:60])
    assert target.score(X[~low][60:], y[~low][60:]) > 0.8
    with tempfile.TemporaryDirectory() as folder:
        target.save(Path(folder) / "model")
        again = sktransfer.load(Path(folder) / "model")
        assert np.array_equal(again.predict_proba(X), target.predict_proba(X))
    X, y = load_diabetes(return_X_y=True)
    forest = RandomForestRegressor(random_state=0).fit(X[:200], y[:200])
    model = TransferMLPRegressor(source=forest, random_state=0).fit(X[200:260], y[200:260])
    assert model.score(X[260:], y[260:]) > 0.2
    MultiTaskMLP(max_iter=3).fit(X, {"progress": y, "fast": y > 100}).predict(X)
    print(f"sktransfer {sktransfer.__version__} works")


if __name__ == "__main__":
    main()
