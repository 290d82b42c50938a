"""Run the Python code blocks of Markdown files, so that what a reader copies is known to work.

::

    python tools/run_code_blocks.py README.md docs

Blocks of one file run in order and share one namespace, as a reader would type them into one
session.  Folders stand for all the Markdown files in them.  A block fenced as ``python`` is run;
any other (``console``, ``text``, ``pycon``) is not.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>\S*)[^\n]*\n(?P<code>.*?)^```\s*$", re.MULTILINE | re.DOTALL)


def python_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Pairs of the line number on which a block's code begins, and the code."""
    for match in FENCE.finditer(text):
        if match["language"] == "python":
            yield text.count("\n", 0, match.start("code")) + 1, match["code"]


def markdown_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def run_file(path: Path) -> int:
    """Run the blocks of one file, and return how many there were."""
    namespace = {"__name__": "__main__"}
    n_blocks = 0
    for line, code in python_blocks(path.read_text(encoding="utf-8")):
        # blank lines in front make tracebacks name the lines of the Markdown file
        exec(compile("\n" * (line - 1) + code, str(path), "exec"), namespace)
        n_blocks += 1
    return n_blocks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, help="Markdown files or folders of them")
    failed = []
    for path in markdown_files(parser.parse_args().paths):
        started = time.perf_counter()
        try:
            n_blocks = run_file(path)
        except Exception:
            traceback.print_exc()
            failed.append(str(path))
            continue
        print(f"{path}: {n_blocks} code blocks ran in {time.perf_counter() - started:.1f} s")
    if failed:
        print(f"code blocks failed in: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
