"""Memory does not grow over many fits or a long stream; see ``benchmarks/reliability``."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reliability" / "long_runs.py"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for its memory")
@pytest.mark.skipif(not SCRIPT.exists(), reason="not in the sdist")
def test_memory_does_not_grow_over_fits_and_chunks():
    command = [sys.executable, str(SCRIPT), "--fits", "60", "--chunks", "200"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    grown = [float(line.split("(")[-1].split()[0]) for line in done.stdout.splitlines()]
    assert len(grown) == 2 and max(grown) < 10, done.stdout  # MB; a model has 0.2
