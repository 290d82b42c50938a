"""Short runs of the fuzzers in ``tests/fuzz``."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

FUZZERS = Path(__file__).parents[1] / "fuzz"


@pytest.fixture
def fuzzer(monkeypatch):
    """Import a fuzzer of ``tests/fuzz``."""
    monkeypatch.syspath_prepend(FUZZERS)
    return importlib.import_module


@pytest.mark.slow
def test_damaged_files_are_refused_whatever_the_seed(fuzzer, capsys):
    failures = fuzzer("fuzz_saved_models").main(1.0)
    said = capsys.readouterr().out
    assert failures == 0 and " 0 not refused" in said, said


@pytest.mark.slow
def test_edits_of_every_class_are_refused_or_predict(fuzzer, capsys, monkeypatch):
    """Of models that hold all of them, with the digest made right."""
    monkeypatch.setattr(sys, "argv", ["fuzz_content.py", "--edits", "40", "--first", "1000000"])
    failures = fuzzer("fuzz_content").main()
    said = capsys.readouterr().out
    assert failures == 0 and "40 edits, 0 failures" in said, said


@pytest.mark.slow
def test_a_fuzzer_that_follows_the_code_finds_nothing_either(tmp_path):
    pytest.importorskip("atheris")
    command = [sys.executable, str(FUZZERS / "fuzz_by_coverage.py"), "-runs=200", "-seed=1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "Done 200 runs" in said, said
    assert not list(tmp_path.iterdir())  # no file that would give a failure again
