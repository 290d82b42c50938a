"""Score losses of regressors against scikit-learn's boosting and linear models with the same loss.

    python benchmarks/quality/losses.py [--tasks FOLDER] [--sizes 100 500] [--seeds 2]

The score is D² of the loss on test rows: 0 is the best constant, 1 a
perfect prediction.  Insurance claims with exposures are drawn at random, from one country to
another; the pairs of FOLDER, as of ``transfer_pairs.py``, are added where it is given: counts of
hired bicycles, prices, rents and wages, which the pairs have as logarithms, and a median and a
quantile.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import QuantileRegressor, TweedieRegressor
from sklearn.metrics import d2_pinball_score, d2_tweedie_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing as safe_indexing

sys.path.insert(0, str(Path(__file__).parent))
from transfer_pairs import load_tasks

from sktransfer import TransferMLPRegressor
from sktransfer.sources import Predictor

#: A pair of the folder → the loss, and what its logarithms become.
PAIRS: dict[str, tuple[str, dict, Callable[[np.ndarray], np.ndarray]]] = {
    "bike_reg_casual": ("poisson", {}, lambda y: np.round(np.expm1(y))),
    "cars_bmw_audi": ("gamma", {}, np.exp),
    "airbnb_rome_vienna": ("gamma", {}, np.exp),
    "wages_cps88_cps85": ("gamma", {}, np.exp),
    "births_nc_us": ("quantile", {"quantile": 0.1}, lambda y: y),
    "schools_ca_ma": ("absolute_error", {}, lambda y: y),
}
POWERS = {"poisson": 1.0, "tweedie": 1.5, "gamma": 2.0}


@dataclass
class Problem:
    """A source's rows, and a target's to learn from and to test on, with exposures or None."""

    loss: str
    params: dict
    source: tuple
    pool: tuple
    test: tuple


def claims(loss: str, seed: int) -> Problem:
    """Number or cost of claims of motor policies, in one country and in another."""
    rng = np.random.default_rng(seed)

    def country(n: int, level: float, steeper: float) -> tuple:
        age, power, density = rng.uniform(18, 85, n), rng.gamma(4, 2, n), rng.normal(size=n)
        X = np.column_stack([age, power, density, rng.integers(0, 9, n), rng.normal(size=(n, 2))])
        years = rng.uniform(0.1, 1.0, n)
        young = np.exp(-(age - 18) / 10)
        rate = np.exp(level + steeper * young + 0.05 * power + 0.3 * density)
        number = rng.poisson(years * rate)
        cost = np.array([rng.gamma(1.5 * k, 800.0) if k else 0.0 for k in number])
        return X, number.astype(float) if loss == "poisson" else cost * (1 + 0.03 * power), years

    return Problem(
        loss, {}, country(10_000, -2, 1.5), country(2000, -1.5, 2), country(10_000, -1.5, 2)
    )


def pair(tasks, name: str) -> Problem:
    """A pair of the folder, numbers of which have become amounts."""
    loss, params, amount = PAIRS[name]
    task = tasks.load(name)
    # frames, whose columns are matched by name
    X, y = task["X_target"], amount(np.asarray(task["y_target"], float))
    rows = task["X_source"], amount(np.asarray(task["y_source"], float)), None
    pool, test = (
        (safe_indexing(X, np.asarray(task[part])), y[task[part]], None)
        for part in ("train_pool", "test")
    )
    return Problem(loss, params, rows, pool, test)


def score(problem: Problem, prediction: np.ndarray) -> float:
    """D² of the loss on the test rows."""
    _, y, exposure = problem.test
    if problem.loss not in POWERS:
        return d2_pinball_score(y, prediction, alpha=problem.params.get("quantile", 0.5))
    power = POWERS[problem.loss]
    weight = None if exposure is None else exposure ** (2 - power)
    y = y if exposure is None else y / exposure
    return d2_tweedie_score(y, np.maximum(prediction, 1e-9), sample_weight=weight, power=power)


def boosting(problem: Problem, rows: tuple):
    """scikit-learn's boosting; it has no Tweedie loss, and Poisson's is the nearest."""
    loss = "poisson" if problem.loss == "tweedie" else problem.loss
    model = HistGradientBoostingRegressor(
        loss=loss, quantile=problem.params.get("quantile"), early_stopping=False, max_iter=60,
        min_samples_leaf=min(20, 2 + len(rows[0]) // 25), random_state=0,
    )  # fmt: skip
    return model.fit(*_with_weight(problem, rows))


def linear(problem: Problem, rows: tuple):
    """A generalised linear model, or quantile regression."""
    if problem.loss in POWERS:
        model = TweedieRegressor(power=POWERS[problem.loss], link="log", alpha=0.1, max_iter=5000)
        unit = np.mean(rows[1])  # of amounts: the solver depends on it
        model = TransformedTargetRegressor(
            model, func=lambda y: y / unit, inverse_func=lambda y: y * unit, check_inverse=False
        )
    else:
        model = QuantileRegressor(quantile=problem.params.get("quantile", 0.5), alpha=0.01)
    X, y, weight = _with_weight(problem, rows)
    pipe = make_pipeline(SimpleImputer(), StandardScaler(), model)
    return pipe.fit(X, y, **{f"{pipe.steps[-1][0]}__sample_weight": weight})


def _with_weight(problem: Problem, rows: tuple) -> tuple:
    X, y, exposure = rows
    if exposure is None:
        return X, y, None
    return X, y / exposure, exposure ** (2 - POWERS[problem.loss])


def ours(problem: Problem, rows: tuple, **params):
    """This package's regressor."""
    X, y, exposure = rows
    model = TransferMLPRegressor(problem.loss, random_state=0, **problem.params, **params)
    return model.fit(X, y, exposure=exposure)


