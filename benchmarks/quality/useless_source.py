"""What ``"auto"`` makes of a source that has nothing to teach, because labels were shuffled.

    python benchmarks/quality/useless_source.py --tasks FOLDER [--seeds 10] [--sizes 20]
        [--source-rows 1000]

Cases: the labels of the source's table are shuffled (``source``, anew for each draw), those of
the target (``target``: nothing can be learned), or neither (``none``).  For each number of rows:
by how much the fits score above the same ensemble without the source, the worst pairs, how often
``transfer_gain_`` is not above 0, and how often the warning that the source does not or can
hardly help was given.  Scores are normalised as in ``transfer_pairs.py``.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from typing import Any

import numpy as np
from on_pairs import Results, draws, measure, options
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from transfer_pairs import estimator, normalised, score

from sktransfer.exceptions import TransferWarning


def source_of(task: dict[str, Any], kind: str, n_rows: int, seed: int | None):
    """An old model of some of the source's rows; with a seed their labels are shuffled."""
    rng = np.random.RandomState(seed)
    y = np.asarray(task["y_source"])
    rows = rng.permutation(len(y))[:n_rows]
    X, y = task["X_source"].iloc[rows], y[rows]
    if seed is not None:
        y = rng.permutation(y)
    if kind == "network":
        return estimator(task["kind_source"], random_state=seed or 0).fit(X, y)
    is_classifier = task["kind_source"] == "clf"
    boosting = HistGradientBoostingClassifier if is_classifier else HistGradientBoostingRegressor
    return boosting(random_state=0).fit(X, y)


def run_pair(tasks: Any, name: str, args: Any, results: Results) -> None:
    """Both fits of every case and draw."""
    task = tasks.load(name, raw=args.source == "network")
    kind, test = task["kind"], task["test"]
    X_test = task["X_target"].iloc[test]
    useful = None
    for case in args.cases:
        for n, seed, rows in draws(tasks, task, args):
            key = f"{case}|{name}|{n}|{seed}"
            if key in results:
                continue
            y = np.asarray(task["y_target"])
            if case == "target":
                y = np.random.RandomState(seed).permutation(y)
                rows = tasks.few_shot(task | {"y_target": y}, n, seed)
            if case == "source":
                source = source_of(task, args.source, args.source_rows, seed)
            else:
                source = useful = useful or source_of(task, args.source, args.source_rows, None)
            few = task["X_target"].iloc[rows], y[rows]
            alone = estimator(kind, strategy="ensemble", random_state=seed).fit(*few)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", TransferWarning)
                model = estimator(kind, source=source, random_state=seed).fit(*few)
            found = score(model, kind, X_test, y[test])
            found |= {f"{k}_alone": v for k, v in score(alone, kind, X_test, y[test]).items()}
            found["warned"] = any(" help here" in str(w.message) for w in caught)
            found["gain"] = model.transfer_gain_
            results[key] = found


def print_cells(results: Results, args: Any) -> None:
    """A line for each case and number of rows, and for each pair below -.02."""
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    cells: dict[tuple[str, int], dict[str, list[tuple[float, ...]]]] = defaultdict(dict)
    for key, found in results.items():
        case, pair, n, seed = key.split("|")
        if case not in args.cases or int(n) not in args.sizes or int(seed) >= args.seeds:
            continue
        alone = {k.removesuffix("_alone"): v for k, v in found.items() if k.endswith("_alone")}
        with_source, without = (normalised(one, ceilings[pair]) for one in (found, alone))
        loss = found.get("logloss", 0.0) - found.get("logloss_alone", 0.0)
        gain = found["gain"]
        no_gain = gain is not None and gain <= 0
        draw = (with_source - without, loss, no_gain, found["warned"])
        cells[case, int(n)].setdefault(pair, []).append(draw)
    print("shuffled  rows  fits  gain (standard error)  log loss   gain <= 0   warned")
    for (case, n), pairs in sorted(cells.items()):
        every = np.concatenate([np.array(draws, float) for draws in pairs.values()])
        error = every[:, 0].std(ddof=1) / np.sqrt(len(every))
        gain, loss, no_gain, warned = every.mean(axis=0)
        print(f"{case:8} {n:5} {len(every):5}   {gain:+.3f} ({error:.3f})  {loss:+18.3f}"
              f"{no_gain:12.0%} {warned:8.0%}")  # fmt: skip
        for pair, found in sorted(pairs.items(), key=lambda item: np.mean(item[1], axis=0)[0]):
            of_pair = np.array(found, float)
            error = of_pair[:, 0].std(ddof=1) / np.sqrt(len(of_pair))
            if of_pair[:, 0].mean() < -0.02:
                print(f"    {pair:24} {of_pair[:, 0].mean():+.3f} ({error:.3f}), "
                      f"warned {of_pair[:, 3].mean():.0%}")  # fmt: skip


def main() -> None:
    """Print a table."""
    parser = options(__doc__, sizes=[20, 100], seeds=5)
    parser.add_argument("--cases", nargs="+", default=["source", "target", "none"])
    parser.add_argument("--source", choices=["network", "boosting"], default="network")
    parser.add_argument(
        "--source-rows", type=int, default=1000, help="rows of the source, at most"
    )
    args = parser.parse_args()
    print_cells(measure(args, run_pair), args)


if __name__ == "__main__":
    main()
