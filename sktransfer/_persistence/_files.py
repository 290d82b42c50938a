"""The directory of a saved model: written as a whole or not at all, and read with care.

A killed process, a full disk or an interrupt leaves the old model or the new one.  The new file
is complete on the disk, under another name, before it takes the place of the old one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from sktransfer._persistence._budget import Budget, parse_json
from sktransfer._persistence._card import MARK, card
from sktransfer._persistence._container import MOST_BYTES, as_text, pack, unpack
from sktransfer._persistence._decode import Decoder
from sktransfer._persistence._encode import Encoder
from sktransfer._persistence._protocol import OLDEST, PROTOCOL, ProtocolError
from sktransfer._persistence._values import Document
from sktransfer._records import SavedModel
from sktransfer._warnings import warn
from sktransfer.exceptions import NotSavableError, SourceFormatError

MODEL, CARD = "model.safetensors", "README.md"
_SUFFIX = ".tmp-sktransfer"
#: Within so many letters a card has its mark; a longer text is somebody's own.
_MOST_CARD = 2**20
_BINARY = getattr(os, "O_BINARY", 0)


def write(
    directory: str | os.PathLike,
    content: SavedModel,
    check: Callable[[SavedModel], object] = lambda content: None,
) -> None:
    """Write a model and its card into a directory.

    A card of the user's own in the same place is left alone.

    Parameters
    ----------
    directory : path
        Is made where it does not exist.
    content : SavedModel
    check : callable, optional
        Is given what `read` would give, and raises an error where that is no model.

    Raises
    ------
    NotSavableError
        If `content` holds something that cannot be written; nothing is written then.
    OSError
        If the disk is full or not to be written to; what was there is left as it was.
    """
    encoder = Encoder()
    document = {
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "content": encoder.encode(content, "model"),
    }
    text = as_text(document)
    data = pack(text, encoder.arrays)
    _check_it_will_be_read(text, encoder.arrays, len(data), check)
    directory = Path(directory)
    if directory.exists() and not directory.is_dir():
        raise FileExistsError(
            f"{str(directory)!r} is a file; expected a directory, or the name of a new one, for a "
            "model and its card. Give another name, or move the file away."
        )
    directory.mkdir(parents=True, exist_ok=True)
    files = {directory / MODEL: data}  # last: with it the save is done
    place = directory / CARD
    if _is_ours_to_write(place):
        files = {place: card(content).encode("utf-8", "replace")} | files
    with _locked(directory):
        _replace(files)


def _check_it_will_be_read(
    text: bytes, arrays: dict[str, np.ndarray], size: int, check: Callable[[SavedModel], object]
) -> None:
    """Whoever saves a model learns now, and not later, what `read` would refuse."""
    if size > MOST_BYTES:
        raise _unreadable(f"it has {size} of {MOST_BYTES} bytes")
    budget = Budget(size)
    read_only = {name: array.view() for name, array in arrays.items()}
    for array in read_only.values():
        array.flags.writeable = False
    try:
        check(_content(parse_json(text, budget), read_only, budget)[0])
    except _NOT_AS_WRITTEN as error:
        raise _unreadable(error) from error


def _is_ours_to_write(place: Path) -> bool:
    """Whether a card may be written here: a new one, or in the place of one of ours."""
    try:
        if not stat.S_ISREG(
            place.stat().st_mode
        ):  # such as a pipe, which keeps its reader waiting
            return False
        with place.open(encoding="utf-8", errors="replace") as file:
            return MARK in file.read(_MOST_CARD)
    except FileNotFoundError:
        return not place.is_symlink()
    except OSError:
        return False


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
    try:
        with _opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                raise ValueError(f"it has {size} of {MOST_BYTES} bytes")
            document, arrays, budget = unpack(file, size)
        content, foreign = _content(document, arrays, budget)
        versions = cast("dict[str, str]", document["versions"])
        written = str(versions["scikit-learn"])[:20]
    except SourceFormatError:
        raise
    except ProtocolError as error:
        raise _of_another_protocol(path, error.found) from error
    except _NOT_AS_WRITTEN as error:
        raise SourceFormatError.damaged(path, error) from error
    if written != sklearn.__version__:
        for name in sorted(foreign):
            warn(
                InconsistentVersionWarning(
                    estimator_name=name,
                    current_sklearn_version=sklearn.__version__,
                    original_sklearn_version=written,
                )
            )
    return content


def _content(
    document: Document, arrays: dict[str, np.ndarray], budget: Budget
) -> tuple[SavedModel, set[str]]:
    """What a file holds, and the classes of other packages in it."""
    decoder = Decoder(arrays, budget)
    content = decoder.decode(document["content"])
    if decoder.used != set(arrays):
        raise ValueError("it has arrays that belong to nothing")
    if not isinstance(content, SavedModel):
        raise ValueError(f"it holds a {type(content).__name__}")
    return content, decoder.foreign


#: Errors that making values from unsuitable JSON raises.
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
    except (OSError, ValueError):  # which _bytes reports
        return False


def _missing(path: str | os.PathLike) -> SourceFormatError:
    """For a path where there is no saved model."""
    return SourceFormatError(
        f"There is no saved model at {str(path)!r}; expected a file in a directory that the "
        "`save` of an estimator of this package wrote. Check the path; of a model that was "
        "pickled give what joblib.load(path) or pickle.load(file) returns."
    )


def _unreadable(problem: str | Exception) -> NotSavableError:
    """For content that `load` would refuse."""
    return NotSavableError(
        f"The model cannot be saved, as it would not be read again: {str(problem)[:300]}. "
        "Expected what `fit` makes, unchanged. A part of it, such as a transformer of the "
        "source, was probably changed by hand: fit it again, or save a model that was fitted "
        "with source=None."
    )


def _of_another_protocol(path: Path, found: str) -> SourceFormatError:
    expected = f"protocol {PROTOCOL}" if OLDEST == PROTOCOL else f"one of {OLDEST} to {PROTOCOL}"
    is_old = found.isdecimal() and int(found) < OLDEST
    return SourceFormatError(
        f"The saved model {str(path)!r} is of protocol {found}; expected {expected}. It was "
        f"probably saved by {'an older' if is_old else 'a newer'} version of sktransfer: "
        "install that, or save the model again with this one."
    )


def _opened(path: Path) -> BinaryIO:
    """A file for reading, without waiting for anything that is none."""
    try:
        # without the flag, whatever has taken the place of a file could keep its reader waiting
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except (OSError, ValueError):
        raise _missing(path) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _missing(path)
    return os.fdopen(handle, "rb", buffering=0)


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


def _keep_mode(path: Path, handle: int) -> None:
    """Give a new file the mode of the one that it replaces: it may be private."""
    with suppress(OSError, AttributeError):
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode):
            os.fchmod(handle, stat.S_IMODE(found.st_mode) & 0o777)


def _replace(files: dict[Path, bytes]) -> None:
    """All files are on the disk before the first takes its place."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}{_SUFFIX}") for path in files}
    try:
        for path, data in files.items():
            # the mode is what the umask leaves of this, as for any new file
            handle = os.open(temporary[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            with os.fdopen(handle, "wb") as file:
                _keep_mode(path, handle)
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
