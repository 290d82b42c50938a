"""What several files say about the package agrees, and what its workflows may do."""

import re
import tomllib
from pathlib import Path

import pytest

import sktransfer

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", ["CITATION.cff", "conda/meta.yaml"])
def test_the_version_is_the_packages(name):
    assert sktransfer.__version__ in (ROOT / name).read_text(encoding="utf-8")


def test_the_conda_recipe_asks_for_the_same_dependencies():
    recipe = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = re.search(r"  run:\n(.*?)\n\n", recipe, re.DOTALL).group(1)
    listed = {
        line.strip("- ").replace(" ", "").replace("pytorch", "torch") for line in run.split("\n")
    }
    expected = {re.sub(r"\s", "", d) for d in PYPROJECT["dependencies"]}
    assert listed == expected | {f"python{PYPROJECT['requires-python']}"}


@pytest.mark.skipif(not WORKFLOWS, reason="not a checkout")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_the_repository_and_nothing_else(path):
    yaml = pytest.importorskip("yaml")
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    assert "pull_request_target" not in text and "secrets." not in text
    for job in workflow["jobs"].values():
        for step in job["steps"]:
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
