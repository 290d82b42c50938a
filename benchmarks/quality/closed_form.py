"""Score members in closed form alone, without trees or trained networks, on source → target pairs.

    python benchmarks/quality/closed_form.py [--tasks FOLDER] [--cache FOLDER] [--seeds 3]

FOLDER is as of ``transfer_pairs.py``; by default ``$TRANSFER_TASKS`` or ``shared/transfer_tasks``
next to the checkout.  The source's network is fitted once per pair, and kept where `--cache` is
given.  Every candidate is fitted by the functions of ``sktransfer._readouts`` alone: held-out
predictions give the weights of a convex combination, for several sets of candidates.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import log_loss, r2_score, roc_auc_score

sys.path.insert(0, str(Path(__file__).parent))
from transfer_pairs import estimator, load_tasks, normalised

from sktransfer._alignment import match_inputs
from sktransfer._alignment._output_layer import head_units
from sktransfer._fitting._folds import choose_folds
from sktransfer._fitting._weights import mix_losses, mixing_weights
from sktransfer._networks import closed_form_predictions, forward, scaled_columns
from sktransfer._preprocessing import Table, apply_transformer, encode, measure_columns
from sktransfer._readouts._closed_form import Learning, fit_closed_form, fit_source_alone
from sktransfer._readouts._features import draw_landmarks, own_columns
from sktransfer._readouts._parts import linear_part, output_part, rbf_part, tangent_part
from sktransfer._readouts._recalibrate import recalibration_ladder
from sktransfer._readouts._tangent import source_gradients, tangent_directions
from sktransfer._records import TableOptions, TargetSchema
from sktransfer._source_choice import view_source
from sktransfer.sources import describe_source

#: The pairs that constants were chosen on.
OPEN = [
    "heart_cle_hun",
    "digits_new",
    "wine_white_red",
    "adult_male_female",
    "housing_north_south",
    "cars_bmw_audi",
    "bike_reg_casual",
    "diamonds_price_cut",
    "student_por_mat",
    "credit_features",
    "flip_phoneme",
    "unrel_bank_german",
    "unrel_housing_concrete",
]
#: How large a part of a sum is.
SHARES = {"linear": 0.3, "rbf": 1.0, "tangent": 1.0}
#: Prior weights; the source's own prediction has little where a constant is better.
PRIOR = {"source": 3.0, "useless source": 0.3, "tangent": 1.0, "other": 0.6}


@dataclass
class Pair:
    """A source laid upon a target's table."""

    X: np.ndarray
    view: object
    source_inputs: object
    match: object
    source_target: TargetSchema


def read_pair(task, cache: Path | None) -> Pair:
    """Fit the source's network, or take it from the cache."""
    path = cache and cache / f"{task['name']}.pickle"
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    source = estimator(task["kind_source"], random_state=0)
    described = describe_source(source.fit(task["X_source"], task["y_source"]))
    X = task["X_target"].to_numpy(np.float32)
    names = tuple(map(str, task["X_target"].columns))
    view = view_source(described, X, names, TableOptions())
    match = match_inputs(described, view.inputs, "name")
    pair = Pair(apply_transformer(X, view.inputs), view, described.inputs, match, described.target)
    if path:
        cache.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(pair))
    return pair


@dataclass
class Cell:
    """Labelled rows of a pair, and its test rows; arrays are (labelled, test)."""

    target: TargetSchema
    table: Table
    y_test: np.ndarray
    unit: tuple[float, float]
    learning: Learning
    own: np.ndarray
    agrees: bool
    inputs: dict[str, tuple[np.ndarray, np.ndarray]]
    columns: tuple[np.ndarray, np.ndarray]
    outputs: tuple[np.ndarray, np.ndarray]
    chain: tuple


