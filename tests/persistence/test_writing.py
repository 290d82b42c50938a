"""A save is there as a whole or not at all, and files look as any new file does."""

import errno
import os
import signal
import stat
import subprocess
import threading
import time

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import sktransfer
from sktransfer import TransferMLPClassifier
from sktransfer._persistence import _files
from sktransfer.exceptions import NotSavableError, SourceLayersError

X = np.random.default_rng(0).normal(size=(30, 2))
FILE, CARD = "model.safetensors", "README.md"


def _fitted(seed=0):
    model = TransferMLPClassifier((4,), max_iter=1, random_state=seed)
    return model.fit(X, X[:, 0] > 0)


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_follows_the_umask(mask, mode, tmp_path):
    before = os.umask(mask)
    try:
        _fitted().save(tmp_path)
    finally:
        os.umask(before)
    for name in (FILE, CARD):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_a_directory_is_made_with_its_parents(tmp_path):
    _fitted().save(str(tmp_path / "a" / "b"))
    assert sorted(os.listdir(tmp_path / "a" / "b")) == [CARD, FILE]


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(FileExistsError):
        _fitted().save(tmp_path / "model")
    assert (tmp_path / "model").read_text() == "mine"


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_the_old_model(step, error, tmp_path, monkeypatch):
    old = _fitted(0)
    old.save(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}

    class Full:
        def __init__(self, handle, mode):
            self.file = open(handle, mode)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *args):
            self.file.close()

        def write(self, data):
            self.file.write(data[:100])
            raise error

    def fail(*args):
        raise error

    if step == "write":
        monkeypatch.setattr(_files.os, "fdopen", Full)
    else:
        monkeypatch.setattr(_files.os, step, fail)
    with pytest.raises(type(error)):
        _fitted(1).save(tmp_path)
    monkeypatch.undo()
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    _fitted(1).save(tmp_path)


def test_a_full_disk_leaves_the_old_model(tmp_path):
    """A real one, where this process may mount it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount")
    try:
        old = _fitted()
        old.save(disk / "model")
        big = TransferMLPClassifier((500, 500), max_iter=1, random_state=0).fit(X, X[:, 0] > 0)
        with pytest.raises(OSError) as caught:
            big.save(disk / "model")
        assert caught.value.errno == errno.ENOSPC
        assert sorted(os.listdir(disk / "model")) == [CARD, FILE]
        np.testing.assert_array_equal(sktransfer.load(disk / "model").predict(X), old.predict(X))
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_save_leaves_the_old_or_the_new_and_the_next_cleans_up(tmp_path):
    """Twelve times, at moments of chance."""
    models = [
        TransferMLPClassifier((300, 300), max_iter=1, random_state=i).fit(X, X[:, 0] > 0)
        for i in range(2)
    ]
    answers = [model.predict_proba(X).tolist() for model in models]
    models[0].save(tmp_path)
    rng = np.random.default_rng(0)
    for _ in range(12):
        child = os.fork()
        if child == 0:
            while True:
                for model in models:
                    model.save(tmp_path)
        time.sleep(rng.uniform(0.01, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert sktransfer.load(tmp_path).predict_proba(X).tolist() in answers
    (tmp_path / f".{FILE}.1.tmp-sktransfer").write_bytes(b"left over")
    _fitted().save(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [CARD, FILE]


@pytest.mark.slow
def test_many_threads_save_into_one_directory(tmp_path):
    models, errors = [_fitted(i) for i in range(2)], []

    def save(model):
        try:
            for _ in range(10):
                model.save(tmp_path)
                sktransfer.load(tmp_path)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(models[i % 2],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(os.listdir(tmp_path)) == [CARD, FILE]


def test_the_card_says_what_the_model_is_and_is_not_needed(tmp_path):
    _fitted().save(tmp_path)
    text = (tmp_path / CARD).read_text()
    assert text.startswith("---\nlibrary_name: sktransfer\n")
    assert "TransferMLPClassifier" in text and "`False`, `True`" in text
    (tmp_path / CARD).unlink()
    sktransfer.load(tmp_path)


def test_a_card_of_the_users_own_is_left_alone(tmp_path):
    (tmp_path / CARD).write_text("mine")
    _fitted().save(tmp_path)
    assert (tmp_path / CARD).read_text() == "mine"


def test_names_of_columns_cannot_leave_their_place_in_the_card(tmp_path):
    import pandas as pd

    names = ["`a` | <script>alert(1)</script>", "b\n# heading"]
    frame = pd.DataFrame(X, columns=names)
    TransferMLPClassifier((4,), max_iter=1).fit(frame, X[:, 0] > 0).save(tmp_path)
    text = (tmp_path / CARD).read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("| columns")]
    assert line.count("|") == 3 and line.count("`") == 4
    assert "\n# heading" not in text


@pytest.mark.slow
def test_the_card_names_the_source_and_the_members_of_an_ensemble(tmp_path):
    model = TransferMLPClassifier(source={"a | b": _fitted()}, max_iter=1, random_state=0)
    model.fit(X, X[:, 0] > 0).save(tmp_path)
    lines = (tmp_path / CARD).read_text().splitlines()
    (started,) = [line for line in lines if line.startswith("| started from")]
    assert "`a ¦ b (TransferMLPClassifier)`" in started and started.count("|") == 3
    (members,) = [line for line in lines if line.startswith("| members, by weight")]
    for name, weight in model.member_weights_.items():
        assert f"`{name}` {weight:.2f}" in members


@pytest.mark.parametrize("several", [False, True])
def test_the_card_says_that_a_source_may_keep_rows(several, tmp_path):
    source = KNeighborsClassifier().fit(X, X[:, 0] > 0)
    given = [source, _fitted()] if several else source
    model = TransferMLPClassifier(source=given, strategy="recalibrate", random_state=0)
    model.fit(X, X[:, 0] > 0).save(tmp_path / "one")
    _fitted().save(tmp_path / "two")
    one, two = ((tmp_path / name / CARD).read_text() for name in ("one", "two"))
    assert "its rows are in this file" in one and "its rows are in this file" not in two
    assert "(source=model)" in one and "(source=model)" not in two


def test_a_model_that_is_replaced_keeps_its_mode(tmp_path):
    _fitted().save(tmp_path)
    os.chmod(tmp_path / FILE, 0o600)
    _fitted(1).save(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_pipe_in_the_place_of_the_card_is_left_alone(tmp_path):
    """It would keep its reader waiting."""
    os.mkfifo(tmp_path / CARD)
    _fitted().save(tmp_path)
    assert stat.S_ISFIFO((tmp_path / CARD).stat().st_mode)
    sktransfer.load(tmp_path)


def test_what_would_not_be_read_is_not_written(tmp_path):
    model = _fitted()
    model.set_params(class_weight={2**60: 1.0})  # dicts can be made slow with such keys
    with pytest.raises(NotSavableError, match="would not be read again"):
        model.save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("strategy", ["linear", "probe", "trees"])
def test_readouts_alone_are_saved_and_are_no_source(tmp_path, strategy):
    y = X[:, 0] > 0
    model = TransferMLPClassifier(source=_fitted(), strategy=strategy, random_state=0).fit(X, y)
    model.save(tmp_path)
    loaded = sktransfer.load(tmp_path)
    assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
    if strategy == "linear":  # a network of one layer
        return
    assert "read-outs alone" in (tmp_path / CARD).read_text()
    for source in (model, str(tmp_path)):
        with pytest.raises(SourceLayersError, match="read-outs alone"):
            TransferMLPClassifier(source=source, strategy="l2_sp").fit(X, y)
