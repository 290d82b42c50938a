"""A code such as -999 among numbers is said, as means follow it; amounts that vary are not."""

import warnings

import numpy as np
import pytest

from sktransfer import MultiTaskMLP, TransferMLPRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = X[:, 0] + RNG.normal(size=60)
CODED = np.where(np.arange(60) < 2, -999.0, Y)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def _said(fit):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit()
    return [str(one.message) for one in caught if "of all others away" in str(one.message)]


def _regressor(**params):
    return TransferMLPRegressor(strategy="scratch", **QUICK, **params)


@pytest.mark.parametrize(
    ("fit", "what"),
    [
        (lambda: _regressor().fit(X, CODED), "y"),
        (lambda: _regressor().fit(X, np.c_[Y, CODED]), "y"),
        (lambda: MultiTaskMLP(**QUICK).fit(X, {"a": Y, "b": CODED}), "Task 'b'"),
    ],
)
def test_a_code_among_numbers_is_said_once(fit, what):
    (message,) = _said(fit)
    assert message.startswith(f"{what} is -999 in 2 of 60 rows")


@pytest.mark.parametrize(
    "fit",
    [
        lambda: _regressor().fit(X, Y),
        lambda: _regressor().fit(X, np.exp(3 * Y)),
        lambda: _regressor().fit(X, np.arange(60) == 0),  # a rare count
        lambda: _regressor(loss="huber").fit(X, CODED),
        lambda: _regressor().fit(X, CODED, sample_weight=CODED > -999),
        lambda: _regressor().fit(X[:6], CODED[:6]),
    ],
)
def test_other_numbers_are_taken_without_a_word(fit):
    assert not _said(fit)


def _chunks(first, then, several=False):
    model = MultiTaskMLP(**QUICK) if several else _regressor()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for y in (first, then):
            model.partial_fit(X[: len(y)], {"cost": y} if several else y)
    messages = [str(one.message) for one in caught]
    return [message for message in messages if "one unit on the whole stream" in message]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("change", [lambda y: 1000 * y, lambda y: y / 1000, lambda y: y + 1e5])
def test_a_chunk_whose_numbers_are_in_another_unit_is_said(change, several):
    (message,) = _chunks(50 + 9 * Y, change(50 + 9 * Y), several)
    assert message.startswith("Task 'cost' has the median" if several else "y has the median")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (50 + 9 * Y, 80 + 40 * Y),
        (50 + 9 * Y, np.full(60, 50.0)),
        (50 + 9 * Y, np.full(60, 50.0) + 0.01 * Y),  # a narrow part of the range
        (np.full(2, 50.0), 1e5 + 1e4 * Y),  # of two rows no unit is known
        (np.exp(2 * Y), np.exp(2 * Y[::-1])),
    ],
)
def test_a_chunk_of_other_numbers_in_one_unit_is_taken_without_a_word(first, then):
    assert not _chunks(first, then)
