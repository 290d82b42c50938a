"""The catalogue of bad tables through every other entrance: a clear error, or sensible output.

``python benchmarks/reliability/bad_inputs.py`` counts the outcomes.
"""

import re

import numpy as np
import pytest
from fitted import one_fast_in
from test_bad_inputs import (
    LABELS,
    REFUSED,
    SIZES,
    SOURCE,
    TABLES,
    X,
    outcome,
)

from sktransfer import MultiTaskMLP, SharedLayerTransformer, TransferMLPClassifier
from sktransfer.model_selection import rank_sources
from sktransfer.strategies import Joint

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NETWORK = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}
TASKS = {"label": LABELS, "number": X[:, 0]}
EVERY = TABLES | {name: X[:n] for name, n in SIZES.items()}


def labels_of(table):
    n_rows = table.shape[0] if getattr(table, "shape", ()) else None
    return LABELS if n_rows is None or n_rows > len(LABELS) else LABELS[:n_rows]


class Entrance:
    """What is given a table there, under the names that `outcome` calls."""

    def __init__(self, call):
        self.call = call

    def fit(self, table, y):
        self.found = np.asarray(self.call(table, y), dtype=float)

    def predict(self, table):
        # as many as there are rows, if what came of them is a number each
        n_rows = table.shape[0] if hasattr(table, "shape") else len(table)
        return np.full(n_rows, self.found.sum())


def _validated(table, y):
    return TransferMLPClassifier(**NETWORK).fit(X, LABELS, X_val=table, y_val=y).loss_


def _several_tasks(table, y):
    tasks = {name: values[: len(y)] for name, values in TASKS.items()}
    model = MultiTaskMLP(**NETWORK).fit(table, tasks)
    return [np.asarray(values, float).sum() for values in model.predict(table).values()]


def _stream_of_tasks(table, y):
    tasks = {name: values[: len(y)] for name, values in TASKS.items()}
    classes = {"label": [0, 1]}
    return list(MultiTaskMLP(**NETWORK).partial_fit(table, tasks, classes=classes).loss_curve_)


def _features(table, y):
    features = SharedLayerTransformer(SOURCE).fit(table).transform(table)
    # where nothing is carried over, a column without entries passes through, after a warning
    return np.delete(features, np.flatnonzero(np.isnan(features).all(axis=0)), axis=1)


def _features_later(table, y):
    return SharedLayerTransformer(SOURCE).fit(X).transform(table)


def _next_to(table, y):
    model = TransferMLPClassifier(strategy=Joint({"other": (table, y)}), **NETWORK)
    return model.fit(X, LABELS).predict_proba(X)


def _ranked(table, y):
    return rank_sources({"one": SOURCE}, table, y)["score"]


def _from_unlabeled(table, y):
    model = TransferMLPClassifier(source=SOURCE, strategy="l2_sp", max_iter=2, random_state=0)
    return model.fit(X, LABELS, X_unlabeled=(table,)).predict_proba(X)


FITTED = TransferMLPClassifier(**NETWORK).fit(X, LABELS)
TASKS_FITTED = MultiTaskMLP(**NETWORK).fit(X, TASKS)
#: By what is called: what it is given → numbers.
ENTRANCES = {
    "score": lambda table, y: FITTED.score(table, y),
    "X_val": _validated,
    "X_unlabeled": _from_unlabeled,
    "MultiTaskMLP.fit": _several_tasks,
    "MultiTaskMLP.partial_fit": _stream_of_tasks,
    "MultiTaskMLP.predict": lambda table, y: TASKS_FITTED.predict(table)["number"],
    "SharedLayerTransformer.fit": _features,
    "SharedLayerTransformer.transform": _features_later,
    "Joint": _next_to,
    "rank_sources": _ranked,
}
#: Words of errors that name an argument or a table, of which the catalogue does not know.
MORE = (
    "[Tt]able 'other'|[Tt]able of Joint|The first chunk has no rows|0 feature|0 sample"
    "|has no rows|y has 0|X_val is missing|requires at least|minimum of|inconsistent numbers"
)


def outcome_of(entrance, name):
    """One of the outcomes, or ``unclear``, and the exception if there was one."""
    table = EVERY[name]
    found, error = outcome(Entrance(ENTRANCES[entrance]), "fit", table, labels_of(table))
    if found == "error" and not re.search(f"{REFUSED.get(name, MORE)}|{MORE}", str(error), re.S):
        return "unclear", error
    return found, error


@pytest.mark.parametrize("name", one_fast_in(2, EVERY))
def test_a_bad_table_is_refused_in_clear_words_or_sensible_numbers_come(name):
    for entrance in ENTRANCES:
        found, error = outcome_of(entrance, name)
        assert found in ("ok", "warned", "error"), (entrance, error)
