"""How long a search takes on Dask with one worker and two, and training under torchrun.

::

    python benchmarks/speed/scaling_out.py --repeats 3

Wall-clock seconds, medians of interleaved repeats; the time to start workers is left out for the
search, and included for torchrun, whose processes begin with a source to fit.  Needs ``[tools]``.
"""

from __future__ import annotations

import argparse
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from dask.distributed import Client
from sklearn.model_selection import GridSearchCV, StratifiedKFold

SCRIPTS = Path(__file__).parents[2] / "examples" / "tools"


def main() -> None:
    """Measure, and print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    script = runpy.run_path(str(SCRIPTS / "search_on_dask.py"), run_name="benchmark")
    estimator, grid, X, y = script["problem"]()
    grid["alpha"] = [0.1, 0.3, 1.0, 3.0]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)

    def serial():
        GridSearchCV(estimator, grid, cv=folds, refit=False).fit(X, y)

    def on_dask():
        script["search"](client, estimator, grid, X, y, folds)

    def torchrun():
        with tempfile.TemporaryDirectory() as folder:
            launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
            name = str(SCRIPTS / "train_on_several_processes.py")
            options = [f"{folder}/model.pkl", "--epochs=100"]
            command = [*launcher, f"--nproc-per-node={n_processes}", name, *options]
            subprocess.run(command, check=True, capture_output=True)

    seconds: dict[str, list[float]] = {}
    for _ in range(repeats):
        timed("search, in this process", serial, seconds)
        for n_workers in (1, 2):
            with Client(
                n_workers=n_workers, threads_per_worker=1, dashboard_address=None
            ) as client:
                client.run(warm_up)
                timed(f"search, Dask, workers: {n_workers}", on_dask, seconds)
        for n_processes in (1, 2):
            timed(f"100 epochs, torchrun, processes: {n_processes}", torchrun, seconds)
    for name, values in seconds.items():
        print(f"{name:36} {median(values):6.1f} s   ({min(values):.1f} to {max(values):.1f})")


def warm_up() -> None:
    """Import what fits need."""
    import sktransfer  # noqa: F401


def timed(name: str, work, seconds: dict[str, list[float]]) -> None:
    """Run, and keep the time under a name."""
    began = time.perf_counter()
    work()
    seconds.setdefault(name, []).append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
