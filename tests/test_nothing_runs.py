"""The package contains nothing that could run what a file says."""

import ast
import io
import pickle

import numpy as np
import pytest
from test_architecture import FILES

from sktransfer import TransferMLPClassifier, TransferMLPRegressor

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_module_unpickles_or_evaluates(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN_MODULES
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] not in FORBIDDEN_MODULES
        elif isinstance(node, ast.Call):
            name = node.func
            assert not (isinstance(name, ast.Name) and name.id in FORBIDDEN_CALLS)
            # torch.load, numpy.load and their like: `sktransfer.load` is a function of ours
            assert not (isinstance(name, ast.Attribute) and name.attr in ("load", "loads")) or (
                isinstance(name.value, ast.Name) and name.value.id == "json"
            )
            assert "allow_pickle" not in {keyword.arg for keyword in node.keywords}


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
