"""Kinds of column: one class and one entry of the index each."""

from dataclasses import dataclass
from typing import ClassVar

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sktransfer import TransferMLPRegressor, load
from sktransfer._persistence import _types
from sktransfer._preprocessing import _kinds
from sktransfer._preprocessing._series import Series, texts_of
from sktransfer._records import Column

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
FRAME = pd.DataFrame(
    {
        "size": np.linspace(0, 1, 40),
        "paid": ["yes", "no"] * 20,
        "town": ["York", "Bonn", "Rome", "Bath"] * 10,
        "day": pd.date_range("2024-01-01", periods=40, freq="7h"),
    }
)
Y = np.linspace(0, 1, 40)


@dataclass(frozen=True)
class YesNoColumn(Column):
    """1 for yes, -1 for no."""

    entries: ClassVar[str] = "yes and no"

    @property
    def reading(self):
        return "read as yes and no", "its entries were these words"

    @property
    def examples(self):
        return ["yes", "no"]


class YesNoKind(_kinds.ColumnKind[YesNoColumn]):
    """Such words."""

    record = YesNoColumn

    def of_texts(self, unread, texts):
        return YesNoColumn(unread.name) if set(texts) == {"yes", "no"} else None

    def encode(self, series: Series, column):
        signs = {"yes": 1.0, "no": -1.0}
        return np.array([signs.get(text, np.nan) for text in texts_of(series)])[:, None]


@pytest.fixture
def with_a_kind_more(monkeypatch):
    kind = YesNoKind()
    monkeypatch.setattr(_kinds, "KINDS", (kind, *_kinds.KINDS))
    monkeypatch.setitem(_kinds.KIND_OF, YesNoColumn, kind)
    _types.classes.cache_clear()
    yield
    _types.classes.cache_clear()


def test_a_new_kind_is_read_transferred_reported_and_saved(with_a_kind_more, tmp_path):
    source = TransferMLPRegressor(**QUICK).fit(FRAME, Y)
    model = TransferMLPRegressor(source=source, strategy="full", **QUICK).fit(FRAME[:20], Y[:20])
    report = str(model.transfer_report_)
    assert "read as yes and no: paid (its entries were these words)" in report
    assert list(model.encoded_feature_names_).count("paid") == 1
    model.save(tmp_path)
    assert_array_equal(load(tmp_path).predict(FRAME), model.predict(FRAME))


def test_messages_call_a_new_kind_by_its_own_words(with_a_kind_more):
    source = TransferMLPRegressor(**QUICK).fit(FRAME, Y)
    other = FRAME.assign(paid=FRAME["day"])
    expected = r"'paid' \(datetimes in X, yes and no in the source\)"
    with pytest.warns(UserWarning, match=expected):
        TransferMLPRegressor(source=source, strategy="full", **QUICK).fit(other, Y)


@pytest.mark.parametrize("name", FRAME)
def test_every_kind_makes_as_many_columns_as_it_names(name):
    series = nw.from_native(FRAME, eager_only=True)[name]
    column = _kinds.recognised(_kinds.Unread(series, name))
    if column is None:
        column = _kinds.levels_of(_kinds.Unread(series, name))
    encoded = _kinds.encode_column(series, column)
    assert encoded.shape == (40, len(column.encoded_names))
    assert not np.isnan(encoded).any()


def test_an_index_of_kinds_has_every_record_once():
    records = [kind.record for kind in _kinds.KINDS]
    assert len(set(records)) == len(records)
    assert set(records) == set(Column.__subclasses__()) - {YesNoColumn}
