"""What a notebook shows of an estimator: its source inside, and the report of the transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.base import BaseEstimator

import sktransfer.sources as sources
from sktransfer._compat import VisualBlock

if TYPE_CHECKING:
    from sktransfer.sources import Source, Sources


class ShowsTransfer(BaseEstimator):
    """For estimators with a `source` and a `strategy`.

    The diagram, also that of a pipeline or search around it, holds each source as a nested block.
    Unfolded, its label shows the headline of the report.  Below the estimator itself is the whole
    report.
    """

    def _sk_visual_block_(self):
        found = _named(self.source)
        name = type(self).__name__
        if not found:
            return VisualBlock("single", self, names=name, name_details=str(self))
        return VisualBlock(
            "parallel",
            [
                source if hasattr(source, "get_params") else str(source)
                for source in found.values()
            ],
            names=[f"{label}: {type(source).__name__}" for label, source in found.items()],
            name_details=[self._report()] * len(found),
        )

    def _report(self) -> str:
        """Strategy, what was carried, and weights of members, in a few lines."""
        lines = [f"strategy: {self.strategy}"]
        if hasattr(self, "transfer_report_"):
            lines.append(repr(self.transfer_report_))
        if hasattr(self, "member_weights_"):
            lines.append("weights of members:")
            lines += [f"  {name:<16}{w:.2f}" for name, w in self.member_weights_.items()]
        return "\n".join(lines)

    def _repr_html_inner(self):
        return super()._repr_html_inner() + self._report_html()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._report_html()
        return bundle

    def _report_html(self) -> str:
        report = getattr(self, "transfer_report_", None)
        return "" if report is None or report.source is None else report.to_html(self.strategy)


def _named(source: Source | Sources | None) -> dict[str, Source]:
    """Each source under its label in the diagram."""
    if source is None:
        return {}
    if not sources.is_several(source):
        return {"source": source}
    return {f"source {name!r}": one for name, one in sources.named_sources(source).items()}
