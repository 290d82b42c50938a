"""CPU time and memory of new processes: imports, the first fit, a saved model's first answer.

    taskset -c 0 python benchmarks/speed/starting.py

Medians over processes that take turns.  A first fit cannot be quicker than importing torch and
scikit-learn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

# nothing heavy: the peak of this process is counted to those that it starts
DATA = """
import warnings; warnings.simplefilter("ignore")
import numpy as np
X = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32); y = X[:, 0] > 0
"""
PROGRAMS = {
    "import sktransfer": "import sktransfer",
    "import torch": "import torch",
    "import torch, sklearn.neural_network": "import torch, sklearn.neural_network",
    "a saved model's first answer": "import sktransfer\n"
    + DATA
    + "import sys; sktransfer.load(sys.argv[1]).predict(X)",
    "first fit": "from sktransfer import TransferMLPClassifier\n"
    + DATA
    + "TransferMLPClassifier(max_iter=5).fit(X, y)",
    "scikit-learn, first fit": "from sklearn.neural_network import MLPClassifier\n"
    + DATA
    + "MLPClassifier(max_iter=5).fit(X, y)",
    "skorch, first fit": "import torch\nfrom skorch import NeuralNetBinaryClassifier\n"
    + DATA
    + "net = torch.nn.Sequential(\n"
    "    torch.nn.Linear(5, 100), torch.nn.ReLU(), torch.nn.Linear(100, 1))\n"
    "NeuralNetBinaryClassifier(net, max_epochs=5, verbose=0, train_split=None,\n"
    "    optimizer=torch.optim.Adam).fit(X, y.astype(np.float32))",
}


SAVE = (
    "import sys\nfrom sktransfer import TransferMLPClassifier\n"
    + DATA
    + "TransferMLPClassifier(max_iter=5).fit(X, y).save(sys.argv[1])"
)


def cost(program: str, saved: str) -> tuple[float, float]:
    """CPU seconds and MiB of a process that runs `program`."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, "-c", program, saved], env=env)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {program}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def main() -> None:
    """Print a line per program."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as folder:
        saved = str(Path(folder) / "model")
        cost(SAVE, saved)
        for _ in range(args.repeats):
            for name, program in PROGRAMS.items():
                found[name].append(cost(program, saved))
    print("| | CPU s | MiB |\n|---|---|---|")
    for name, costs in found.items():
        seconds, size = map(median, zip(*costs, strict=True))
        print(f"| {name} | {seconds:.2f} | {size:.0f} |")


if __name__ == "__main__":
    main()
