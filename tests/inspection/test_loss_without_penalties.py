"""Penalties are recorded and shown apart from the loss of the data."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from sktransfer import TransferMLPClassifier
from sktransfer.inspection import LossCurveDisplay

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
OLD, NEW = X[:300].filter(regex="^mean|^worst"), X[300:340].filter(regex="^mean|error$")


@pytest.fixture(scope="module")
def source():
    return TransferMLPClassifier((32, 32), max_iter=20, random_state=0).fit(OLD, y[:300])


@pytest.mark.parametrize("strategy", ["full", "l2_sp"])
def test_the_penalty_of_each_epoch_is_recorded_and_printed_where_it_is_notable(
    source, strategy, capsys
):
    model = TransferMLPClassifier(source=source, strategy=strategy, max_iter=6, verbose=True)
    model.fit(NEW, y[300:340])
    penalty = np.array(model.net_.history[:, "train_penalty"])
    assert penalty[-1] > 0 and (penalty < model.loss_curve_).all()
    printed = re.findall(r"loss = (\S+) \((\S+) of it penalties\)", capsys.readouterr().out)
    notable = penalty > 0.01 * np.array(model.loss_curve_)
    assert notable.any() == (strategy == "full")
    expected = np.column_stack([model.loss_curve_, penalty])[notable]
    np.testing.assert_allclose(np.array(printed, float).reshape(-1, 2), expected, atol=1e-8)


def test_the_display_draws_the_loss_without_penalties(source):
    pytest.importorskip("matplotlib")
    model = TransferMLPClassifier(source=source, strategy="full", max_iter=6, random_state=0)
    display = LossCurveDisplay.from_estimator(model.fit(NEW, y[300:340]))
    dotted = [line for line in display.ax_.lines if line.get_linestyle() == ":"]
    penalty = np.array(model.net_.history[:, "train_penalty"])
    np.testing.assert_allclose(dotted[0].get_ydata(), model.loss_curve_ - penalty)


def test_columns_of_the_source_alone_do_not_blow_up_the_first_layer(source):
    model = TransferMLPClassifier(source=source, strategy="frozen", max_iter=2, random_state=0)
    model.fit(NEW, y[300:340])
    before, after = (np.square(one.coefs_[0]).sum() for one in (source, model))
    assert after < 2 * before
