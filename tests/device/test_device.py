"""Training on other devices than the CPU."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_iris

from sktransfer import TransferMLPClassifier
from sktransfer._training._device import LARGE_STEP, training_device

HERE = Path(__file__).parent
DEVICES = ["far", pytest.param("cuda", marks=pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA GPU"))]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("device", DEVICES)
def test_same_as_on_the_cpu(device):
    pytest.importorskip("torch.utils.backend_registration")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         HERE / "cases.py"],
        env=os.environ | {"SKTRANSFER_TEST_DEVICE": device},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_auto_takes_a_gpu_for_large_steps_only(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert training_device("auto", LARGE_STEP) == torch.device("cuda")
    assert training_device("auto", LARGE_STEP / 2) == torch.device("cpu")
    assert training_device("cpu", LARGE_STEP) == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device("auto", LARGE_STEP) == torch.device("cpu")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "hpu"])
def test_devices_that_are_not_there(device):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=rf"device='{device}' cannot be trained on; expected"):
        TransferMLPClassifier(device=device).fit(X, y)
