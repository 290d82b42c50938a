"""Pushing to and loading from the Hugging Face Hub, with a directory in its place."""

import inspect
import shutil
import sys
from fnmatch import fnmatch
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import SourceFormatError
from sktransfer.hub import load_from_hub, push_to_hub
from sktransfer.strategies import Combined

huggingface_hub = pytest.importorskip("huggingface_hub")

X = np.random.default_rng(0).normal(size=(60, 4))
labels = np.array(["a", "b"])[(X[:, 0] > 0).astype(int)]

COMBINED = Combined(["scratch", "linear"], cv=2)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A directory per repository; whatever is called is held against the real signatures."""
    real = {
        name: inspect.signature(getattr(huggingface_hub.HfApi, name))
        for name in ("create_repo", "upload_folder")
    }
    of_snapshot = inspect.signature(huggingface_hub.snapshot_download)

    class Api:
        def __init__(self, token=None):
            self.token = token

        def create_repo(self, *args, **kwargs):
            call = real["create_repo"].bind(self, *args, **kwargs).arguments
            assert call["exist_ok"] is True
            (tmp_path / call["repo_id"]).mkdir(parents=True, exist_ok=True)

        def upload_folder(self, **kwargs):
            call = real["upload_folder"].bind(self, **kwargs).arguments
            shutil.copytree(call["folder_path"], tmp_path / call["repo_id"], dirs_exist_ok=True)
            (tmp_path / "messages").write_text(str(call.get("commit_message")))
            return SimpleNamespace(commit_url=f"https://huggingface.co/{call['repo_id']}/commit/1")

    def snapshot_download(*args, **kwargs):
        call = of_snapshot.bind(*args, **kwargs).arguments
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir(exist_ok=True)
        for path in (tmp_path / call["repo_id"]).iterdir():
            if any(fnmatch(path.name, pattern) for pattern in call["allow_patterns"]):
                shutil.copy(path, snapshot)
        return str(snapshot)

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    return tmp_path


@pytest.mark.parametrize("make, y", [
    (TransferMLPClassifier, labels),
    (TransferMLPRegressor, X[:, 1]),
    (MultiTaskMLP, {"label": labels}),
    (lambda **p: TransferMLPClassifier(**p | {"strategy": COMBINED}), labels),
])  # fmt: skip
def test_what_was_pushed_comes_back_and_predicts_bit_for_bit(hub, make, y):
    params = dict(hidden_layer_sizes=(4,), max_iter=2, random_state=0, strategy="l2_sp")
    model = make(**params).fit(X, y)
    address = push_to_hub(model, "me/model", commit_message="First", private=True)
    assert address == "https://huggingface.co/me/model/commit/1"
    assert (hub / "messages").read_text() == "First"
    assert {path.name for path in (hub / "me/model").iterdir()} == {
        "model.safetensors",
        "README.md",
    }
    again = load_from_hub("me/model", revision="main")
    assert type(again) is type(model)
    ours, theirs = model.predict(X), again.predict(X)
    if isinstance(ours, dict):
        ours, theirs = ours["label"], theirs["label"]
    assert_array_equal(ours, theirs)


def test_what_was_loaded_is_a_source(hub):
    source = TransferMLPClassifier((4,), max_iter=2, random_state=0, strategy="l2_sp")
    push_to_hub(source.fit(X, labels), "me/model")
    target = TransferMLPClassifier(source=load_from_hub("me/model"), strategy="l2_sp", max_iter=2)
    assert target.fit(X, labels).transfer_report_.source == "TransferMLPClassifier"


def test_an_unfitted_estimator_is_not_pushed_and_no_repository_is_made(hub):
    with pytest.raises(NotFittedError):
        push_to_hub(TransferMLPClassifier(), "me/model")
    assert not (hub / "me").exists()


def test_a_repository_without_a_model_is_refused(hub):
    (hub / "me/other").mkdir(parents=True)
    (hub / "me/other" / "model.pkl").write_bytes(b"cos\nsystem\n(S'touch here'\ntR.")
    with pytest.raises(SourceFormatError, match="no saved model"):
        load_from_hub("me/other")
    assert not list(hub.glob("snapshot/*.pkl"))  # it is not even downloaded


def test_the_real_client_finds_a_model_in_its_cache_without_a_network(tmp_path):
    model = TransferMLPClassifier((4,), max_iter=2, random_state=0, strategy="l2_sp")
    commit, repository = "0" * 40, tmp_path / "models--me--digits"
    model.fit(X, labels).save(repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    again = load_from_hub("me/digits", cache_dir=tmp_path, local_files_only=True)
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_without_huggingface_hub_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    model = TransferMLPClassifier((4,), max_iter=2, strategy="l2_sp").fit(X, labels)
    for call in (lambda: push_to_hub(model, "me/model"), lambda: load_from_hub("me/model")):
        with pytest.raises(ImportError, match=r"sktransfer\[hub\]"):
            call()
