"""Damage saved models for as long as you like: ``python tests/fuzz/fuzz_saved_models.py 600``.

The test suite does the same for a fixed number of seeded files.  Each file must be refused with
`SourceFormatError`; anything else is printed with the seed that gives it again.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "persistence"))
from editing import FILE
from golden_models import GOLDEN, MODELS
from test_hostile_files import _damaged

import sktransfer
from sktransfer.exceptions import SourceFormatError


def main(seconds: float) -> int:
    originals = [path.read_bytes() for path in sorted(GOLDEN.glob(f"*/*/{FILE}"))]
    assert len(originals) >= len(MODELS)
    began, seed, failures = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as directory:
        while time.monotonic() - began < seconds:
            seed += 1
            rng = np.random.default_rng(seed)
            original = originals[seed % len(originals)]
            damaged = _damaged(original, rng)
            (Path(directory) / FILE).write_bytes(damaged)
            try:
                sktransfer.load(directory)
                found = None if damaged == original else "it loaded"
            except SourceFormatError:
                found = None
            except BaseException as error:
                found = repr(error)
            if found is not None:
                failures += 1
                print(f"seed {seed}: {found}")
    print(f"{seed} files, {failures} not refused as they should be")
    return failures


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0) > 0)
