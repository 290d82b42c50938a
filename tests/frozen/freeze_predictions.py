"""Predictions of many small fits, to be compared before and after a change of the inside.

    python tests/frozen/freeze_predictions.py write FILE.npz [--only TEXT]
    python tests/frozen/freeze_predictions.py check FILE.npz [--only TEXT] [--tolerance 1e-6]

``write`` fits every strategy, kind of source, kind of task, stream and saved model on bundled
data and stores predictions and weights.  ``check`` computes them again, prints the entries that
differ, and fails if a difference is larger than the tolerance, relative to the largest number of
the entry.  The numbers depend on the machine and on the versions of numpy and torch, so that a
file belongs to one environment and is not part of the repository.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import sktransfer
from sktransfer import (
    MultiTaskMLP,
    SharedLayerTransformer,
    TransferMLPClassifier,
    TransferMLPRegressor,
)
from sktransfer.model_selection import rank_sources
from sktransfer.sources import SourceDescription, describe_source
from sktransfer.strategies import Boosting, Joint, Linear, Probe, Trees, WeightedEnsemble

# -- names that may change: what the rest of this file calls them ---------------------------

#: The strategies that a name stands for; fixed here, so that a new one adds no entry unasked.
STRATEGIES = (
    "auto",
    "full",
    "frozen",
    "l2_sp",
    "lp_ft",
    "gradual",
    "discriminative",
    "keep_head",
    "scratch",
)
READOUTS = {
    "linear": Linear(),
    "probe": Probe(),
    "trees": Trees(),
    "boosting": Boosting(n_trees=5),
}


def ensemble(members, **params):
    """Several strategies at once."""
    return WeightedEnsemble(members, **params)


def fit_jointly(model, X, y, X_source, y_source):
    """Fit on the source's rows and the target's."""
    return model.set_params(strategy=Joint((X_source, y_source))).fit(X, y)


def weights_by_member(model) -> dict[str, float]:
    """How much each member of an ensemble counts."""
    return getattr(model, "member_weights_", {})


# -- data -------------------------------------------------------------------------------------

Entry = Callable[[], dict[str, np.ndarray]]
SMALL = {"max_iter": 4, "random_state": 0}
N_SHOWN = 25


@cache
def _digits():
    X, y = load_digits(return_X_y=True)
    return X[:, 10:40:2] / 16, y


@cache
def table(task: str):
    """Rows of the source and of the target of a kind of task: (X, y), (X, y)."""
    X, y = _digits() if task in ("binary", "multiclass", "multilabel") else _diabetes()
    y = {
        "binary": lambda: np.where(y % 2, "odd", "even"),
        "multiclass": lambda: y % 3,
        "multilabel": lambda: np.column_stack([y > 4, y % 2, y % 3 == 0]).astype(int),
        "regression": lambda: y,
        "two_outputs": lambda: np.column_stack([y, X[:, 0] * 100 + y]),
        "poisson": lambda: np.round(y / 20),
    }[task]()
    return (X[:150], y[:150]), (X[150:230], y[150:230])


@cache
def _diabetes():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    return X, y


@cache
def mixed():
    """Numbers, categories, text, booleans and dates, with missing entries, and two targets."""
    rng = np.random.default_rng(0)
    n = 160
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 12, n).round(1),
            "income": rng.lognormal(3, 1, n),
            "plan": pd.Categorical(rng.choice(["basic", "plus", "pro"], n)),
            "town": rng.choice(["york", "leeds", "bath", "hull"], n).astype(object),
            "active": rng.random(n) < 0.5,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )
    signal = frame["age"] / 12 + (frame["plan"] == "pro") + rng.normal(0, 0.3, n)
    frame.loc[::9, "age"] = np.nan
    frame.loc[::11, "town"] = None
    frame.loc[::13, "since"] = pd.NaT
    return frame, np.where(signal > signal.median(), "yes", "no"), signal.to_numpy()


def estimator(task: str, **params):
    """The estimator of a kind of task, small."""
    params = SMALL | params
    if task in ("binary", "multiclass", "multilabel"):
        return TransferMLPClassifier(**params)
    return TransferMLPRegressor("poisson" if task == "poisson" else "squared_error", **params)


# -- sources ----------------------------------------------------------------------------------


def _sklearn_mlp(task, X, y):
    model = MLPRegressor if task in ("regression", "two_outputs", "poisson") else MLPClassifier
    return model(hidden_layer_sizes=(12, 8), max_iter=15, random_state=0)


def _skorch(task, X, y):
    import torch
    from skorch import NeuralNetBinaryClassifier, NeuralNetRegressor

    module = _torch_module(X.shape[1], 1)
    params = dict(train_split=None, max_epochs=2, verbose=0, iterator_train__shuffle=False)
    if task == "binary":
        net, y = NeuralNetBinaryClassifier(module, **params), y == "odd"
    else:
        net, y = NeuralNetRegressor(module, lr=1e-6, **params), y[:, None]
    return net.fit(torch.from_numpy(X.astype(np.float32)), y.astype(np.float32))


def _torch_module(n_inputs: int, n_outputs: int):
    import torch

    rng = np.random.default_rng(1)
    sizes = (n_inputs, 12, 8, n_outputs)
    layers = []
    for wide, narrow in pairwise(sizes):
        layer = torch.nn.Linear(wide, narrow)
        layer.weight.data = torch.tensor(rng.normal(0, 0.4, (narrow, wide)), dtype=torch.float32)
        layer.bias.data = torch.zeros(narrow)
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _by_hand(n_inputs: int, n_outputs: int):
    rng = np.random.default_rng(2)
    layers = [
        (rng.normal(0, 0.4, (n_inputs, 12)), np.zeros(12)),
        (rng.normal(0, 0.4, (12, n_outputs)), np.zeros(n_outputs)),
    ]
    return SourceDescription(layers, "tanh")


@cache
def source(kind: str, task: str):
    """A fitted source of a kind for a kind of task."""
    (X, y), _ = table(task)
    n_outputs = y.shape[1] if y.ndim == 2 else 1
    if kind == "ours":
        return estimator(task, hidden_layer_sizes=(12, 8), max_iter=15).fit(X, y)
    if kind == "ours_ensemble":
        first = source("ours", task)
        return estimator(task, source=first, hidden_layer_sizes=(12, 8)).fit(X, y)
    if kind == "sklearn_mlp":
        return _sklearn_mlp(task, X, y).fit(X, y)
    if kind == "pipeline":
        return make_pipeline(StandardScaler(), _sklearn_mlp(task, X, y)).fit(X, y)
    if kind == "pipeline_pca":
        chain = StandardScaler(), PCA(5, random_state=0), StandardScaler()
        return make_pipeline(*chain, _sklearn_mlp(task, X, y)).fit(X, y)
    if kind == "skorch":
        return _skorch(task, X, y)
    if kind == "torch":
        return _torch_module(X.shape[1], n_outputs)
    if kind == "description":
        return _by_hand(X.shape[1], n_outputs)
    two = {"first": source("ours", task), "second": source("pipeline", task)}
    return two if kind == "two_by_name" else list(two.values())


@cache
def frame_source(kind: str):
    """A fitted source of the mixed table."""
    X, label, _ = mixed()
    if kind == "ours":
        return TransferMLPClassifier((12, 8), max_iter=8, random_state=0).fit(X[:80], label[:80])
    columns = ColumnTransformer(
        [
            ("num", StandardScaler(), ["income"]),
            ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"]),
        ]
    )
    if kind == "column_transformer":
        mlp = MLPClassifier((12, 8), max_iter=15, random_state=0)
        return make_pipeline(columns, mlp).fit(X[["income", "plan"]][:80], label[:80])
    return make_pipeline(columns, TransferMLPClassifier((12, 8), **SMALL)).fit(X[:80], label[:80])


# -- what is stored -----------------------------------------------------------------------------


def _plain(answer) -> dict[str, np.ndarray]:
    """Predictions of any form as arrays of numbers by name."""
    if isinstance(answer, dict):
        return {str(name): part for key, a in answer.items() for name, part in _of(key, a)}
    if isinstance(answer, list):
        return {str(name): part for key, a in enumerate(answer) for name, part in _of(key, a)}
    if isinstance(answer, pd.DataFrame):
        return _plain({name: answer[name].to_numpy() for name in answer})
    return dict(_of("", answer))


def _of(key, answer) -> Iterator[tuple[str, np.ndarray]]:
    answer = np.asarray(answer)
    if answer.dtype.kind in "OUT":  # labels: their codes
        answer = np.unique(answer.astype(str), return_inverse=True)[1]
    yield str(key), answer.astype(np.float64)


def told(model, X) -> dict[str, np.ndarray]:
    """What a fitted model says of some rows, and its weights."""
    X = X[:N_SHOWN]
    out = {f"predict{k}": v for k, v in _plain(model.predict(X)).items()}
    if hasattr(model, "predict_proba"):
        out |= {f"proba{k}": v for k, v in _plain(model.predict_proba(X)).items()}
    out |= {f"coefs{i}": np.asarray(w, np.float64) for i, w in enumerate(model.coefs_)}
    members = weights_by_member(model)
    if members:
        out["members"] = np.array([members[name] for name in sorted(members)])
    return out


def after_saving(model, X) -> dict[str, np.ndarray]:
    """The same of a model that was pickled, and of one that was saved and loaded."""
    with tempfile.TemporaryDirectory() as directory:
        model.save(directory)
        loaded = sktransfer.load(directory, trust_source=True)
        again = told(loaded, X)
        loaded.save(directory)
        twice = sktransfer.load(directory, trust_source=True)
        again |= {f"twice_{k}": v for k, v in told(twice, X).items()}
    pickled = told(pickle.loads(pickle.dumps(model)), X)
    return again | {f"pickled_{k}": v for k, v in pickled.items()}


# -- entries ------------------------------------------------------------------------------------


def fit(task: str, kind: str | None, strategy="auto", keep=told, **params):
    _, (X, y) = table(task)
    given = None if kind is None else source(kind, task)
    model = estimator(task, source=given, strategy=strategy, **params)
    return keep(model.fit(X[:50], y[:50]), X[50:])


def stream(task: str, kind: str | None, strategy, form: str):
    _, (X, y) = table(task)
    given = None if kind is None else source(kind, task)
    model = estimator(task, source=given, strategy=strategy, warm_start=form == "warm_start")
    first = {}
    if task in ("binary", "multiclass", "multilabel"):
        first["classes"] = np.arange(y.shape[1]) if y.ndim == 2 else np.unique(y)
    if form == "partial_fit":
        for start in range(3):
            model.partial_fit(X[:50][start::3], y[:50][start::3], **first)
    elif form == "fit_partial_fit":
        model.fit(X[:40], y[:40]).partial_fit(X[40:50], y[40:50])
    elif form == "pickle_partial_fit":
        model = pickle.loads(pickle.dumps(model.fit(X[:40], y[:40])))
        model.partial_fit(X[40:50], y[40:50])
    else:
        model.fit(X[:40], y[:40]).fit(X[10:50], y[10:50])
    return told(model, X[50:])


def fit_frame(kind: str, strategy: str, keep=told, regression=False):
    X, label, number = mixed()
    model = (TransferMLPRegressor if regression else TransferMLPClassifier)(
        source=frame_source(kind), strategy=strategy, **SMALL
    )
    y = number if regression else label
    return keep(model.fit(X[80:130], y[80:130]), X[130:])


def several_tasks(kind: str | None, strategy: str, form: str = "fit", **params):
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order], y[order]
    tasks = pd.DataFrame(
        {"kind": pd.Series(y).map({0: "a", 1: "b", 2: "c"}), "width": X[:, 3], "long": X[:, 2] > 4}
    )
    tasks.loc[::3, "kind"] = None
    tasks.loc[1::4, "width"] = np.nan
    given = None
    if kind == "ours":
        given = MultiTaskMLP((8,), **SMALL).fit(X[:60, :2], tasks[:60])
    elif kind == "mlp":
        given = MLPClassifier((8,), max_iter=20, random_state=0).fit(X[:60, :2], y[:60])
    model = MultiTaskMLP(source=given, strategy=strategy, **SMALL, **params)
    if form == "fit":
        model.fit(X[60:110, :2], tasks[60:110])
    elif form == "warm_start":
        model.set_params(warm_start=True)
        model.fit(X[60:110, :2], tasks[60:110]).fit(X[60:110, :2], tasks[60:110])
    else:
        classes = {"kind": ["a", "b", "c"], "long": [False, True]}
        for start in range(2):
            model.partial_fit(
                X[60 + start : 110 : 2, :2], tasks[60 + start : 110 : 2], classes=classes
            )
    return (after_saving if form == "fit" else told)(model, X[110:, :2])


def joint(task: str, kind: str | None, keep=told):
    (X_source, y_source), (X, y) = table(task)
    given = None if kind is None else source(kind, task)
    model = estimator(task, source=given)
    return keep(fit_jointly(model, X[:50], y[:50], X_source[:60], y_source[:60]), X[50:])


def shared_layers(kind: str | None, task: str, layers: str, passthrough: bool):
    _, (X, _) = table(task)
    given = None if kind is None else source(kind, task)
    model = SharedLayerTransformer(source=given, layers=layers, passthrough=passthrough)
    return {"columns": np.asarray(model.fit(X[:50]).transform(X[50:75]), np.float64)}


def relatedness(method: str):
    _, (X, y) = table("binary")
    kinds = ("ours", "sklearn_mlp", "pipeline_pca", "skorch", "torch")
    if method == "column_shift":
        kinds = ("ours", "pipeline")
    ranked = rank_sources({k: source(k, "binary") for k in kinds}, X[:60], y[:60], method=method)
    return {"scores": ranked.set_index("source")["score"].sort_index().to_numpy()}


def validation(task: str, strategy: str):
    _, (X, y) = table(task)
    model = estimator(task, source=source("ours", task), strategy=strategy, max_iter=8)
    model.fit(X[:40], y[:40], X_val=X[40:60], y_val=y[40:60])
    return told(model, X[60:])


TASKS = ("binary", "multiclass", "multilabel", "regression", "two_outputs", "poisson")
KINDS = (
    "ours",
    "ours_ensemble",
    "sklearn_mlp",
    "pipeline",
    "pipeline_pca",
    "skorch",
    "torch",
    "description",
    "two",
    "two_by_name",
)
STREAMS = ("partial_fit", "fit_partial_fit", "pickle_partial_fit", "warm_start")


def entries() -> Iterator[tuple[str, Entry]]:
    """Every entry by its name; nothing is fitted yet."""
    for strategy in STRATEGIES:
        for kind in KINDS:
            for task in ("binary", "regression"):
                yield f"fit/{task}/{kind}/{strategy}", partial(fit, task, kind, strategy)
        for task in ("multiclass", "multilabel", "two_outputs", "poisson"):
            yield f"fit/{task}/ours/{strategy}", partial(fit, task, "ours", strategy)
        for task in ("binary", "two_outputs"):
            yield f"validation/{task}/{strategy}", partial(validation, task, strategy)
        for task in TASKS:
            call = partial(fit, task, "ours", strategy, after_saving)
            yield f"saved/{task}/{strategy}", call
        for form in STREAMS:
            for task, kind in (("binary", "ours"), ("regression", "pipeline_pca")):
                call = partial(stream, task, kind, strategy, form)
                yield f"stream/{form}/{task}/{kind}/{strategy}", call
        for kind in ("ours", "column_transformer", "column_transformer_ours"):
            yield f"frame/{kind}/{strategy}", partial(fit_frame, kind, strategy)
        yield (
            f"frame/saved/{strategy}",
            partial(fit_frame, "ours", strategy, after_saving, regression=True),
        )
        if strategy != "auto":
            for kind in (None, "ours", "mlp"):
                yield f"tasks/{kind}/{strategy}", partial(several_tasks, kind, strategy)
    yield from _without_a_source()
    yield from _ensembles()
    yield from _others()


def _without_a_source() -> Iterator[tuple[str, Entry]]:
    for task in TASKS:
        yield f"alone/{task}", partial(fit, task, None)
        yield f"alone/{task}/sklearn", partial(fit, task, None, standardize=False)
        yield f"alone/{task}/lbfgs", partial(fit, task, None, solver="lbfgs")
        yield f"alone/{task}/sgd", partial(fit, task, None, solver="sgd")
        for form in STREAMS:
            yield f"alone/{form}/{task}", partial(stream, task, None, "auto", form)
    for name, params in {
        "dropout": dict(dropout=0.2),
        "early_stopping": dict(early_stopping=True, max_iter=12),
        "mixup": dict(augmentation="mixup"),
        "noise": dict(augmentation="noise"),
        "corruption": dict(augmentation="corruption"),
        "no_waves": dict(numeric_embedding=None),
        "own_head": dict(head_hidden_layer_sizes=(6,)),
        "one_shared": dict(n_shared_layers=1),
        "by_position": dict(feature_alignment="position"),
        "another_layer": dict(hidden_layer_sizes=(12, 8, 4)),
        "not_standardised": dict(standardize=False),
        "lbfgs": dict(solver="lbfgs"),
    }.items():
        for strategy in ("auto", "full"):
            for task in ("binary", "regression"):
                call = partial(fit, task, "ours", strategy, **params)
                yield f"param/{name}/{task}/{strategy}", call


def _ensembles() -> Iterator[tuple[str, Entry]]:
    for name, readout in READOUTS.items():
        for task in TASKS:
            members = ensemble({name: readout, "network": "full"}, cv=2)
            yield f"readout/{name}/{task}", partial(fit, task, "ours", members, after_saving)
        for kind in ("pipeline_pca", "torch", "description"):
            members = ensemble({name: readout, "network": "l2_sp"}, cv=2)
            yield f"readout/{name}/regression/{kind}", partial(fit, "regression", kind, members)
    small = {"near": "l2_sp", "scratch": "scratch", "linear": "linear"}
    for sources in ("best", "all"):
        for kind in ("two", "two_by_name"):
            for task in ("binary", "regression", "multilabel"):
                call = partial(fit, task, kind, ensemble(small, sources=sources, cv=3))
                yield f"sources/{sources}/{kind}/{task}", call
            for form in STREAMS:
                call = partial(stream, "binary", kind, ensemble(small, sources=sources), form)
                yield f"sources/{sources}/{kind}/{form}", call
    prior = ensemble(small, prior={"near": 2.0, "linear": 0.1}, cv=2)
    yield "ensemble/prior", partial(fit, "multiclass", "ours", prior)
    yield "ensemble/alone", partial(fit, "multiclass", None, ensemble(["scratch", "linear"]))
    yield "ensemble/large", large_table


def large_table():
    """More rows than folds are taken of: a quarter is held out once."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2100, 4))
    y = X[:, 0] + np.abs(X[:, 1])
    first = TransferMLPRegressor(hidden_layer_sizes=8, **SMALL).fit(X[:100], y[:100] + X[:100, 2])
    members = ensemble({"near": "l2_sp", "linear": "linear", "scratch": "scratch"})
    model = TransferMLPRegressor(
        hidden_layer_sizes=8, source=first, strategy=members, max_iter=2, random_state=0
    )
    return told(model.fit(X, y), X)


