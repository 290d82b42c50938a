"""Wall time of a fit on a device beside the CPU, for networks of several sizes.

    python benchmarks/speed/device.py --device cuda

Rounds are interleaved.  The first fit on the device, which loads its libraries, is not counted.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from sktransfer import TransferMLPClassifier
from sktransfer._training._device import LARGE_STEP


def seconds(hidden: tuple[int, ...], batch_size: int, device: str, X, y) -> float:
    """Wall time of a fit of thirty steps."""
    n_epochs = max(1, 30 * batch_size // len(X))
    model = TransferMLPClassifier(
        hidden_layer_sizes=hidden, batch_size=batch_size, max_iter=n_epochs, random_state=0,
        numeric_embedding=None, device=device,
    )  # fmt: skip
    began = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - began


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    rng = np.random.default_rng(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {options.device}")
    if options.device.startswith("cuda"):
        print(torch.cuda.get_device_name(options.device))
    print(f"hidden            batch  GFLOP a step  CPU s   device s  CPU / device  ('auto' from "
          f"{LARGE_STEP / 1e9:g} GFLOP)")  # fmt: skip
    for hidden in ((64,), (256, 256), (512,) * 3, (1024,) * 3):
        for batch_size in (128, 1024, 4096):
            X = rng.standard_normal((max(10_000, 3 * batch_size), 100)).astype(np.float32)
            y = (X[:, 0] > 0).astype(int)
            seconds(hidden, batch_size, options.device, X, y)
            rounds = [
                [seconds(hidden, batch_size, device, X, y) for device in ("cpu", options.device)]
                for _ in range(options.repeats)
            ]
            cpu, there = np.median(rounds, axis=0)
            weights = sum(a * b + b for a, b in zip((100, *hidden), (*hidden, 1), strict=True))
            work = 6e-9 * batch_size * weights
            print(f"{hidden!s:17} {batch_size:5} {work:13.2f} {cpu:6.2f} {there:10.2f} "
                  f"{cpu / there:13.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
