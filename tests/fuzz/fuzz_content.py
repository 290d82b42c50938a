"""Change what saved models say, with the digest made right, and predict with what still loads.

    python tests/fuzz/fuzz_content.py --edits 5000

Each edit is drawn from its seed (``edits.py``), of a model of the corpus, which holds every class
that a file may hold (``corpus.py``).  A file must be refused with `SourceFormatError`, or load and
predict its own table.  Files are loaded in a process of their own, many one after another; when it
dies, stands still for 20 seconds, or takes more than four times a file's size and 100 MB, that is
a failure of the edit that it was at, and another process continues after it.

A model whose columns an edit has renamed, or whose categories it has changed, may refuse the old
table by name, as any model does with a table of others.  These are counted by themselves.
"""

import argparse
import json
import pickle
import selectors
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "persistence"), str(TESTS / "fuzz")]

SECONDS = 20.0
FREE, TIMES = 100_000_000, 4


def prepare(directory):
    """Write the models of the corpus and their tables."""
    import corpus
    from editing import FILE, kinds_in, parts

    from sktransfer._persistence._types import classes

    missing = set(classes())
    for name in corpus.MODELS:
        model, X = corpus.fitted(name)
        model.save(directory / name)
        (directory / name / "table.pickle").write_bytes(pickle.dumps(X))
        document, _ = parts((directory / name / FILE).read_bytes())
        missing -= kinds_in(document)
    if missing:
        raise SystemExit(f"no model of the corpus holds a {', '.join(sorted(missing))}")


# -- the process that loads ----------------------------------------------------------------------


def work(directory, seeds):
    """Load the edits of some seeds, and say what became of each in a line of JSON."""
    import warnings

    import numpy as np
    import skops.io
    from editing import FILE, parts

    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    skops.io.loads = _not_to_be_called  # files that nobody trusts
    models = []
    for path in sorted(p for p in directory.iterdir() if (p / "table.pickle").exists()):
        table = pickle.loads((path / "table.pickle").read_bytes())
        models.append((path.name, *parts((path / FILE).read_bytes()), table))
    with tempfile.TemporaryDirectory() as place:
        for seed in seeds:
            print(json.dumps({"seed": seed}), flush=True)
            print(json.dumps(_outcome(models, seed, Path(place))), flush=True)


def _not_to_be_called(*args, **kwargs):
    raise AssertionError("skops has read a file that nobody trusts")


def _outcome(models, seed, place):
    import numpy as np
    from editing import FILE, packed
    from edits import edited

    rng = np.random.default_rng(seed)
    name, document, arrays, X = models[seed % len(models)]
    changed, their_arrays, said = edited(document, arrays, rng)
    try:
        data = packed(changed, their_arrays)
    except (UnicodeEncodeError, ValueError, TypeError, OverflowError) as error:
        return {"outcome": "not written", "error": repr(error)[:200]}
    (place / FILE).write_bytes(data)
    before = _reset_peak()
    outcome, error = _load(place, X)
    taken = _peak() - before
    if taken > FREE + TIMES * len(data):
        outcome, error = "memory", f"{taken / 1e6:.0f} MB for {len(data)} bytes"
    return {"outcome": outcome, "error": error, "model": name, "edits": said, "bytes": taken}


def _load(place, X):
    import sktransfer
    from sktransfer.exceptions import SourceFormatError

    try:
        model = sktransfer.load(place)
    except SourceFormatError:
        return "refused", ""
    except BaseException as error:
        return "load raised", repr(error)[:300]
    try:
        _predict(model, X)
    except ValueError as error:
        known = any(words in str(error) for words in TABLE_OF_OTHERS)
        return "table refused" if known else "predict raised", repr(error)[:300]
    except BaseException as error:
        return "predict raised", repr(error)[:300]
    return "predicts", ""


#: What models say of a table of other columns, categories or entries than theirs.
TABLE_OF_OTHERS = (
    "Found unknown categories", "feature names should match", "columns are missing",
    "held text or categories in fit", "held numbers in fit", "held moments in fit",
    "contains NaN", "contains infinity", "could not convert string to float",
    "have missing values in transform but have no missing values in fit", "strictly positive",
)  # fmt: skip


def _predict(model, X):
    import numpy as np

    predictions = model.predict(X)
    # labels may be sparse, where those of the fit were
    assert isinstance(predictions, dict) or predictions.shape[0] == len(X)
    if not hasattr(model, "predict_proba"):
        return
    found = model.predict_proba(X)
    for chance in found.values() if isinstance(found, dict) else [found]:
        known = chance[np.isfinite(chance)]
        assert ((known > -1e-6) & (known < 1 + 1e-3)).all(), "probabilities beyond 0 and 1"


def _reset_peak():
    """The memory that this process holds, from which on the most is noted."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak():
    return _status("VmHWM")


def _status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(name)]
    return int(line.split()[1]) * 1024


# -- the process that counts ---------------------------------------------------------------------


def results(directory, seeds):
    """(seed, what became of it) of each, whatever becomes of the processes."""
    waiting = list(seeds)
    while waiting:
        numbers = [str(seed) for seed in (waiting[0], waiting[-1] + 1)]
        command = [sys.executable, __file__, "--work", str(directory), *numbers]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        at = None
        for line in _lines(worker):
            said = json.loads(line)
            if "seed" in said:
                at = said["seed"]
            else:
                yield at, said
                waiting.remove(at)
                at = None
        stood_still = worker.poll() is None
        worker.kill()
        worker.wait()
        if at is None and waiting:
            raise RuntimeError("the process that loads files did not start")
        if at is not None:
            code = "hang" if stood_still else "crash"
            yield at, {"outcome": code, "error": f"ended with {worker.returncode}"}
            waiting.remove(at)


def _lines(worker):
    """Lines of a process, until it ends or is silent for too long."""
    selector = selectors.DefaultSelector()
    selector.register(worker.stdout, selectors.EVENT_READ)
    began = True  # reading the models takes longer
    while selector.select(SECONDS * (5 if began else 1)):
        line, began = worker.stdout.readline(), False
        if not line:
            worker.wait()
            return
        yield line


FINE = ("refused", "predicts", "table refused", "not written")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edits", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--keep", type=Path, help="where the corpus is, or will be, kept")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        directory, first, last = options.work
        return work(Path(directory), range(int(first), int(last)))
    began, counts, most = time.monotonic(), Counter(), 0
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.keep or Path(temporary)
        if not directory.exists() or not any(directory.iterdir()):
            directory.mkdir(exist_ok=True)
            prepare(directory)
        for seed, found in results(directory, range(options.first, options.first + options.edits)):
            counts[found["outcome"]] += 1
            most = max(most, found.get("bytes", 0))
            if found["outcome"] not in FINE:
                print(json.dumps({"seed": seed} | found), flush=True)
    for outcome, n in sorted(counts.items()):
        print(f"{n:6d} {outcome}")
    failures = sum(n for outcome, n in counts.items() if outcome not in FINE)
    print(
        f"{sum(counts.values())} edits, {failures} failures, at most {most / 1e6:.0f} MB, "
        f"{time.monotonic() - began:.0f} seconds"
    )
    return failures


if __name__ == "__main__":
    sys.exit(bool(main()))
