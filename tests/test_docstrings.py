"""Docstrings of public names follow numpydoc, all of them."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import sktransfer
from sktransfer.strategies import Frozen, Strategy

numpydoc = pytest.importorskip("numpydoc.validate")

MODULES = ["sktransfer"] + [
    f"sktransfer.{module.name}"
    for module in pkgutil.iter_modules(sktransfer.__path__)
    if not module.name.startswith("_")
]
#: What only a page of its own has: sections, and more than a summary.
OF_A_PAGE = {"ES01", "PR01", "SA01", "EX01"}


def _is_ours(thing):
    """Whether it is a method or property that this package has written."""
    thing = thing.fget if isinstance(thing, property) else thing
    return callable(thing) and str(getattr(thing, "__module__", "")).startswith("sktransfer")


def _names():
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name in module.__all__:
            thing = getattr(module, name)
            if not (inspect.isclass(thing) or inspect.isfunction(thing)):
                continue
            yield f"{module.__name__}.{name}"
            if inspect.isclass(thing):
                for method, _ in inspect.getmembers(thing, _is_ours):
                    if not method.startswith("_"):
                        yield f"{module.__name__}.{name}.{method}"


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


@pytest.mark.parametrize("name", list(_names()))
def test_a_public_docstring_follows_numpydoc(name):
    doc = numpydoc.Validator(numpydoc.get_doc_object(numpydoc.Validator._load_obj(name)))
    errors = numpydoc.validate(name)["errors"]
    assert not [error for error in errors if error[0] not in _excused(doc)]


def test_an_overriding_method_without_a_docstring_has_the_overridden_ones():
    class Own(Strategy):
        def phases(self, layer_names, max_iter):
            return []

        @property
        def needs_source(self):
            """Never."""
            return False

        def other(self): ...

    class Further(Own, Frozen):
        @property
        def needs_source(self):
            return True

        def other(self): ...

    assert Own.phases.__doc__ == Strategy.phases.__doc__
    assert Further.needs_source.__doc__ == "Never."
    assert Further.other.__doc__ is None
