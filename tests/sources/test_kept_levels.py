"""Levels that encoders of other packages keep: a table may spell them otherwise, or lack them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import Predictor
from sktransfer.sources._kept_levels import kept_levels
from sktransfer.strategies import Recalibrate

N = 60
TABLE = pd.DataFrame(
    {
        "town": np.resize(["Ulm", "Kiel", "Bern"], N),
        "grade": np.resize([1, 2, 3, 4], N),
        "age": np.linspace(20, 60, N),
    }
)
Y = ((TABLE["town"] == "Ulm") * 8 + TABLE["grade"] * 3 + TABLE["age"] > 50).to_numpy().astype(int)
#: The same in other words.
OTHERWISE = TABLE.assign(town=TABLE["town"].str.upper() + " ", grade=TABLE["grade"].astype(str))


class ByColumn(TransformerMixin, BaseEstimator):
    """Keeps ``{column: {level: code}}``, as feature-engine does."""

    columns = ("town", "grade")

    def fit(self, X, y=None):
        self.n_features_in_, self.feature_names_in_ = X.shape[1], np.array(X.columns, object)
        levels = {name: X[name].unique() for name in self.columns}
        self.encoder_dict_ = {
            name: {one: i + 1.0 for i, one in enumerate(every)} for name, every in levels.items()
        }
        return self

    def transform(self, X):
        codes = {name: X[name].map(known) for name, known in self.encoder_dict_.items()}
        return X.assign(**{name: one.astype(float).fillna(0.0) for name, one in codes.items()})

    def get_feature_names_out(self, names=None):
        return self.feature_names_in_


class Recorded(ByColumn):
    """Keeps a record for each column, in an encoder inside, as category_encoders does."""

    def fit(self, X, y=None):
        super().fit(X)
        self.inside = ByColumn()
        self.inside.mapping = [
            {"col": name, "mapping": pd.Series(codes), "data_type": object}
            for name, codes in self.encoder_dict_.items()
        ]
        self.table = {name: list(codes.values()) for name, codes in self.encoder_dict_.items()}
        del self.encoder_dict_
        return self

    def transform(self, X):
        records = self.inside.mapping
        codes = {record["col"]: X[record["col"]].map(record["mapping"]) for record in records}
        return X.assign(**{name: one.astype(float).fillna(0.0) for name, one in codes.items()})


class Statistics(ByColumn):
    """Keeps something else by the names of columns, and changes none."""

    def fit(self, X, y=None):
        super().fit(X)
        self.encoder_dict_ = {"age": {"mean": 3.0, "std": 1.0}, "town": ["most", "least"]}
        return self

    def transform(self, X):
        return X


@pytest.mark.parametrize("last", [LogisticRegression(), MLPClassifier((4,), max_iter=30)])
@pytest.mark.parametrize("encoder", [ByColumn, Recorded])
def test_levels_in_other_words_are_the_encoders_own(encoder, last):
    source = make_pipeline(encoder(), last).fit(TABLE, Y)
    expected = source.predict_proba(TABLE)
    model = TransferMLPClassifier(source=source, strategy=Recalibrate("none"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TransferWarning)
        found = model.fit(OTHERWISE, Y).predict_proba(OTHERWISE)
    assert_allclose(found, expected, atol=2e-3)
    assert_allclose(model.predict_proba(OTHERWISE[:1]), expected[:1], atol=2e-3)


def test_the_first_level_stands_for_a_column_that_a_table_lacks():
    source = make_pipeline(ByColumn(), LogisticRegression()).fit(TABLE, Y)
    found = Predictor(source).outputs(TABLE.drop(columns="town"))[:, 0]
    assert_allclose(found, source.predict_proba(TABLE.assign(town="Ulm"))[:, 1])


def test_what_a_step_keeps_by_column_is_no_list_of_levels_unless_it_tells_them():
    assert kept_levels(ByColumn().fit(TABLE), list(TABLE)) == {
        "town": ["Ulm", "Kiel", "Bern"],
        "grade": [1, 2, 3, 4],
    }
    assert kept_levels(Statistics().fit(TABLE), list(TABLE)) == {}
