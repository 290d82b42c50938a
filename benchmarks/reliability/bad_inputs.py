"""What this package, scikit-learn's MLPs and skorch's nets do with bad inputs.

    python benchmarks/reliability/bad_inputs.py    # or: make reliability

The inputs, and what an outcome is, stand in ``tests/estimators/test_bad_inputs.py`` and
``test_bad_inputs_everywhere.py``, which hold this package to them.  An error is ``unclear`` where
it does not say what the test expects of it, in which words a refusal of that input has to speak.
"""

import datetime
import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "estimators"))
from test_bad_inputs import (
    INPUTS,
    KINDS,
    LABELS,
    METHODS,
    NUMBERS,
    OURS,
    OUTCOMES,
    REFUSED,
    X,
    classes_of,
    outcome,
)
from test_bad_inputs_everywhere import ENTRANCES, EVERY, outcome_of


def peers():
    """What scikit-learn and skorch have for the same purpose."""
    import torch
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from skorch import NeuralNetClassifier, NeuralNetRegressor

    class Net(torch.nn.Sequential):
        def __init__(self, n_outputs=2):
            super().__init__(
                torch.nn.LazyLinear(16), torch.nn.ReLU(), torch.nn.Linear(16, n_outputs)
            )

    loss = torch.nn.CrossEntropyLoss
    skorch = {"max_epochs": 5, "verbose": 0, "train_split": None}
    return {
        "scikit-learn": {
            "classifier": lambda: MLPClassifier((16,), max_iter=5, random_state=0),
            "regressor": lambda: MLPRegressor(
                hidden_layer_sizes=(16,), max_iter=5, random_state=0
            ),
        },
        "skorch": {
            "classifier": lambda: NeuralNetClassifier(Net, criterion=loss, **skorch),
            "regressor": lambda: NeuralNetRegressor(Net(1), **skorch),
        },
    }


def for_skorch(table, y):
    """Arrays in the single precision that skorch asks for, as its users would write it."""
    if isinstance(table, np.ndarray) and table.dtype in (np.float64, np.float16):
        table = table.astype(np.float32)
    if isinstance(y, np.ndarray) and y.dtype == np.float64:
        y = (y.reshape(len(y), -1) if len(y) else y).astype(np.float32)
    return table, y


def count(make_of, is_ours):
    """How often each outcome came, and the cases of the bad ones."""
    counts, bad = dict.fromkeys((*OUTCOMES, "unclear"), 0), []
    for name, (table, *targets) in INPUTS.items():
        for kind, y in zip(KINDS, targets, strict=True):
            for method in METHODS:
                if method == "predict" and name.startswith("y:"):
                    continue
                found, error = _outcome(make_of[kind], kind, method, table, y)
                words = REFUSED.get(name, "^$")
                if is_ours and found == "error" and not re.search(words, str(error), re.S):
                    found = "unclear"
                counts[found] += 1
                if found in BAD:
                    bad.append((name, kind, method, found, error))
    return counts, bad


def _outcome(make, kind, method, table, y):
    model, fitted_on, classes = make(), X, classes_of(y) if kind == "classifier" else None
    target = LABELS if kind == "classifier" else NUMBERS
    if not hasattr(model, "n_iter_no_change"):  # skorch's: single precision, columns of numbers
        fitted_on, classes = X.astype(np.float32), None
        target = for_skorch(X, target)[1]
        table, y = for_skorch(table, y)
    if method == "predict":
        model.fit(fitted_on, target)
    return outcome(model, method, table, y, classes)


BAD = ("other", "SILENT", "unclear")


def count_everywhere():
    """The same for this package's other entrances."""
    counts, bad = dict.fromkeys((*OUTCOMES, "unclear"), 0), []
    for entrance in ENTRANCES:
        for name in EVERY:
            found, error = outcome_of(entrance, name)
            counts[found] += 1
            if found in BAD:
                bad.append((name, entrance, found, error))
    return counts, bad


def row(who, counts):
    """A row of the table in docs/reliability.md."""
    return "| " + " | ".join([who, str(sum(counts.values())), *map(str, counts.values())]) + " |"


def main():
    """Print the tables, and what ended badly of ours."""
    print(f"{datetime.datetime.now(tz=datetime.UTC):%d %B %Y}: {len(INPUTS)} inputs,")
    print(f"as {', '.join(KINDS)} in {', '.join(METHODS)}; {len(EVERY)} tables in")
    print(f"{', '.join(ENTRANCES)}")
    print(
        "\n| | cases | finite | with a warning | refused | another exception | not finite "
        "| unclear |"
    )
    print("|---|---|---|---|---|---|---|---|")
    found = {"sktransfer": count(OURS, True), "sktransfer, other entrances": count_everywhere()}
    found |= {who: count(make_of, False) for who, make_of in peers().items()}
    for who, (counts, _) in found.items():
        print(row(who, counts))
    bad = [case for who in list(found)[:2] for case in found[who][1]]
    print(*bad, sep="\n")
    return len(bad) > 0


if __name__ == "__main__":
    sys.exit(main())
