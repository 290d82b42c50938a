"""What ``"auto"`` makes of a source that has nothing to teach: one trained on shuffled labels.

    python benchmarks/quality/useless_source.py --tasks FOLDER [--seeds 3]

For each number of target rows: by how much the fits score above a network from scratch (AUC or R²,
on the target's test rows), how often ``transfer_gain_`` is not above 0, and how often the warning
that the source does not help was given; for sources with true labels, and with shuffled ones.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from transfer_pairs import estimator, load_tasks, score

from sktransfer.exceptions import TransferWarning


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 100, 500])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tasks, rng, found = load_tasks(options.tasks), np.random.RandomState(0), defaultdict(list)
    for name in tasks.names():
        task = tasks.load(name, raw=True)
        kind, labels = task["kind"], np.asarray(task["y_source"])
        X_test, y_test = task["X_target"].iloc[task["test"]], task["y_target"][task["test"]]
        sources = {
            what: estimator(task["kind_source"], random_state=0).fit(task["X_source"], y)
            for what, y in {"true": labels, "shuffled": rng.permutation(labels)}.items()
        }
        for n in (n for n in options.sizes if n <= len(task["train_pool"])):
            for seed in range(options.seeds):
                rows = tasks.few_shot(task, n, seed)
                X, y = task["X_target"].iloc[rows], task["y_target"][rows]
                alone = estimator(kind, random_state=seed).fit(X, y)
                (below,) = list(score(alone, kind, X_test, y_test).values())[:1]
                for what, source in sources.items():
                    with warnings.catch_warnings(record=True) as caught:
                        warnings.simplefilter("always", TransferWarning)
                        model = estimator(kind, source=source, random_state=seed).fit(X, y)
                    (above,) = list(score(model, kind, X_test, y_test).values())[:1]
                    said = any("does not help here" in str(w.message) for w in caught)
                    gain = model.transfer_gain_
                    found[what, n].append((above - below, gain is not None and gain <= 0, said))
    print("labels     rows  fits   mean over scratch   worst   gain <= 0   warned")
    for (what, n), fits in sorted(found.items()):
        over, no_gain, said = np.array(fits, float).T
        print(f"{what:9} {n:5} {len(fits):5} {over.mean():19.3f} {over.min():7.3f} "
              f"{no_gain.mean():11.0%} {said.mean():8.0%}")  # fmt: skip


if __name__ == "__main__":
    main()
