"""Wall time of a fit on a device and on the CPU, for networks of several sizes.

    python benchmarks/speed/device.py --device cuda

The first table has thirty steps of one network, the second whole fits with the default
parameters, without a source and with one.  Rounds are interleaved.  The first fit on the device,
which loads its libraries, is timed alone and not counted in the tables.
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


def default_seconds(source, device: str, X, y) -> float:
    """Wall time of a fit with the default parameters."""
    model = TransferMLPClassifier(source=source, random_state=0, device=device)
    began = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - began


def whole_fits(device: str, repeats: int, rng: np.random.Generator) -> None:
    """Print the second table."""
    print("\nwhole fits, defaults   columns    rows  CPU s   device s  CPU / device")
    for n_columns in (20, 100):
        X = rng.standard_normal((50_000, n_columns)).astype(np.float32)
        y = (X[:, 0] * X[:, 1] + X[:, 2] > 0).astype(int)
        old = TransferMLPClassifier(random_state=0, device=device).fit(X[:5000], y[:5000])
        for name, source, sizes in (
            ("without a source", None, (1000, 10_000, 50_000)),
            ("with a source", old, (100, 1000, 10_000)),
        ):
            for n in sizes:
                rounds = [
                    [default_seconds(source, where, X[:n], y[:n]) for where in ("cpu", device)]
                    for _ in range(repeats)
                ]
                cpu, there = np.median(rounds, axis=0)
                print(f"{name:22} {n_columns:7} {n:7} {cpu:6.2f} {there:10.2f} "
                      f"{cpu / there:13.2f}", flush=True)  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, help="threads of torch on the CPU")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    if options.threads:
        torch.set_num_threads(options.threads)
    rng = np.random.default_rng(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {options.device}")
    if options.device.startswith("cuda"):
        print(torch.cuda.get_device_name(options.device))
    X = rng.standard_normal((1000, 20)).astype(np.float32)
    first = default_seconds(None, options.device, X, (X[:, 0] > 0).astype(int))
    print(f"first fit on the device: {first:.1f} s, with the start of its libraries")
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
    whole_fits(options.device, max(1, options.repeats // 2), rng)


if __name__ == "__main__":
    main()
