"""The package contains nothing that could run what a file says."""

import ast
import io
import pickle
from pathlib import Path

import numpy as np
import pytest

import sktransfer
from sktransfer import TransferMLPClassifier, TransferMLPRegressor

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
#: skops reads types that it trusts, and others that are listed there: no pickle, no code.
BY_SKOPS = {"_saved_predictor.py": "skops.io.loads"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def _runs_what_a_file_says(node):
    """Whether a node of the syntax tree imports or calls what unpickles or evaluates."""
    if isinstance(node, ast.Import):
        return bool({alias.name.split(".")[0] for alias in node.names} & FORBIDDEN_MODULES)
    if isinstance(node, ast.ImportFrom):
        return node.module.split(".")[0] in FORBIDDEN_MODULES
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name) and called.id in FORBIDDEN_CALLS:
        return True
    # torch.load, numpy.load and their like: `sktransfer.load` is a function of ours
    if isinstance(called, ast.Attribute) and called.attr in ("load", "loads"):
        return not (isinstance(called.value, ast.Name) and called.value.id == "json")
    return "allow_pickle" in {keyword.arg for keyword in node.keywords}


@pytest.mark.slow
def test_no_module_unpickles_or_evaluates():
    offenders = [
        f"{path.name}:{node.lineno}"
        for path in Path(sktransfer.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _runs_what_a_file_says(node)
        and not (isinstance(node, ast.Call) and ast.unparse(node.func) == BY_SKOPS.get(path.name))
    ]
    assert not offenders


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("cls", [TransferMLPClassifier, TransferMLPRegressor])
def test_our_own_pickles_name_known_packages_only(cls):
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = cls(hidden_layer_sizes=(3,), max_iter=1, random_state=0).fit(X, X[:, 0] > 0)
    modules = set()

    class Recorder(pickle.Unpickler):
        def find_class(self, module, name):
            modules.add(module.split(".")[0])
            return super().find_class(module, name)

    Recorder(io.BytesIO(pickle.dumps(model))).load()
    allowed = {"sktransfer", "numpy", "sklearn", "builtins", "_codecs", "torch", "collections"}
    assert modules <= allowed, modules
