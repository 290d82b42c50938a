"""Batches: every row once an epoch, in scikit-learn's order, dense or sparse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.utils import check_random_state, gen_batches, shuffle

from sktransfer._training import _data
from sktransfer._training._data import Batches, TrainingData

FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def _epoch(batches):
    """The batches of one epoch as (X, y, sum of weights) arrays."""
    return [
        (batch[0].numpy().copy(), batch[1].numpy().copy(), batch[-1])
        for block in batches.blocks()
        for batch in block.batches
    ]


def _data_of(n, weight=None, form=None):
    X = np.column_stack([np.arange(n, dtype=float), np.zeros(n)])
    y = np.arange(n, dtype=float)[:, None]
    if form is None:
        return TrainingData(X, y, weight)
    return TrainingData(form(X), y, weight, lambda rows: rows.toarray())


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_data, "BLOCK_ROWS", 16)


@given(n=st.integers(1, 70), size=st.integers(1, 80), seed=st.integers(0, 5), dense=st.booleans())
@FEW
def test_every_row_comes_once_an_epoch_with_its_target(n, size, seed, dense):
    data = _data_of(n, form=None if dense else sparse.csr_array)
    batches = Batches(data, size, np.random.RandomState(seed))
    for _ in range(2):
        epoch = _epoch(batches)
        assert len(epoch) == len(batches) == -(-n // size)
        assert all(len(y) == size for _, y, _ in epoch[:-1])
        X, y = (np.concatenate([batch[i] for batch in epoch]) for i in (0, 1))
        assert_array_equal(np.sort(y.ravel()), np.arange(n))
        assert_array_equal(X[:, 0], y.ravel())


@pytest.mark.parametrize("form", [None, sparse.csr_array])
def test_blocks_have_no_seam(small_blocks, form):
    batches = Batches(_data_of(50, form=form), 7, np.random.RandomState(0))
    epoch = _epoch(batches)
    assert [len(y) for _, y, _ in epoch] == [7] * 7 + [1]
    whole = np.concatenate([y for _, y, _ in epoch]).ravel()
    assert_array_equal(whole, batches.order)


def test_the_order_is_scikit_learns():
    batches = Batches(_data_of(23), 5, check_random_state(3))
    rng, rows = check_random_state(3), np.arange(23)
    for _ in range(3):
        rows = shuffle(rows, random_state=rng)
        theirs = [rows[part] for part in gen_batches(23, 5)]
        for (_, y, _), reference in zip(_epoch(batches), theirs, strict=True):
            assert_array_equal(y.ravel(), reference)


def test_without_shuffling_rows_keep_their_order():
    batches = Batches(_data_of(23), 5, None)
    for _ in range(2):
        assert_array_equal(np.concatenate([y for _, y, _ in _epoch(batches)]).ravel(), range(23))


def test_a_sparse_table_is_encoded_a_block_at_a_time(small_blocks):
    seen = []

    def encode(rows):
        seen.append(rows.shape[0])
        return rows.toarray()

    X = sparse.csr_array(np.eye(50))
    _epoch(Batches(TrainingData(X, np.zeros((50, 1)), None, encode), 8, None))
    assert max(seen) <= 16 and sum(seen) == 50


def test_batches_know_their_sums_of_weights():
    weight = np.arange(10, dtype=float)
    sums = [batch[-1] for batch in _epoch(Batches(_data_of(10, weight), 4, None))]
    assert_allclose(sums, [0 + 1 + 2 + 3, 4 + 5 + 6 + 7, 8 + 9])


def test_a_read_only_table_is_left_alone():
    data = _data_of(10)
    data.X.flags.writeable = False
    before = data.X.copy()
    _epoch(Batches(data, 4, np.random.RandomState(0)))
    assert_array_equal(data.X, before)