def _others() -> Iterator[tuple[str, Entry]]:
    for task in ("binary", "regression", "multilabel"):
        for kind in (None, "ours"):
            yield f"joint/{task}/{kind}", partial(joint, task, kind)
        yield f"joint/{task}/saved", partial(joint, task, "ours", after_saving)
    for form in ("partial_fit", "warm_start"):
        for kind in (None, "ours", "mlp"):
            yield f"tasks/{form}/{kind}", partial(several_tasks, kind, "l2_sp", form)
    for balancing in ("uncertainty", "pcgrad"):
        call = partial(several_tasks, "ours", "full", balancing=balancing)
        yield f"tasks/balancing/{balancing}", call
    yield "tasks/own_heads", partial(several_tasks, "ours", "full", head_hidden_layer_sizes=(5,))
    for kind in (None, *KINDS[:-2]):
        for layers in ("all", "hidden", "outputs"):
            call = partial(shared_layers, kind, "binary", layers, layers == "all")
            yield f"transformer/{kind}/{layers}", call
    for method in ("probe_gain", "logme", "h_score", "leep", "nce", "column_shift"):
        yield f"rank/{method}", partial(relatedness, method)
    for kind in ("ours", "pipeline", "pipeline_pca", "skorch"):
        yield f"described/{kind}", partial(described, kind)


