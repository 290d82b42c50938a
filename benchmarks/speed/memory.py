"""Peak memory of a fit, as a multiple of the table it is given.

    python benchmarks/speed/memory.py --rows 1000000 --columns 100

The table counts as one; it is made before measuring begins, and what the interpreter and its
packages take is left out.
"""

from __future__ import annotations

import argparse
import resource
import warnings

import numpy as np

from sktransfer import TransferMLPClassifier


def peak_bytes() -> int:
    """Highest resident size of this process so far (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Fit once and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--standardize", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    model = TransferMLPClassifier(
        (64,),
        standardize=args.standardize,
        max_iter=1,
        batch_size=1024,
        random_state=0,
    )
    rng = np.random.default_rng(0)
    small = rng.normal(size=(2048, args.columns)).astype(np.float32)
    model.fit(small, small[:, 0] > 0)  # packages, kernels, buffers
    before = peak_bytes()
    X = rng.standard_normal((args.rows, args.columns), dtype=np.float32)
    y = X[:, 0] > 0
    model.fit(X, y)
    ratio = (peak_bytes() - before) / X.nbytes
    print(
        f"{args.rows:,} × {args.columns} float32, {X.nbytes / 1e6:.0f} MB: peak of the table and "
        f"the fit {ratio:.2f} × the table (standardize={args.standardize})"
    )


if __name__ == "__main__":
    main()