def read_cell(pair: Pair, task, rows: np.ndarray, seed: int) -> Cell:
    """Encode rows as the source's network takes them, and line up what its outputs mean."""
    y, test = task["y_target"], task["test"]
    if task["kind"] == "clf":
        classes, codes = np.unique(y, return_inverse=True)
        many = len(classes) > 2
        indicators = codes[:, None] == np.arange(len(classes)) if many else codes[:, None] == 1
        kind = "multiclass" if many else "binary"
        target = TargetSchema(kind, indicators.shape[1], classes=classes)
        unit, learned, y_test = (0.0, 1.0), indicators[rows].astype(float), codes[test]
        table = Table(np.zeros((len(rows), 1)), indicators[rows], None, None, np.float64)
    else:
        kind, target = "number", TargetSchema("regression", 1, loss="squared_error")
        unit = float(y[rows].mean()), float(y[rows].std()) or 1.0
        learned, y_test = (y[rows, None] - unit[0]) / unit[1], y[test]
        table = Table(np.zeros((len(rows), 1)), y[rows, None], None, None, np.float64)
    view, theirs = pair.view, pair.source_target
    coefs, intercepts = [a.weight for a in view.layers], [a.bias for a in view.layers]
    mixed = measure_columns(
        pair.X[rows], view.inputs, None, pair.source_inputs, pair.match, "mixed", True
    )
    inputs = {
        scaling: tuple(encode(pair.X[part], schema, np.float32) for part in (rows, test))
        for scaling, schema in (("source", view.inputs), ("mixed", mixed))
    }
    n_outputs = len(intercepts[-1])
    units = head_units(np.eye(n_outputs), theirs, target, {}) if task["same_label"] else None
    agrees = units is not None and bool(units[1].all())
    own = np.zeros((n_outputs, target.n_outputs)) if units is None else units[0]
    outputs = tuple(forward(part, coefs, intercepts, view.activation) for part in inputs["source"])
    if agrees and kind == "number":
        outputs = tuple((f * theirs.scale + theirs.center - unit[0]) / unit[1] for f in outputs)
    elif agrees:
        outputs = tuple(f @ own for f in outputs)
    folds = choose_folds(4, table, np.random.RandomState(seed))
    learning = Learning(kind, learned, None, tuple(folds.pairs), outputs[0])
    columns = pair.X[rows], pair.X[test]
    chain = coefs, intercepts, view.activation
    return Cell(
        target, table, y_test, unit, learning, own, agrees, inputs, columns, outputs, chain
    )


