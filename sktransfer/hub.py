"""Saved models on the Hugging Face Hub: two thin functions around `huggingface_hub`."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from sktransfer._estimators import load
from sktransfer._persistence import CARD, MODEL

__all__ = ["load_from_hub", "push_to_hub"]


def push_to_hub(estimator: Any, repo_id: str, *, private: bool | None = None, **kwargs) -> str:
    """Save a fitted estimator and upload it to a repository of the Hugging Face Hub.

    What is uploaded is what ``save`` writes: safetensors and JSON, and a model card.  Look at
    ``save`` for what the file tells of the table.

    Parameters
    ----------
    estimator : object
        A fitted estimator of this package.
    repo_id : str
        ``'user/name'``; the repository is made where it does not exist.
    private : bool, default=None
        Whether a new repository is private; None for the account's default.
    **kwargs : dict
        Handed on to ``huggingface_hub.HfApi.upload_folder``, such as `commit_message`,
        `revision` or `token`.

    Returns
    -------
    str
        Address of the commit.

    Raises
    ------
    ImportError
        Without `huggingface_hub`: ``pip install "sktransfer[hub]"``.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    load_from_hub : Loads it again.
    sktransfer.TransferMLPClassifier.save : What is uploaded.

    Examples
    --------
    >>> from sktransfer.hub import push_to_hub
    >>> push_to_hub(model, "me/digits", private=True)  # doctest: +SKIP
    """
    api = _hub().HfApi(token=kwargs.pop("token", None))
    with tempfile.TemporaryDirectory() as directory:
        estimator.save(directory)
        api.create_repo(repo_id, private=private, exist_ok=True)
        commit = api.upload_folder(repo_id=repo_id, folder_path=directory, **kwargs)
    return str(commit.commit_url)


def load_from_hub(repo_id: str, **kwargs) -> Any:
    """Download a saved model from the Hugging Face Hub and load it.

    Only the model's file and its card are downloaded, and nothing in them is executed, whoever
    has put them there.

    Parameters
    ----------
    repo_id : str
        ``'user/name'``.
    **kwargs : dict
        Handed on to ``huggingface_hub.snapshot_download``, such as `revision`, `token`,
        `cache_dir` or `local_files_only`.

    Returns
    -------
    object
        Of the class that was saved; a source like any other.

    Raises
    ------
    ImportError
        Without `huggingface_hub`: ``pip install "sktransfer[hub]"``.
    SourceFormatError
        If the repository has no saved model, or it is damaged.

    See Also
    --------
    push_to_hub : Uploads a model.
    sktransfer.load : Loads one from a directory.

    Examples
    --------
    >>> from sktransfer.hub import load_from_hub
    >>> source = load_from_hub("me/digits", revision="main")  # doctest: +SKIP
    """
    directory = _hub().snapshot_download(repo_id, allow_patterns=[MODEL, CARD], **kwargs)
    return load(os.fspath(directory))


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            "Models on the Hugging Face Hub need huggingface_hub, which is not installed. Install "
            'it with pip install "sktransfer[hub]"; a directory that was saved can be copied by '
            "any other means too."
        ) from error
    return huggingface_hub
