"""How columns enter one network, and what else was tried: on tables of mixed columns.

    python benchmarks/quality/input_encodings.py [--tasks FOLDER] [--files titanic mpg …]

Tables are those of ``csv_files.py`` that are installed, and with FOLDER, see
``transfer_pairs.py``, the source tables of its pairs; at most 3,000 rows of each, four splits of
70 % and 30 %.  Columns become inputs as the package makes them; each variant changes one thing,
and the networks of one table are trained side by side, as the package trains them, in torch, on a
GPU where there is one.

The gain is the difference of AUC (one against the rest) or R² over what the table lets one learn
(the score of the plain network over a constant's); log loss and the error relative to the variance
are differences.  ``input_encodings.md`` holds the last results.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import csv_files
import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import QuantileTransformer

from sktransfer._preprocessing._encode import with_missing_indicators
from sktransfer._preprocessing._inputs import choose_inputs
from sktransfer._preprocessing._mean_std import center_and_scale, mean_and_scale

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
N_SPLITS, MOST_ROWS, BATCH = 4, 3000, 128


@dataclass(frozen=True)
class Variant:
    """What differs from the plain network."""

    few_rows: float = 1000.0  # divisor of indicators, see docs/design/tables.md; 0: deviation
    floor: int = 0  # levels of fewer rows have no indicator
    robust: bool = True
    quantile: float = 0.0  # share of the quantile-normal value in a number
    quantile_column: bool = False
    target_means: bool = False
    fourier: tuple[tuple[float, int], ...] | None = None  # (spread, number) of frequencies
    activation: str = "relu"
    input_scaling: float = 0.0  # learning rate of a factor for each input
    first_layer: float = 1.0  # factor on its learning rate
    learning_rate: float = 0.001
    epochs: float = 1.0
    width: int = 256
    dropout: float = 0.0
    rows: int = 0  # of the training rows; 0: all


VARIANTS = {
    "plain": Variant(),
    "standard deviation of indicators": Variant(few_rows=0),
    "few_rows 200": Variant(few_rows=200),
    "indicators at 0 and 1": Variant(few_rows=1e9),
    "levels of 3 rows": Variant(floor=3),
    "levels of 10 rows": Variant(floor=10),
    "mean and deviation": Variant(robust=False),
    "quarter quantile": Variant(quantile=0.25),
    "half quantile": Variant(quantile=0.5),
    "quantile": Variant(quantile=1.0),
    "quantile next to": Variant(quantile_column=True),
    "target means": Variant(target_means=True),
    "no Fourier": Variant(fourier=()),
    "8 frequencies": Variant(fourier=((0.15, 8),)),
    "GELU": Variant(activation="gelu"),
    "SELU": Variant(activation="selu"),
    "Mish": Variant(activation="mish"),
    "scaling layer": Variant(input_scaling=6.0),
    "first layer x3": Variant(first_layer=3.0),
    "first layer x3, 300 rows": Variant(first_layer=3.0, rows=300),
    "plain, 300 rows": Variant(rows=300),
    "twice the epochs": Variant(epochs=2.0),
    "dropout .15": Variant(dropout=0.15),
    "width 512": Variant(width=512),
}


class Inputs(NamedTuple):
    """A table in numbers: encoded columns, which of them are what, and codes of categories."""

    encoded: np.ndarray
    numbers: np.ndarray
    frequencies: np.ndarray
    are_indicators: np.ndarray
    codes: np.ndarray


def tables(
    files: list[str], folder: str | None
) -> Iterator[tuple[str, pd.DataFrame, np.ndarray, bool]]:
    """Name, columns, target and whether it is a label."""
    for name in files:
        file = csv_files.FILES[name]
        try:
            X, y = csv_files.read(file, MOST_ROWS)
        except (ImportError, AttributeError, FileNotFoundError):
            continue
        yield name, X, y.to_numpy(), file.is_label
    if folder is not None:
        from transfer_pairs import load_tasks

        tasks = load_tasks(folder)
        for name in tasks.names():
            pair = tasks.load(name, raw=True)
            rows = np.random.RandomState(0).permutation(len(pair["y_source"]))[:MOST_ROWS]
            X = pair["X_source"].iloc[rows].reset_index(drop=True)
            yield name, X, np.asarray(pair["y_source"])[rows], pair["kind_source"] == "clf"


def encoded(X: pd.DataFrame) -> Inputs:
    """As the package encodes a table; statistics of X alone are those of all its rows."""
    mixed = any(not pd.api.types.is_numeric_dtype(X[name]) for name in X)
    columns, Z = choose_inputs(
        X if mixed else X.to_numpy(float), tuple(X), None, None, "name", True, "auto", True
    )
    Z = np.asarray(with_missing_indicators(np.asarray(Z, float), columns))
    kinds = [type(c).__name__ for c in getattr(columns.transformer, "columns", ())]
    levels = [
        X[name].astype("category").cat.codes.to_numpy()
        for name, kind in zip(X, kinds, strict=False)
        if kind == "CategoricalColumn" and X[name].nunique() > 2
    ]
    codes = np.stack(levels, axis=1) if levels else np.zeros((len(X), 0), int)
    numbers = np.array([i for i, _ in columns.fourier], int)
    frequencies = np.array([f for _, f in columns.fourier], float).reshape(len(numbers), -1)
    ones = np.array([set(np.unique(z[~np.isnan(z)])) <= {0.0, 1.0} for z in Z.T])
    return Inputs(Z, numbers, frequencies, ones, codes)


def standardised(inputs: Inputs, how: Variant, n_rows: int) -> np.ndarray:
    """The network's inputs but for target means."""
    Z = inputs.encoded
    center, scale = (center_and_scale if how.robust else mean_and_scale)(Z, None)
    ones = inputs.are_indicators
    share = np.nanmean(Z[:, ones], axis=0) if ones.any() else np.zeros(0)
    center[ones], deviation = share, np.sqrt(np.maximum(share * (1 - share), 1e-12))
    rare = np.minimum(share, 1 - share) * n_rows
    scale[ones] = np.maximum(deviation, how.few_rows / (how.few_rows + rare + 1e-12))
    z = np.clip((Z - center) / scale, -1e6, 1e6)
    z = np.nan_to_num(z / np.sqrt(1 + (z / 4) ** 2))
    z[:, np.flatnonzero(ones)[share * n_rows < how.floor]] = 0
    numbers = inputs.numbers
    normal = [_normal_by_quantiles(Z[:, i]) for i in numbers]
    normal = np.stack(normal, axis=1) if normal else np.zeros((len(Z), 0))
    z[:, numbers] = how.quantile * normal + (1 - how.quantile) * z[:, numbers]
    parts = [z, normal] if how.quantile_column else [z]
    frequencies = inputs.frequencies
    if how.fourier is not None:
        rng = np.random.RandomState(0)
        drawn = [rng.normal(0, spread, (len(numbers), n)) for spread, n in how.fourier]
        frequencies = np.hstack(drawn) if drawn else np.zeros((len(numbers), 0))
    angle = 2 * np.pi * z[:, numbers, None] * frequencies
    parts += [0.7 * np.cos(angle).reshape(len(z), -1), 0.7 * np.sin(angle).reshape(len(z), -1)]
    return np.hstack(parts)


