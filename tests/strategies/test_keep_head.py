"""Where the output layer was to be kept and cannot be, a warning and the report say why."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import model_of

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import SourceDescription
from sktransfer.strategies import KeepHead, WeightedEnsemble

N = 45
rng = np.random.default_rng(0)
X, words = rng.normal(size=(N, 4)), np.array(["low", "mid", "high"])[np.arange(N) % 3]
numbers = X[:, 0]
QUICK = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}
CLASSES = TransferMLPClassifier(**QUICK).fit(X, words)
NUMBERS = TransferMLPRegressor(**QUICK).fit(X, numbers)
TASKS = MultiTaskMLP(**QUICK).fit(X, pd.DataFrame({"kind": words, "size": numbers}))
NAMELESS = SourceDescription([(np.ones((4, 6)), np.zeros(6)), (np.ones((6, 1)), np.zeros(1))])
WEIGHTS_ONLY = SourceDescription([(np.ones((4, 3)), np.zeros(3))], target=model_of(CLASSES).target)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _fitted(estimator, y, **params):
    return estimator(**{"strategy": "keep_head", "max_iter": 2, **params}).fit(X, y)


CASES = {
    "classes": (
        TransferMLPClassifier,
        np.char.add("very ", words),
        {"source": CLASSES},
        r"'very high', 'very low', 'very mid', none are among the source's 'high', 'low', 'mid'"
        r".*class_map=\{",
    ),
    "one of two classes": (
        TransferMLPClassifier,
        np.where(words == "low", "low", "other"),
        {"source": CLASSES},
        "'low', 'other', not both are among",
    ),
    "numbers from classes": (
        TransferMLPRegressor,
        numbers,
        {"source": CLASSES},
        "the source's outputs are classes, and y's are numbers",
    ),
    "number of outputs": (
        TransferMLPRegressor,
        np.c_[numbers, numbers],
        {"source": NUMBERS},
        "the source has 1 outputs, and y has 2",
    ),
    "loss": (
        TransferMLPRegressor,
        np.abs(numbers),
        {"source": NUMBERS, "loss": "poisson"},
        "trained with loss='squared_error', and this is loss='poisson'",
    ),
    "outputs of unknown meaning": (
        TransferMLPClassifier,
        words,
        {"source": NAMELESS},
        r"is not known.*SourceDescription\(\.\.\., target=TargetSchema",
    ),
    "own layers": (
        TransferMLPClassifier,
        words,
        {"source": CLASSES, "head_hidden_layer_sizes": (3,)},
        "not all hidden layers below it are the source's.*head_hidden_layer_sizes",
    ),
    "no hidden layer shared": (
        TransferMLPClassifier,
        words,
        {"source": CLASSES, "n_shared_layers": 0},
        "not all hidden layers below it are the source's.*n_shared_layers",
    ),
    "nothing but an output layer": (
        TransferMLPClassifier,
        np.char.add("very ", words),
        {"source": WEIGHTS_ONLY},
        "none are among the source's",
    ),
    "tasks": (
        MultiTaskMLP,
        pd.DataFrame({"sort": words}),
        {"source": TASKS},
        "the source's are 'kind', 'size', y's 'sort'.*the same names",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_output_layer_that_is_not_kept_is_warned_of_with_its_reason_and_a_way_out(case):
    estimator, y, params, told = CASES[case]
    with pytest.warns(TransferWarning, match=told) as caught:
        model = _fitted(estimator, y, **params)
    (message,) = [str(w.message) for w in caught if w.category is TransferWarning]
    assert "which the strategy keeps, is not kept" in message
    (*_, row) = [row for row in model.transfer_report_.rows if row.part == "layer"]
    assert row.status == "new" and row.reason in message
    assert ("class_map" in message) == ("'high', 'low', 'mid'" in message)


@pytest.mark.parametrize(
    "estimator, y, params",
    [
        (TransferMLPClassifier, words, {"source": CLASSES}),
        (TransferMLPClassifier, np.where(words == "low", "low", words), {"source": CLASSES}),
        (
            TransferMLPClassifier,
            np.char.add("very ", words),
            {
                "source": CLASSES,
                "class_map": {"low": "very low", "mid": "very mid", "high": "very high"},
            },
        ),
        (TransferMLPRegressor, numbers, {"source": NUMBERS}),
        (MultiTaskMLP, pd.DataFrame({"size": numbers, "sort": words}), {"source": TASKS}),
        # members that do not apply are left out, and others never wanted it
        (
            TransferMLPClassifier,
            np.char.add("very ", words),
            {"source": CLASSES, "strategy": WeightedEnsemble(["keep_head", "l2_sp"], cv=2)},
        ),
        (
            TransferMLPClassifier,
            np.char.add("very ", words),
            {"source": CLASSES, "strategy": "l2_sp"},
        ),
        (TransferMLPClassifier, words, {"source": None}),
    ],
)
def test_nothing_is_an_error_that_says_where_it_is_kept_or_not_insisted_on(estimator, y, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        _fitted(estimator, y, **params)


def test_resuming_does_not_warn_again():
    model = TransferMLPClassifier(source=CLASSES, strategy=KeepHead())
    others = np.char.add("very ", words)
    with pytest.warns(TransferWarning, match="is not kept"):
        model.partial_fit(X, others, classes=np.unique(others))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        model.partial_fit(X, others)
