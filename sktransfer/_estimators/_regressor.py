"""The regressor."""

from __future__ import annotations

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from sktransfer._compat import StrOptions, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._docs import documented
from sktransfer._targets import NumberTarget, known_r2, set_missing_aside


@documented()
class TransferMLPRegressor(RegressorMixin, BaseTransferMLP):
    """Multi-layer perceptron regressor that starts from a pretrained source.

    A drop-in for scikit-learn's ``MLPRegressor``: its parameters, methods and fitted attributes
    under their names.  With a `source` its hidden layers start from the source's and training
    follows a `strategy`.

    Parameters
    ----------
    loss : {'squared_error', 'poisson'}, default='squared_error'
        What is minimised; ``'poisson'`` predicts rates through an exponential.
    standardize : bool, default=True
        Whether inputs (and the targets of a squared error) are standardised inside.  False makes
        this scikit-learn's ``MLPRegressor``: ``'auto'`` parameters then take its values.

    Attributes
    ----------
    validation_scores_ : list of float or None
        R² on held-out rows per epoch.

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
        "loss": [StrOptions({"squared_error", "poisson"})],
    }

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=None,
        activation=None,
        *,
        source=None,
        strategy="auto",
        n_shared_layers=None,
        head_hidden_layer_sizes=(),
        feature_alignment="name",
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
        self.source = source
        self.strategy = strategy
        self.n_shared_layers = n_shared_layers
        self.head_hidden_layer_sizes = head_hidden_layer_sizes
        self.feature_alignment = feature_alignment
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

    @available_if(lambda est: est._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
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
        with self._all_or_nothing():
            return self._fit_one_epoch(X, y, sample_weight)

    def predict(self, X):
        """Predict numbers.

        Of several strategies it is the mean of the members' predictions, by
        ``member_weights_``.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

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
        return self._target.decode(outputs)

    def score(self, X, y, sample_weight=None):
        """R², of several outputs the mean of each one's on the rows where it is known.

        A model that always predicts the mean has 0.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Of several columns, entries may be missing.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

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
        y, missing = set_missing_aside(y)
        return known_r2(y, self.predict(X), missing, sample_weight)

    # -- what a task adds -----------------------------------------------------------------

    def _target_codec(self, before: NumberTarget | None) -> NumberTarget:
        return before or NumberTarget(self.loss, self.standardize)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