def _normal_by_quantiles(column: np.ndarray) -> np.ndarray:
    transformer = QuantileTransformer(n_quantiles=100, output_distribution="normal")
    values = transformer.fit_transform(column[:, None])[:, 0]
    return np.nan_to_num(np.clip(values, -3.5, 3.5))


def target_means(codes: np.ndarray, T: np.ndarray, train: np.ndarray, test: np.ndarray):
    """Means of the target per level, shrunk by empirical Bayes, of other folds' rows."""
    out = np.zeros((len(T), codes.shape[1], T.shape[1]))
    for at, code in enumerate(codes.T):
        out[test, at] = _means(code + 1, T, train)[code[test] + 1]
        for rest, own in KFold(5, shuffle=True, random_state=0).split(train):
            rows = train[own]
            out[rows, at] = _means(code + 1, T, train[rest])[code[rows] + 1]
    return out.reshape(len(T), -1) / (np.tile(T[train].std(axis=0), codes.shape[1]) + 1e-12)


def _means(code: np.ndarray, T: np.ndarray, rows: np.ndarray) -> np.ndarray:
    n_levels, t = code.max() + 1, T[rows] - T[rows].mean(axis=0)
    n = np.bincount(code[rows], minlength=n_levels)[:, None].astype(float)
    total = np.zeros((n_levels, T.shape[1]))
    np.add.at(total, code[rows], t)
    mean, seen = total / np.maximum(n, 1), max(int((n > 0).sum()), 2)
    between = (n * mean**2).sum(axis=0)
    noise = ((t**2).sum(axis=0) - between) / max(len(rows) - seen, 1)
    each = (len(rows) - (n**2).sum() / len(rows)) / (seen - 1)
    spread = np.maximum((between / (seen - 1) - noise) / each, 0)
    return n * spread / (n * spread + noise + 1e-12) * mean


