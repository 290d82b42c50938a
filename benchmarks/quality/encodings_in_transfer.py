"""How columns enter a network, compared where the network starts from a source.

    python benchmarks/quality/encodings_in_transfer.py --tasks FOLDER [--seeds 10 --jobs 2]

FOLDER is as in ``transfer_pairs.py``.  Source and target are fitted with the default estimators
and one change each of how columns are encoded.  Maps of single columns (quantiles, asinh) are the
source's for the columns that both tables have: they are applied to both tables before fit.  Half
of the pairs is there to choose on, the other half to confirm on.  ``input_encodings.md`` has the
last figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.preprocessing import QuantileTransformer
from transfer_pairs import estimator, load_tasks, normalised, score

from sktransfer._preprocessing import _levels, _mean_std

#: Pairs of tables of plain, evenly distributed numbers.
_PLAIN = ("digits_new", "flip_phoneme")
#: Distinct values from which on a column is one of amounts.
_DISTINCT = 11
Map = Callable[[np.ndarray], np.ndarray]


class Variant(NamedTuple):
    """One change of the encoding.

    Attributes
    ----------
    few_rows : float
        Rows at which the divisor of a 0/1 column is at least 1/2.
    robust : bool
        Whether quartiles may be the center and the scale.
    fewest : int
        Rows from which on a level has its own indicator.
    quantiles : float
        The share of the normal quantile in a number, the rest is the standardised value.
    tail : float or None
        Columns whose middle 90 % are so many times as wide as a scale become ``asinh``.
    other_seed : bool
        Nothing but another seed: what differences by chance look like.
    """

    few_rows: float = 1000
    robust: bool = True
    fewest: int = 1
    quantiles: float = 0.0
    tail: float | None = None
    other_seed: bool = False


VARIANTS = {
    "as it is": Variant(),
    "another seed": Variant(other_seed=True),
    "0/1 columns by standard deviation": Variant(few_rows=1e-9),
    "0/1 columns over 200 rows": Variant(few_rows=200),
    "0/1 columns as they are": Variant(few_rows=1e12),
    "levels from three rows": Variant(fewest=3),
    "mean and standard deviation": Variant(robust=False),
    "half quantiles": Variant(quantiles=0.5),
    "quantiles": Variant(quantiles=1.0),
    "asinh of heavy tails": Variant(tail=4.5),
    "asinh of long tails": Variant(tail=3.3),
    "asinh": Variant(tail=0.0),
}


@contextmanager
def encoded_by(how: Variant) -> Iterator[None]:
    """The package, with columns encoded by a variant."""
    measure, fit_levels = _mean_std.center_and_scale, _levels.fit_levels

    def of_enough_rows(series, name, known, *args, **kwargs):
        column = fit_levels(series, name, known, *args, **kwargs)
        counts = Counter(_levels.texts_of(series))
        theirs = set(known.levels) if known is not None else set()
        levels = getattr(column, "levels", ())
        kept = tuple(one for one in levels if one in theirs or counts[one] >= how.fewest)
        return replace(column, levels=kept) if len(kept) > 1 else column

    changes = {
        "center_and_scale": measure if how.robust else _mean_std.mean_and_scale,
        "fit_levels": fit_levels if how.fewest == 1 else of_enough_rows,
        "_FEW_ROWS": how.few_rows,
    }
    modules = [module for name, module in sys.modules.items() if name.startswith("sktransfer")]
    places = [(m, name) for m, name in product(modules, changes) if hasattr(m, name)]
    before = [getattr(module, name) for module, name in places]
    try:
        for module, name in places:
            setattr(module, name, changes[name])
        yield
    finally:
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)


def mapped(source: pd.DataFrame, target: pd.DataFrame, how: Variant) -> list[pd.DataFrame]:
    """Both tables with their numbers as a variant has them."""
    tables = [source.copy(), target.copy()]
    for name in dict.fromkeys([*source, *target]):
        own = source if name in source else target
        if not pd.api.types.is_numeric_dtype(own[name]):
            continue
        change = _map(own[name].dropna().to_numpy(np.float64), how)
        for table in tables:
            is_there = name in table and pd.api.types.is_numeric_dtype(table[name])
            if change is not None and is_there:
                table[name] = change(table[name].to_numpy(np.float64))
    return tables


def _map(known: np.ndarray, how: Variant) -> Map | None:
    """What becomes of a column that is distributed like this; None for what it is."""
    if len(np.unique(known)) < _DISTINCT or not (how.quantiles or how.tail is not None):
        return None
    (center,), (scale,) = _mean_std.center_and_scale(known[:, None], None)
    if how.tail is not None:
        low, high = np.quantile(known, [0.05, 0.95])
        is_heavy = (high - low) / (1.349 * scale) > how.tail
        return (lambda x: np.arcsinh((x - center) / scale)) if is_heavy else None
    ranks = QuantileTransformer(
        n_quantiles=min(1000, len(known)), output_distribution="normal", subsample=10**6
    ).fit(known[:, None])

    def mix(x: np.ndarray) -> np.ndarray:
        z = (x - center) / scale
        q = ranks.transform(np.where(np.isnan(x), center, x)[:, None])[:, 0].clip(-4, 4)
        return how.quantiles * q + (1 - how.quantiles) * z / np.sqrt(1 + (z / 4) ** 2) + 0 * x

    return mix


def run(folder: Path, pair: str, variant: str, sizes: list[int], seeds: int) -> dict[str, float]:
    """Normalised scores of one variant: ``{"variant|pair|n|seed": score}``."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks, how, found = load_tasks(folder), VARIANTS[variant], {}
    ceiling = json.loads((folder / "ceilings.json").read_text())[pair]
    task = tasks.load(pair, raw=True)
    source_table, table = mapped(task["X_source"], task["X_target"], how)
    y, test, add = task["y_target"], task["test"], 100 if how.other_seed else 0
    with encoded_by(how):
        source = estimator(task["kind_source"], random_state=add)
        source.fit(source_table, task["y_source"])
        for n, seed in product([n for n in sizes if n <= len(task["train_pool"])], range(seeds)):
            rows = tasks.few_shot(task, n, seed)
            model = estimator(task["kind"], source=source, random_state=seed + add)
            model.fit(table.iloc[rows], y[rows])
            scores = score(model, task["kind"], table.iloc[test], y[test])
            found[f"{variant}|{pair}|{n}|{seed}"] = normalised(scores, ceiling)
    return found


