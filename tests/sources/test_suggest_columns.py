"""Proposals for columns under another name: hardly ever wrong, and never applied by themselves."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import SourceError
from sktransfer.sources import suggest_columns
from sktransfer.sources._column_names import words_of

TABLES = {
    load.__name__: load(as_frame=True).data
    for load in (load_iris, load_wine, load_breast_cancer, load_diabetes)
}
RENAMED = {
    "camel case": lambda words: "".join(word.title() for word in words),
    "first letters": lambda words: "_".join(word[:4] for word in words),
    "without vowels": lambda words: "_".join(
        word[0] + re.sub("[aeiou]", "", word[1:]) for word in words
    ),
    "another order": lambda words: " ".join(words[::-1]),
    "glued": "".join,
    "a word more": lambda words: "_".join((*words, "new")),
    "a letter less": lambda words: "_".join(
        word[:-2] + word[-1] if len(word) > 5 else word for word in words
    ),
}


def _source(X):
    model = TransferMLPRegressor(hidden_layer_sizes=4, strategy="scratch", max_iter=1)
    return model.set_params(random_state=0).fit(X, np.arange(len(X)) / len(X))


def test_nineteen_of_twenty_proposals_for_renamed_columns_are_right():
    rng = np.random.default_rng(0)
    n_right = n_proposed = n_there = 0
    for X in TABLES.values():
        for rename in RENAMED.values():
            # either table has columns that the other lacks
            theirs, ours = ([c for c in X if rng.random() < 0.7] or list(X) for _ in "ab")
            names = {column: rename(words_of(column)) for column in ours}
            pairs = suggest_columns(_source(X[theirs]), X[ours][:60].rename(columns=names))
            proposed = dict(zip(pairs["source"], pairs["target"], strict=True))
            n_right += sum(names.get(one) == other for one, other in proposed.items())
            n_proposed += len(proposed)
            n_there += sum(column in names and names[column] != column for column in theirs)
    assert n_right >= 0.95 * n_proposed
    assert n_right >= 0.8 * n_there


@pytest.mark.parametrize("prefix", ["f", "x", "column ", "V"])
def test_numbered_columns_are_not_proposed_for_their_distribution(prefix):
    X = TABLES["load_breast_cancer"]
    numbered = X.set_axis([f"{prefix}{i}" for i in range(X.shape[1])], axis=1)
    assert suggest_columns(_source(X), numbered).empty
    assert suggest_columns(_source(numbered), X).empty


def test_columns_of_other_tables_are_not_proposed():
    for name, X in TABLES.items():
        for other, Z in TABLES.items():
            assert name == other or suggest_columns(_source(X), Z).empty


def _mixed(n=200):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "home town": rng.choice(["Ulm", "York", "Bath", "Bonn"], n),
            "sex": rng.choice(["male", "female"], n),
            "age": rng.normal(40, 10, n),
            "income": rng.gamma(2, 2e4, n),
        }
    )
    return X, (X["age"] > 40).to_numpy().astype(int)


def _kinds():
    X, y = _mixed()
    encode = make_column_transformer(
        (StandardScaler(), ["age", "income"]), (OneHotEncoder(), ["home town", "sex"])
    )
    return {
        "ours": TransferMLPClassifier(hidden_layer_sizes=4, max_iter=1).fit(X, y),
        "pipeline": make_pipeline(encode, MLPClassifier(4, max_iter=5)).fit(X, y),
        "forest": make_pipeline(encode, RandomForestClassifier(5)).fit(X, y),
    }


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_levels_tell_where_names_do_not_and_proposals_work_as_column_map():
    X, y = _mixed()
    table = X.rename(columns={"home town": "Ort", "age": "age_years", "income": "yearly_income"})
    for source in _kinds().values():
        pairs = suggest_columns(source, table[:50])
        column_map = dict(zip(pairs["source"], pairs["target"], strict=True))
        assert column_map == {"home town": "Ort", "age": "age_years", "income": "yearly_income"}
        assert pairs["score"].between(0.5, 1).all()
        model = TransferMLPClassifier(
            source=source, column_map=column_map, strategy="recalibrate", random_state=0
        )
        found = model.fit(table[:50], y[:50]).predict_proba(table)
        expected = model.set_params(column_map=None).fit(X[:50], y[:50]).predict_proba(X)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_tables_of_pyarrow_have_the_same_proposals():
    X = TABLES["load_iris"]
    renamed = X.set_axis([RENAMED["camel case"](words_of(name)) for name in X], axis=1)
    expected = suggest_columns(_source(X), renamed)
    arrow = pl.from_pandas(renamed).to_arrow()
    assert len(expected) == X.shape[1]
    pd.testing.assert_frame_equal(suggest_columns(_source(X), arrow), expected)


def test_columns_without_names_are_refused():
    X = TABLES["load_iris"]
    with pytest.raises(SourceError, match="X has columns without names"):
        suggest_columns(_source(X), X.to_numpy())
    with pytest.raises(SourceError, match="The source has columns without names"):
        suggest_columns(_source(X.to_numpy()), X)
