"""The only place that asks which version of a neighbour is installed."""

from __future__ import annotations

try:  # scikit-learn 1.9 and later
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # pragma: no cover

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""


try:  # scikit-learn before 1.9, which may warn of an entry that is read
    from sklearn.compose._column_transformer import _RemainderColsList as RemainderColumns
except ImportError:  # pragma: no cover

    class RemainderColumns:  # type: ignore[no-redef]
        """Stands in where a ColumnTransformer has its remaining columns in a plain list."""


try:  # scikit-learn 1.8 and later
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # pragma: no cover
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

__all__ = ["CallbackSupportMixin", "RemainderColumns", "VisualBlock"]
