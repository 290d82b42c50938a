"""A published comparison: Yeast, from thirteen labels to a fourteenth.

    python benchmarks/quality/yeast.py --data FOLDER [--splits 20]

R. Levin et al., "Transfer Learning with Deep Tabular Models", ICLR 2023, pretrain on some labels
of Yeast and adapt to another with few rows.  FOLDER holds the tables of their demo
(LevinRoman/tabular-transfer-learning), ``levin_yeast_{upstream,downstream}_{N,y}.csv.gz``: 1,933
rows with 13 labels, and 484 others with one.  Each split is drawn as theirs: a fifth is the test,
and of the rest 314 rows are trained on; split 0 is the one of their demo, whose 73 validation rows
are not used here.  CatBoost is measured where it is installed.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier

#: What their demo prints of its one split, FT-Transformer with and without pretraining.
PUBLISHED = {"FT-Transformer, with transfer": 0.63, "FT-Transformer, from scratch": 0.58}


def read(folder: Path, part: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns and labels of one of the two tables."""
    frames = (pd.read_csv(folder / f"levin_yeast_{part}_{what}.csv.gz") for what in "Ny")
    X, y = frames
    return X, y


def splits(y: np.ndarray, n_splits: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to train on and to test on, drawn as in the demo."""
    for seed in range(n_splits):
        rest, test = train_test_split(
            np.arange(len(y)), test_size=0.2, random_state=seed, stratify=y
        )
        train, _ = train_test_split(
            rest, test_size=0.15 / 0.8, random_state=seed, stratify=y[rest]
        )
        yield train, test


def methods(source: Any) -> dict[str, Callable[[int], Any]]:
    """Name → seed → an estimator."""
    ours: dict[str, Callable[[int], Any]] = {
        "auto, with transfer": lambda s: TransferMLPClassifier(source=source, random_state=s),
        "ensemble, without source": lambda s: TransferMLPClassifier(
            strategy="ensemble", random_state=s
        ),
        "one network, from scratch": lambda s: TransferMLPClassifier(random_state=s),
    }
    try:
        from catboost import CatBoostClassifier
    except ImportError:
        return ours
    few = {"iterations": 200, "learning_rate": 0.06, "verbose": 0, "allow_writing_files": False}
    return ours | {"CatBoost": lambda s: CatBoostClassifier(**few, random_seed=s)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the four tables")
    parser.add_argument("--splits", type=int, default=20)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    source = MultiTaskMLP(random_state=0).fit(*read(args.data, "upstream"))
    X, y = read(args.data, "downstream")
    labels = y.iloc[:, 0].to_numpy()
    scores: dict[str, list[float]] = {}
    seconds: dict[str, float] = {}
    for seed, (train, test) in enumerate(splits(labels, args.splits)):
        for name, make in methods(source).items():
            began = time.process_time()
            model = make(seed).fit(X.iloc[train], labels[train])
            seconds[name] = seconds.get(name, 0.0) + time.process_time() - began
            auc = roc_auc_score(labels[test], model.predict_proba(X.iloc[test])[:, 1])
            scores.setdefault(name, []).append(auc)
        print(f"split {seed}", flush=True)
    print(
        f"sktransfer {sktransfer.__version__}, {args.splits} splits, {platform.machine()}, "
        f"Python {platform.python_version()}, torch {torch.__version__}, {date.today()}\n"
    )
    print(
        f"{'AUC':<32}{'split 0':>8}{'mean':>8}{'auto gains':>12}{'std err':>9}{'wins':>6}{'s':>7}"
    )
    best = np.array(scores["auto, with transfer"])
    for name, found in scores.items():
        values = np.array(found)
        gains = best - values
        paired = (
            f"{gains.mean():>+12.3f}{gains.std(ddof=1) / np.sqrt(len(gains)):>9.3f}"
            f"{np.mean(gains > 0):>6.0%}"
            if name != "auto, with transfer"
            else f"{'':>27}"
        )
        print(
            f"{name:<32}{values[0]:>8.3f}{values.mean():>8.3f}{paired}"
            f"{seconds[name] / len(values):>7.1f}"
        )
    for name, published in PUBLISHED.items():
        print(f"{name:<32}{published:>8.2f}  (their figure)")


if __name__ == "__main__":
    main()
