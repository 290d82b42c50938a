"""The only place that asks which version of a neighbour is installed."""

from __future__ import annotations

try:  # scikit-learn 1.9 and later
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # pragma: no cover

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""


try:  # scikit-learn 1.8 and later
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # pragma: no cover
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

__all__ = ["CallbackSupportMixin", "VisualBlock"]
