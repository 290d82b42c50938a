"""Tables and models as people have them: what becomes of each situation, in a figure.

    python benchmarks/reliability/tables_as_found.py [--only dates outliers …]

Each line was found on a real table or in a public report, where it lost a score in silence or
failed.  ``docs/design/tables.md`` has the figures from before and those of this script; the tests
named there hold them.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.sources import suggest_columns
from sktransfer.strategies import Joint

Scored = dict[str, Any]


def warned(call: Callable[[], object]) -> str:
    """The first sentence of what is said of a table."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        call()
    said = [str(w.message) for w in caught if "sktransfer" in w.category.__module__]
    return said[0][:110] if said else "nothing said"


def churn(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "tenure": rng.integers(1, 72, n).astype(float),
            "monthly": rng.normal(65, 20, n),
            "calls": rng.poisson(1.5, n).astype(float),
            "minutes": rng.gamma(2, 150, n),
            "contract": rng.choice(["month", "year", "two years"], n),
            "plan": rng.choice(["basic", "plus", "pro"], n),
            "sex": rng.choice(["male", "female"], n),
        }
    )
    z = 1.2 * (X["contract"] == "month") - 0.04 * (X["tenure"] - 30) + 0.5 * X["calls"] - 0.6
    z += 0.02 * (X["monthly"] - 65) + 0.8 * (X["sex"] == "male")
    return X, rng.random(n) < 1 / (1 + np.exp(-z))


def auc(model, X, y) -> float:
    return round(float(roc_auc_score(y, model.predict_proba(X)[:, 1])), 3)


def as_it_is(source, X, y):
    """The source's layers on another table, not trained."""
    return TransferMLPClassifier(
        source=source, strategy="keep_head", max_iter=1, learning_rate_init=1e-12, random_state=0
    ).fit(X, y)


# -- models ----------------------------------------------------------------------------------


def column_transformers() -> Scored:
    old, new, found = churn(3000, 0), churn(1500, 1), {}
    numbers = ["tenure", "monthly", "calls", "minutes"]
    for verbose in (True, False):
        columns = ColumnTransformer(
            [("num", make_pipeline(SimpleImputer(), StandardScaler()), numbers)],
            remainder=OneHotEncoder(),
            verbose_feature_names_out=verbose,
        )
        network = MLPClassifier((32,), alpha=0.1, early_stopping=True, random_state=0)
        source = make_pipeline(columns, network).fit(*old)
        less = new[0].drop(columns=["minutes", "plan"])
        model = as_it_is(source, less[:40], new[1][:40])
        rows = model.transfer_report_.rows
        n = sum(row.part == "column" and row.status == "reused" for row in rows)
        found["prefixes" if verbose else "plain names"] = (
            f"{n} of 5 columns, AUC {auc(model, less[40:], new[1][40:])} (source with all columns "
            f"{auc(source, new[0][40:], new[1][40:])})"
        )
    return found


def chains(lacking: bool) -> Scored:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X.iloc[:, :8]
    made = {
        "imputer": [SimpleImputer(), StandardScaler()],
        "PCA": [StandardScaler(), PCA(4)],
        "polynomial": [StandardScaler(), PolynomialFeatures(2)],
        "selection": [SelectKBest(k=5), StandardScaler()],
        "bins": [KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")],
        "quantiles": [QuantileTransformer(n_quantiles=50)],
        "power": [PowerTransformer()],
        "union": [make_union(StandardScaler(), PCA(2))],
    }
    table = X.drop(columns=X.columns[3]) if lacking else X
    strategies = ["keep_head", "l2_sp"] if lacking else ["auto"]
    found = {}
    for name, steps in made.items():
        source = make_pipeline(*steps, MLPClassifier((32,), max_iter=300, random_state=0))
        source.fit(X[:350], y[:350])
        scores = [
            TransferMLPClassifier(source=source, strategy=strategy, random_state=0)
            .fit(table[350:380], y[350:380])
            .score(table[380:], y[380:])
            for strategy in strategies
        ]
        found[name] = " ".join(f"{score:.2f}" for score in scores)
    return found


def scaled_twice() -> Scored:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    source = make_pipeline(StandardScaler(), MLPClassifier(random_state=0)).fit(X[:350], y[:350])
    model = TransferMLPClassifier(source=source, strategy="keep_head", random_state=0)
    twice = make_pipeline(StandardScaler(), model)
    return {"said": warned(lambda: twice.fit(X[350:400], y[350:400]))}


def no_scaler() -> Scored:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    source = MLPClassifier(random_state=0).fit(X[:350], y[:350])
    model = TransferMLPClassifier(source=source, strategy="l2_sp", random_state=0)
    return {"said": warned(lambda: model.fit(X[350:400], y[350:400]))}


def by_predictions() -> Scored:
    old, new = churn(2000, 0), churn(1000, 1)
    forest = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["contract", "plan", "sex"]), remainder="passthrough"
        ),
        RandomForestClassifier(random_state=0),
    ).fit(*old)
    model = TransferMLPClassifier(source=forest, random_state=0).fit(new[0][:40], new[1][:40])
    return {
        "forest": auc(model, new[0][40:], new[1][40:]),
        "as it is": auc(forest, new[0][40:], new[1][40:]),
    }