def scores_of(problem: Problem, n: int, seed: int, sources: dict) -> dict[str, float]:
    """The score of every method on some rows."""
    X, y, exposure = problem.pool
    some = np.random.RandomState(seed).permutation(len(X))[:n]
    rows = safe_indexing(X, some), y[some], None if exposure is None else exposure[some]
    fits = {
        "boosting": lambda: boosting(problem, rows),
        "linear": lambda: linear(problem, rows),
        "network": lambda: ours(problem, rows),
        "ensemble": lambda: ours(problem, rows, strategy="ensemble"),
        "auto": lambda: ours(problem, rows, source=sources["network"]),
        "auto, boosting source": lambda: ours(problem, rows, source=sources["boosting"]),
    }
    found = {name: score(problem, fit().predict(problem.test[0])) for name, fit in fits.items()}
    as_is = Predictor(sources["boosting"]).outputs(problem.test[0]).ravel()
    return found | {"boosting of the source": score(problem, as_is)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", nargs="+")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    problems = {f"claims, {loss}": claims(loss, 0) for loss in ("poisson", "tweedie")}
    if args.tasks is not None:
        tasks = load_tasks(args.tasks)
        problems |= {f"{name}, {PAIRS[name][0]}": pair(tasks, name) for name in PAIRS}
    for title, problem in problems.items():
        if args.only and not any(part in title for part in args.only):
            continue
        limit = np.arange(min(10_000, len(problem.source[1])))
        rows = tuple(
            None if part is None else safe_indexing(part, limit) for part in problem.source
        )
        sources = {"network": ours(problem, rows), "boosting": boosting(problem, rows)}
        for n in args.sizes:
            n = min(n, len(problem.pool[0]))
            found = [scores_of(problem, n, seed, sources) for seed in range(args.seeds)]
            means = {name: np.mean([one[name] for one in found]) for name in found[0]}
            print(
                f"{title} | {n} | " + " | ".join(f"{k} {v:.3f}" for k, v in means.items()),
                flush=True,
            )


if __name__ == "__main__":
    main()
