"""Prepare a release, or check that the repository is ready for a tag.

::

    python tools/release.py 0.1.0          write the version and the changelog
    python tools/release.py --check v0.1.0
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Where the version is, as a pattern with the version as its group.
PLACES = {
    "sktransfer/__init__.py": r'^__version__ = "(.*)"$',
    "CITATION.cff": r"^version: (.*)$",
    "conda/recipe.yaml": r'^  version: "(.*)"$',
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prepare(version: str) -> None:
    """Write the version to its places, and build the changelog from its fragments."""
    for name, pattern in PLACES.items():
        text = text_of(name)
        found = re.search(pattern, text, re.MULTILINE)
        assert found is not None, f"{name} has no version"
        text = text[: found.start(1)] + version + text[found.end(1) :]
        (ROOT / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", version]
    subprocess.run(command, cwd=ROOT, check=True)


def problems(tag: str) -> list[str]:
    """What stands in the way of a release, one sentence each."""
    version = tag.removeprefix("v")
    found = []
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        found.append(f"Expected a tag such as v0.1.0, got {tag!r}.")
    for name, pattern in PLACES.items():
        written = re.findall(pattern, text_of(name), re.MULTILINE)
        if written != [version]:
            found.append(f"{name} has version {written}, expected {version!r}.")
    if f"## [{version}] - " not in text_of("CHANGELOG.md"):
        found.append(f"CHANGELOG.md has no section {version}.")
    left = [path.name for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    if left:
        found.append(f"changelog.d has {len(left)} fragments.")
    return found


def main() -> int:
    """Prepare, or print the problems; the exit status is 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("version", help="such as 0.1.0, or the tag v0.1.0 with --check")
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args()
    if not options.check:
        prepare(options.version)
    found = problems("v" + options.version.removeprefix("v"))
    print("\n".join(found) or "ready")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
