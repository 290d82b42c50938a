"""Short runs of the fuzzers in ``tests/fuzz``."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZERS = Path(__file__).parents[1] / "fuzz"


def _run(*command, cwd):
    done = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, timeout=300, cwd=cwd
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_damaged_files_are_refused_whatever_the_seed(tmp_path):
    code, said = _run(FUZZERS / "fuzz_saved_models.py", 1, cwd=tmp_path)
    assert code == 0 and " 0 not refused" in said, said


@pytest.mark.slow
def test_edits_of_every_class_are_refused_or_predict(tmp_path):
    """Of models that hold all of them, with the digest made right."""
    code, said = _run(FUZZERS / "fuzz_content.py", "--edits", 40, "--first", 10**6, cwd=tmp_path)
    assert code == 0 and "40 edits, 0 failures" in said, said


@pytest.mark.slow
def test_a_fuzzer_that_follows_the_code_finds_nothing_either(tmp_path):
    pytest.importorskip("atheris")
    code, said = _run(FUZZERS / "fuzz_by_coverage.py", "-runs=200", "-seed=1", cwd=tmp_path)
    assert code == 0 and "Done 200 runs" in said, said
    assert not list(tmp_path.iterdir())  # no file that would give a failure again
