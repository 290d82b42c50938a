"""Several sources for one target: choose one, or combine all?

    python benchmarks/relatedness/choose_or_combine.py --tasks FOLDER [--seeds 2]

Targets are those of ``rank_correlation.py``, with three sources each: the pair's own, one for
another label and the source of another pair; for bundled data the same label on other rows and the
two other labels.  Compared are no source, each source alone (the mean is one at random, the
greatest the best in hindsight), the chosen one, and for a combination all of them.

Scores are AUC or R²; *gain*, *worst* and *wins* are paired, target by target, with another row of
the table, see ``AGAINST``.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from rank_correlation import bundled_problems, estimator, load_tasks, pair_problems, score

from sktransfer.strategies import WeightedEnsemble

#: Way → strategy, and whether it is given the sources.
WAYS = {
    "no source": ("scratch", False),
    "the chosen one": ("l2_sp", True),
    "ensemble, no source": (WeightedEnsemble(), False),
    "ensemble, the chosen one": (WeightedEnsemble(), True),
    "ensemble, all": (WeightedEnsemble(sources="all"), True),
}
#: Rows of the table, and what each is compared with.
AGAINST = {
    "no source": "",
    "one at random": "no source",
    "the chosen one": "one at random",
    "the best of them": "the chosen one",
    "ensemble, no source": "no source",
    "ensemble, the chosen one": "the chosen one",
    "ensemble, all": "ensemble, the chosen one",
}
#: Candidates that are spoiled on purpose; a user would not offer them.
SPOILED = ("a tenth", "permuted")


def run_target(problem, sizes, seeds: int) -> list[dict]:
    """A row per number of rows and seed: the score of every way, and its seconds."""
    name, kind, sources, X, y, test, few_shot = problem
    sources = {n: s for n, s in sources.items() if not n.endswith(SPOILED)}
    rows = []
    for n in sizes:
        for seed in range(seeds):
            chosen = few_shot(n, seed)
            if chosen is None:
                continue

            def fitted(strategy, source, chosen=chosen, seed=seed):
                began = time.process_time()
                model = estimator(kind, source=source, strategy=strategy, random_state=seed)
                model.fit(X.iloc[chosen], y[chosen])
                seconds = time.process_time() - began
                return score(model, kind, X.iloc[test], y[test]), seconds

            found = {
                way: fitted(strategy, sources if is_given else None)
                for way, (strategy, is_given) in WAYS.items()
            }
            alone = [fitted("l2_sp", source)[0] for source in sources.values()]
            rows.append(
                {"target": name, "n": n, "seed": seed}
                | {way: value for way, (value, _) in found.items()}
                | {"one at random": float(np.mean(alone)), "the best of them": max(alone)}
                | {f"{way} (s)": seconds for way, (_, seconds) in found.items()}
            )
    return rows


def summary(rows: list[dict], sizes) -> str:
    """The table of the documentation: means over targets, gains against :data:`AGAINST`."""
    cells = "".join(f" {n} rows | gain | worst | wins |" for n in sizes)
    lines = [f"| |{cells} seconds |", f"|{'---|' * (2 + 4 * len(sizes))}"]
    for way, reference in AGAINST.items():
        line = f"| {way} |"
        for n in sizes:
            of_target: dict[str, list[tuple[float, float]]] = {}
            for row in rows:
                if row["n"] == n:
                    pair = row[way], row.get(reference, row[way])
                    of_target.setdefault(row["target"], []).append(pair)
            own, other = np.array([np.mean(pairs, axis=0) for pairs in of_target.values()]).T
            line += f" {own.mean():.3f} |"
            gain = own - other
            versus = f" {gain.mean():+.3f} | {gain.min():+.2f} | {(gain > 0).sum()}/{len(gain)} |"
            line += versus if reference in rows[0] else " | | |"
        seconds = [row[f"{way} (s)"] for row in rows if f"{way} (s)" in row]
        lines.append(line + (f" {np.median(seconds):.1f} |" if seconds else " |"))
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, help="JSON file for every row")
    parser.add_argument("--pairs-only", action="store_true", help="without bundled data")
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    rows: list[dict] = []
    bundled = () if args.pairs_only else bundled_problems()
    for problem in chain(pair_problems(tasks, list(tasks.names())), bundled):
        rows += run_target(problem, args.sizes, args.seeds)
        print(f"{problem[0]}: {time.process_time():.0f} s", flush=True)
        if args.output:
            args.output.write_text(json.dumps(rows, indent=1) + "\n")
    print(
        f"{len({row['target'] for row in rows})} targets, {args.seeds} seeds, "
        f"{platform.machine()}, {date.today()}, {time.process_time():.0f} s of CPU time\n\n"
        f"{summary(rows, args.sizes)}"
    )


if __name__ == "__main__":
    main()