def print_table(found: dict[str, float], sizes: list[int]) -> None:
    """Differences to what there is: the mean, of the one and the other half, and how often."""
    cells: dict[tuple[str, int], dict[str, list[float]]] = {}
    for key, value in found.items():
        variant, pair, n, _ = key.split("|")
        cells.setdefault((variant, int(n)), {}).setdefault(pair, []).append(value)
    pairs = sorted({key.split("|")[1] for key in found})
    print("| change |" + "".join(f" {n} rows | halves | better on |" for n in sizes))
    print("|---|" + "---|" * 3 * len(sizes))
    for variant in (one for one in VARIANTS if (one, sizes[0]) in cells):
        line = f"| {variant} |"
        for n in sizes:
            base, ours = cells.get(("as it is", n), {}), cells.get((variant, n), {})
            gain = {p: np.mean(ours[p]) - np.mean(base[p]) for p in pairs if p in ours}
            halves = [[g for p, g in gain.items() if p in pairs[i::2]] or [0.0] for i in (0, 1)]
            first, second = (float(np.mean(half)) for half in halves)
            wins = sum(g > 1e-6 for g in gain.values())
            other = sum(abs(g) > 1e-6 for g in gain.values())
            mean = float(np.mean(list(gain.values()) or [0.0]))
            line += f" {mean:+.4f} | {first:+.4f}, {second:+.4f} | {wins} of {other} |"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--pairs", nargs="+")
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    pairs = args.pairs or [n for n in load_tasks(args.tasks).names() if n not in _PLAIN]
    found: dict[str, float] = {}
    with ProcessPoolExecutor(args.jobs) as pool:
        waiting = [
            pool.submit(run, args.tasks, pair, variant, args.sizes, args.seeds)
            for pair, variant in product(pairs, args.variants)
        ]
        for one in waiting:
            found |= one.result()
    print_table(found, args.sizes)


if __name__ == "__main__":
    main()
