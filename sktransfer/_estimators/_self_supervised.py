"""A table without targets as a source: a network that restores what was exchanged in its rows."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sktransfer._compat import Interval, StrOptions, fit_context
from sktransfer._estimators._regressor import TransferMLPRegressor
from sktransfer._estimators._table import read_table
from sktransfer._estimators._transformer import SharedLayerTransformer
from sktransfer._preprocessing import center_and_scale
from sktransfer._records import ACTIVATIONS, SourceDescription, TableOptions
from sktransfer._typing import Constraints
from sktransfer.augmentation import FeatureCorruption
from sktransfer.exceptions import unfitted_source


class SelfSupervisedMLP(TransformerMixin, BaseEstimator):
    """A source from a table without targets: a network that restores exchanged entries.

    In every batch a share of the entries is exchanged for the same column's entries of other
    rows, and the network learns to predict what stood there: a denoising autoencoder.  Its hidden
    layers are what other estimators start from, as `source`, or stand on, as columns of
    :meth:`transform`.  What was in the table as missing is not learned to be restored.

    As a source it measured no better than none; as columns, better than principal components.

    Parameters
    ----------
    hidden_layer_sizes : int, array-like of int or None, default=None
        Units of each hidden layer; None for (256, 256).
    activation : {'identity', 'logistic', 'tanh', 'relu', 'leaky_relu', 'elu', 'gelu', \
            'silu', 'softplus'} or None, default=None
        Activation of the hidden layers, None for ``'relu'``.
    corruption : float, default=0.3
        Share of the entries that are exchanged, in [0, 1].
    alpha : float or 'auto', default='auto'
        L2 penalty, see :class:`TransferMLPRegressor`.
    max_iter : int or 'auto', default='auto'
        Epochs.
    categorical_features : 'from_dtype', array-like or None, default='from_dtype'
        Which columns are categories, see :class:`TransferMLPRegressor`.
    parse_text : bool, default=True
        Whether numbers and datetimes that were read as text are read as what they are.
    random_state : int, RandomState instance or None, default=None
        For weights, batches and exchanges.
    device : str, default='auto'
        Where the network is trained.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where all are strings.
    loss_curve_ : list of float
        Loss of every epoch.
    n_iter_ : int
        Epochs of the fit.

    See Also
    --------
    TransferMLPClassifier : Starts from it, given as `source`.
    SharedLayerTransformer : Columns of any other source.

    References
    ----------
    J. Yoon et al., "VIME: Extending the Success of Self- and Semi-supervised Learning to Tabular
    Domain", NeurIPS 2020; D. Bahri et al., "SCARF: Self-Supervised Contrastive Learning using
    Random Feature Corruption", ICLR 2022; I. Rubachev et al., "Revisiting Pretraining Objectives
    for Tabular Deep Learning", 2022 (reconstruction).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import SelfSupervisedMLP, TransferMLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> source = SelfSupervisedMLP((64,), max_iter=5, random_state=0).fit(X[:1000])
    >>> source.transform(X[:2]).shape
    (2, 64)
    >>> few = TransferMLPClassifier(source=source, strategy="l2_sp", random_state=0)
    >>> few.fit(X[1000:1050], y[1000:1050]).coefs_[0].shape[1]
    64
    """

    _parameter_constraints: Constraints = {
        "hidden_layer_sizes": [None, "array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [None, StrOptions(set(ACTIVATIONS))],
        "corruption": [Interval(Real, 0, 1, closed="both")],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "categorical_features": [None, "array-like", StrOptions({"from_dtype"})],
        "parse_text": ["boolean"],
        "random_state": ["random_state"],
        "device": [str],
    }

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        corruption=0.3,
        alpha="auto",
        max_iter="auto",
        categorical_features="from_dtype",
        parse_text=True,
        random_state=None,
        device="auto",
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.corruption = corruption
        self.alpha = alpha
        self.max_iter = max_iter
        self.categorical_features = categorical_features
        self.parse_text = parse_text
        self.random_state = random_state
        self.device = device

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn to restore the entries of a table.

        No target is read.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table; missing entries are allowed.
        y : ignored
            Not used, present for API consistency.

        Returns
        -------
        SelfSupervisedMLP
            The fitted transformer.

        Raises
        ------
        ValueError
            For tables that are not allowed in the estimators either.

        See Also
        --------
        transform : Puts a table through the layers.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import SelfSupervisedMLP
        >>> X = load_iris().data
        >>> SelfSupervisedMLP((8,), max_iter=2, random_state=0).fit(X).n_iter_
        2
        """
        table = {
            "categorical_features": self.categorical_features,
            "parse_text": self.parse_text,
        }
        read_table(self, TableOptions(**table), X)
        columns = SharedLayerTransformer(passthrough=True, **table)
        entries = np.asarray(columns.fit_transform(X), dtype=np.float64)
        known = ~np.isnan(entries).all(axis=0)
        entries = entries[:, known]  # of others nothing can be restored
        if not entries.size:
            raise ValueError(
                "X has no entry at all; expected a column with some, which the network learns to "
                "restore from the others. Leave out columns without entries."
            )
        # refuses what cannot be standardised
        center_and_scale(entries, None, columns.get_feature_names_out()[known])
        network = TransferMLPRegressor(
            hidden_layer_sizes=self.hidden_layer_sizes,
            activation=self.activation,
            alpha=self.alpha,
            max_iter=self.max_iter,
            numeric_embedding=None,  # an exchanged number would stand in its features
            augmentation=FeatureCorruption(self.corruption),
            random_state=self.random_state,
            device=self.device,
            **table,
        ).fit(X, entries[:, 0] if entries.shape[1] == 1 else entries)
        self._source = replace(
            network.__sktransfer_describe__(),
            target=None,
            name=type(self).__name__,
            no_target=(
                "its outputs restore its own columns",
                "Start from its hidden layers, with a strategy such as 'l2_sp'",
            ),
        )
        layers = SharedLayerTransformer(self._source, layers="hidden", **table)
        self._layers = layers.fit(X)
        self.loss_curve_, self.n_iter_ = network.loss_curve_, network.n_iter_
        return self

    def transform(self, X):
        """Put a table through the hidden layers.

        They are as columns what the network has found in the table.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        ndarray of shape (n_samples, n_hidden_units)
            The units of all hidden layers, the first layer's first.

        See Also
        --------
        get_feature_names_out : What the columns are.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import SelfSupervisedMLP
        >>> X = load_iris().data
        >>> SelfSupervisedMLP((8, 4), max_iter=2, random_state=0).fit_transform(X).shape
        (150, 12)
        """
        check_is_fitted(self)
        return self._layers.transform(X)

    def get_feature_names_out(self, input_features=None):
        """Name the columns that come out.

        Layers count from the input.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Must be the columns seen in fit, where it is given.

        Returns
        -------
        ndarray of str
            ``'source_hidden<layer>_<unit>'`` from 0.

        See Also
        --------
        transform : What they name.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import SelfSupervisedMLP
        >>> model = SelfSupervisedMLP((2,), max_iter=2, random_state=0).fit(load_iris().data)
        >>> model.get_feature_names_out()
        array(['source_hidden0_0', 'source_hidden0_1'], dtype=object)
        """
        check_is_fitted(self)
        return self._layers.get_feature_names_out(input_features)

    def __sktransfer_describe__(self) -> SourceDescription:
        """What this network has learned, for another one to start from."""
        if not hasattr(self, "_source"):
            raise unfitted_source(self)
        return self._source

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