# -- names, levels and units -----------------------------------------------------------------


def spellings() -> Scored:
    old, (X, y) = churn(2000, 0), churn(1000, 1)
    source = TransferMLPClassifier(strategy="scratch", random_state=0).fit(*old)
    tables = {
        "as they are": X,
        "levels": X.assign(sex=X["sex"].str[0].str.upper(), plan=" " + X["plan"].str.title()),
        "names": X.rename(columns={"sex": "Sex ", "tenure": "tenure_2020", "plan": "PLAN"}),
        "dummies": pd.get_dummies(X, columns=["sex", "contract"]),
    }
    return {
        name: auc(as_it_is(source, table[:40], y[:40]), table[40:], y[40:])
        for name, table in tables.items()
    }


def other_columns() -> Scored:
    old, (X, y) = churn(1000, 0), churn(60, 1)
    source = TransferMLPClassifier((8,), max_iter=3, random_state=0).fit(*old)

    def said(table):
        model = TransferMLPClassifier(source=source, strategy="l2_sp", max_iter=2, random_state=0)
        return warned(lambda: model.fit(table, y))

    renamed = X.rename(columns={"monthly": "monthly_fee", "minutes": "call_minutes"})
    return {
        "no level in common": said(X.assign(contract=X["contract"].map(hash).astype(str) + "x")),
        "1,000 times": said(X.assign(minutes=1000 * X["minutes"])),
        "proposed": suggest_columns(source, renamed),
    }


# -- kinds of columns ------------------------------------------------------------------------


def written() -> Scored:
    rng = np.random.default_rng(0)
    v, y = np.round(rng.gamma(2, 500, 400), 2), None
    y = np.log(v)

    def r2(table, y=y):
        model = TransferMLPRegressor(random_state=0).fit(table[:300], y[:300])
        return round(model.score(table[300:], y[300:]), 2)

    texts = {
        "numbers": v,
        "'12.5'": [str(a) for a in v],
        "'$1,234.5'": [f"${a:,}" for a in v],
        "'12,5'": [str(a).replace(".", ",") for a in v],
        "'12 %'": [f"{a} %" for a in v],
        "one '?'": ["?", *map(str, v[1:])],
        "one blank": [" ", *map(str, v[1:])],
    }
    found = {name: r2(pd.DataFrame({"v": values})) for name, values in texts.items()}
    day = pd.Timestamp("2024") + pd.to_timedelta(rng.integers(0, 700, 400), unit="D")
    of_dates = (day - day.min()).days.to_numpy() / 100
    found["dates"] = r2(pd.DataFrame({"d": day}), of_dates)
    found["'2024-03-01'"] = r2(pd.DataFrame({"d": day.strftime("%Y-%m-%d")}), of_dates)
    return found


def names_of_rows() -> Scored:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(2000, 3)), columns=list("abc"))
    y = X["a"] + X["b"] * X["c"] + 0.5 * rng.normal(size=2000)
    named = X.assign(id=[f"customer {i}" for i in rng.permutation(2000)])
    scores = [
        round(
            TransferMLPRegressor(random_state=0).fit(t[:1400], y[:1400]).score(t[1400:], y[1400:]),
            3,
        )
        for t in (X, named)
    ]
    said = warned(lambda: TransferMLPRegressor(max_iter=1).fit(named, y))
    return {"without": scores[0], "with": scores[1], "said": said}


