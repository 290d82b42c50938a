"""Who may import whom, and how large a thing may grow: the layout as a table and an AST walk.

Imports go downward only, and packages of one level do not know each other.
"""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import sktransfer

ROOT = Path(sktransfer.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

#: The levels; a name is a module or a package directly under sktransfer.
LEVELS = (
    {"_typing"},
    {"_compat", "_lazy", "_warnings"},
    {"_activations", "_losses", "exceptions"},
    {"_records"},
    {"_persistence"},  # knows the classes of higher levels that it may write by name only
    {"_preprocessing", "augmentation", "balancing", "metrics"},
    {"_networks", "_targets", "sources"},
    {"_readouts"},
    {"strategies"},
    {"_alignment"},
    {"_source_choice", "_training"},
    {"_fitting"},
    {"_estimators"},
    {"export", "model_selection"},
    {"inspection"},
)
LEVEL_OF = {member: level for level, members in enumerate(LEVELS) for member in members}
#: Third parties that are met in some places only.
SKORCH = {"_training"}  # a reader of skorch nets recognises them without importing skorch
TORCH = {
    "_activations",
    "_compat",
    "_training",
    "_networks",
    "sources",
    "augmentation",
    "balancing",
}
#: Steps of a fit, which are given records; ``sources`` reads objects of others.
BELOW_ESTIMATORS = {
    "_records",
    "_preprocessing",
    "_targets",
    "strategies",
    "_alignment",
    "_networks",
    "_readouts",
    "_training",
    "_source_choice",
    "_fitting",
}
#: Private names that scikit-learn gives to every estimator, for subclasses to use.
OF_SCIKIT_LEARN = {"_validate_params", "_parameter_constraints"}
#: What else is private and read from outside: which names of others, where.
PRIVATE_READS = {
    "_persistence": None,  # checks the fitted state of scikit-learn's transformers in files
    "_compat": None,  # the one place for what torch and scikit-learn keep private
    "_warnings": {"_getframe"},  # Python's own way to the caller
    "sources": {
        "_orig_mod",
        "_parameters",
        "_label_binarizer",
        "_preprocessor",
        "_ynames_map",
        "_get_nan_treatments",
    },  # of the objects that are read
    # an estimator taken apart and put together, and what its callbacks are given
    "_estimators": {
        "_model",
        "_outputs",
        "_target",
        "_publish",
        "_target_codec",
        "_declared",
        "_check_solver",
        "_skl_callbacks",
        "_parent_callback_ctx",
        "_init_callback_context",
    },
}
FORBIDDEN_IN_RECORDS = {"sklearn", "scipy", "torch", "skorch", "pandas"}
#: Folders of tests that belong to no folder of the package, and what stands beside folders.
CROSSING = {"device", "frozen", "fuzz", "reliability", "sklearn_compat", "sweep", "tools"}
LOOSE = {
    "conftest.py", "fitted.py", "test_architecture.py", "test_packaging.py", "test_public_api.py"
}  # fmt: skip
MOST_LINES, MOST_CODE_LINES, MOST_ROOT_MODULES = 400, 60, 8
#: Times that annotations say Any or object; lower it where you can.
MOST_ANY = 49


def _name(path):
    """Dotted name of a file's module."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _member(module):
    """The member of the table that a module of this package belongs to, None for the root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


MODULES = {_name(path): path for path in FILES}


@cache
def _tree(path):
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _nodes(path):
    """Every node of it."""
    return tuple(ast.walk(_tree(path)))


@cache
def _imports(path):
    """(module, imported name or None, whether at import time) for every import in a file."""
    found = []
    for node, at_import in _import_statements(_tree(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, None, at_import) for alias in node.names]
        else:
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            found += [(node.module, alias.name, at_import) for alias in node.names]
    return found


def _import_statements(block, at_import=True):
    """Those of a module or block, none at import time that functions or type checkers run."""
    if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef):
        at_import = False
    if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
        at_import = False
    for part in ("body", "handlers", "orelse", "finalbody"):
        for node in getattr(block, part, ()):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node, at_import
            else:
                yield from _import_statements(node, at_import)


