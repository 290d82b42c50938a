"""Change what saved models say, guided by which code each change reaches (needs ``atheris``).

    python tests/fuzz/fuzz_by_coverage.py -max_total_time=600

Options are those of libFuzzer.  Changed is the JSON; the digest is made right after each change,
without which every file would be refused at the first comparison.  A file must load or be refused
with `SourceFormatError`; anything else stops the run and leaves the JSON behind.
"""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    print("skipped: atheris is not installed (pip install atheris; Python 3.11 to 3.13, Linux)")
    sys.exit(0)

sys.path.insert(0, str(Path(__file__).parents[1] / "persistence"))

with atheris.instrument_imports(include=["sktransfer._persistence", "sktransfer._estimators"]):
    import sktransfer
    from sktransfer._persistence._container import pack
    from sktransfer.exceptions import SourceFormatError

from editing import FILE, parts
from golden_models import GOLDEN

DIRECTORY = tempfile.TemporaryDirectory()
MODELS = [parts(path.read_bytes()) for path in sorted(GOLDEN.glob(f"*/*/{FILE}"))]


def test_one_input(data: bytes) -> None:
    """Load the model of the first byte with the JSON of the others."""
    _, arrays = MODELS[(data[0] if data else 0) % len(MODELS)]
    (Path(DIRECTORY.name) / FILE).write_bytes(pack(data[1:], arrays))
    with contextlib.suppress(SourceFormatError):
        sktransfer.load(DIRECTORY.name)


def main() -> None:
    """Start from the golden files."""
    corpus = Path(DIRECTORY.name) / "corpus"
    corpus.mkdir()
    for number, (document, _) in enumerate(MODELS):
        (corpus / str(number)).write_bytes(bytes([number]) + json.dumps(document).encode())
    artifacts = Path(os.environ.get("FUZZ_ARTIFACTS", ".")).resolve()
    options = ["-rss_limit_mb=4096", "-max_len=200000", f"-artifact_prefix={artifacts}/"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(corpus)], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