def candidates(cell: Cell, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name → predictions for held-out rows and for test rows, of every candidate."""
    learning, found = cell.learning, {}
    offsets = {"": None}
    if cell.agrees:
        ladder = recalibration_ladder(
            cell.outputs[0], learning.y, learning.kind, None, learning.pairs
        )
        found |= {
            f"source {one.rung.name}": _both(cell, fit_source_alone(learning, one), "source")
            for one in ladder
        }
        by_rung = {one.rung.name: one for one in ladder}
        offsets |= {f" on {name}": by_rung[name] for name in ("slope_strong", "slope_weak")}
    columns = own_columns(cell.columns[0])
    z = scaled_columns(columns, cell.columns[0])
    parts = {
        "linear": linear_part(columns, cell.columns[0]),
        "rbf": rbf_part(columns, cell.columns[0], draw_landmarks(z, seed)),
    }
    members = {"linear": ("linear",), "linear+rbf": ("linear", "rbf")}
    for scaling, (inputs, _) in cell.inputs.items():
        directions, direction_of = tangent_directions(cell.own, seed)
        gradients = source_gradients(inputs, *cell.chain, directions)
        parts[f"tangent {scaling}"] = tangent_part(gradients, direction_of)
        members[f"tangent {scaling}"] = (f"tangent {scaling}",)
        members[f"tangent {scaling}+rbf"] = (f"tangent {scaling}", "rbf")
    for name, names in members.items():
        summed = [(parts[part], SHARES[part.split()[0]]) for part in names]
        for offset, fit in zip(
            offsets, fit_closed_form(learning, summed, list(offsets.values())), strict=True
        ):
            scaling = "mixed" if "mixed" in name else "source"
            found[name + offset] = _both(cell, fit, scaling)
    if not cell.agrees:
        (fit,) = fit_closed_form(learning, [(output_part(cell.outputs[0]), 1.0)])
        found["outputs"] = _both(cell, fit, "source")
    return found


def _both(cell: Cell, fit, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    on_test = closed_form_predictions(
        fit.model(),
        cell.inputs[scaling][1],
        *cell.chain,
        columns=cell.columns[1],
        outputs=cell.outputs[1],
    )
    center, scale = cell.unit
    return fit.held_out * scale + center, on_test * scale + center


def _is_plain(name: str) -> bool:
    """Whether a candidate starts from nothing, or is the source with slope and intercept."""
    return "slope" in name if name.startswith("source") else " on " not in name


#: Candidates of a mixture, by their names.
SETS: dict[str, Callable[[str], bool]] = {
    "as the prototype": lambda name: _is_plain(name) or " on " in name,
    "without offsets": _is_plain,
    "two tangents": lambda name: (
        _is_plain(name) and name not in ("tangent source", "tangent mixed+rbf")
    ),
    "no tangent": lambda name: _is_plain(name) and "tangent" not in name,
    "the source alone": lambda name: name.startswith(("source", "outputs")),
}


def mix(cell: Cell, found, uses: Callable[[str], bool]):
    """Test predictions of the convex combination of some candidates."""
    names = [name for name in found if uses(name)]
    folds = np.concatenate([test for _, test in cell.learning.pairs])
    table = cell.table.rows(folds)
    y = table.y.astype(float)
    constant = ((y.sum(axis=0) - y) / (len(y) - 1))[..., None]
    worst = mix_losses(constant, table, cell.target).mean()

    def prior(name: str) -> float:
        if not name.startswith("source"):
            return PRIOR["tangent" if name.startswith("tangent") else "other"]
        loss = mix_losses(found[name][0][..., None], table, cell.target).mean()
        return PRIOR["source" if loss < worst else "useless source"]

    held_out = np.stack([found[name][0] for name in names], axis=-1)
    weights, _ = mixing_weights(
        held_out, table, cell.target, np.array([prior(name) for name in names])
    )
    return np.stack([found[name][1] for name in names], axis=-1) @ weights


def score(cell: Cell, predicted: np.ndarray) -> dict[str, float]:
    """AUC and log loss, or R²."""
    if cell.learning.kind == "number":
        return {"r2": r2_score(cell.y_test, predicted[:, 0])}
    if cell.learning.kind == "binary":
        p = np.hstack([1 - predicted, predicted])
        auc = roc_auc_score(cell.y_test, predicted[:, 0])
    else:
        p = predicted / predicted.sum(axis=1, keepdims=True)
        auc = roc_auc_score(cell.y_test, p, multi_class="ovr", labels=np.arange(p.shape[1]))
    loss = log_loss(cell.y_test, p.clip(1e-9, 1), labels=np.arange(p.shape[1]))
    return {"auc": auc, "logloss": loss}


def report(results: dict, sizes, ceilings) -> None:
    """Mean normalised score of every set, the open pairs and the newer ones each by themselves."""
    print(f"{'':<20}" + "".join(f"{n:>7}" for n in sizes) + "   newer" + f"{'log loss':>20}")
    for name in dict.fromkeys(key[0] for key in results):
        line = f"{name:<20}"
        for is_open in (True, False):
            for n in sizes:
                of_pair: dict[str, list[float]] = {}
                for (what, pair, size, _), scores in results.items():
                    if what == name and size == n and (pair in OPEN) == is_open:
                        of_pair.setdefault(pair, []).append(normalised(scores, ceilings[pair]))
                means = [np.mean(values) for values in of_pair.values()]
                line += f"{np.mean(means):7.3f}" if means else f"{'–':>7}"
            line += "  |"
        for n in sizes:
            losses = [
                s["logloss"] for k, s in results.items() if k[::2] == (name, n) and "logloss" in s
            ]
            line += f"{np.mean(losses):7.3f}" if losses else f"{'–':>7}"
        print(line)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "transfer_tasks"
    default = Path(os.environ.get("TRANSFER_TASKS", beside))
    parser.add_argument("--tasks", type=Path, default=default, help="folder of pairs")
    parser.add_argument("--cache", type=Path, help="folder to keep the sources' networks in")
    parser.add_argument("--pairs", nargs="+")
    parser.add_argument("--sizes", nargs="+", type=int, default=[20, 100, 500])
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    tasks = load_tasks(args.tasks)
    ceilings = json.loads((args.tasks / "ceilings.json").read_text())
    results, seconds = {}, {n: [] for n in args.sizes}
    for name in args.pairs or tasks.names():
        task = tasks.load(name)
        pair = read_pair(task, args.cache)
        for n in args.sizes:
            if n > len(task["train_pool"]):
                continue
            for seed in range(args.seeds):
                cell = read_cell(pair, task, tasks.few_shot(task, n, seed), seed)
                began = time.process_time()
                found = candidates(cell, seed)
                seconds[n].append(time.process_time() - began)
                for label, uses in SETS.items():
                    if any(map(uses, found)):
                        results[label, name, n, seed] = score(cell, mix(cell, found, uses))
    report(results, args.sizes, ceilings)
    for n, spent in seconds.items():
        print(f"{n} rows: {np.median(spent):.2f} CPU s for all candidates (median)")


if __name__ == "__main__":
    main()