def many_levels() -> Scored:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(2000, 5)), columns=list("abcde"))
    y = 2 * X["a"] + X["b"] * X["c"] + 3 * rng.normal(size=2000)
    useless = X.assign(name=[f"v{int(v)}" for v in 50 * rng.pareto(0.5, 2000)])
    found = {
        name: round(
            TransferMLPRegressor(strategy=strategy, random_state=0)
            .fit(table[:1400], y[:1400])
            .score(table[1400:], y[1400:]),
            3,
        )
        for name, table, strategy in (
            ("without", X, "scratch"),
            ("with, one network", useless, "scratch"),
            ("with, ensemble", useless, "ensemble"),
        )
    }
    effect, level = rng.normal(size=2000), rng.integers(0, 2000, 10_000)
    X = pd.DataFrame({"a": rng.normal(size=10_000), "city": [f"c{i}" for i in level]})
    y = effect[level] + X["a"] + 0.5 * rng.normal(size=10_000)
    for strategy in ("scratch", "ensemble"):
        model = TransferMLPRegressor(strategy=strategy, random_state=0).fit(X[:7000], y[:7000])
        found[f"2,000 levels that matter, {strategy}"] = round(model.score(X[7000:], y[7000:]), 3)
    try:
        from catboost import CatBoostRegressor
    except ImportError:
        return found
    cat = CatBoostRegressor(cat_features=["city"], verbose=False, random_seed=0)
    cat.fit(X[:7000], y[:7000])
    return found | {"CatBoost": round(cat.score(X[7000:], y[7000:]), 3)}


def outliers() -> Scored:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 4))
    y = 2 * X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.normal(size=1500)
    x, rows = X[:, 0], np.arange(1500)
    changed = {
        "as it is": x,
        "one 1e6": np.where(rows == 5, 1e6, x),
        "some -999": np.where((rows < 1000) & (rows % 100 == 0), -999, x),
        "log-normal, σ 1": np.exp(x),
        "log-normal, σ 2": np.exp(2 * x),
        "log-normal, σ 3": np.exp(3 * x),
        "Unix seconds within an hour": 1.76e9 + 600 * x,
        "101325 Pa ± .1": 101325 + 0.1 * x,
    }
    found = {}
    for name, column in changed.items():
        table = np.column_stack([column, X[:, 1:]])
        models = {
            "network": TransferMLPRegressor(random_state=0),
            "ensemble": TransferMLPRegressor(strategy="ensemble", random_state=0),
            "boosting": HistGradientBoostingRegressor(random_state=0),
        }
        scores = {
            k: m.fit(table[:1000], y[:1000]).score(table[1000:], y[1000:])
            for k, m in models.items()
        }
        found[name] = " ".join(f"{k} {score:.3f}" for k, score in scores.items())
    return found


def without_entries() -> Scored:
    X, y = churn(200, 0)
    X = X.assign(since=pd.date_range("2024", periods=200))
    model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
    n_refused = 0
    for name in X:
        expected = model.predict_proba(X.assign(**{name: X[name].where(np.zeros(200, bool))}))
        for nothing in (None, np.nan, pd.NaT, pd.NA):
            values = pd.Series([nothing] * 200, dtype=object)
            found = model.predict_proba(X.assign(**{name: values}))
            n_refused += not np.array_equal(found, expected)
    stream = TransferMLPClassifier(random_state=0)
    for at in range(0, 200, 50):
        chunk = X[at : at + 50]
        stream.partial_fit(
            chunk.assign(plan=np.nan) if not at else chunk, y[at : at + 50], classes=[False, True]
        )
    return {"refused or changed, of 32": n_refused, "empty first chunk": "taken"}


def changed_types() -> Scored:
    rng = np.random.default_rng(0)
    b = rng.random(400) < 0.5
    X = pd.DataFrame({"c": np.where(b, "1", "0"), "n": rng.integers(0, 9, 400).astype(float)})
    model = TransferMLPClassifier(random_state=0).fit(X, b)
    tables = {
        "truth values": X.assign(c=b),
        "bytes": X.assign(c=X["c"].map(str.encode)),
        "'1.0'": X.assign(c=X["c"] + ".0"),
        "all unknown": X.assign(c="x"),
    }
    found: Scored = {name: round(model.score(table, b), 2) for name, table in tables.items()}
    found["said of these"] = warned(lambda: model.predict(tables["all unknown"]))
    try:
        model.predict(X.assign(n=pd.to_timedelta(X["n"], unit="s")))
    except ValueError as error:
        found["durations for numbers"] = str(error)[:80]
    return found