def _own_imports(path):
    for module, name, at_import in _imports(path):
        if module.split(".")[0] == "sktransfer":
            yield module, name, at_import


def _third_parties(path):
    return {module.split(".")[0] for module, _, _ in _imports(path)}


def test_every_module_has_a_level():
    members = {_member(name) for name in MODULES} - {None}
    assert members == set(LEVEL_OF)


def test_the_root_is_folders_and_few_modules():
    assert len(list(ROOT.glob("*.py"))) <= MOST_ROOT_MODULES


def test_tests_stand_in_folders_named_as_the_packages():
    here = Path(__file__).parent
    folders = {path.parent.name for path in here.glob("*/*.py")}
    assert folders - CROSSING <= {name.lstrip("_") for name in LEVEL_OF}
    assert {path.name for path in here.glob("*.py")} == LOOSE
    names = Counter(path.name for path in here.glob("*/*.py") if path.name != "conftest.py")
    assert max(names.values()) == 1, names.most_common(3)  # they are imported by it


def test_imports_go_downward_only():
    offenders = [
        f"{_name(path)} imports {module}"
        for path in FILES
        for module, _, _ in _own_imports(path)
        if (here := _member(_name(path))) is not None  # the root lists what is public
        and (there := _member(module)) not in (here, None)
        and LEVEL_OF[there] >= LEVEL_OF[here]
    ]
    assert not offenders


def test_the_package_root_is_never_imported_from_inside():
    offenders = [
        f"{_name(path)}: from sktransfer import {name}"
        for path in FILES
        for module, name, _ in _own_imports(path)
        if module == "sktransfer"
    ]
    assert not offenders


def test_another_package_is_entered_through_its_front_door():
    offenders = [
        f"{_name(path)} reaches into {module}"
        for path in FILES
        for module, _, _ in _own_imports(path)
        if _member(_name(path)) not in (None, _member(module)) and module.count(".") > 1
    ]
    assert not offenders


@pytest.mark.parametrize("package, members", [("skorch", SKORCH), ("torch", TORCH)])
def test_a_third_party_is_met_in_some_places_only(package, members):
    meet = {_member(_name(path)) for path in FILES if package in _third_parties(path)}
    assert meet <= members


def test_private_parts_of_scikit_learn_are_imported_by_compat_only():
    offenders = [
        f"{_name(path)}: from {module} import {name}"
        for path in FILES
        if path.name != "_compat.py"
        for module, name, _ in _imports(path)
        if module.split(".")[0] == "sklearn"
        and any(part.startswith("_") for part in f"{module}.{name or ''}".split("."))
    ]
    assert not offenders


def _attribute_calls(nodes):
    """(object, name) of every ``getattr``, ``hasattr`` and ``setattr`` with a name given."""
    for node in nodes:
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if is_call and node.func.id in ("getattr", "hasattr", "setattr") and len(node.args) > 1:
            yield node.args[0], getattr(node.args[1], "value", None)


def test_no_step_of_a_fit_below_the_estimators_sees_an_estimator():
    estimators = {"estimator", "est"}
    offenders = []
    for path in FILES:
        # a strategy that wraps a user's estimator has it as its parameter
        if _member(_name(path)) not in BELOW_ESTIMATORS or path.stem == "_estimator_member":
            continue
        parameters = {node.arg for node in _nodes(path) if isinstance(node, ast.arg)}
        reads = {ast.unparse(of) for of, _ in _attribute_calls(_nodes(path))}
        offenders += [f"{_name(path)}: {name}" for name in (parameters | reads) & estimators]
    assert not offenders


def _is_private(name):
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__")


def _private_reads(nodes):
    """(object, name) of every private attribute that is not one of ``self`` or ``cls``."""
    found = list(_attribute_calls(nodes))
    found += [(node.value, node.attr) for node in nodes if isinstance(node, ast.Attribute)]
    for of, name in found:
        if _is_private(name) and ast.unparse(of) not in ("self", "cls", "super()"):
            yield ast.unparse(of), name


