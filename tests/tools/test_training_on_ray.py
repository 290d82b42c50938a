"""Ray Train: two workers train as one, also where one of them is killed on the way."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from example_scripts import ENVIRONMENT, SCRIPTS

pytest.importorskip("ray.train.torch")
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes in /proc"
)


def _command(folder, n_workers):
    script = str(SCRIPTS / "train_on_ray.py")
    return [sys.executable, script, str(folder), f"--workers={n_workers}", "--epochs=12"]


def _loss(output):
    (loss,) = re.findall(r"^epoch 12  loss ([\d.]+)", output, re.MULTILINE)
    return float(loss)


def _a_worker_with(mark):
    """Id of a process of Ray's that trains and has `mark` in its environment."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                trains = "RayTrainWorker" in (entry / "cmdline").read_text()
                if trains and mark in (entry / "environ").read_text():
                    return int(entry.name)
            except OSError:
                continue  # it has ended in the meantime, or is another user's
    return None


def test_two_workers_have_the_loss_of_one_also_after_one_was_killed(tmp_path):
    run = {"env": ENVIRONMENT, "text": True, "stderr": subprocess.DEVNULL}
    alone = subprocess.run(
        _command(tmp_path / "one", 1), stdout=subprocess.PIPE, timeout=300, check=True, **run
    )
    mark = f"SKTRANSFER_TEST={tmp_path}"
    run["env"] = ENVIRONMENT | dict([mark.split("=", 1)])
    with subprocess.Popen(_command(tmp_path / "two", 2), stdout=subprocess.PIPE, **run) as running:
        killed = None
        while running.poll() is None and killed is None:
            if len(list((tmp_path / "two").glob("sktransfer/checkpoint_*"))) >= 2:
                killed = _a_worker_with(mark)
                os.kill(killed, signal.SIGKILL)
        output, _ = running.communicate(timeout=400)
    assert killed is not None and running.returncode == 0
    assert _loss(output) == pytest.approx(_loss(alone.stdout), rel=1e-8)