def described(kind: str):
    """A source's description, given as source."""
    _, (X, y) = table("binary")
    given = describe_source(source(kind, "binary"))
    model = TransferMLPClassifier(source=given, strategy="keep_head", **SMALL)
    return told(model.fit(X[:50], y[:50]), X[50:])


# -- writing and checking ---------------------------------------------------------------------


def compute(only: str | None) -> dict[str, np.ndarray]:
    """All entries, ``<entry>#<part>``; of one that is refused the fact that it is."""
    arrays = {}
    for name, call in entries():
        if only is not None and only not in name:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parts = call()
        except Exception as error:
            print(f"refused: {name}: {type(error).__name__}: {str(error)[:120]}", file=sys.stderr)
            parts = {"refused": np.array(1.0)}
        arrays |= {f"{name}#{part}": values for part, values in parts.items()}
    return arrays


def difference(before: np.ndarray, now: np.ndarray) -> float:
    """Largest difference, relative to the largest number; infinite where shapes differ."""
    if before.shape != now.shape or (np.isnan(before) != np.isnan(now)).any():
        return np.inf
    if not before.size or np.isnan(before).all():
        return 0.0
    scale = max(float(np.nanmax(np.abs(before))), 1e-12)
    return float(np.nanmax(np.abs(before - now))) / scale


