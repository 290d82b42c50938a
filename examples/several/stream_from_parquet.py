"""
A table larger than memory
==========================

Trains on a Parquet file a chunk at a time::

    python examples/several/stream_from_parquet.py
    python examples/several/stream_from_parquet.py --rows 10000000

Writes a Parquet file of made-up rows, then streams it through ``partial_fit``: whatever the number
of rows, only one chunk is in memory.  Needs pyarrow.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sktransfer import TransferMLPClassifier

COLUMNS = [f"x{i}" for i in range(10)]
CHUNK_ROWS = 50_000


def made_up(n_rows: int, seed: int) -> dict[str, np.ndarray]:
    """Columns of a table with a label that depends on three of them."""
    rng = np.random.default_rng(seed)
    table = {name: rng.standard_normal(n_rows, dtype=np.float32) for name in COLUMNS}
    label = table["x0"] + table["x1"] * table["x2"] + 0.3 * rng.normal(size=n_rows) > 0
    return table | {"label": label}


def write(path: Path, n_rows: int) -> None:
    """A Parquet file, written as it will be read: a chunk at a time."""
    writer = None
    for at in range(0, n_rows, CHUNK_ROWS):
        chunk = pa.table(made_up(min(CHUNK_ROWS, n_rows - at), seed=at))
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


def main() -> None:
    """Write, stream, score."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    args = parser.parse_args()
    model = TransferMLPClassifier((64,), batch_size=512, random_state=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        write(path, args.rows)
        print(f"{args.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB on disk")
        began, n_seen = time.perf_counter(), 0
        for number, (X, y) in enumerate(chunks(path)):
            model.partial_fit(X, y, classes=[False, True])
            n_seen += len(y)
            if number in (1, 10) or n_seen == args.rows:
                print(f"{n_seen:>12,} rows seen, peak memory {peak_megabytes():.0f} MB")
        print(f"streamed in {time.perf_counter() - began:.1f} s")
    held_out = made_up(20_000, seed=1)
    X = np.column_stack([held_out[name] for name in COLUMNS])
    print(f"accuracy on rows never seen: {model.score(X, held_out['label']):.3f}")


if __name__ == "__main__":
    main()
