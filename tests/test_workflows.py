"""What the continuous integration is allowed to do."""

from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")
WORKFLOWS = sorted((Path(__file__).parents[1] / ".github" / "workflows").glob("*.y*ml"))


@pytest.mark.skipif(not WORKFLOWS, reason="not a checkout")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_the_repository_and_nothing_else(path):
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
    assert any(
        {"make audit", "make fuzz"} <= {step.get("run") for step in job["steps"]}
        for path in WORKFLOWS
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    )
