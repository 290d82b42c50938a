"""What is said in several files about the package is the same in all of them."""

import re
import tomllib
from pathlib import Path

import pytest

import sktransfer

ROOT = Path(__file__).parents[1]
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
