"""Print the oldest versions that ``pyproject.toml`` claims, as constraints for pip.

::

    python tools/floors.py > build/floors.txt
    pip install -c build/floors.txt -e .
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def main() -> None:
    """Print a line for each dependency of the core."""
    path = Path(__file__).parents[1] / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        name, floor = re.fullmatch(r"([\w-]+)>=([\d.]+)", requirement).groups()
        print(f"{name}=={floor}.*" if floor.count(".") < 2 else f"{name}=={floor}")


if __name__ == "__main__":
    main()
