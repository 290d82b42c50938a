"""The directory of a saved model: written as a whole or not at all, and read with care.

A killed process, a full disk or an interrupt leaves the old model or the new one.  The new file
is complete on the disk, under another name, before it takes the place of the old one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from sktransfer._persistence._card import MARK, card
from sktransfer._persistence._container import MOST_BYTES, pack, unpack
from sktransfer._persistence._protocol import PROTOCOL, upgraded
from sktransfer._persistence._values import Decoder, Encoder
from sktransfer._records import SavedModel
from sktransfer._warnings import warn
from sktransfer.exceptions import SourceFormatError

MODEL, CARD = "model.safetensors", "README.md"
_SUFFIX = ".tmp-sktransfer"


def write(directory: str | os.PathLike, content: SavedModel) -> None:
    """Write a model, and a card beside it, into a directory.

    A card of the user's own in the same place is left alone.

    Parameters
    ----------
    directory : path
        Is made where it does not exist.
    content : SavedModel

    Raises
    ------
    NotSavableError
        If `content` holds something that cannot be written; nothing is written then.
    OSError
        If the disk is full or not to be written to; what was there is left as it was.
    """
    encoder = Encoder()
    document = {
        "protocol": PROTOCOL,
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "content": encoder.encode(content, "model"),
    }
    data = pack(document, encoder.arrays)
    directory = Path(directory)
    if directory.exists() and not directory.is_dir():
        raise FileExistsError(
            f"{str(directory)!r} is a file; expected a directory, or the name of a new one, for a "
            "model and its card. Give another name, or move the file away."
        )
    directory.mkdir(parents=True, exist_ok=True)
    files = {directory / MODEL: data}  # last: with it the save is done
    place = directory / CARD
    if not place.exists() or MARK in place.read_text("utf-8", "replace"):
        files = {place: card(content).encode()} | files
    with _locked(directory):
        _replace(files)


def read(directory: str | os.PathLike) -> SavedModel:
    """Read what :func:`write` wrote.

    Nothing in the file is executed, whatever it contains.

    Parameters
    ----------
    directory : path
        Or of the model's file in it.

    Returns
    -------
    SavedModel

    Raises
    ------
    SourceFormatError
        If there is no saved model, or it is damaged or not one that this version can read.
    """
    path = Path(directory)
    if path.name != MODEL or _is_directory(path):  # the file in it says the same
        path = path / MODEL
    data = _bytes(path)
    try:
        document, arrays = unpack(data)
        document = upgraded(document, path)
        decoder = Decoder(arrays)
        content = decoder.decode(document["content"])
        if decoder.used != set(arrays):
            raise ValueError("it has arrays that belong to nothing")
        if not isinstance(content, SavedModel):
            raise ValueError(f"it holds a {type(content).__name__}")
    except SourceFormatError:
        raise
    except _NOT_AS_WRITTEN as error:
        raise SourceFormatError.damaged(path, error) from error
    written = document["versions"]["scikit-learn"]
    if decoder.foreign and written != sklearn.__version__:
        for name in sorted(decoder.foreign):
            warn(
                InconsistentVersionWarning(
                    estimator_name=name,
                    current_sklearn_version=sklearn.__version__,
                    original_sklearn_version=written,
                )
            )
    return content


#: What comes of making values from JSON that was not written for it.
_NOT_AS_WRITTEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # which _bytes will tell
        return False


def _bytes(path: Path) -> bytes:
    try:
        found = path.stat()
    except (OSError, ValueError):
        raise SourceFormatError.missing(path) from None
    # anything but a file may have no end, or keep its reader waiting
    if not stat.S_ISREG(found.st_mode):
        raise SourceFormatError.missing(path)
    if found.st_size > MOST_BYTES:
        raise SourceFormatError.damaged(path, f"it has {found.st_size} of {MOST_BYTES} bytes")
    return path.read_bytes()


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One writer at a time, so that temporary files of others are known to be left over."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that is still written cannot be removed
        fcntl = None  # type: ignore[assignment]
    handle = None
    if fcntl is not None:
        handle = os.open(directory, os.O_RDONLY)
        with suppress(OSError):  # some network file systems cannot
            fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        for left_over in directory.glob(f".*{_SUFFIX}"):
            with suppress(OSError):
                left_over.unlink()
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _replace(files: dict[Path, bytes]) -> None:
    """All files are on the disk before the first takes its place."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}{_SUFFIX}") for path in files}
    try:
        for path, data in files.items():
            # the mode is what the umask leaves of this, as for any new file
            handle = os.open(temporary[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            os.replace(temporary[path], path)
    except BaseException:
        for path in files:
            with suppress(OSError):
                temporary[path].unlink()
        raise
    if hasattr(os, "O_DIRECTORY"):  # the new names, too, must be on the disk
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
