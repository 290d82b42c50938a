"""A source applied to a table, how related it is, and which of several to take."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._source_choice._choose import (
        ChosenSource,
        MemberSpec,
        choose_source,
        renamed,
        specify_members,
    )
    from sktransfer._source_choice._relatedness import DEFAULT_METHOD, METHODS, score_sources
    from sktransfer._source_choice._source_view import SourceView, view_source, warn_of_view

__getattr__, __dir__ = attach(
    __name__,
    {
        "_choose": ["ChosenSource", "MemberSpec", "choose_source", "renamed", "specify_members"],
        "_relatedness": ["DEFAULT_METHOD", "METHODS", "score_sources"],
        "_source_view": ["SourceView", "view_source", "warn_of_view"],
    },
)


__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "ChosenSource",
    "MemberSpec",
    "SourceView",
    "choose_source",
    "renamed",
    "score_sources",
    "specify_members",
    "view_source",
    "warn_of_view",
]
