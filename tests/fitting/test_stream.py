"""A short stream, whose ensemble is fitted to all rows again, reads columns as they come."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import FEW_MEMBERS, lighter, model_of
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktransfer import MultiTaskMLP, TransferMLPRegressor
from sktransfer._networks import predict_member
from sktransfer._preprocessing import encode
from sktransfer.exceptions import TransferWarning
from sktransfer.strategies import Scratch, WeightedEnsemble

RNG = np.random.default_rng(0)
WEIGHT, DAY = RNG.normal(70, 9, 90).round(2), RNG.integers(0, 900, 90)
Y = WEIGHT / 9 + DAY / 300
DAYS = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(DAY, unit="D"))
PLAIN = pd.DataFrame({"weight": WEIGHT, "day": DAYS})
WRITTEN = pd.DataFrame(
    {"weight": [f"{w:.2f} kg" for w in WEIGHT], "day": DAYS.dt.strftime("%d.%m.%Y")}
)


def _stream(X, to_frame=lambda X: X, **params):
    model = TransferMLPRegressor(random_state=0, **params)
    for rows in (slice(0, 45), slice(45, 90)):
        model.partial_fit(to_frame(X[rows]), Y[rows])
    return model


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_stream_of_texts_learns_what_one_of_their_values_does(library):
    frame = pytest.importorskip(library).DataFrame

    def in_library(X):
        return frame(X.to_dict("list"))

    written, plain = (_stream(X, in_library).predict(in_library(X)) for X in (WRITTEN, PLAIN))
    np.testing.assert_allclose(written, plain, rtol=1e-4)


def _kilograms(X):
    return X.apply(lambda column: column.str.removesuffix(" kg").astype(float))


@pytest.mark.filterwarnings("ignore:This source does not help")
def test_a_source_gets_the_rows_of_a_stream_as_they_came():
    reads = make_column_transformer((FunctionTransformer(_kilograms), ["weight"]))
    source = make_pipeline(reads, Ridge()).fit(WRITTEN, 10 * Y)
    model = _stream(WRITTEN, source=source, strategy=lighter("auto"))
    assert model.score(WRITTEN, Y) > 0.9


@pytest.mark.parametrize("sizes", [(1, 89), (4, 86), (1, 1, 7, 81)])
@pytest.mark.parametrize("several", [False, True])
def test_a_stream_of_a_network_that_begins_with_few_rows_measures_units_on_more(sizes, several):
    X = PLAIN.assign(kind=np.arange(90) % 2)
    X["kind"] = X["kind"].map({0: "a", 1: "b"})
    cls = MultiTaskMLP if several else TransferMLPRegressor

    def model():
        return cls(random_state=0) if several else cls(strategy="scratch", random_state=0)

    def target(rows):
        y = 1e5 + 2e4 * Y[rows]
        return {"y": y} if several else y

    stream, at = model(), 0
    for n in sizes:
        rows = slice(at, at := at + n)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stream.partial_fit(X[rows], target(rows))
    at_once = model().partial_fit(X, target(slice(None)))
    found, expected = (one.predict(X) for one in (stream, at_once))
    if several:
        found, expected = found["y"], expected["y"]
    np.testing.assert_allclose(found, expected)


def test_a_stream_without_units_trains_step_by_step_from_its_first_row():
    X = np.c_[WEIGHT, DAY] / 100
    model = TransferMLPRegressor(strategy="scratch", standardize=False, random_state=0)
    for i in range(3):
        model.partial_fit(X[i : i + 1], Y[i : i + 1])
    assert len(model.loss_curve_) == 3


def test_texts_and_then_numbers_in_a_stream_leave_a_model_that_reads_both():
    model = TransferMLPRegressor(random_state=0).partial_fit(WRITTEN[:45], Y[:45])
    model.partial_fit(PLAIN[45:], Y[45:])
    np.testing.assert_array_equal(model.predict(WRITTEN), model.predict(PLAIN))


@pytest.mark.filterwarnings("ignore:This source does not")
@pytest.mark.parametrize(
    "first, second", [("pandas", "polars"), ("polars", "pandas"), ("array", "pyarrow")]
)
def test_chunks_of_other_libraries_and_types_learn_what_those_of_one_do(first, second):
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    X = pd.DataFrame({"day": DAY, "weight": WEIGHT})
    forms = {"pandas": lambda X: X.astype(float), "array": lambda X: X.to_numpy()}
    forms |= {"polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
    source = Ridge().fit(X if first != "array" else X.to_numpy(), Y)
    found = []
    for other in (first, second):
        model = TransferMLPRegressor(source=source, strategy=FEW_MEMBERS, random_state=0)
        for rows, form in ((slice(0, 20), first), (slice(20, 45), other)):
            model.partial_fit(forms[form](X[rows]), Y[rows])
        found.append(model.predict(forms[first](X)))
    np.testing.assert_allclose(*found, rtol=1e-6)


def _levels_said(first, second):
    """Whether a stream of two chunks says that a column has no level in common."""
    chunks = [pd.DataFrame({"town": towns}) for towns in (first, second)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TransferWarning)
        source = TransferMLPRegressor(max_iter=5, random_state=0).fit(PLAIN, Y)
        model = TransferMLPRegressor(source=source, strategy=FEW_MEMBERS, random_state=0)
        for chunk in chunks:
            model.partial_fit(chunk, Y[: len(chunk)])
    return any("no level in common" in str(w.message) for w in caught)


def test_other_towns_are_said_where_a_stream_has_enough_rows_to_tell():
    assert _levels_said(["Oslo", "Rome"] * 8, ["Bonn", "Lima"] * 8)
    assert not _levels_said(["Oslo", "Rome"], ["Bonn"])
    assert not _levels_said([f"Mr {k}" for k in range(16)], [f"Ms {k}" for k in range(16)])


def test_a_small_chunk_of_a_short_stream_hardly_moves_the_weights():
    X, y = load_diabetes(return_X_y=True)
    strategy = WeightedEnsemble({"net": Scratch(), "linear": "linear"})
    model = TransferMLPRegressor(strategy=strategy, max_iter=20, random_state=0)
    model.partial_fit(X[:40], y[:40])
    before, fitted = model.member_weights_, model_of(model)
    network = fitted.members[list(before).index("net")]
    rows = encode(X[40:49], network.inputs, fitted.dtype)
    model.partial_fit(X[40:49], predict_member(network, rows).ravel())  # right by chance
    assert abs(model.member_weights_["net"] - before["net"]) < 0.1
