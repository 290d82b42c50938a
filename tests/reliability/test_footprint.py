"""What the package costs before and after it computes: imports, and the size of pickles."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from fitted import FEW_MEMBERS, lighter

from sktransfer import MultiTaskMLP, TransferMLPClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 6)).astype(np.float32)
y = X[:, 0] > 0

NEW_PACKAGES = """
import json, sys
import narwhals, sklearn.neural_network, skorch, torch
before = {name.split(".")[0] for name in sys.modules}
import sktransfer
new = {name.split(".")[0] for name in sys.modules} - before
new -= {"_loss"}  # scikit-learn 1.6 has one of its modules under this name
import numpy as np
X = np.eye(20, 3, dtype=np.float32)
sktransfer.TransferMLPClassifier((4,), random_state=0).fit(X, X[:, 0] > 0).predict(X)
heavy = ["torch._dynamo", "torch._inductor", "matplotlib", "polars", "torchvision"]
heavy = [name for name in heavy if name in sys.modules]
print(json.dumps([sorted(new - set(sys.stdlib_module_names)), heavy]))
"""


def _printed(program, *arguments):
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


PREDICTION = """
import json, sys
import numpy as np
import sktransfer
X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 6)
for directory in sys.argv[1:]:
    sktransfer.load(directory).predict_proba(X)
print(json.dumps([name for name in ("torch", "skorch") if name in sys.modules]))
"""


@pytest.mark.slow
def test_the_import_brings_in_what_it_is_built_on_and_a_first_fit_nothing_optional():
    new, heavy = _printed(NEW_PACKAGES)
    assert new == ["sktransfer"]  # safetensors is imported by what saves
    assert heavy == []


@pytest.mark.slow
def test_a_saved_model_predicts_without_torch(tmp_path):
    source = TransferMLPClassifier((8,), max_iter=3, random_state=0).fit(X, y)
    directories = []
    for name, strategy in (("every", lighter("auto")), ("network", "l2_sp")):
        directories.append(str(tmp_path / name))
        model = TransferMLPClassifier(source=source, strategy=strategy, max_iter=3)
        model.fit(X, y).save(directories[-1])
    assert _printed(PREDICTION, *directories) == []


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_pickle_is_as_large_as_the_weights_unless_a_stream_may_resume(solver):
    params = dict(hidden_layer_sizes=(256, 256), learning_rate="cosine", solver=solver, max_iter=2)
    model = TransferMLPClassifier(**params, random_state=0).fit(X, y)
    n_bytes = sum(array.nbytes for array in (*model.coefs_, *model.intercepts_))
    assert len(pickle.dumps(model)) < 1.1 * n_bytes
    model.partial_fit(X, y)
    assert len(pickle.dumps(model)) > 1.9 * n_bytes
    # a rate that stays is one that training goes on with
    model.set_params(learning_rate="constant").fit(X, y)
    assert len(pickle.dumps(model)) > 1.9 * n_bytes


@pytest.mark.parametrize("begins", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("strategy", "standardize"),
    [
        (FEW_MEMBERS, True),
        ("l2_sp", True),
        ("l2_sp", False),
    ],
)
def test_training_resumes_after_pickling_as_if_it_had_not(begins, strategy, standardize):
    source = TransferMLPClassifier((8,), max_iter=5, random_state=0).fit(X, y)
    model = TransferMLPClassifier(
        source=source, strategy=strategy, standardize=standardize, max_iter=5, random_state=0
    )
    model = model.fit(X, y) if begins == "fit" else model.partial_fit(X, y, classes=[False, True])
    again = pickle.loads(pickle.dumps(model))
    for one in (model, again):
        for rows in (slice(40), slice(40, 80)):
            one.partial_fit(X[rows], y[rows])
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    for ours, theirs in zip(again.coefs_, model.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("balancing", ["equal", "uncertainty"])
def test_several_tasks_resume_after_pickling_as_if_they_had_not(balancing):
    Y = {"a": X[:, 0], "b": X[:, 1] * X[:, 2]}
    model = MultiTaskMLP((8,), max_iter=5, balancing=balancing, random_state=0).fit(X, Y)
    again = pickle.loads(pickle.dumps(model.partial_fit(X, Y)))
    for one in (model, again):
        one.partial_fit(X, Y)
    for name in Y:
        np.testing.assert_array_equal(again.predict(X)[name], model.predict(X)[name])
