"""A stream that begins with an old model: scores after each chunk, on rows that it does not learn.

    python benchmarks/quality/streams_from_a_source.py [--tasks FOLDER] [--rows 60] [--chunks 10]

The old model is a network, a forest, gradient boosting or a pipeline.  ``TransferMLPClassifier``
and ``TransferMLPRegressor`` learn chunks of the target from it with their defaults.  For
comparison there are the old model as it is, a fit to all chunks together, and scikit-learn's
`MLPClassifier` and `SGDClassifier` (or their regressors) behind a scaler that is fitted chunk by
chunk.  Accuracy or R².

The target's rows are those of other writers (`digits`; `labels`: of other digits too) and men in
place of women (`diabetes`); ``--tasks`` adds three pairs of numbers of a folder that
``transfer_pairs.py`` describes.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier, SGDRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transfer_pairs import estimator, load_tasks

#: Pairs of numbers only, without entries that are missing.
PAIRS = ("housing_north_south", "wine_white_red", "births_nc_us")


@dataclass(frozen=True)
class Task:
    """Rows of an old model, of a stream of chunks of a size, and to test on."""

    kind: str
    old: tuple
    stream: tuple
    test: tuple
    n_rows: int
    labels_agree: bool = True


class Scaled:
    """An estimator behind a scaler, both of which learn chunk by chunk."""

    def __init__(self, model) -> None:
        self.scaler, self.model = StandardScaler(), model

    def partial_fit(self, X, y, **more):
        self.model.partial_fit(self.scaler.partial_fit(X).transform(X), y, **more)
        return self

    def score(self, X, y) -> float:
        return self.model.score(self.scaler.transform(X), y)


def tasks(options: argparse.Namespace, seed: int) -> Iterator[tuple[str, Task]]:
    """Named tasks, of which a seed draws the rows of the stream: half of the rows at most."""
    rng, folder = np.random.RandomState(seed), options.tasks

    def task(kind, old, X, y, agree=True):
        n_rows = max(1, min(options.rows, len(y) // (2 * options.chunks)))
        order, n = rng.permutation(len(y)), n_rows * options.chunks
        these, rest = order[:n], order[n:]
        return Task(kind, old, (X[these], y[these]), (X[rest], y[rest]), n_rows, agree)

    X, y = load_digits(return_X_y=True)
    yield "digits", task("clf", (X[:600], y[:600]), X[600:], y[600:])
    yield "labels", task("clf", (X[y < 5], y[y < 5]), X[y >= 5], y[y >= 5], agree=False)
    X, y = load_diabetes(return_X_y=True)
    women = X[:, 1] < 0
    yield "diabetes", task("reg", (X[women], y[women]), X[~women], y[~women])
    if folder is None:
        return
    for name in PAIRS:
        pair = load_tasks(folder).load(name)
        both = [c for c in pair["X_source"] if c in pair["X_target"]]
        old, new = (pair[table][both].to_numpy() for table in ("X_source", "X_target"))
        yield name, task(pair["kind"], (old, pair["y_source"]), new, pair["y_target"])


def sources(task: Task) -> Iterator[tuple[str, object]]:
    """Old models by kind, fitted."""
    is_classifier = task.kind == "clf"
    forest = RandomForestClassifier if is_classifier else RandomForestRegressor
    boosting = HistGradientBoostingClassifier if is_classifier else HistGradientBoostingRegressor
    linear = LogisticRegression(max_iter=500) if is_classifier else Ridge()
    yield "network", estimator(task.kind, random_state=0).fit(*task.old)
    yield "forest", forest(100, random_state=0).fit(*task.old)
    yield "boosting", boosting(max_iter=50, random_state=0).fit(*task.old)
    yield "pipeline", make_pipeline(StandardScaler(), linear).fit(*task.old)


def scores(model, task: Task) -> np.ndarray:
    """Test scores after each chunk."""
    (X, y), found = task.stream, []
    more = {"classes": np.unique(y)} if task.kind == "clf" else {}
    for at in range(0, len(y), task.n_rows):
        model.partial_fit(X[at : at + task.n_rows], y[at : at + task.n_rows], **more)
        more = {}
        found.append(model.score(*task.test))
    return np.array(found)


def rivals(task: Task) -> dict[str, Scaled]:
    """scikit-learn's estimators of streams."""
    if task.kind == "clf":
        return {"MLP": Scaled(MLPClassifier(random_state=0)),
                "SGD": Scaled(SGDClassifier(loss="log_loss", random_state=0))}  # fmt: skip
    return {"MLP": Scaled(MLPRegressor(random_state=0)),
            "SGD": Scaled(SGDRegressor(random_state=0))}  # fmt: skip


def main() -> None:
    """Print a line for each task and old model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, default=None, help="folder of pairs")
    parser.add_argument("--only", nargs="+", default=None, help="names of tasks")
    parser.add_argument("--sources", nargs="+", default=None, help="kinds of old models")
    parser.add_argument("--rows", type=int, default=60, help="of a chunk")
    parser.add_argument("--chunks", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    known: dict[str, list[tuple[str, object]]] = {}
    for seed in range(options.seeds):
        for name, task in tasks(options, seed):
            if options.only and name not in options.only:
                continue
            others = [scores(one, task)[-1] for one in rivals(task).values()]
            known[name] = known.get(name) or list(sources(task))
            for kind, source in known[name]:
                if options.sources and kind not in options.sources:
                    continue
                new = {"source": source, "random_state": seed}
                as_is = source.score(*task.test) if task.labels_agree else np.nan
                at_once = estimator(task.kind, **new).fit(*task.stream).score(*task.test)
                began = time.process_time()
                ours = scores(estimator(task.kind, **new), task)
                seconds = time.process_time() - began
                found[name, kind].append(
                    [as_is, at_once, *others, *ours[[0, 2, -1]], (ours - as_is).min(),
                     ours[-1] - at_once, at_once - as_is, np.diff(ours).min(), seconds]
                )  # fmt: skip
    print(f"{options.seeds} draws, {options.chunks} chunks of {options.rows} rows; means (worst)")
    gaps = "least - as is    last - fit       fit - as is"
    print(f"{'task':20} old model  as is  fit    MLP    SGD    after 1, 3, all chunks  "
          f"{gaps}      worst step  s")  # fmt: skip
    for (name, kind), draws in found.items():
        mean, worst = np.mean(draws, axis=0), np.min(draws, axis=0)
        gaps = "  ".join(f"{mean[k]:+.3f} ({worst[k]:+.3f})" for k in (7, 8, 9))
        print(f"{name:20} {kind:9}", *(f"{m:6.3f}" for m in mean[:7]),
              f"   {gaps}   {worst[10]:+.3f}   {mean[11]:5.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
