"""Rows of the target without labels: what they add to 20 labelled ones where tables differ.

    python benchmarks/quality/unlabeled.py --tasks FOLDER [--seeds 2] [--sizes 20]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it; those whose columns are distributed
otherwise in the target are taken (another hospital, city, year …).  The rows without labels are
the rest of the rows that the labelled ones are drawn from, 1,000 at most; test rows are not among
them.

Where skada and POT are installed, their alignments are measured on pairs whose targets mean the
same: ``coral`` and ``ot`` move the source's rows to the target's, by covariance and by optimal
transport, and ``unmoved`` does not; a logistic or ridge regression learns from them and from the
target's labelled rows, which count 30 %.  ``coral_alone`` and ``ot_alone`` see no label of the
target.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn
from on_pairs import Results, add, draws, measure, options, print_tables
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.preprocessing import StandardScaler
from transfer_pairs import estimator

#: Rows without labels, and rows that are transported, at most.
MOST_ROWS = 1000
#: Share of the target's labelled rows in the weight of all.
SHARE = 0.3


def is_shifted(task: dict[str, Any]) -> bool:
    """Whether a pair is one of two domains."""
    return "domain" in task["shift"]


def adapters() -> dict[str, Any]:
    """Name → a new adapter of skada's; none where it is not installed."""
    try:
        from skada import CORALAdapter, OTMappingAdapter
    except ImportError:
        return {}
    sklearn.set_config(enable_metadata_routing=False)  # the import has set it
    return {
        "unmoved": lambda: None,
        "coral": lambda: CORALAdapter(reg=0.1),
        "ot": lambda: OTMappingAdapter(),
    }


class Adapted:
    """A linear model on the source's rows, moved to the target's."""

    def __init__(self, task: dict[str, Any], adapter: Any, others: np.ndarray, seed: int) -> None:
        self.task, self.adapter, self.others, self.seed = task, adapter, others, seed
        self.columns = [c for c in task["X_target"] if c in task["X_source"]]

    def fit(self, rows: np.ndarray, y: np.ndarray | None) -> Adapted:
        """Learn from the source's rows, and from those of the target if their labels are given."""
        task, is_classifier = self.task, self.task["kind"] == "clf"
        n_source = len(task["X_source"])
        those = np.random.RandomState(self.seed).permutation(n_source)[:MOST_ROWS]
        source = task["X_source"][self.columns].to_numpy(dtype=float)[those]
        target = task["X_target"][self.columns].to_numpy(dtype=float)
        theirs = np.asarray(task["y_source"])[those]
        known = np.concatenate([rows, self.others])
        self.scaler = StandardScaler().fit(np.vstack([source, target[known]]))
        source, every = self.scaler.transform(source), self.scaler.transform(target[known])
        if self.adapter is not None:
            domain = np.r_[np.ones(len(source)), -np.ones(len(every))]
            self.adapter.fit(np.vstack([source, every]), sample_domain=domain)
            source = self.adapter.transform(
                source, sample_domain=np.ones(len(source)), allow_source=True
            )
        X, labels, weight = source, theirs, np.ones(len(source))
        if y is not None:
            X = np.vstack([source, self.moved(target[rows])])
            labels = np.concatenate([theirs, y])
            own = max(SHARE / (1 - SHARE) * len(source) / len(rows), 1.0)
            weight = np.r_[weight, np.full(len(rows), own)]
        self.model = (
            LogisticRegressionCV(Cs=np.logspace(-3, 1, 5), cv=3, max_iter=500)
            if is_classifier
            else RidgeCV(np.logspace(-2, 4, 13))
        ).fit(X, labels, sample_weight=weight)
        if is_classifier:
            self.classes_ = self.model.classes_
        return self

    def moved(self, rows: np.ndarray) -> np.ndarray:
        """Rows of the target as the model reads them."""
        rows = self.scaler.transform(rows)
        if self.adapter is None:
            return rows
        return self.adapter.transform(rows, sample_domain=-np.ones(len(rows)))

    def predict(self, X: Any) -> np.ndarray:
        """Labels or numbers."""
        return self.model.predict(self.moved(X[self.columns].to_numpy(dtype=float)))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of the classes."""
        return self.model.predict_proba(self.moved(X[self.columns].to_numpy(dtype=float)))


def run_pair(tasks, name: str, args, results: Results) -> None:
    """All methods, sizes and seeds on one pair."""
    task, plain = tasks.load(name, raw=True), tasks.load(name)
    kind, labels = task["kind"], task["y_target"]
    source = estimator(task["kind_source"], random_state=0)
    source.fit(task["X_source"], task["y_source"])
    test, y_test = task["test"], labels[task["test"]]
    for n, seed, rows in draws(tasks, task, args):
        rest = np.setdiff1d(task["train_pool"], rows)
        rest = np.random.RandomState(seed).permutation(rest)[:MOST_ROWS]
        X, y, more = task["X_target"].iloc[rows], labels[rows], (task["X_target"].iloc[rest],)
        for method, start, given in (
            ("auto", source, None),
            ("auto_unlabeled", source, more),
            ("own", None, None),
        ):
            strategy = "auto" if start is not None else "ensemble"
            model = estimator(kind, source=start, strategy=strategy, random_state=seed)
            fit = lambda m=model, U=given: m.fit(X, y, X_unlabeled=U)  # noqa: B023, E731
            key = f"{method}|{name}|{n}|{seed}"
            add(results, key, fit, kind, task["X_target"].iloc[test], y_test)
        if not task["same_label"]:
            continue
        for method, adapter in adapters().items():
            for suffix, known in (("", plain["y_target"][rows]), ("_alone", None)):
                model = Adapted(plain, adapter(), rest, seed)
                fit = lambda m=model, y=known: m.fit(rows, y)  # noqa: B023, E731
                key = f"{method}{suffix}|{name}|{n}|{seed}"
                add(results, key, fit, kind, plain["X_target"].iloc[test], y_test)


def main() -> None:
    """Measure and print."""
    args = options(__doc__, sizes=[20], seeds=2).parse_args()
    results = measure(args, run_pair, is_shifted)
    print_tables(results, args, ["auto", "own"])


if __name__ == "__main__":
    main()
