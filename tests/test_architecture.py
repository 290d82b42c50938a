"""Who may import whom, and how large a thing may grow: the layout as a table and an AST walk.

Imports go downward only, and packages of one level do not know each other.
"""

import ast
from pathlib import Path

import pytest

import sktransfer

ROOT = Path(sktransfer.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

#: The levels; a name is a module or a package directly under sktransfer.
LEVELS = (
    {"_compat", "_docstrings", "_lazy", "_warnings"},
    {"exceptions"},
    {"_records"},
    {"_persistence"},  # knows the classes of higher levels that it may write by name only
    {"_preprocessing", "augmentation", "balancing", "metrics", "strategies"},
    {"_alignment", "_networks", "_targets", "sources"},
    {"_readouts", "_source_choice", "_training"},
    {"_fitting"},
    {"_estimators"},
    {"export", "model_selection"},
    {"hub", "inspection"},
)
LEVEL_OF = {member: level for level, members in enumerate(LEVELS) for member in members}
#: Third parties that are met in some places only.
SKORCH = {"_training"}  # a reader of skorch nets recognises them without importing skorch
TORCH = {"_training", "_networks", "sources", "augmentation", "balancing"}
FORBIDDEN_IN_RECORDS = {"sklearn", "scipy", "torch", "skorch", "pandas"}
MOST_LINES, MOST_CODE_LINES = 400, 60


def _name(path):
    """Dotted name of a file's module."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _member(module):
    """The member of the table that a module of this package belongs to, None for the root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


MODULES = {_name(path): path for path in FILES}


def _imports(path):
    """(module, imported name or None, whether at import time) for every import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None, id(node) not in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            for alias in node.names:
                yield node.module, alias.name, id(node) not in inside


def _own_imports(path):
    for module, name, at_import in _imports(path):
        if module.split(".")[0] == "sktransfer":
            yield module, name, at_import


def _third_parties(path):
    return {module.split(".")[0] for module, _, _ in _imports(path)}


ids = [_name(path) for path in FILES]


def test_every_module_has_a_level():
    members = {_member(name) for name in MODULES} - {None}
    assert members == set(LEVEL_OF)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_imports_go_downward_only(path):
    here = _member(_name(path))
    if here is None:
        pytest.skip("the root lists what is public")
    for module, _, _ in _own_imports(path):
        there = _member(module)
        if there == here or there is None:
            continue
        assert LEVEL_OF[there] < LEVEL_OF[here], f"{_name(path)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_the_package_root_is_never_imported_from_inside(path):
    for module, name, _ in _own_imports(path):
        assert module != "sktransfer", f"{_name(path)}: from sktransfer import {name}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_another_package_is_entered_through_its_front_door(path):
    here = _member(_name(path))
    for module, _, _ in _own_imports(path):
        if here is not None and _member(module) != here:
            assert module.count(".") == 1, f"{_name(path)} reaches into {module}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_skorch_is_met_by_the_engine_only(path):
    assert "skorch" not in _third_parties(path) or _member(_name(path)) in SKORCH


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_torch_is_met_by_networks_the_engine_and_readers_only(path):
    assert "torch" not in _third_parties(path) or _member(_name(path)) in TORCH


@pytest.mark.parametrize("path", sorted((ROOT / "_records").glob("*.py")), ids=lambda p: p.name)
def test_records_know_numpy_only(path):
    assert not _third_parties(path) & FORBIDDEN_IN_RECORDS


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


def _docstring_lines(node):
    docstring = node.body[0]
    return docstring.end_lineno - docstring.lineno + 1


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_file_asks_to_be_split(path):
    """By its lines without docstrings."""
    if _name(path) == "sktransfer.exceptions":
        pytest.skip("its messages are on their way to where they are raised")
    text = path.read_text(encoding="utf-8")
    documented = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
    ]
    assert len(text.splitlines()) - sum(map(_docstring_lines, documented)) <= MOST_LINES


def _code_lines(function):
    """Lines of a function's body, without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_function_asks_to_be_split(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    long = {f.name: _code_lines(f) for f in functions if _code_lines(f) > MOST_CODE_LINES}
    assert not long


def test_importing_the_sources_does_not_import_torch():
    """A reader recognises a torch object without paying for the import of torch."""
    for path in (ROOT / "sources").glob("*.py"):
        at_import = {m.split(".")[0] for m, _, now in _imports(path) if now}
        if path.name != "_dense_chain.py":
            assert not at_import & {"torch", "skorch"}, path.name
