"""What the default costs, with a source and without, next to other libraries' defaults.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/speed/default.py fit
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/speed/default.py growth
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/speed/default.py memory

``fit`` is fits and predictions in CPU seconds, of one thread, float32 and two classes; models take
turns, and the ratios are medians of the rounds.  ``growth`` is how the cost of a fit with a source
grows with rows, columns, classes, outputs and sources, one at a time.  ``memory`` is the peak of a
fit and of a prediction in a process of its own (Linux).  CatBoost, RealMLP (``pytabkit``), TabPFN
and TabICL take part where they are installed; a model that took more than ``--limit`` seconds is
left out of larger tables.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import WeightedEnsemble

#: What others are measured against.
YARDSTICK = "HistGradientBoosting"
#: Name of the model → package that it needs.
NEEDS = {"CatBoost": "catboost", "RealMLP": "pytabkit", "TabPFN": "tabpfn", "TabICL": "tabicl"}
#: Rows that are predicted, next to one.
PREDICTED = (1000, 100_000)


def contenders(source: Any) -> dict[str, Callable[[], Any]]:
    """Name → what makes a new estimator, of those that are installed."""

    def of(package: str, kind: str, **params: Any) -> Any:
        return getattr(importlib.import_module(package), kind)(**params)

    every: dict[str, Callable[[], Any]] = {
        "default, source": lambda: TransferMLPClassifier(source=source, random_state=0),
        "default, no source": lambda: TransferMLPClassifier(random_state=0),
        "scikit-learn MLP": lambda: MLPClassifier(random_state=0),
        YARDSTICK: lambda: HistGradientBoostingClassifier(random_state=0),
        "CatBoost": partial(
            of, "catboost", "CatBoostClassifier",
            thread_count=1, verbose=0, random_seed=0, allow_writing_files=False,
        ),
        "RealMLP": partial(
            of, "pytabkit", "RealMLP_TD_Classifier",
            device="cpu", random_state=0, n_threads=1, n_cv=1,
        ),
        "TabPFN": partial(of, "tabpfn", "TabPFNClassifier", device="cpu", random_state=0),
        "TabICL": partial(of, "tabicl", "TabICLClassifier", device="cpu", random_state=0),
    }  # fmt: skip
    return {name: make for name, make in every.items() if is_installed(name)}


def is_installed(name: str) -> bool:
    """Whether the package of a model is there."""
    return name not in NEEDS or importlib.util.find_spec(NEEDS[name]) is not None


def seconds(run: Callable[[], Any]) -> float:
    """CPU time of one call."""
    began = time.process_time()
    run()
    return time.process_time() - began


def table_and_source(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """Rows of two classes, and a source that has learned from 5,000 others."""
    X, y = make_classification(5000 + n_rows, n_columns, n_informative=8, random_state=0)
    X = X.astype(np.float32)
    source = TransferMLPClassifier(random_state=0).fit(X[:5000], y[:5000])
    return X[5000:], y[5000:], source


def measure_fits(args: argparse.Namespace) -> None:
    """Print two tables for each number of columns: fits and predictions."""
    for n_columns in args.columns:
        X, y, source = table_and_source(max(*args.rows, *PREDICTED), n_columns)
        makers = contenders(source)
        fits: dict[int, dict[str, list[float]]] = {}
        answers: dict[int, dict[str, list[float]]] = {n: {} for n in (1, *PREDICTED)}
        too_slow: set[str] = set()
        for make in makers.values():  # imports and kernels
            make().fit(X[:40], y[:40]).predict_proba(X[:1])
        for n_rows in args.rows:
            rows = {name: make for name, make in makers.items() if name not in too_slow}
            fits[n_rows] = {name: [] for name in rows}
            for _ in range(args.repeats):
                for name, make in rows.items():
                    if name in too_slow:  # once, then no more
                        continue
                    model = make()
                    fits[n_rows][name].append(seconds(partial(model.fit, X[:n_rows], y[:n_rows])))
                    if fits[n_rows][name][-1] > args.limit:
                        too_slow.add(name)
                    if n_rows == args.predict:
                        answer(model, name, X, answers)
        print(f"\n### {n_columns} columns: CPU seconds of a fit (ratio to {YARDSTICK})\n")
        print_table("rows", fits, list(makers), 1.0)
        if answers[1]:
            after = f"{args.predict:,} rows fitted"
            print(f"\n### {n_columns} columns: milliseconds of a prediction, {after}\n")
            print_table("rows predicted", answers, list(makers), 1e3)


def answer(
    model: Any, name: str, X: np.ndarray, answers: dict[int, dict[str, list[float]]]
) -> None:
    """Time predictions of one row and of many."""
    for n_rows, of_rows in answers.items():
        rows, n_calls = X[:n_rows].copy(), 50 if n_rows == 1 else 3 if n_rows < 10_000 else 1
        model.predict_proba(rows[:1])

        def call(rows: np.ndarray = rows, n_calls: int = n_calls) -> None:
            for _ in range(n_calls):
                model.predict_proba(rows)

        of_rows.setdefault(name, []).append(seconds(call) / n_calls)


def print_table(
    what: str, measured: dict[int, dict[str, list[float]]], names: list[str], unit: float
) -> None:
    """One line for each number of rows; a dash where a model was left out."""
    print(f"| {what} | " + " | ".join(names) + " |\n" + "|---" * (1 + len(names)) + "|")
    for n_rows, by_name in measured.items():
        cells = []
        for name in names:
            found = np.array(by_name.get(name) or [np.nan])
            others = np.array(by_name[YARDSTICK])[: len(found)]
            ratio = np.median(found[: len(others)] / others)
            median = unit * np.median(found)
            cells.append("–" if np.isnan(median) else f"{median:.3g} ({ratio:.2g})")
        print(f"| {n_rows:,} | " + " | ".join(cells) + " |", flush=True)


def measure_growth(args: argparse.Namespace) -> None:
    """Print the cost of a fit with a source along each axis, and the power that it grows with."""
    print("\n### Growth of a fit with a source, CPU seconds\n")
    print("| what grows | sizes | CPU s | power of the last step |\n|---|---|---|---|")
    axes: dict[str, tuple[tuple[int, ...], Callable[[int], Callable[[], Any]]]] = {
        "rows (20 columns)": ((250, 1000, 4000, 16_000, 64_000), lambda n: binary(n, 20)),
        "columns (1,000 rows)": ((10, 20, 40, 80, 160, 320), lambda n: binary(1000, n)),
        "classes (1,000 rows)": ((2, 10, 30, 100), of_classes),
        "outputs (500 rows)": ((1, 10, 30, 100, 300), of_outputs),
        "sources, the best of (500 rows)": ((1, 2, 4, 8), partial(of_sources, "best")),
        "sources, all of (500 rows)": ((1, 2, 4), partial(of_sources, "all")),
    }
    for name, (sizes, prepare) in axes.items():
        times = []
        for size in sizes:
            fit = prepare(size)
            fit()
            times.append(float(np.median([seconds(fit) for _ in range(args.repeats)])))
        power = np.log(times[-1] / times[-2]) / np.log(sizes[-1] / sizes[-2])
        cells = [", ".join(f"{n:,}" for n in sizes), ", ".join(f"{t:.2f}" for t in times)]
        print(f"| {name} | " + " | ".join(cells) + f" | {power:.2f} |", flush=True)


def binary(n_rows: int, n_columns: int) -> Callable[[], Any]:
    """A fit of two classes."""
    X, y, source = table_and_source(n_rows, n_columns)
    return lambda: TransferMLPClassifier(source=source, random_state=0).fit(X, y)


def of_classes(n_classes: int) -> Callable[[], Any]:
    """A fit of many classes, which the source has."""
    rng = np.random.RandomState(0)
    centers = rng.randn(n_classes, 20)
    y = np.arange(6000) % n_classes
    X = (centers[y] + rng.randn(len(y), 20)).astype(np.float32)
    source = TransferMLPClassifier(random_state=0).fit(X[1000:], y[1000:])
    return lambda: TransferMLPClassifier(source=source, random_state=0).fit(X[:1000], y[:1000])


def of_outputs(n_outputs: int) -> Callable[[], Any]:
    """A fit of many numbers, which the source has."""
    rng = np.random.RandomState(0)
    X = rng.randn(5500, 20).astype(np.float32)
    Y = np.tanh(X @ rng.randn(20, n_outputs)) + 0.1 * rng.randn(len(X), n_outputs)
    Y = Y[:, 0] if n_outputs == 1 else Y
    source = TransferMLPRegressor(random_state=0).fit(X[500:], Y[500:])
    return lambda: TransferMLPRegressor(source=source, random_state=0).fit(X[:500], Y[:500])


def of_sources(which: str, n_sources: int) -> Callable[[], Any]:
    """A fit with several sources."""
    X, y, _ = table_and_source(500 + 500 * n_sources, 20)
    parts = (slice(500 * k, 500 * (k + 1)) for k in range(1, n_sources + 1))
    sources = [TransferMLPClassifier(random_state=0).fit(X[part], y[part]) for part in parts]
    strategy = WeightedEnsemble(sources=which)  # type: ignore[arg-type]
    return lambda: TransferMLPClassifier(
        source=sources, strategy=strategy, random_state=0
    ).fit(X[:500], y[:500])  # fmt: skip


def measure_memory(args: argparse.Namespace) -> None:
    """Print the peak of a fit and of a prediction, each model in a process of its own."""
    print("\n### Peak memory of fit / predict beyond that before, MiB (multiple of the table)\n")
    for n_columns in args.columns:
        names = list(contenders(None))
        print(f"\n| rows × {n_columns} | table | " + " | ".join(names) + " |")
        print("|---" * (2 + len(names)) + "|")
        for n_rows in args.rows:
            cells = []
            for name in names:
                command = [sys.executable, __file__, "one", name, str(n_rows), str(n_columns)]
                try:
                    done = subprocess.run(
                        command,
                        check=True,
                        capture_output=True,
                        text=True,
                        timeout=10 * args.limit,
                    )
                except subprocess.TimeoutExpired:
                    cells.append("–")
                    continue
                cells.append(done.stdout.strip().splitlines()[-1])
            size = n_rows * n_columns * 4 / 2**20
            print(f"| {n_rows:,} | {size:.1f} | " + " | ".join(cells) + " |", flush=True)


def one_peak(name: str, n_rows: int, n_columns: int) -> None:
    """Print the peaks of one model: of its fit, and of its prediction of the same rows."""
    X, y, source = table_and_source(n_rows, n_columns)
    make = contenders(source)[name]
    make().fit(X[:40], y[:40]).predict_proba(X[:1])
    model, size, cells = make(), X.nbytes / 2**20, []
    for run in (partial(model.fit, X, y), partial(predict, model, X)):
        before = reset_peak()
        run()
        grown = max(peak() - before, 0.0)
        cells.append(f"{grown:.0f} ({grown / size:.1f})" if size > 1 else f"{grown:.0f}")
    print(" / ".join(cells))


def predict(model: Any, X: np.ndarray) -> None:
    """Predict, and forget the answer."""
    model.predict_proba(X)


def reset_peak() -> float:
    """Start counting the peak from what is there; MiB."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return peak("VmRSS")


def peak(what: str = "VmHWM") -> float:
    """Highest resident size since then, in MiB."""
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(what))
    return int(line.split()[1]) / 2**10


def main() -> None:
    """Measure what is requested, and print it in Markdown."""
    if sys.argv[1:2] == ["one"]:
        warnings.simplefilter("ignore")
        one_peak(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["fit", "growth", "memory"])
    sizes = [20, 100, 1000, 10_000, 50_000, 100_000]
    parser.add_argument("--rows", type=int, nargs="+", default=sizes)
    parser.add_argument("--columns", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--predict", type=int, default=1000, help="rows fitted before")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    print(f"{platform.machine()} {platform.system()}, torch {torch.__version__}, {date.today()}")
    for name, package in NEEDS.items():
        if not is_installed(name):
            print(f"{name} is left out: {package} is not installed.")
    {"fit": measure_fits, "growth": measure_growth, "memory": measure_memory}[args.what](args)


if __name__ == "__main__":
    main()
