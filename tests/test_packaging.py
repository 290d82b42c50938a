"""What several files say about the package agrees, and what its workflows may do."""

import re
import tomllib
from pathlib import Path

import pytest

import sktransfer

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
#: Permissions of single jobs beyond reading the repository.
MAY_WRITE = {
    "codeql.yml": {"analyze: security-events"},  # findings, on the Security page
    "release.yml": {"publish: id-token"},  # who it is, to PyPI
}
_TOML = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYPROJECT, BUILD = _TOML["project"], _TOML["build-system"]


@pytest.mark.parametrize("name", ["CITATION.cff", "conda/recipe.yaml"])
def test_the_version_is_the_packages(name):
    assert sktransfer.__version__ in (ROOT / name).read_text(encoding="utf-8")


def _conda_list(name, minimum):
    """A list of the conda recipe, spelled as requirements in pyproject.toml are."""
    recipe = (ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    lines = re.search(rf"  {name}:\n((?:    - .*\n)+)", recipe).group(1).split("\n")[:-1]
    found = {line.strip("- ").replace(" ", "").replace("pytorch", "torch") for line in lines}
    return {entry.replace("${{python_min}}", minimum) for entry in found}


def test_the_conda_recipe_asks_for_the_same_dependencies():
    minimum = PYPROJECT["requires-python"].removeprefix(">=")
    recipe = (ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    assert f'  python_min: "{minimum}"\n' in recipe
    expected = {re.sub(r"\s", "", d) for d in PYPROJECT["dependencies"]}
    assert _conda_list("run", minimum) == expected | {f"python>={minimum}"}
    assert _conda_list("host", minimum) == {f"python{minimum}.*", "pip", *BUILD["requires"]}
    assert f"  license: {PYPROJECT['license']}\n" in recipe
    assert f"  summary: {PYPROJECT['description']}\n" in recipe


def test_rattler_build_reads_the_conda_recipe():
    rattler_build = pytest.importorskip("rattler_build")
    recipe = rattler_build.Stage0Recipe.from_file(str(ROOT / "conda" / "recipe.yaml"))
    (variant,) = recipe.render()
    assert variant.recipe.package.name == "sktransfer"


@pytest.mark.skipif(not WORKFLOWS, reason="not a checkout")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_the_repository_and_nothing_else(path):
    yaml = pytest.importorskip("yaml")
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    writes = {
        f"{name}: {what}"
        for name, job in workflow["jobs"].items()
        for what, level in job.get("permissions", {}).items()
        if level != "read"
    }
    assert writes <= MAY_WRITE.get(path.name, set())
    assert "pull_request_target" not in text and "secrets." not in text
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            # a tag can be moved, a commit cannot; the comment is what Dependabot keeps true
            uses = step.get("uses")
            assert uses is None or re.search(rf"{re.escape(uses)} # v[\d.]+\n", text)
            assert uses is None or re.search(r"@[0-9a-f]{40}$", uses)
            # what a pull request is called must not become part of a shell command
            assert "github.event" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.skipif(not WORKFLOWS, reason="not a checkout")
def test_versions_are_audited_and_saved_models_fuzzed():
    yaml = pytest.importorskip("yaml")
    assert any(
        {"make audit", "make fuzz"} <= {step.get("run") for step in job["steps"]}
        for path in WORKFLOWS
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    )


@pytest.mark.parametrize("name", ["ci.txt", "workflows.txt"])
def test_locked_requirements_have_the_tested_versions_and_a_hash_each(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    constraints = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    packages = re.findall(r"^([\w.-]+)==([^ ;]+).*\\\n +--hash=sha256:[0-9a-f]{64}", text, re.M)
    lines = [line for line in text.splitlines() if line and line[0] not in "# "]
    assert len(packages) == len(lines)
    known = {name.replace("_", "-").lower(): version for name, version in constraints.items()}
    assert not {p: v for p, v in packages if known.get(p, v) != v}
