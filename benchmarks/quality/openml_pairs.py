"""Make a folder of source → target pairs from OpenML, in the form ``transfer_pairs.py`` reads.

    python benchmarks/quality/openml_pairs.py pairs
    python benchmarks/quality/transfer_pairs.py --tasks pairs --raw

Needs a connection.  A pair is one data set split in two by a column that names a domain.  Ceilings
are the five-fold scores of ``HistGradientBoosting`` on the whole target, so normalised scores of
these pairs are not comparable with those of other folders.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sklearn.datasets import fetch_openml
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import cross_val_score


@dataclass
class Pair:
    """One source → target pair of a single OpenML data set.

    Attributes
    ----------
    data_id : int
        OpenML's number of the data set.
    target : str
        Column to predict.
    is_source : callable
        Table → boolean mask of the source's rows; the others are the target's.
    domain : str
        Column that separates the two; left out of both.
    kind : {'clf', 'reg'}
    """

    data_id: int
    target: str
    is_source: Callable[[pd.DataFrame], pd.Series]
    domain: str
    kind: str


PAIRS = {
    "adult_male_female": Pair(1590, "class", lambda X: X["sex"] == "Male", "sex", "clf"),
    "diamonds_ideal_rest": Pair(42225, "price", lambda X: X["cut"] == "Ideal", "cut", "reg"),
    "bank_single_married": Pair(1461, "Class", lambda X: X["V3"] == "single", "V3", "clf"),
}

#: The loader that is written next to the data.
LOADER = '''"""Source → target pairs: ``names()``, ``load(name)``, ``few_shot(task, n, seed)``."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
META = json.loads((HERE / "meta.json").read_text())


def names():
    return list(META)


def load(name, raw=True):
    kind = META[name]
    source = pd.read_csv(HERE / f"{name}__source.csv.gz")
    target = pd.read_csv(HERE / f"{name}__target.csv.gz")
    y_source, y_target = source.pop("__y").to_numpy(), target.pop("__y").to_numpy()
    if not raw:
        both = pd.get_dummies(pd.concat([source, target])).astype("float32")
        both = both.fillna(both[: len(source)].median()).fillna(0)
        source, target = both[: len(source)], both[len(source) :]
    order = np.random.RandomState(12345).permutation(len(y_target))
    n_test = min(1500, len(order) // 2)
    return dict(
        name=name, kind=kind, kind_source=kind, X_source=source, y_source=y_source,
        X_target=target, y_target=y_target, test=order[:n_test], train_pool=order[n_test:],
    )


def few_shot(task, n, seed):
    rng = np.random.RandomState(1000 * seed + n)
    pool, y = task["train_pool"], task["y_target"][task["train_pool"]]
    rows = rng.permutation(pool)
    if task["kind"] == "clf":  # every class is there at least once
        first = [rows[task["y_target"][rows] == label][0] for label in np.unique(y)]
        rows = np.array(first + [row for row in rows if row not in set(first)])
    return rng.permutation(rows[:n])
'''


def write_pair(folder: Path, name: str, pair: Pair, most_rows: int) -> float:
    """Fetch a data set, write both tables, return the ceiling of the target."""
    table = fetch_openml(data_id=pair.data_id, as_frame=True, parser="auto").frame
    mask = pair.is_source(table)
    y = table.pop(pair.target)
    y = y.astype(float) if pair.kind == "reg" else y.astype(str)
    table = table.drop(columns=pair.domain)
    for part, rows in (("source", mask), ("target", ~mask)):
        chosen = table[rows].assign(__y=y[rows])
        chosen = chosen.sample(min(most_rows, len(chosen)), random_state=0)
        chosen.to_csv(folder / f"{name}__{part}.csv.gz", index=False)
    X, y = chosen.drop(columns="__y"), chosen["__y"]
    texts = [column for column in X if X[column].dtype.kind not in "fiub"]
    X = X.astype(dict.fromkeys(texts, "category"))
    if pair.kind == "clf":
        boosting, scoring = HistGradientBoostingClassifier(random_state=0), "roc_auc_ovr"
    else:
        boosting, scoring = HistGradientBoostingRegressor(random_state=0), "r2"
    return float(cross_val_score(boosting, X, y, scoring=scoring).mean())


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", nargs="+", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--most-rows", type=int, default=5000)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    ceilings = {}
    for name in args.pairs:
        ceilings[name] = write_pair(args.folder, name, PAIRS[name], args.most_rows)
        print(f"{name}: ceiling {ceilings[name]:.3f}")
    (args.folder / "ceilings.json").write_text(json.dumps(ceilings, indent=1) + "\n")
    kinds = {name: PAIRS[name].kind for name in args.pairs}
    (args.folder / "meta.json").write_text(json.dumps(kinds, indent=1) + "\n")
    (args.folder / "tasks.py").write_text(LOADER)


if __name__ == "__main__":
    main()
