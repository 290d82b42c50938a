"""Docstrings of public names follow numpydoc, all of them."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import sktransfer

numpydoc = pytest.importorskip("numpydoc.validate")

MODULES = ["sktransfer"] + [
    f"sktransfer.{module.name}"
    for module in pkgutil.iter_modules(sktransfer.__path__)
    if not module.name.startswith("_") and module.name != "networks"  # no business of users
]
#: Form, summary, parameters (documented, none unknown, in order, typed, described), returns.
#: A method need not repeat what the page of its class shows: see also, summaries, and an example,
#: which every class and function but the exceptions has.
CODES = {
    *("GL01", "GL02", "GL03", "GL05", "GL06", "GL07", "GL09", "GL10"),
    *("SS01", "SS02", "SS03", "SS04", "SS06"),
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR09", "PR10"),
    *("RT01", "YD01", "SA02", "SA03", "SA04"),
}


def _is_ours(thing):
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
                for method, value in inspect.getmembers(thing, _is_ours):
                    if not method.startswith("_") and value.__doc__:
                        yield f"{module.__name__}.{name}.{method}"


@pytest.mark.parametrize("name", list(_names()))
def test_a_public_docstring_follows_numpydoc(name):
    found = numpydoc.validate(name)
    doc = numpydoc.Validator(numpydoc.get_doc_object(numpydoc.Validator._load_obj(name)))
    thing = doc.code_obj
    is_page = inspect.isclass(thing) or name.rpartition(".")[0] in MODULES
    codes = CODES | ({"EX01"} if is_page and ".exceptions." not in name else set())
    errors = [(code, text) for code, text in found["errors"] if code in codes]
    if dataclasses.is_dataclass(thing):
        # the fields of a record stand under Attributes
        listed = {n for entry in doc.doc["Attributes"] for n in entry.name.split(", ")}
        if {field.name for field in dataclasses.fields(thing)} <= listed:
            errors = [error for error in errors if error[0] != "PR01"]
    assert not errors
