"""A source as a transformer: hidden features and predictions as columns for any estimator."""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

import sktransfer._alignment as alignment
import sktransfer._networks as networks
import sktransfer._source_choice as source_choice
import sktransfer.sources as sources
from sktransfer._compat import StrOptions, check_feature_names_in, fit_context, safe_indexing
from sktransfer._estimators._source_parameter import KeepsSource
from sktransfer._estimators._table import check_columns, read_table
from sktransfer._preprocessing import (
    apply_transformer,
    can_have_types,
    computing_dtype,
    is_frame,
    under_names,
    with_truths_read,
)
from sktransfer._records import TableOptions
from sktransfer._typing import Constraints, is_sparse
from sktransfer.exceptions import SourceLayersError


class SharedLayerTransformer(TransformerMixin, KeepsSource):
    """A source's hidden features and predictions as columns, for any estimator.

    Nothing is trained: the table's columns are matched with the source's, as in the estimators,
    and its rows are passed through the source's layers.

    Parameters
    ----------
    source : object, default=None
        What was learned before: anything that :class:`TransferMLPClassifier` takes as one source.
        It is read, never changed.  Inside a parameter grid wrap estimators in
        ``sklearn.frozen.FrozenEstimator``.  None, or a source with no column in common, gives the
        table's own columns alone, so that a search can compare with and without.
    layers : {'all', 'hidden', 'outputs'}, default='all'
        Whether the hidden layers, the outputs or both become columns.  A source without layers,
        such as a forest, has outputs alone: its predictions.
    passthrough : bool, default=False
        Whether the table's own columns come first, in their order and in numbers: categories as
        indicators, missing entries left missing.
    feature_alignment : {'name', 'position'}, default='name'
        How columns are matched with the source's.  By name where both tables have names, else
        (and with ``'position'``) by position, which needs as many columns on both sides.
    column_map : dict, default=None
        ``{column of the source: column of the table}``: columns that mean the same under another
        name, as in the estimators.
    categorical_features : 'from_dtype', array-like or None, default='from_dtype'
        Which columns are categories: those of categorical and text types, or those given as a
        mask, positions or names; None for none.
    parse_text : bool, default=True
        Whether numbers, dates and times that were read as text (``'1,234.5'``, ``'$12'``,
        ``'12 %'``, ``'2024-03-01'``) are parsed: a column is, where nearly all of its
        entries can be read in one way, and the rest is missing.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where all are strings.

    See Also
    --------
    TransferMLPClassifier : Trains further from the source's layers.

    References
    ----------
    J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How transferable are features in deep neural
    networks?", NeurIPS 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import RidgeCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sktransfer import SharedLayerTransformer, TransferMLPRegressor
    >>> table = load_diabetes(scaled=False, as_frame=True)
    >>> men, X, y = table.data["sex"] == 1, table.data.drop(columns="sex"), table.target
    >>> source = TransferMLPRegressor(hidden_layer_sizes=(16, 8), random_state=0)
    >>> source = source.fit(X[men], y[men])
    >>> model = make_pipeline(SharedLayerTransformer(source), RidgeCV(np.logspace(0, 4, 9)))
    >>> model = model.fit(X[~men][:50], y[~men][:50])
    >>> bool(model.score(X[~men][50:], y[~men][50:]) > 0.3)
    True
    >>> model[0].get_feature_names_out()[[0, -1]]
    array(['source_hidden0_0', 'source_output'], dtype=object)
    """

    _parameter_constraints: Constraints = {
        "source": "no_validation",
        "layers": [StrOptions({"all", "hidden", "outputs"})],
        "passthrough": ["boolean"],
        "feature_alignment": [StrOptions({"name", "position"})],
        "column_map": [None, dict],
        "categorical_features": [None, "array-like", StrOptions({"from_dtype"})],
        "parse_text": ["boolean"],
    }

    def __init__(
        self,
        source=None,
        *,
        layers="all",
        passthrough=False,
        feature_alignment="name",
        column_map=None,
        categorical_features="from_dtype",
        parse_text=True,
    ):
        self.source = source
        self.layers = layers
        self.passthrough = passthrough
        self.feature_alignment = feature_alignment
        self.column_map = column_map
        self.categorical_features = categorical_features
        self.parse_text = parse_text

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Match the table's columns with the source's.

        The source is read, and no layer of it changes.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The table, of which columns, types and the mean and standard deviation of columns that
            only it has are noted.  Missing entries are allowed.
        y : ignored
            Not used, present for API consistency.

        Returns
        -------
        object
            The fitted transformer.

        Raises
        ------
        ValueError
            For tables that are not allowed in the estimators either.
        sklearn.exceptions.NotFittedError
            If `source` is not fitted.
        SourceError
            If `source` cannot be used.

        Warns
        -----
        TransferWarning
            If source and table have no column in common, or columns of one name are of two types.

        See Also
        --------
        transform : Puts a table through the layers.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import SharedLayerTransformer, TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> source = TransferMLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5).fit(X, y)
        >>> SharedLayerTransformer(source).fit(X[:50]).n_features_in_
        10
        """
        source = None if self.source is None else sources.describe_source(self.source)
        options = self._table_options()
        table, names = read_table(self, options, X)
        view = source_choice.view_source(source, table, names, options)
        if view.predictor is not None:
            self._check_predictions(view.predictor, X if hasattr(X, "shape") else table, names)
        elif source is not None and view.is_empty:
            instead = "Only the table's own columns are given"
            alignment.warn_nothing_in_common(source, view.inputs.columns, instead)
        source_choice.warn_of_view(view, table, self.feature_alignment)
        self._view, self._inputs, self._keeps_types = view, view.inputs, can_have_types(table)
        self._n_features_out = len(self._names_out(view.inputs.columns.named_columns))
        return self

    def _check_predictions(self, predictor, X, names) -> None:
        """Refuse what cannot be had of a source without layers."""
        if self.layers == "hidden":
            raise SourceLayersError(
                f"The source ({predictor.label}) has predictions and no layers, and "
                "layers='hidden' asks for hidden layers. Use layers='outputs', or give a network "
                "as source."
            )
        first = safe_indexing(X, slice(0, 1))
        predictor.outputs(under_names(first, names, predictor.names), names)  # refuses others

    def transform(self, X):
        """Put a table through the source's layers.

        Columns that the source has and the table lacks are estimated from the others, or take
        the source's mean.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            Columns as :meth:`get_feature_names_out` names them; a frame after ``set_output``.

        See Also
        --------
        get_feature_names_out : What the columns are.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import SharedLayerTransformer, TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> source = TransferMLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5).fit(X, y)
        >>> SharedLayerTransformer(source, layers="hidden").fit(X).transform(X).shape
        (442, 12)
        """
        check_is_fitted(self)
        X = with_truths_read(X, self._inputs.columns.truths)
        given, X = X, check_columns(self, X, self._keeps_types, takes_missing=True)
        dtype = computing_dtype(X)
        # numbers in the user's unit keep the digits that they have in a frame
        given_in = np.dtype(np.float64) if is_frame(X) else dtype
        encoded, view = apply_transformer(X, self._inputs.columns), self._view
        parts = []
        if self._has_columns:
            own = encoded.toarray() if is_sparse(encoded) else encoded
            parts.append(own[:, self._tables_order].astype(given_in, copy=False))
        if view.layers:
            hidden = networks.within_range(partial(view.hidden, encoded), dtype)
            parts += hidden if self.layers != "outputs" else []
            parts += [view.outputs(encoded, hidden, given_in)] if self.layers != "hidden" else []
        if view.predictor is not None:
            given = given if hasattr(given, "shape") else X
            names = getattr(self, "feature_names_in_", None)
            names = None if names is None else tuple(names)
            given = under_names(given, names, view.predictor.names)
            parts.append(view.predictor.outputs(given, names).astype(given_in, copy=False))
        return np.hstack(parts)

    def get_feature_names_out(self, input_features=None):
        """Name the columns that come out.

        Layers count from the input; the table's own columns, with `passthrough`, come first under
        their names.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names for the table's columns, where it was fitted without; else they must be the ones
            seen in fit.

        Returns
        -------
        ndarray of str
            ``'source_hidden<layer>_<unit>'`` from 0, and ``'source_output'``, with ``'_<class>'``
            or ``'_<number>'`` where there are several outputs.

        See Also
        --------
        transform : What they name.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import SharedLayerTransformer, TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> source = TransferMLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5).fit(X, y)
        >>> SharedLayerTransformer(source, layers="outputs").fit(X).get_feature_names_out()
        array(['source_output'], dtype=object)
        """
        check_is_fitted(self)
        names = check_feature_names_in(self, input_features)
        columns = self._inputs.columns
        if columns.transformer is not None:
            names = np.asarray(columns.named_columns, dtype=object)[self._tables_order]
        return np.asarray(self._names_out(names), dtype=object)

    def _table_options(self) -> TableOptions:
        """How the estimators read a table by default, with a fill value for missing entries."""
        return TableOptions(
            categorical_features=self.categorical_features,
            parse_text=self.parse_text,
            feature_alignment=self.feature_alignment,
            column_map=self.column_map,
        )

    @property
    def _has_columns(self) -> bool:
        """Whether the table's own columns are among those that come out."""
        return self.passthrough or self._view.is_empty

    @property
    def _tables_order(self) -> slice | np.ndarray:
        """Where the table's columns are among the encoded ones, which go by their names."""
        order = self._inputs.columns.order
        return slice(None) if order is None else np.argsort(order)

    def _names_out(self, columns) -> list[str]:
        names, view = list(columns) if self._has_columns else [], self._view
        if self.layers != "outputs":
            names += [
                f"source_hidden{layer}_{unit}"
                for layer, n_units in enumerate(view.n_hidden)
                for unit in range(n_units)
            ]
        if self.layers != "hidden":
            names += _output_names(view)
        return names

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _output_names(view) -> list[str]:
    if view.target is None or view.target.kind != "several":
        return _names_of("source_output", view.target, view.n_outputs)
    return [
        name
        for task, schema in view.target.tasks
        for name in _names_of(f"source_output_{task}", schema, schema.n_outputs)
    ]


def _names_of(prefix: str, target, n_outputs: int) -> list[str]:
    if n_outputs == 1:  # the number, or the probability of the second class
        return [prefix]
    labels = [] if target is None else target.labels
    return [f"{prefix}_{label}" for label in labels or range(n_outputs)]
