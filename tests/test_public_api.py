"""What a user can import, read and type, and that its docstrings follow numpydoc, all of them."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

import sktransfer
from sktransfer import (
    TransferMLPClassifier,
    TransferMLPRegressor,
    augmentation,
    balancing,
    exceptions,
    export,
    inspection,
    metrics,
    model_selection,
    sources,
    strategies,
)

PAIRS = [(TransferMLPClassifier, MLPClassifier), (TransferMLPRegressor, MLPRegressor)]
ESTIMATORS = [ours for ours, _ in PAIRS]
MODULES = [
    sktransfer,
    augmentation,
    balancing,
    exceptions,
    export,
    inspection,
    metrics,
    model_selection,
    sources,
    strategies,
]

#: Parameters whose default is not scikit-learn's; their docstrings say so.
DIFFERING_DEFAULTS = {"hidden_layer_sizes", "activation", "alpha", "learning_rate", "max_iter"}
#: Records that are made by the package and read by users.
RECORDS = {
    "LayerNames",
    "Phase",
    "DenseLayer",
    "InputColumns",
    "InputScaling",
    "InputSchema",
    "InputStatistics",
    "TargetSchema",
}
#: Base classes and functions whose example is their module's.
SHOWN_BY_THE_MODULE = {
    "Strategy",
    "check_strategy",
    "Augmentation",
    "Balancing",
}
#: What only a page of its own has: sections, and more than a summary.
OF_A_PAGE = {"ES01", "PR01", "SA01", "EX01"}


def _public():
    """(dotted name, class or function) of everything that is public."""
    for module in MODULES:
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                yield f"{module.__name__}.{name}", thing


def _is_ours(thing):
    """Whether it is a method or property that this package has written."""
    thing = thing.fget if isinstance(thing, property) else thing
    return callable(thing) and str(getattr(thing, "__module__", "")).startswith("sktransfer")


def _names():
    """Dotted names of everything public, methods and properties included."""
    for name, thing in _public():
        yield name
        if inspect.isclass(thing):
            for method, _ in inspect.getmembers(thing, _is_ours):
                if not method.startswith("_") and not _inherits_its_docstring(thing, method):
                    yield f"{name}.{method}"


def _inherits_its_docstring(cls, method):
    """Whether ``help`` and Sphinx take the docstring of the method that it overrides."""
    thing = getattr(cls, method)
    return thing.__doc__ is None and bool(inspect.getdoc(thing))


def _doc(thing):
    """Its docstring without indentation, which Python 3.13 and later take away by themselves."""
    return inspect.cleandoc(thing.__doc__)


def _defaults(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {p.name: p.default for p in parameters}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_all_lists_what_exists_once_and_nothing_private(module):
    names = module.__all__
    assert len(set(names)) == len(names)
    for name in names:
        assert hasattr(module, name)
        assert not name.startswith("_") or name == "__version__"


def test_the_root_lists_the_estimators():
    assert set(sktransfer.__all__) == {
        "MultiTaskMLP",
        "SelfSupervisedMLP",
        "SharedLayerTransformer",
        "TransferMLPClassifier",
        "TransferMLPRegressor",
        "__version__",
        "load",
    }
    assert re.match(r"\d+\.\d+\.\d+", sktransfer.__version__)


def test_every_strategy_in_the_index_is_public():
    assert {cls.__name__ for cls in strategies.STRATEGIES.values()} <= set(strategies.__all__)


def test_every_augmentation_in_the_index_is_public():
    index = augmentation.AUGMENTATIONS.values()
    assert {cls.__name__ for cls in index} <= set(augmentation.__all__)


def test_everything_public_shows_an_example():
    offenders = [
        name
        for name, thing in _public()
        if thing.__module__ != "sktransfer.exceptions"  # raised by the package, not by users
        and thing.__name__ not in RECORDS | SHOWN_BY_THE_MODULE
        and not re.search(r"^Examples\n-{8}\n(?:.*\n){,3}>>>", _doc(thing), re.M)
    ]
    assert not offenders
    for module in (strategies, augmentation, balancing):
        assert ">>>" in module.__doc__


def _excused(doc):
    """Codes that do not apply to a kind of thing."""
    thing = doc.code_obj
    owner = getattr(thing, "__self__", None)
    if inspect.isclass(owner) and issubclass(owner, BaseException):
        return OF_A_PAGE  # makes an error's message, for our own code, and has no page
    if dataclasses.is_dataclass(thing):
        # the fields of a record stand under Attributes
        listed = {n for entry in doc.doc["Attributes"] for n in entry.name.split(", ")}
        if {field.name for field in dataclasses.fields(thing)} <= listed:
            return {"PR01"}
    return set()


def test_public_docstrings_follow_numpydoc():
    """By every code of its validation; what is excused stands in ``_excused``."""
    numpydoc = pytest.importorskip("numpydoc.validate")
    offenders = {}
    for name in _names():
        doc = numpydoc.Validator(numpydoc.get_doc_object(numpydoc.Validator._load_obj(name)))
        errors = numpydoc.validate(name)["errors"]
        offenders[name] = [error for error in errors if error[0] not in _excused(doc)]
    assert not {name: errors for name, errors in offenders.items() if errors}


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_every_parameter_of_scikit_learns_mlp_is_accepted(ours, theirs):
    params = theirs().get_params()
    assert set(params) <= set(ours().get_params())
    assert set(ours(**params).get_params()) >= set(params)


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_positional_parameters_come_in_scikit_learns_order(ours, theirs):
    pytest.importorskip("sklearn", minversion="1.7")  # where MLPs got a loss and sample weights

    def positional(cls):
        parameters = inspect.signature(cls).parameters.values()
        return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    assert positional(ours)[: len(positional(theirs))] == positional(theirs)


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_defaults_differ_from_scikit_learns_only_where_documented(ours, theirs):
    mine, default = _defaults(ours), _defaults(theirs)
    assert {name for name in default if mine[name] != default[name]} == DIFFERING_DEFAULTS


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_each_differing_default_says_what_scikit_learns_value_becomes(ours, theirs):
    for name in DIFFERING_DEFAULTS:
        entry = _entries(ours)[name]
        assert "``standardize=False``" in entry or "None takes the source's" in entry, name


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_methods_take_scikit_learns_arguments_in_its_order(ours, theirs):
    pytest.importorskip("sklearn", minversion="1.7")  # where MLPs got a loss and sample weights
    for name in ("fit", "partial_fit", "predict", "score"):
        mine = list(inspect.signature(getattr(ours(), name)).parameters)
        default = list(inspect.signature(getattr(theirs(), name)).parameters)
        assert mine[: len(default)] == default, name


def _entries(cls):
    """Documented parameters and their texts, in order."""
    section = re.search(r"^Parameters\n-+\n(.*?)\n\nAttributes\n", _doc(cls), re.S | re.M)[1]
    entries = {}
    for head, text in re.findall(r"^(\w[\w, ]*) : (.*?)(?=^\w|\Z)", section, re.S | re.M):
        for name in head.split(", "):
            entries[name] = text
    return entries


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_the_docstring_lists_every_parameter_in_order(cls):
    assert list(_entries(cls)) == list(_defaults(cls))


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_the_docstring_gives_every_default(cls):
    for name, default in _defaults(cls).items():
        text = _entries(cls)[name]
        if name in ("beta_1", "beta_2"):
            assert "default=0.9, 0.999" in text
            continue
        given = re.search(r"default=(\S+?),?\n", text).group(1)
        assert eval(given) == default, name


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_parameter_has_a_constraint(cls):
    assert set(cls._parameter_constraints) == set(_defaults(cls))


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_the_docstring_lists_the_fitted_attributes(cls):
    attributes = re.search(r"^Attributes\n-+\n(.*?)\n\nSee Also\n", _doc(cls), re.S | re.M)[1]
    listed = {name for head in re.findall(r"^(\w.*?) :", attributes, re.M)
              for name in head.split(", ")}  # fmt: skip
    import numpy as np
    import pandas as pd

    X = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["a", "b"])
    y = np.arange(20) % 2
    sources = [cls(hidden_layer_sizes=3, max_iter=1).fit(X, y)]
    fitted = cls(source=sources, max_iter=1).fit(X, y)
    found = {n for n in vars(fitted) if n.endswith("_") and not n.startswith("_")} | {"net_"}
    assert listed == found


PARAMETER_PAGE = Path(__file__).parents[1] / "docs" / "guide" / "parameters.md"


@pytest.mark.skipif(not PARAMETER_PAGE.exists(), reason="not a checkout")
def test_the_page_of_parameters_lists_each_once():
    rows = re.findall(r"^\| (`.*?) \|", PARAMETER_PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    expected = {name for ours in ESTIMATORS for name in inspect.signature(ours).parameters}
    assert set(listed) == expected
    assert len(listed) == len(expected)
