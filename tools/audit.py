"""Ask PyPI whether a version in ``constraints.txt`` has a known vulnerability.

    python tools/audit.py

Says so and succeeds where PyPI cannot be reached: a check that needs the network must not fail
without one.
"""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"


def is_reachable() -> bool:
    """Whether advisories can be read now: those of the first version that is pinned."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    name, version = next(line for line in lines if "==" in line and line[0] != "#").split("==")
    try:
        url = f"https://pypi.org/pypi/{name}/{version}/json"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return b'"vulnerabilities"' in answer.read()
    except (urllib.error.URLError, OSError):
        return False


def main() -> int:
    """Audit, or say why not."""
    if not is_reachable():
        print("audit skipped: PyPI's advisories cannot be reached from here")
        return 0
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps"]
    return subprocess.run([*command, "-r", str(CONSTRAINTS)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
