"""A source from rows without labels, against no source and against principal components.

    python benchmarks/quality/self_supervised.py --tasks FOLDER [--seeds 1] [--sizes 20 100]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it.  Only the target's tables are used:
``SelfSupervisedMLP`` and the principal components learn from the rows that labelled ones are drawn
from, 2,000 at most, without their labels.  ``scratch`` is one network and ``own`` the ensemble,
without a source; ``ssl_l2_sp`` and ``ssl_auto`` are the same from the self-supervised source;
``ssl_linear``, ``pca_linear`` and ``linear`` are logistic or ridge regression on its layers, on 20
principal components, and on the columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from on_pairs import Results, add, draws, measure, options, print_tables, timed
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transfer_pairs import estimator

from sktransfer import SelfSupervisedMLP

#: Rows without labels, at most.
MOST_ROWS = 2000


def linear(kind: str) -> Any:
    """Logistic or ridge regression that chooses its penalty."""
    if kind == "clf":
        return LogisticRegressionCV(Cs=np.logspace(-3, 1, 5), cv=3, max_iter=500)
    return RidgeCV(np.logspace(-2, 4, 13))


def methods(kind: str, source: Any, plain_rows: np.ndarray, seed: int) -> dict[str, Callable]:
    """Name → a new estimator, and whether it reads columns in numbers."""
    scaler = StandardScaler().fit(plain_rows)
    pca = PCA(min(20, *plain_rows.shape), random_state=0).fit(scaler.transform(plain_rows))

    def on(*steps: Any) -> Any:
        from sklearn.frozen import FrozenEstimator

        return make_pipeline(*map(FrozenEstimator, steps), StandardScaler(), linear(kind))

    return {
        "scratch": lambda: estimator(kind, strategy="scratch", random_state=seed),
        "own": lambda: estimator(kind, strategy="ensemble", random_state=seed),
        "ssl_l2_sp": lambda: estimator(kind, source=source, strategy="l2_sp", random_state=seed),
        "ssl_auto": lambda: estimator(kind, source=source, random_state=seed),
        "ssl_linear": lambda: on(source),
        "pca_linear": lambda: on(scaler, pca),
        "linear": lambda: on(scaler),
    }


def run_pair(tasks, name: str, args, results: Results) -> None:
    """All methods, sizes and seeds on one target."""
    task = tasks.load(name)
    kind, X, y = task["kind"], task["X_target"], task["y_target"]
    rest = np.random.RandomState(0).permutation(task["train_pool"])[:MOST_ROWS]
    source, seconds = timed(lambda: SelfSupervisedMLP(random_state=0).fit(X.iloc[rest]))
    print(f"{name}: pretrained in {seconds:.1f} s", flush=True)
    test = X.iloc[task["test"]], y[task["test"]]
    for n, seed, rows in draws(tasks, task, args):
        for method, make in methods(kind, source, X.iloc[rest], seed).items():
            key = f"{method}|{name}|{n}|{seed}"
            fit = lambda make=make, rows=rows: make().fit(X.iloc[rows], y[rows])  # noqa: E731
            add(results, key, fit, kind, *test)


def main() -> None:
    """Measure and print."""
    args = options(__doc__, sizes=[20, 100], seeds=1).parse_args()
    print_tables(measure(args, run_pair), args, ["scratch", "own", "pca_linear"])


if __name__ == "__main__":
    main()
