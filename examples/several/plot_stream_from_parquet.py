"""
A table larger than memory
==========================

Writes a Parquet file of simulated rows, then trains on it a chunk at a time with ``partial_fit``.
Whatever the number of rows, only one chunk is in memory.  Needs pyarrow.  As a script it takes any
number of rows::

    python examples/several/plot_stream_from_parquet.py --rows 10000000
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sktransfer import TransferMLPClassifier

COLUMNS = [f"x{i}" for i in range(10)]
CHUNK_ROWS = 20_000


def simulated(n_rows: int, seed: int) -> dict[str, np.ndarray]:
    """Columns of a table with a label that depends on three of them."""
    rng = np.random.default_rng(seed)
    table = {name: rng.standard_normal(n_rows, dtype=np.float32) for name in COLUMNS}
    label = table["x0"] + table["x1"] * table["x2"] + 0.3 * rng.normal(size=n_rows) > 0
    return table | {"label": label}


def write(path: Path, n_rows: int) -> None:
    """A Parquet file, written as it will be read: a chunk at a time."""
    writer = None
    for at in range(0, n_rows, CHUNK_ROWS):
        chunk = pa.table(simulated(min(CHUNK_ROWS, n_rows - at), seed=at))
        writer = writer or pq.ParquetWriter(path, chunk.schema)
        writer.write_table(chunk)
    writer.close()


def chunks(path: Path):
    """X and y of one chunk after the other.

    Without these two settings pyarrow reads ahead, and its memory grows with the file.
    """
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=CHUNK_ROWS, use_threads=False):
            X = np.column_stack([batch.column(name).to_numpy() for name in COLUMNS])
            yield X, batch.column("label").to_numpy(zero_copy_only=False)


def peak_megabytes() -> float:
    """Highest memory of this process so far (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# %%
# A chunk is seen once, and the accuracy on other rows is measured after each.


def main() -> None:
    """Write, stream, score."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    args = parser.parse_args()
    held_out = simulated(20_000, seed=1)
    X_test = np.column_stack([held_out[name] for name in COLUMNS])
    model = TransferMLPClassifier((64,), batch_size=512, random_state=0)
    seen, accuracies, began = [0], [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        write(path, args.rows)
        print(f"{args.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB on disk")
        for X, y in chunks(path):
            model.partial_fit(X, y, classes=[False, True])
            seen.append(seen[-1] + len(y))
            accuracies.append(model.score(X_test, held_out["label"]))
            if len(accuracies) == 1 or seen[-1] == args.rows:
                print(f"{seen[-1]:>12,} rows seen, peak memory {peak_megabytes():.0f} MB")
    print(f"in {time.perf_counter() - began:.1f} s")

    _, ax = plt.subplots(layout="constrained")
    ax.plot(np.array(seen[1:]) / 1000, accuracies, "o-")
    ax.set(xlabel="thousand rows seen", ylabel="accuracy on 20,000 other rows")
    plt.show()


if __name__ == "__main__":
    main()
