"""A stream whose columns drift, start with few rows, jump or grow: accuracy on the next chunk.

    python benchmarks/reliability/streams.py --chunks 10000 --kind drift

Each chunk is predicted before it is learned from.  For comparison there is scikit-learn's
`MLPClassifier`, on the columns as they are and behind a `StandardScaler` that is fitted chunk by
chunk.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier

KINDS = ("drift", "still", "jump", "grow")


class Scaled:
    """A network behind a scaler, both of which learn chunk by chunk."""

    def __init__(self) -> None:
        self.scaler, self.network = StandardScaler(), MLPClassifier(random_state=0)

    def partial_fit(self, X, y, classes=None):
        self.network.partial_fit(self.scaler.partial_fit(X).transform(X), y, classes=classes)

    def predict(self, X):
        return self.network.predict(self.scaler.transform(X))


MODELS = {
    "sktransfer": lambda: TransferMLPClassifier(random_state=0),
    "StandardScaler, MLPClassifier": Scaled,
    "MLPClassifier": lambda: MLPClassifier(random_state=0),
}


def chunks(kind: str, n_chunks: int, n_rows: int, n_first: int) -> Iterator[tuple]:
    """Chunks of eight columns whose means move by 20 standard deviations, or that grow."""
    rng = np.random.default_rng(1)
    slope, wave = rng.normal(size=8), rng.normal(size=8)
    for number in range(n_chunks):
        part = number / n_chunks
        Z = rng.normal(size=(n_first if number == 0 else n_rows, 8))
        y = (Z @ slope + 0.8 * (Z @ wave) * np.sin(2 * Z[:, 0]) > 0).astype(int)
        mean = {"drift": 20 * part, "jump": 20 * (part >= 0.5)}.get(kind, 0.0)
        yield Z * (100**part if kind == "grow" else 1) + mean, y


def accuracies(model, stream: Iterator[tuple]) -> np.ndarray:
    """Share of each chunk but the first that was predicted right."""
    model.partial_fit(*next(stream), classes=[0, 1])
    found = []
    for X, y in stream:
        found.append((model.predict(X) == y).mean())
        model.partial_fit(X, y)
    return np.array(found)


def main() -> None:
    """Print the accuracy in each fifth of the stream."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chunks", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--first", type=int, default=32, help="rows of the first chunk")
    parser.add_argument("--kind", choices=KINDS, default="drift")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    for name, make in MODELS.items():
        began = time.monotonic()
        found = accuracies(make(), chunks(args.kind, args.chunks, args.rows, args.first))
        fifths = [float(part.mean()) for part in np.array_split(found, 5)]
        taken = time.monotonic() - began
        print(f"{name:<30}", *(f"{share:.3f}" for share in fifths), f"{taken:.0f} s", flush=True)


if __name__ == "__main__":
    main()