@dataclass
class Networks:
    """Networks of two hidden layers, one for each split, trained side by side."""

    X: torch.Tensor
    y: torch.Tensor
    is_label: bool
    how: Variant
    decay: float
    parameters: list[torch.Tensor] = field(default_factory=list)

    def predict(self, X: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Linear outputs of shape (n_splits, n_rows, n_outputs)."""
        *layers, factors = self.parameters
        X, activation = X * factors, getattr(torch.nn.functional, self.how.activation)
        for at in range(0, len(layers), 2):
            X = torch.baddbmm(layers[at + 1], X, layers[at])
            if at < len(layers) - 2:
                X = torch.nn.functional.dropout(activation(X), self.how.dropout, training)
        return X

    def fit(self) -> Networks:
        """Adam, an L2 penalty, and a cosine schedule with a warm-up, as the package has them."""
        n_splits, n, n_inputs = self.X.shape
        generator = torch.Generator().manual_seed(0)
        sizes = [n_inputs, self.how.width, self.how.width, self.y.shape[2]]
        for i, o in pairwise(sizes):
            for shape in ((n_splits, i, o), (n_splits, 1, o)):
                drawn = 2 * torch.rand(shape, generator=generator) - 1
                self.parameters.append((math.sqrt(6 / (i + o)) * drawn).to(DEVICE))
        self.parameters.append(torch.ones(n_splits, 1, n_inputs, device=DEVICE))
        for parameter in self.parameters:
            parameter.requires_grad_()
        n_batches = -(-n // BATCH)
        wanted = np.clip(30 * n_batches, 200, 1200) * self.how.epochs
        epochs, size = max(1, round(wanted / n_batches)), n // n_batches
        steps, memory = epochs * n_batches, [[0 * p, 0 * p] for p in self.parameters]
        for step in range(steps):
            if step % n_batches == 0:
                order = [torch.randperm(n, generator=generator) for _ in range(n_splits)]
                order = torch.stack(order).to(DEVICE)
            at = size * (step % n_batches)
            rows = order[:, at : at + size, None]
            X = self.X.gather(1, rows.expand(-1, -1, n_inputs))
            y = self.y.gather(1, rows.expand(-1, -1, self.y.shape[2]))
            loss = self._loss(self.predict(X, training=True), y).mean(dim=1).sum()
            rate = (
                min(1, (step + 1) / max(1, steps // 20)) * 0.5 * (1 + np.cos(np.pi * step / steps))
            )
            self._move(torch.autograd.grad(loss, self.parameters), memory, rate, step + 1, size)
        return self

    def _loss(self, out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if not self.is_label:
            return 0.5 * ((out - y) ** 2).sum(dim=2)
        if out.shape[2] == 1:
            loss = torch.nn.functional.binary_cross_entropy_with_logits
            return loss(out, y, reduction="none").sum(dim=2)
        return -(torch.log_softmax(out, dim=2) * y).sum(dim=2)

    @torch.no_grad()
    def _move(self, gradients, memory, rate: float, t: int, n_rows: int) -> None:
        correction = math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for at, (p, g, (m, v)) in enumerate(zip(self.parameters, gradients, memory, strict=True)):
            is_factor = at == len(memory) - 1
            if at % 2 == 0 and not is_factor:
                g = g + self.decay / n_rows * p
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            factor = self.how.first_layer if at < 2 else 1.0
            factor = self.how.input_scaling if is_factor else factor
            step = self.how.learning_rate * factor * rate * correction
            p.sub_(step * m / (v.sqrt() + 1e-8))


def scores(inputs: Inputs, y: np.ndarray, is_label: bool, how: Variant) -> np.ndarray:
    """AUC or R², and log loss or relative error, of each split."""
    T = np.eye(int(y.max()) + 1)[y] if is_label else y[:, None].astype(float)
    T = T[:, 1:] if is_label and T.shape[1] == 2 else T
    parts: list[tuple[np.ndarray, ...]] = []
    for seed in range(N_SPLITS):
        stratify = y if is_label else None
        train, test = train_test_split(
            np.arange(len(y)), test_size=0.3, random_state=seed, stratify=stratify
        )
        train = train[: how.rows or None]
        X = standardised(inputs, how, len(train))
        if how.target_means:
            X = np.hstack([X, target_means(inputs.codes, T[:, :5], train, test)])
        center, scale = (0, 1) if is_label else (T[train].mean(), T[train].std())
        parts.append((X[train], (T[train] - center) / scale, X[test], (T[test] - center) / scale))
    X, t, X_test, t_test = (
        torch.tensor(np.stack(p), dtype=torch.float32, device=DEVICE)
        for p in zip(*parts, strict=True)
    )
    decay = 1.0
    if is_label:
        share = np.append(T.mean(axis=0), 1 - T.mean() if T.shape[1] == 1 else [])
        decay = float(np.clip(-(share * np.log2(share)).sum(), 0.05, 1))
    networks = Networks(X, t, is_label, how, decay).fit()
    with torch.no_grad():
        out = networks.predict(X_test)
        losses = networks._loss(out, t_test).mean(dim=1).cpu().numpy()
    out, t_test = out.cpu().numpy(), t_test.cpu().numpy()
    if is_label:
        columns = range(t_test.shape[2])
        auc = [
            np.mean([roc_auc_score(a[:, k], b[:, k]) for k in columns])
            for a, b in zip(t_test, out, strict=True)
        ]
        return np.stack([auc, losses], axis=1)
    errors = 2 * losses / t_test.var(axis=1)[:, 0]
    return np.stack([1 - errors, errors], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", help="a folder of pairs of tables")
    parser.add_argument(
        "--files", nargs="+", choices=csv_files.FILES, default=list(csv_files.FILES)
    )
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    found = []
    for name, X, y, is_label in tables(args.files, args.tasks):
        if is_label:
            y = np.unique(y, return_inverse=True)[1]
        inputs = encoded(X)
        plain = scores(inputs, y, is_label, VARIANTS["plain"]).mean(axis=0)
        room = max(plain[0] - (0.5 if is_label else 0.0), 0.05)
        for variant in args.variants:
            own = scores(inputs, y, is_label, VARIANTS[variant]).mean(axis=0)
            change = {"gain": (own[0] - plain[0]) / room, "loss": own[1] - plain[1]}
            found.append({"table": name, "variant": variant, "label": is_label} | change)
            print(f"{name:24s} {variant:34s} {own[0]:.4f} {own[1]:.4f}", flush=True)
    results = pd.DataFrame(found)
    mean = results.groupby("variant", sort=False).agg(
        gain=("gain", "mean"), better=("gain", lambda gain: int((gain > 1e-4).sum()))
    )
    losses = results.pivot_table(index="variant", columns="label", values="loss", sort=False)
    print(
        mean.join(losses.rename(columns={True: "log loss", False: "error"})).round(4).to_string()
    )


if __name__ == "__main__":
    main()
