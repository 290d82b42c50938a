"""What a source's own predict or steps refuse: the error names the entry, found by trying."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from sktransfer import SharedLayerTransformer, TransferMLPClassifier
from sktransfer.exceptions import SourceError, TransferError

N = 40
CODES = pd.DataFrame({"a": np.arange(N) % 3, "b": np.arange(N) % 4})
TOWNS = pd.DataFrame({"town": np.resize(["Ulm", "Kiel", "Bern"], N), "age": np.arange(N) * 1.0})
Y = (np.arange(N) > 20).astype(int)


class Codes(TransformerMixin, BaseEstimator):
    """An encoder of one's own, which keeps its levels to itself."""

    def __init__(self, missing=None):
        self.missing = missing

    def fit(self, X, y=None):
        self.n_features_in_, self.feature_names_in_ = X.shape[1], np.array(X.columns, object)
        codes = {town: code for code, town in enumerate(X["town"].unique())}
        self.code = codes.__getitem__ if self.missing is None else codes.get
        return self

    def transform(self, X):
        return X.assign(town=X["town"].map(self.code).astype(float))

    def get_feature_names_out(self, names=None):
        return self.feature_names_in_


SOURCES = {
    "a missing entry": (
        make_pipeline(Codes(), LogisticRegression()),
        TOWNS,
        None,
        "a missing entry in column 'town'",
        "'Ulm'",
        "raised: (nan|None)",
    ),
    "naive Bayes": (CategoricalNB(), CODES, 7, "7 in column 'a'", "0", "index 7 is out of bounds"),
    "codes, KeyError": (
        make_pipeline(Codes(), LogisticRegression()),
        TOWNS,
        "Rom",
        "'Rom' in column 'town'",
        "'Ulm'",
        "raised: 'Rom'",
    ),
    "codes, then NaN": (
        make_pipeline(Codes(missing=np.nan), LogisticRegression()),
        TOWNS,
        "Rom",
        "'Rom' in column 'town'",
        "'Ulm'",
        "contains NaN",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_an_entry_that_the_source_refuses_is_named_in_fit_and_in_predict(name):
    estimator, table, entry, named, taken, raised = SOURCES[name]
    source = estimator.fit(table, Y)
    model = TransferMLPClassifier(source=source, strategy="recalibrate")
    other = table.astype(object).infer_objects()
    other.iloc[[5, 17], 0] = entry
    for call in (lambda: model.fit(other, Y), lambda: model.fit(table, Y).predict(other)):
        with pytest.raises(
            SourceError, match=f"not take {named} of X.*same row with {taken}.*{raised}"
        ):
            call()


def test_an_entry_without_a_name_is_named_by_its_column():
    X = CODES.to_numpy()
    source = CategoricalNB().fit(X, Y)
    model = TransferMLPClassifier(source=source, strategy="recalibrate").fit(X, Y)
    with pytest.raises(SourceError, match=r"does not take 9 in column 1 of X"):
        model.predict(np.where(X == 3, 9, X))


def test_where_every_row_is_refused_one_is_shown():
    source = SOURCES["codes, KeyError"][0].fit(TOWNS, Y)
    model = TransferMLPClassifier(source=source, strategy="recalibrate")
    with pytest.raises(SourceError, match=r"rows such as \{'town': 'ULM, ', 'age': 0.0\}"):
        model.fit(TOWNS.assign(town=TOWNS["town"].str.upper() + ", "), Y)


def test_an_entry_that_the_steps_before_a_network_refuse_is_named():
    source = make_pipeline(Codes(), MLPClassifier((4,), max_iter=2)).fit(TOWNS, Y)
    model = SharedLayerTransformer(source).fit(TOWNS)
    other = TOWNS.assign(town=TOWNS["town"].where(TOWNS["age"] != 3, "Rom"))
    with pytest.raises(TransferError, match=r"\(Codes\) does not take 'Rom' in column 'town'"):
        model.transform(other)


def test_a_method_that_raises_where_predict_does_not_is_named():
    source = GaussianProcessClassifier(multi_class="one_vs_one").fit(TOWNS[["age"]], TOWNS["town"])
    with pytest.raises(SourceError, match=r"has predict_proba, which raises.*one_vs_rest"):
        TransferMLPClassifier(source=source).fit(TOWNS[["age"]], TOWNS["town"])