def joint_dates() -> Scored:
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2020") + pd.to_timedelta(rng.integers(0, 1000, 400), unit="D")
    X = pd.DataFrame({"day": day, "a": rng.normal(size=400), "t": "u"})
    y = np.asarray(day > day.min() + pd.Timedelta(500, "D"))
    tables = {
        "same": X,
        "text": X.assign(day=X["day"].astype(str)),
        "a zone": X.assign(day=X["day"].dt.tz_localize("UTC")),
        "absent": X.drop(columns="day"),
    }
    return {
        name: TransferMLPClassifier(strategy=Joint((t[40:240], y[40:240])), random_state=0)
        .fit(X[:40], y[:40])
        .score(X[240:], y[240:])
        for name, t in tables.items()
    }


def sparse_and_wide() -> Scored:
    from scipy import sparse

    X = sparse.random(1500, 20_000, density=60 / 20_000, format="csr", random_state=0)
    y = np.random.default_rng(0).integers(0, 2, 1500)
    TransferMLPClassifier((2,), max_iter=1).fit([[0.0], [1.0]], [0, 1])
    found = {}
    for name, model in {
        "scikit-learn": MLPClassifier((64,), max_iter=2, random_state=0),
        "ours": TransferMLPClassifier((64,), max_iter=2, random_state=0),
    }.items():
        start = time.process_time()
        model.fit(X, y)
        found[name] = f"{time.process_time() - start:.1f} CPU s"
    return found


def rare_class() -> Scored:
    scores: dict[str, list[float]] = {}
    for seed in range(3):
        X, y = make_classification(
            6000,
            15,
            weights=[0.985],
            flip_y=0.002,
            class_sep=0.8,
            n_informative=6,
            random_state=seed,
        )
        for name, model in {
            "network": TransferMLPClassifier(random_state=0),
            "ensemble": TransferMLPClassifier(strategy="ensemble", random_state=0),
            "scikit-learn": make_pipeline(StandardScaler(), MLPClassifier(random_state=0)),
        }.items():
            p = model.fit(X[:3000], y[:3000]).predict_proba(X[3000:])[:, 1]
            scores.setdefault(name, []).append(average_precision_score(y[3000:], p))
    return {name: round(float(np.mean(values)), 3) for name, values in scores.items()}


def odd_labels() -> Scored:
    X, found = np.random.default_rng(0).normal(size=(60, 2)), {}
    for name, y in {
        "intervals": pd.Series(pd.cut(X[:, 0], 3)),
        "dates": pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02"] * 30)),
    }.items():
        try:
            TransferMLPClassifier(max_iter=1).fit(X, y)
        except ValueError as error:
            found[name] = f"{len(str(error))} letters: {str(error)[:60]}"
    y = pd.Series(X[:, 0] > 0, dtype="boolean")
    return found | {"nullable": TransferMLPClassifier(max_iter=1).fit(X, y).classes_.dtype}


LINES: dict[str, Callable[[], Scored]] = {
    "column_transformers": column_transformers,
    "chains": lambda: chains(lacking=False),
    "chains_less": lambda: chains(lacking=True),
    "scaled_twice": scaled_twice,
    "no_scaler": no_scaler,
    "by_predictions": by_predictions,
    "spellings": spellings,
    "other_columns": other_columns,
    "written": written,
    "names_of_rows": names_of_rows,
    "many_levels": many_levels,
    "outliers": outliers,
    "without_entries": without_entries,
    "changed_types": changed_types,
    "joint_dates": joint_dates,
    "sparse_and_wide": sparse_and_wide,
    "rare_class": rare_class,
    "odd_labels": odd_labels,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", default=list(LINES), choices=LINES)
    warnings.simplefilter("ignore")
    for name in parser.parse_args().only:
        print(name, flush=True)
        for what, figure in LINES[name]().items():
            print(f"    {what}: {figure}", flush=True)


if __name__ == "__main__":
    main()
