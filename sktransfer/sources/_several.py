"""Several sources at once: a list, or a dict that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from sktransfer._records import SourceDescription
from sktransfer.exceptions import SourceKindError
from sktransfer.sources._describe import READERS, describe_source
from sktransfer.sources._reader import Source, Sources


def is_several(obj: Source | Sources | None) -> TypeGuard[Sources]:
    """Whether `obj` is a list, tuple or dict of sources, and not a source that is such a thing."""
    return isinstance(obj, list | tuple | Mapping) and not any(r.reads(obj) for r in READERS)


def named_sources(sources: Sources) -> dict[str, Source]:
    """Sources by name: those of a dict, or ``source0``, ``source1``, … for a list."""
    if isinstance(sources, Mapping):
        named = {str(name): source for name, source in sources.items()}
    else:
        named = {f"source{i}": source for i, source in enumerate(sources)}
    if not named:
        raise SourceKindError(
            f"`source` is an empty {type(sources).__name__}; expected a list or dict of at least "
            "one source. Was it filtered down to nothing? Give source=None to train from scratch."
        )
    return named


def describe_sources(sources: Sources) -> dict[str, SourceDescription]:
    """Read each of several sources, see :func:`describe_source`; errors say which it was."""
    described, named = {}, named_sources(sources)
    for name, source in named.items():
        try:
            described[name] = describe_source(source)
        except Exception as error:
            if len(named) > 1:
                error.args = (f"Of the sources, {name!r} cannot be read. {error}",)
            raise
    return described
