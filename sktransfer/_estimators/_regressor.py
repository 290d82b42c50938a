"""The regressor."""

from __future__ import annotations

from numbers import Real

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from sktransfer._compat import Interval, StrOptions, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._coverage import PredictsIntervals
from sktransfer._estimators._docs import documented
from sktransfer._estimators._exposure import check_exposure, per_exposure, precision_of
from sktransfer._losses import NUMBER_LOSSES, OutputLoss, loss_id, loss_of
from sktransfer._targets import NumberTarget, check_are_numbers, known_score, set_missing_aside


@documented()
class TransferMLPRegressor(RegressorMixin, PredictsIntervals, BaseTransferMLP):
    """Multi-layer perceptron regressor that starts from a pretrained source.

    A drop-in replacement of scikit-learn's ``MLPRegressor``, with its parameters, methods and
    fitted attributes.  With a `source` it starts from the source's hidden layers or predictions,
    as `strategy` says.

    Parameters
    ----------
    loss : {'squared_error', 'absolute_error', 'huber', 'quantile', 'poisson', 'gamma', \
            'tweedie'}, default='squared_error'
        What is minimised, and so what is predicted: the mean, the median, a mean on which
        outliers have little influence, a quantile; or, through an exponential, the mean of counts
        (``'poisson'``), of positive amounts (``'gamma'``) or of amounts of which some are 0
        (``'tweedie'``).
    quantile : float, default=0.5
        Level of ``loss='quantile'``, in (0, 1).
    power : float, default=1.5
        Power of ``loss='tweedie'``, at least 1: the variance grows with this power of the mean.  1
        is Poisson's, 2 gamma's, 3 that of the inverse Gaussian.
    delta : float, default=1.35
        Where ``loss='huber'`` turns from quadratic to linear, above 0: an error of this many
        units.  The unit is the interquartile range of `y` as a standard deviation, with
        ``standardize=False`` that of `y` itself.  The smaller, the less outliers count.
    standardize : bool, default=True
        Whether inputs are standardised inside, and targets, in the unit of the loss: mean and
        standard deviation, or quantiles where the loss is robust.  Behind an exponential targets
        stay as they are, and training begins at the best constant.  False makes this
        scikit-learn's ``MLPRegressor``: ``'auto'`` parameters then take its values.

    Attributes
    ----------
    validation_scores_ : list of float or None
        Score on held-out rows per epoch; R² for Poisson, as scikit-learn has it.

    See Also
    --------
    TransferMLPClassifier : The same for labels.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> women = X[:, 1] < 0
    >>> source = TransferMLPRegressor(random_state=0).fit(X[women], y[women])
    >>> target = TransferMLPRegressor(source=source, random_state=0)
    >>> target.fit(X[~women][:50], y[~women][:50]).predict(X[~women][50:]).shape
    (157,)
    """

    _parameter_constraints = {
        **BaseTransferMLP._parameter_constraints,
        "loss": [StrOptions(set(NUMBER_LOSSES))],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "power": [Interval(Real, 1, None, closed="left")],
        "delta": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=None,
        activation=None,
        *,
        quantile=0.5,
        power=1.5,
        delta=1.35,
        source=None,
        strategy="auto",
        n_shared_layers=None,
        head_hidden_layer_sizes=(),
        feature_alignment="name",
        column_map=None,
        dropout=0.0,
        standardize=True,
        numeric_embedding="auto",
        categorical_features="from_dtype",
        parse_text=True,
        solver="adam",
        alpha="auto",
        batch_size="auto",
        learning_rate="auto",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter="auto",
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        augmentation=None,
        device="auto",
        callbacks=None,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.quantile = quantile
        self.power = power
        self.delta = delta
        self.source = source
        self.strategy = strategy
        self.n_shared_layers = n_shared_layers
        self.head_hidden_layer_sizes = head_hidden_layer_sizes
        self.feature_alignment = feature_alignment
        self.column_map = column_map
        self.dropout = dropout
        self.standardize = standardize
        self.numeric_embedding = numeric_embedding
        self.categorical_features = categorical_features
        self.parse_text = parse_text
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.augmentation = augmentation
        self.device = device
        self.callbacks = callbacks

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        exposure=None,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
        exposure_val=None,
        groups=None,
        X_unlabeled=None,
    ):
        """Fit the network to a table, starting from the source.

        Columns, types and scaling are learned from the table.  A fit begins anew, whatever was
        fitted before, except with `warm_start`.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The table.  A pandas or polars frame may hold categories, text and datetimes; missing
            entries are allowed with ``standardize=True``.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The target.  Of several columns, entries may be missing (NaN, None, pandas' NA): such
            a row is learned from in the other columns.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0.
        exposure : array-like of shape (n_samples,), default=None
            Behind a log link (``loss='poisson'``, ``'gamma'``, ``'tweedie'``): how much of
            something each row was observed for, above 0, such as the years of a policy.  `y` is
            the amount in that time; what is learned is the rate, `y` per exposure.
        X_val, y_val, sample_weight_val, exposure_val : default=None
            A validation set of the same form.  With it, training keeps the best weights and
            stops early, whatever `early_stopping` says.
        groups : array-like of shape (n_samples,), default=None
            Which rows belong together (one person, one day): an ensemble, and early stopping,
            never test a row on what was learned from another of its group.
        X_unlabeled : table, or tuple of one table, default=None
            Further rows of the same columns, without labels.  What starts from a
            source is given categories, missing entries, means and standard deviations of all rows
            of the target.  For intervals and sets, held-out rows count by how likely they are
            among these.  A table of as many rows as `X` has to be wrapped, ``(X_unlabeled,)``:
            scikit-learn's cross-validation would take it for one that belongs to `X` row by row.

        Returns
        -------
        object
            The fitted estimator.

        Raises
        ------
        ValueError
            For tables and targets that cannot be trained on.  Nothing has then changed: an
            earlier fit of this estimator stays usable.
        sklearn.exceptions.NotFittedError
            If `source` is not fitted.
        SourceError, TransferError
            If `source` cannot be used, or not as requested.

        See Also
        --------
        partial_fit : Trains on a table that comes in chunks.
        predict : Predicts other rows.

        Notes
        -----
        An exposure ``e`` is a weight ``e ** (2 - power)`` on ``y / e``: ``e`` for Poisson, 1 for
        gamma.

        Examples
        --------
        >>> import numpy as np
        >>> from sktransfer import TransferMLPRegressor
        >>> rng = np.random.default_rng(0)
        >>> X, years = rng.normal(size=(300, 2)), rng.uniform(0.2, 1, 300)
        >>> claims = rng.poisson(years * np.exp(0.5 * X[:, 0] - 1))
        >>> model = TransferMLPRegressor("poisson", random_state=0)
        >>> model = model.fit(X, claims, exposure=years)
        >>> model.predict(X[:2]).shape, bool(model.score(X, claims, exposure=years) > 0)
        ((2,), True)
        """
        loss = self._loss
        y, sample_weight = per_exposure(loss, y, sample_weight, exposure)
        y_val, sample_weight_val = per_exposure(
            loss, y_val, sample_weight_val, exposure_val, "exposure_val"
        )
        validation = (X_val, y_val, sample_weight_val)
        precision = precision_of(loss, exposure)
        return self._fit_table(X, y, sample_weight, groups, validation, X_unlabeled, precision)

    @available_if(lambda est: est._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, *, exposure=None):
        """Train for one epoch on a chunk of a table.

        The first call starts from the source as `fit` does, and fixes columns and scaling.  The
        k-th call is the k-th epoch of the strategy's schedule; the state of the optimiser is kept
        between calls.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The chunk.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Its targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        exposure : array-like of shape (n_samples,), default=None
            How much of something each row was observed for, as in :meth:`fit`.

        Returns
        -------
        object
            The estimator, trained one epoch further.

        See Also
        --------
        fit : Trains on a whole table.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = TransferMLPRegressor(random_state=0)
        >>> for start in range(2):
        ...     model = model.partial_fit(X[start::2], y[start::2])
        >>> model.t_
        442
        """
        loss = self._loss
        y, sample_weight = per_exposure(loss, y, sample_weight, exposure)
        with self._all_or_nothing():
            return self._fit_one_epoch(X, y, sample_weight, precision_of(loss, exposure))

    def predict(self, X, *, exposure=None):
        """Predict numbers.

        Of several strategies it is the mean of the members' predictions, by
        ``member_weights_``.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        exposure : array-like of shape (n_samples,), default=None
            Amounts for these exposures are predicted, behind a log link; None predicts the rate.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the unit of the `y` that was fitted.

        See Also
        --------
        score : Compares with known numbers.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = TransferMLPRegressor(max_iter=5, random_state=0).fit(X, y)
        >>> model.predict(X[:3]).shape
        (3,)
        """
        outputs = self._outputs(X)
        if exposure is not None:
            exposed = check_exposure(exposure, outputs, loss_of(self._target.loss))
            outputs = outputs * exposed[:, None].astype(outputs.dtype)
        return self._target.decode(outputs)

    def score(self, X, y, sample_weight=None, *, exposure=None):
        """R², or D² of the loss; of several outputs the mean of each one's.

        Of a quantile and behind a log link it is D², the share of the deviance that is explained,
        as ``PoissonRegressor``, ``TweedieRegressor`` and ``d2_pinball_score`` have it; else R².  A
        model that always predicts the best constant has 0.  Entries of `y` that are missing do
        not count.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Of several columns, entries may be missing.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        exposure : array-like of shape (n_samples,), default=None
            How much of something each row was observed for, as in :meth:`fit`.

        Returns
        -------
        float
            At most 1; NaN where no number is known.

        See Also
        --------
        predict : The numbers that are compared.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = TransferMLPRegressor(random_state=0).fit(X[::2], y[::2])
        >>> model.score(X[1::2], y[1::2]) > 0.3
        True
        """
        prediction = self.predict(X)
        check_are_numbers(y)
        loss = loss_of(self._target.loss)
        y, sample_weight = per_exposure(loss, y, sample_weight, exposure)
        y, missing = set_missing_aside(y)
        return known_score(loss, y, prediction, missing, sample_weight)

    # -- what a task adds -----------------------------------------------------------------

    def _target_codec(self, before: NumberTarget | None) -> NumberTarget:
        return before or NumberTarget(self._loss_id, self.standardize)

    @property
    def _loss_id(self) -> str:
        return loss_id(self.loss, quantile=self.quantile, power=self.power, delta=self.delta)

    @property
    def _loss(self) -> OutputLoss:
        return loss_of(self._loss_id)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        # an unknown name is refused by fit
        is_known = self.loss in NUMBER_LOSSES
        tags.target_tags.positive_only = is_known and self._loss.has_log_link
        return tags
