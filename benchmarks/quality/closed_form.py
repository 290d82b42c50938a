"""Score members in closed form alone, without trees or trained networks, on source → target pairs.

    python benchmarks/quality/closed_form.py --tasks FOLDER [--cache FOLDER] [--seeds 3]

FOLDER is as of ``transfer_pairs.py``.  The source's network is fitted once per pair, and kept
where `--cache` is given.  Every candidate is fitted by the functions of ``sktransfer._readouts``
alone: held-out predictions give the weights of a convex combination, for several sets of
candidates.
"""

from __future__ import annotations

import argparse
import json
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

from sktransfer._alignment import match_inputs, meaning_of_outputs
from sktransfer._fitting._folds import choose_folds
from sktransfer._fitting._weights import member_weights, mix_losses
from sktransfer._networks import closed_form_predictions, forward, scaled_columns
from sktransfer._preprocessing import Table, apply_transformer, encode, measure_scaling
from sktransfer._readouts import (
    Learning,
    draw_landmarks,
    fit_closed_form,
    fit_source_alone,
    function_part,
    linear_part,
    output_part,
    own_columns,
    recalibration_ladder,
    source_gradients,
    tangent_directions,
    tangent_part,
)
from sktransfer._records import InputSchema, SourceDescription, TableOptions, TargetSchema
from sktransfer._source_choice import SourceView, view_source
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
    """A source applied to a target's table, whose columns are encoded."""

    source: SourceDescription
    view: SourceView
    X: np.ndarray


def read_pair(task, cache: Path | None) -> Pair:
    """Fit the source's network, or take it from the cache."""
    path = cache and cache / f"{task['name']}.pickle"
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    source = estimator(task["kind_source"], random_state=0)
    described = describe_source(source.fit(task["X_source"], task["y_source"]))
    X = task["X_target"].to_numpy(np.float32)
    view = view_source(described, X, tuple(map(str, task["X_target"].columns)), TableOptions())
    pair = Pair(described, view, apply_transformer(X, view.inputs.columns))
    if path:
        cache.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(pair))
    return pair


@dataclass
class Cell:
    """Labelled rows of a pair, and its test rows; pairs of arrays are (labelled, test)."""

    target: TargetSchema
    table: Table
    y_test: np.ndarray
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
        kind, first = ("multiclass", 0) if len(classes) > 2 else ("binary", 1)
        learned = codes[rows, None] == np.arange(first, len(classes))
        target = TargetSchema(kind, learned.shape[1], classes=classes)
        y_test = codes[test]
    else:
        kind, target = "number", TargetSchema("regression", 1, loss="squared_error")
        learned, y_test = y[rows, None], y[test]
    table = Table(np.zeros((len(rows), 1)), learned, None, None, np.dtype(np.float64))
    folds = choose_folds(4, table, np.random.RandomState(seed))
    inputs = encoded_rows(pair, rows, test)
    chain = (
        [layer.weight for layer in pair.view.layers],
        [layer.bias for layer in pair.view.layers],
        pair.view.activation,
    )
    own, meaning = meaning_of_outputs(pair.source, target, None)
    if not task["same_label"]:
        own, meaning = np.zeros_like(own), None
    outputs = tuple(forward(part, *chain) for part in inputs["source"])
    if meaning is not None:
        outputs = tuple(part @ meaning.weight + meaning.bias for part in outputs)
    learning = Learning(kind, 1.0 * learned, None, tuple(folds.pairs), outputs[0])
    columns = pair.X[rows], pair.X[test]
    agrees = meaning is not None
    return Cell(target, table, y_test, learning, own, agrees, inputs, columns, outputs, chain)


def encoded_rows(pair: Pair, *parts: np.ndarray) -> dict[str, tuple[np.ndarray, ...]]:
    """The network's inputs in the source's unit, and in one mixed with the first rows'."""
    names = pair.view.inputs.columns
    match = match_inputs(pair.source, names, "name")
    mixed = measure_scaling(
        pair.X[parts[0]], names, None, pair.source.inputs, match, "mixed", True
    )
    return {
        scaling: tuple(encode(pair.X[part], schema, np.float32) for part in parts)
        for scaling, schema in (
            ("source", pair.view.inputs),
            ("mixed", InputSchema(names, mixed)),
        )
    }


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
        "rbf": function_part(columns, cell.columns[0], draw_landmarks(z, seed)),
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
    return fit.held_out, on_test


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
    weights, _ = member_weights(
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
    parser.add_argument("--tasks", type=Path, required=True, help="folder of pairs")
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
