"""scikit-learn's own tests of its MLPs, with our classes in the place of theirs.

Not collected by itself: ``test_sklearn_own_mlp_tests.py`` runs it with pytest in a process of
its own, once per ``SKTRANSFER_SETTING``.

``'defaults'``
    Our classes as they are.
``'plain'``
    Subclasses whose only difference is the default ``standardize=False``.
"""

import importlib.util
import inspect
import os

import numpy as np
import pytest
import sklearn.neural_network

from sktransfer import TransferMLPClassifier, TransferMLPRegressor


def _plain(cls):
    """The subclass of `cls` with another default for `standardize`."""

    def __init__(self, *args, **kwargs):
        cls.__init__(self, *args, **{"standardize": False, **kwargs})

    # scikit-learn reads the parameters off the signature
    parameters = inspect.signature(cls.__init__).parameters.values()
    __init__.__signature__ = inspect.Signature(
        [p.replace(default=False) if p.name == "standardize" else p for p in parameters]
    )
    return type(f"Plain{cls.__name__}", (cls,), {"__init__": __init__, "__module__": __name__})


PlainTransferMLPClassifier = _plain(TransferMLPClassifier)
PlainTransferMLPRegressor = _plain(TransferMLPRegressor)
SETTINGS = {
    "plain": (PlainTransferMLPClassifier, PlainTransferMLPRegressor),
    "defaults": (TransferMLPClassifier, TransferMLPRegressor),
}


def load_with(classifier, regressor):
    """scikit-learn's test module, imported under a private name with the classes swapped.

    The swap must come first: ``parametrize`` captures the classes when the module is run.
    """
    package = sklearn.neural_network
    theirs = package.MLPClassifier, package.MLPRegressor
    spec = importlib.util.spec_from_file_location(
        "_sklearn_mlp_tests", os.path.join(os.path.dirname(package.__file__), "tests/test_mlp.py")
    )
    module = importlib.util.module_from_spec(spec)
    package.MLPClassifier, package.MLPRegressor = classifier, regressor
    try:
        spec.loader.exec_module(module)
    finally:
        package.MLPClassifier, package.MLPRegressor = theirs
    return module


def classes_in(module):
    """Every estimator class of the kind under test that a test module can reach."""
    found = {module.MLPClassifier, module.MLPRegressor}
    for function in vars(module).values():
        for mark in getattr(function, "pytestmark", ()):
            if mark.name == "parametrize":
                found.update(value for value in mark.args[1] if inspect.isclass(value))
    return {cls for cls in found if hasattr(cls, "predict")}


def _name_as_scikit_learn_does(cls):
    """Show what scikit-learn's tests read off private attributes under its names."""
    cls._optimizer = property(lambda self: next(iter(self._optimizers.values())))
    cls._no_improvement_count = property(
        lambda self: self._model.primary_member.history.no_improvement_count
    )


_setting = os.environ.get("SKTRANSFER_SETTING")
if _setting is not None:
    _name_as_scikit_learn_does(TransferMLPClassifier)
    _name_as_scikit_learn_does(TransferMLPRegressor)
    _module = load_with(*SETTINGS[_setting])
    if classes_in(_module) != set(SETTINGS[_setting]):
        raise RuntimeError("scikit-learn's tests were to run on our classes, and would not.")
    globals().update({k: v for k, v in vars(_module).items() if k.startswith("test_")})


@pytest.fixture(autouse=True)
def seeded():
    """Some of the tests leave `random_state` to numpy's generator."""
    np.random.seed(int(os.environ.get("SKTRANSFER_SEED", 0)))


@pytest.fixture
def global_random_seed():
    """scikit-learn's fixture of this name, as it is without further settings."""
    return 42
