"""The models behind the golden files, and what they are asked.

Run this to write the files of the newest protocol; those of older ones stay as they are.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer._persistence import PROTOCOL
from sktransfer.strategies import L2SP

GOLDEN = Path(__file__).parent / "golden"
SMALL = {"max_iter": 3, "random_state": 0}


def table(n=40):
    """A table of every kind of column, with missing entries."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "length": rng.normal(size=n),
            "mass": np.where(rng.random(n) < 0.2, np.nan, 10 + 3 * rng.normal(size=n)),
            "colour": rng.choice(["red", "grün", "蓝", None], n),
            "sold": rng.choice([True, False], n),
            "when": pd.date_range("2024-02-28", periods=n, freq="D"),
        }
    )


def labels(X):
    """What the classifier is to tell."""
    return np.array(["no", "yes", "who knows"])[np.arange(len(X)) % 3]


def classifier():
    """Trained on mixed columns, from a source of its own kind."""
    X = table()
    y = labels(X)
    source = TransferMLPClassifier((6, 4), **SMALL).fit(X[["length", "colour", "when"]], y == "no")
    model = TransferMLPClassifier(source=source, strategy=L2SP(0.3), class_weight={"no": 2})
    return model.set_params(**SMALL).fit(X, y), X


def regressor():
    """Entered through a pipeline of scikit-learn's."""
    X = table()
    y = X["length"] * 3 + 100
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), ["length", "mass"]),
    )
    network = MLPRegressor(hidden_layer_sizes=(5,), max_iter=300, solver="lbfgs", random_state=0)
    source = make_pipeline(columns, network).fit(X[["length", "mass", "colour"]], y)
    return TransferMLPRegressor(source=source, **SMALL).fit(X, y), X


MODELS = {"classifier": classifier, "regressor": regressor}


def answer(model, X):
    """What a model says of a table."""
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


if __name__ == "__main__":
    for name, make in MODELS.items():
        model, X = make()
        directory = GOLDEN / f"protocol_{PROTOCOL}" / name
        model.save(directory)
        (directory / "answer.json").write_text(json.dumps(answer(model, X).tolist()))
