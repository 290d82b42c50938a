"""Run the Python code blocks of Markdown files, so that what a reader copies is known to work.

::

    python tools/run_code_blocks.py README.md docs
    python tools/run_code_blocks.py --outputs build/outputs docs

Blocks of one file run in order and share one namespace, as a reader would type them into one
session; several files run at once, in processes of their own.  Folders stand for all the Markdown
files in them.  A block fenced as ``python`` is run; any other (``console``, ``text``, ``pycon``)
is not.  With ``--outputs``, what each block prints, and its open figures, go to a folder from
which ``docs/conf.py`` shows them below the block.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>\S*)[^\n]*\n(?P<code>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
MAX_PROCESSES = 8  # each imports torch


def python_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Pairs of the line number on which a block's code begins, and the code."""
    for match in FENCE.finditer(text):
        if match["language"] == "python":
            yield text.count("\n", 0, match.start("code")) + 1, match["code"]


def markdown_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def outputs_file(folder: Path, text: str) -> Path:
    """Where the outputs of a page's blocks are kept: the name changes with the code."""
    code = "\0".join(code for _, code in python_blocks(text))
    return folder / f"{hashlib.sha256(code.encode()).hexdigest()[:16]}.json"


def save_figures(stem: Path) -> list[str]:
    """Write the figures that a block has left open to PNG files, and close them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    names = []
    for number in pyplot.get_fignums() if pyplot else ():
        names.append(f"{stem.name}-{number}.png")
        pyplot.figure(number).savefig(stem.with_name(names[-1]), dpi=110)
    if pyplot:
        pyplot.close("all")
    return names


def run_file(path: Path, folder: Path | None = None) -> int:
    """Run the blocks of one file, write their outputs to a folder, and return how many ran."""
    text = path.read_text(encoding="utf-8")
    namespace = {"__name__": "__main__"}
    outputs = []
    for line, code in python_blocks(text):
        printed = io.StringIO()
        # blank lines in front make tracebacks name the lines of the Markdown file
        program = compile("\n" * (line - 1) + code, str(path), "exec")
        with contextlib.redirect_stdout(printed) if folder else contextlib.nullcontext():
            exec(program, namespace)
        if folder:
            stem = outputs_file(folder, text).with_suffix("")
            figures = save_figures(stem.with_name(f"{stem.name}-{len(outputs)}"))
            outputs.append({"text": printed.getvalue(), "figures": figures})
        else:
            outputs.append({})
    if folder:
        outputs_file(folder, text).write_text(json.dumps(outputs), encoding="utf-8")
    return len(outputs)


def try_file(path: Path, folder: Path | None) -> bool:
    """Run the blocks of one file and say how it went: whether all of them ran."""
    started = time.perf_counter()
    try:
        n_blocks = run_file(path, folder)
    except Exception:
        traceback.print_exc()
        return False
    seconds = time.perf_counter() - started
    print(f"{path}: {n_blocks} code blocks ran in {seconds:.1f} s", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, help="Markdown files or folders of them")
    parser.add_argument("--outputs", type=Path, help="write what the blocks print to this folder")
    options = parser.parse_args()
    if options.outputs:
        options.outputs.mkdir(parents=True, exist_ok=True)
    paths = list(markdown_files(options.paths))
    with ProcessPoolExecutor(min(MAX_PROCESSES, os.cpu_count() or 1)) as processes:
        ran = list(processes.map(try_file, paths, [options.outputs] * len(paths)))
    failed = [str(path) for path, ok in zip(paths, ran, strict=True) if not ok]
    if failed:
        print(f"code blocks failed in: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
