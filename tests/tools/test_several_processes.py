"""Data-parallel training under torchrun: two processes train as one, and survive a death."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from example_scripts import ENVIRONMENT, SCRIPTS

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available(), reason="this torch has no torch.distributed"
)
SCRIPT = str(SCRIPTS / "train_on_several_processes.py")
TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]


def _losses(output):
    return dict(re.findall(r"epoch +(\d+) +loss ([\d.]+)", output))


def _command(n_processes, path):
    torchrun = [*TORCHRUN, "--standalone", f"--nproc-per-node={n_processes}"]
    return [*torchrun, SCRIPT, str(path), "--epochs=4"]


def _train(n_processes, path):
    command = _command(n_processes, path)
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return _losses(done.stdout)


@pytest.fixture(scope="module")
def by_one(tmp_path_factory):
    """Loss per epoch of one process with the whole batch."""
    return _train(1, tmp_path_factory.mktemp("one") / "model.pkl")


@pytest.mark.slow
def test_two_processes_have_the_loss_of_one_with_their_batches_together(tmp_path, by_one):
    assert len(by_one) == 4
    by_two = _train(2, tmp_path / "model.pkl")
    assert by_two.keys() == by_one.keys()
    for epoch, loss in by_one.items():
        assert float(by_two[epoch]) == pytest.approx(float(loss), rel=1e-8)


def _workers_of(pid):
    """Ids of the processes that a process has started and that run the script."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                is_script = SCRIPT in (entry / "cmdline").read_text()
            except OSError:
                continue  # it has ended in the meantime
            if parent == pid and is_script:
                yield int(entry.name)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_after_a_killed_process_training_resumes_where_it_was(tmp_path, by_one):
    path = tmp_path / "model.pkl"
    with subprocess.Popen(
        _command(2, path),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        for line in running.stdout:
            if "2" in _losses(line):
                os.kill(max(_workers_of(running.pid)), signal.SIGKILL)
        assert running.wait(timeout=60) != 0  # an error, and no hang
    losses = _train(2, path)
    assert "1" not in losses
    assert float(losses["4"]) == pytest.approx(float(by_one["4"]), rel=1e-8)


# -- two hosts ----------------------------------------------------------------------------


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def two_hosts():
    """Two network namespaces with a cable between them: hosts, as far as sockets can tell."""
    hosts = [f"skt-{os.getpid()}-{side}" for side in "ab"]
    cables = [f"skt{os.getpid()}{side}" for side in "ab"]
    try:
        _ip("netns", "add", hosts[0])
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("network namespaces cannot be made here")
    try:
        _ip("netns", "add", hosts[1])
        _ip("link", "add", cables[0], "type", "veth", "peer", "name", cables[1])
        for number, (host, cable) in enumerate(zip(hosts, cables, strict=True), 1):
            _ip("link", "set", cable, "netns", host)
            _ip("-n", host, "addr", "add", f"10.77.0.{number}/24", "dev", cable)
            _ip("-n", host, "link", "set", cable, "up")
            _ip("-n", host, "link", "set", "lo", "up")
        yield list(zip(hosts, cables, strict=True))
    finally:
        for host in hosts:
            subprocess.run(["ip", "netns", "del", host], capture_output=True)


@pytest.mark.slow
def test_two_hosts_train_as_one(tmp_path, by_one, two_hosts):
    address = [
        "--nnodes=2",
        "--nproc-per-node=1",
        "--master-addr=10.77.0.1",
        "--master-port=29400",
    ]
    running = []
    for rank, (host, cable) in enumerate(two_hosts):
        command = [*TORCHRUN, *address, f"--node-rank={rank}", SCRIPT, str(tmp_path / "model.pkl")]
        running.append(
            subprocess.Popen(
                ["ip", "netns", "exec", host, *command, "--epochs=4"],
                env=ENVIRONMENT | {"GLOO_SOCKET_IFNAME": cable},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    outputs = [process.communicate(timeout=200)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    losses = _losses(outputs[0])
    assert losses.keys() == by_one.keys()
    assert float(losses["4"]) == pytest.approx(float(by_one["4"]), rel=1e-8)