def only_reordered(before: np.ndarray, now: np.ndarray, tolerance: float) -> bool:
    """Whether two weights of a first layer have the same rows in another order."""
    if before.shape != now.shape or before.ndim != 2:
        return False
    ordered = [w[np.lexsort(np.round(w, 9).T)] for w in (before, now)]
    return difference(*ordered) <= tolerance


def check(path: str, only: str | None, tolerance: float) -> int:
    """Print what differs; the number of entries that differ too much."""
    with np.load(path) as frozen:
        before = {k: frozen[k] for k in frozen.files if only is None or only in k.split("#")[0]}
    now = compute(only)
    changed = {k: difference(before[k], now[k]) for k in before if k in now}
    failed = 0
    for key, distance in sorted(changed.items(), key=lambda item: -item[1]):
        if distance == 0:
            break
        reordered = key.endswith("#coefs0") and only_reordered(before[key], now[key], tolerance)
        bad = distance > tolerance and not reordered
        failed += bad
        word = "CHANGED" if bad else ("rows in another order" if reordered else "close")
        print(f"{word}: {key}: {distance:.2g}")
    for key in sorted(before.keys() ^ now.keys()):
        print(f"{'MISSING' if key in before else 'NEW'}: {key}")
        failed += key in before
    exact = sum(distance == 0 for distance in changed.values())
    print(f"{len(before)} arrays: {exact} equal in every bit, {failed} changed or missing")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("write", "check"))
    parser.add_argument("file")
    parser.add_argument("--only", help="entries whose name contains this text")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    options = parser.parse_args()
    start = time.process_time()
    failed = 0
    if options.action == "write":
        arrays = compute(options.only)
        np.savez_compressed(options.file, **arrays)
        print(f"{len(arrays)} arrays of {len({k.split('#')[0] for k in arrays})} entries")
    else:
        failed = check(options.file, options.only, options.tolerance)
    print(f"{time.process_time() - start:.0f} CPU seconds")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
