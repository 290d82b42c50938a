"""Any two tables: whatever their columns, types, gaps and categories, the laws hold."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fitted import lighter, rows_by_input
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import STRATEGIES

pytestmark = pytest.mark.filterwarnings("ignore::sktransfer.exceptions.TransferWarning")

N = 24
LABELS = np.array(["a", "b", "c"])[np.arange(N) % 3]
SMALL = {"hidden_layer_sizes": (5, 4), "max_iter": 2, "random_state": 0}
HARDLY = {"learning_rate_init": 1e-12, "max_iter": 1, "random_state": 1}
KINDS = ["number", "count", "flag", "text", "category", "moment", "span", "constant", "huge"]
#: No shrinking: a failing example is as small as the tables are.
SOME = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
#: For a law over every strategy, an ensemble among them.
FEW = settings(SOME, max_examples=6)
#: With a source 'ensemble' is 'auto'.
ONE_BY_ONE = sorted(set(STRATEGIES) - {"ensemble"})


def _values(kind, levels, rng, n):
    if kind == "number":
        return pd.Series(rng.normal(size=n) * 10.0 ** rng.integers(-3, 4))
    if kind == "count":
        return pd.Series(rng.integers(0, 50, n)).astype("Int64")
    if kind == "flag":
        return pd.Series(rng.random(n) < 0.5).astype("boolean")
    if kind in ("text", "category"):
        texts = pd.Series([f"level {i}" for i in rng.integers(0, levels, n)], dtype=object)
        return texts.astype("category") if kind == "category" else texts
    if kind == "moment":
        return pd.Series(
            pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 9999, n), "h")
        )
    if kind == "span":
        return pd.Series(pd.to_timedelta(rng.integers(0, 9999, n), "s"))
    return pd.Series(np.full(n, 3.0) if kind == "constant" else 1e12 * rng.normal(size=n))


def _frame(columns, seed, n=N):
    """A table of `columns`: (name, kind, number of levels, share of missing entries)."""
    rng = np.random.default_rng(seed)
    frame = {}
    for name, kind, levels, gaps in columns:
        values = _values(kind, levels, rng, n)
        frame[name] = values.mask(rng.random(n) < gaps)
    return pd.DataFrame(frame)


def columns(least=1):
    column = st.tuples(
        st.sampled_from(["age", "town", "wage", "with space", "größe", "x0", "x0=level 1", "#"]),
        st.sampled_from(KINDS),
        st.integers(1, 30),
        st.sampled_from([0.0, 0.0, 0.2, 0.9]),
    )
    return st.lists(column, min_size=least, max_size=5, unique_by=lambda c: c[0])


@pytest.mark.slow
@given(columns(), st.integers(0, 9))
@SOME
def test_any_table_is_learned_and_predicted_in_finite_numbers(table, seed):
    frame = _frame(table, seed)
    model = TransferMLPClassifier(**SMALL).fit(frame, LABELS)
    other = _frame([(name, kind, 40, 0.5) for name, kind, *_ in table], seed + 1, 9)
    for rows in (frame, other, other[:1]):
        proba = model.predict_proba(rows)
        assert np.isfinite(proba).all()
        assert_allclose(proba.sum(1), 1, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ONE_BY_ONE)
@given(columns(), columns(), st.integers(0, 9))
@FEW
def test_any_two_tables_transfer_without_a_crash(strategy, first, second, seed):
    source = TransferMLPClassifier(**SMALL).fit(_frame(first, seed), LABELS)
    frame = _frame(second, seed + 1)
    params = {"strategy": lighter(strategy), "max_iter": 2, "random_state": 0}
    target = TransferMLPClassifier(source=source, **params).fit(frame, LABELS)
    assert np.isfinite(target.predict_proba(frame)).all()
    assert np.isfinite(target.predict_proba(_frame(second, seed + 2, 7))).all()
    report = target.transfer_report_
    assert 0 <= report.n_carried <= report.n_parameters
    assert (report.n_carried > 0) == ("reused" in report.counts("layer"))


@pytest.mark.slow
@given(columns(), columns(), st.integers(0, 9))
@SOME
def test_any_table_transfers_to_numbers(first, second, seed):
    source = TransferMLPClassifier(**SMALL).fit(_frame(first, seed), LABELS)
    frame = _frame(second, seed + 1)
    params = {"source": source, "strategy": "l2_sp", "max_iter": 2, "random_state": 0}
    target = TransferMLPRegressor(**params)
    assert np.isfinite(target.fit(frame, np.arange(N) * 1e3).predict(frame)).all()


@pytest.mark.slow
@given(columns(), st.integers(0, 9))
@SOME
def test_without_training_the_same_table_is_predicted_as_by_the_source(table, seed):
    frame = _frame(table, seed)
    source = TransferMLPClassifier(**SMALL).fit(frame, LABELS)
    target = TransferMLPClassifier(source=source, strategy="keep_head", **HARDLY)
    answer = target.fit(frame, LABELS).predict_proba(frame)
    assert_allclose(answer, source.predict_proba(frame), rtol=1e-3, atol=1e-5)
    assert target.transfer_report_.n_carried == target.transfer_report_.n_parameters


@pytest.mark.slow
@given(columns(), st.integers(0, 9), st.randoms(use_true_random=False))
@SOME
def test_the_order_of_any_targets_columns_changes_no_bit(table, seed, random):
    frame = _frame(table, seed)
    order = random.sample(list(frame), len(table))
    source = TransferMLPClassifier(**SMALL).fit(frame, LABELS)
    params = {"source": source, "strategy": "l2_sp", "max_iter": 2, "random_state": 0}
    here = TransferMLPClassifier(**params).fit(frame, LABELS)
    there = TransferMLPClassifier(**params).fit(frame[order], LABELS)
    assert_array_equal(here.predict_proba(frame), there.predict_proba(frame[order]))


@pytest.mark.slow
@given(columns(), st.integers(0, 9))
@SOME
def test_renaming_categories_in_both_tables_changes_no_prediction(table, seed):
    def renamed(frame):
        # in alphabetical order still, as the order of levels is that of their names
        texts = frame.select_dtypes(include=["object"])
        new = {c: texts[c].map(lambda v: v if pd.isna(v) else f"die {v}") for c in texts}
        return frame.assign(**new)

    first, second = _frame(table, seed), _frame(table, seed + 1)
    answers = []
    for rename in (lambda frame: frame, renamed):
        source = TransferMLPClassifier(**SMALL).fit(rename(first), LABELS)
        params = {"source": source, "strategy": "l2_sp", "max_iter": 2, "random_state": 0}
        target = TransferMLPClassifier(**params)
        answers.append(target.fit(rename(second), LABELS).predict_proba(rename(second)))
    assert_allclose(answers[0], answers[1], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@given(columns(least=2), st.integers(0, 9))
@SOME
def test_a_dropped_and_an_added_column_leave_the_rest_carried(at_the_mean, table, seed):
    frame = _frame(table, seed)
    source = TransferMLPClassifier(**SMALL).fit(frame, LABELS)
    other = frame.iloc[:, 1:].assign(new=np.arange(N, dtype=float))
    target = TransferMLPClassifier(source=at_the_mean(source), strategy="full", **HARDLY)
    target.fit(other, LABELS)
    theirs = rows_by_input(source)
    if target.transfer_report_.n_carried == 0:
        return
    for ids, row in rows_by_input(target).items():
        expected = theirs.get(ids, np.zeros_like(row))
        assert_allclose(row, expected, atol=1e-8)


@pytest.mark.slow
@given(columns(), st.integers(0, 9))
@SOME
def test_pandas_and_polars_give_equal_predictions(table, seed):
    frame = _frame(table, seed)
    twin = pl.from_pandas(frame)
    here = TransferMLPClassifier(**SMALL).fit(frame, LABELS)
    there = TransferMLPClassifier(**SMALL).fit(twin, LABELS)
    assert_allclose(there.predict_proba(twin), here.predict_proba(frame), rtol=1e-3, atol=1e-5)
