"""Training on the source's rows and the target's against starting from a network of them.

    python benchmarks/quality/joint_training.py --tasks FOLDER [--raw] [--seeds 2]

FOLDER is one of pairs, as ``transfer_pairs.py`` describes it; the table is printed in its form.
The sequential way is ``l2_sp``; ``joint`` begins from random weights, ``joint_from_source`` from
the same source as ``l2_sp``; ``joint_5`` lets the source's rows count five times the target's.
"""

from __future__ import annotations

from on_pairs import Results, add, draws, measure, options, print_tables
from transfer_pairs import estimator

from sktransfer.strategies import Joint

#: Name → (the source's rows → a strategy, whether it starts from the source).
METHODS = {
    "scratch": (lambda rows: "scratch", False),
    "l2_sp": (lambda rows: "l2_sp", True),
    "joint": (lambda rows: Joint(rows), False),
    "joint_5": (lambda rows: Joint(rows, source_weight=5.0), False),
    "joint_from_source": (lambda rows: Joint(rows), True),
}


def run_pair(tasks, name: str, args, results: Results) -> None:
    """All methods, sizes and seeds on one pair."""
    task = tasks.load(name, raw=args.raw)
    rows_of_source = task["X_source"], task["y_source"]
    source = estimator(task["kind_source"], random_state=0)
    source.fit(task["X_source"], task["y_source"])
    test = task["X_target"].iloc[task["test"]], task["y_target"][task["test"]]
    for n, seed, rows in draws(tasks, task, args):
        X, y = task["X_target"].iloc[rows], task["y_target"][rows]
        for method, (strategy, starts) in METHODS.items():
            model = estimator(
                task["kind"],
                source=source if starts else None,
                strategy=strategy(rows_of_source),
                random_state=seed,
            )
            key = f"{method}|{name}|{n}|{seed}"
            add(results, key, lambda m=model, X=X, y=y: m.fit(X, y), task["kind"], *test)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__, sizes=[20, 100, 500], seeds=2)
    parser.add_argument("--raw", action="store_true", help="tables with text and missing values")
    args = parser.parse_args()
    print_tables(measure(args, run_pair), args, ["scratch", "l2_sp"])


if __name__ == "__main__":
    main()
