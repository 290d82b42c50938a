"""A source applied to a table, how related it is, and which of several to take."""

from sktransfer._source_choice._choose import choose_source, renamed, source_of, sources_of_members
from sktransfer._source_choice._relatedness import DEFAULT_METHOD, METHODS, score_sources
from sktransfer._source_choice._source_view import SourceView, view_source

__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "SourceView",
    "choose_source",
    "renamed",
    "score_sources",
    "source_of",
    "sources_of_members",
    "view_source",
]