def _base(node):
    """The name at the start of ``name.attribute.attribute``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", None)


def _own_names(nodes):
    """Attributes that the classes of a module define, or give to ``self``."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef))
        elif isinstance(node, ast.Attribute) and _base(node) == "self":
            yield node.attr


def test_no_module_reads_what_is_private_to_another():
    offenders = []
    for path in FILES:
        allowed = PRIVATE_READS.get(_member(_name(path)), set())
        if allowed is None:
            continue
        allowed = allowed | OF_SCIKIT_LEARN | set(_own_names(_nodes(path)))
        offenders += [
            f"{_name(path)}: {of}.{name}"
            for of, name in _private_reads(_nodes(path))
            if name not in allowed
        ]
    assert not offenders


def test_records_know_numpy_only():
    offenders = {
        path.name: known
        for path in (ROOT / "_records").glob("*.py")
        if (known := _third_parties(path) & FORBIDDEN_IN_RECORDS)
    }
    assert not offenders


def test_no_import_cycle():
    """Among modules, by the imports that run when a module is imported."""
    edges = {name: set() for name in MODULES}
    for name, path in MODULES.items():
        for module, imported, at_import in _own_imports(path):
            exact = f"{module}.{imported}"
            target = exact if exact in MODULES else module
            # a package's own __init__ is an index: its files name each other, not the index
            if at_import and target != name:
                edges[name].add(target)
    done, on_path = set(), []

    def visit(name):
        assert name not in on_path, " → ".join([*on_path, name])
        if name in done:
            return
        on_path.append(name)
        for other in sorted(edges[name]):
            visit(other)
        on_path.pop()
        done.add(name)

    for name in edges:
        visit(name)
    assert done == set(MODULES)


def test_a_package_has_the_same_names_for_python_and_for_type_checkers():
    offenders = {}
    for path in ROOT.glob("*/__init__.py"):
        calls = [
            node
            for node in _nodes(path)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "attach"
        ]
        if calls:
            given = {
                (f"{_name(path)}.{module}", name)
                for module, names in ast.literal_eval(calls[0].args[1]).items()
                for name in names
            }
            typed = {(module, name) for module, name, at_import in _imports(path) if not at_import}
            offenders[_name(path)] = given ^ (typed - {("typing", "TYPE_CHECKING")})
    assert len(offenders) > 5
    assert not any(offenders.values()), offenders


def _docstring_lines(node):
    docstring = node.body[0]
    return docstring.end_lineno - docstring.lineno + 1


def _lines_without_docstrings(path):
    text = path.read_text(encoding="utf-8")
    documented = [
        node
        for node in _nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
    ]
    return len(text.splitlines()) - sum(map(_docstring_lines, documented))


def test_no_file_asks_to_be_split():
    lines = {_name(path): _lines_without_docstrings(path) for path in FILES}
    assert not {name: n for name, n in lines.items() if n > MOST_LINES}


def _code_lines(function):
    """Lines of a function's body, without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_function_asks_to_be_split():
    lines = {
        f"{_name(path)}:{function.name}": _code_lines(function)
        for path in FILES
        for function in _nodes(path)
        if isinstance(function, ast.FunctionDef)
    }
    assert not {name: n for name, n in lines.items() if n > MOST_CODE_LINES}


def _annotations(nodes):
    """Annotations of arguments, of what functions return and of variables."""
    for node in nodes:
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            yield node.returns


def test_annotations_say_what_they_mean():
    vague = {
        _name(path): sum(
            isinstance(part, ast.Name) and part.id in ("Any", "object")
            for annotation in _annotations(_nodes(path))
            for part in ast.walk(annotation)
        )
        for path in FILES
    }
    worst = sorted(vague.items(), key=lambda one: -one[1])[:5]
    assert sum(vague.values()) <= MOST_ANY, f"use types; most have {worst}"


def test_importing_the_sources_does_not_import_torch():
    """A reader recognises a torch object without paying for the import of torch."""
    for path in (ROOT / "sources").glob("*.py"):
        at_import = {m.split(".")[0] for m, _, now in _imports(path) if now}
        if path.name not in ("_dense_chain.py", "_batch_norm.py"):  # loaded with a module
            assert not at_import & {"torch", "skorch"}, path.name
