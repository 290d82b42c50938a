"""The regressor."""

from __future__ import annotations

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from sktransfer._compat import StrOptions, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._targets import NumberTarget, known_r2, set_missing_aside


class TransferMLPRegressor(RegressorMixin, BaseTransferMLP):
    """Multi-layer perceptron regressor that starts from a pretrained source.

    A drop-in for scikit-learn's ``MLPRegressor``: its parameters, methods and fitted attributes
    under their names.  With a `source` its hidden layers start from the source's and training
    follows a `strategy`.

    Parameters
    ----------
    loss : {'squared_error', 'poisson'}, default='squared_error'
        What is minimised; ``'poisson'`` predicts rates through an exponential.
    hidden_layer_sizes : int or array-like of int, default=None
        Widths of the hidden layers.  None takes the source's; without a source (256, 256), or
        (100,) with ``standardize=False``.
    activation : {'relu', 'tanh', 'logistic', 'identity', 'leaky_relu', 'elu', 'gelu', 'silu', \
            'softplus'}, default=None
        Activation of the hidden layers.  None takes the source's; without a source 'relu'.
    source : object, default=None
        What was learned before: a fitted estimator of this package, a fitted scikit-learn
        ``MLPClassifier`` or ``MLPRegressor``, a fitted ``Pipeline``, ``FrozenEstimator``, search
        or ``TransformedTargetRegressor`` around one, a fitted skorch net or torch module of dense
        layers, a directory that :meth:`save` wrote, or a
        :class:`~sktransfer.sources.SourceDescription`.  It is read, never changed.
        Of several, in a list or in a dict that names them, the fit starts from the one that
        :func:`~sktransfer.model_selection.rank_sources` puts first for its table.
        Inside a parameter grid wrap estimators in ``sklearn.frozen.FrozenEstimator``.  None
        trains from scratch.
    strategy : str or Strategy, default='auto'
        How to start from the source and how to train: ``'full'``, ``'frozen'``, ``'l2_sp'``,
        ``'lp_ft'``, ``'gradual'``, ``'discriminative'``, ``'keep_head'``, ``'scratch'``,
        ``'joint'`` (on the source's rows too, see `fit`), or an instance of a class in
        :mod:`sktransfer.strategies`, whose parameters a grid reaches as
        ``strategy__<parameter>``.  ``'auto'`` is a
        :class:`~sktransfer.strategies.WeightedEnsemble`; without a source it is one network from
        scratch.
    n_shared_layers : int, default=None
        How many hidden layers, from the input, start from the source; None for all that both
        networks have in common.
    head_hidden_layer_sizes : int or array-like of int, default=()
        Hidden layers of the task's own, between the shared ones and the output.
    feature_alignment : {'name', 'position'}, default='name'
        How columns are matched with the source's.  By name where both tables have names, else
        (and with ``'position'``) by position, which needs as many columns on both sides.
    dropout : float, default=0.0
        Probability with which a hidden unit is dropped in training, in [0, 1).
    standardize : bool, default=True
        Whether inputs (and the targets of a squared error) are standardised inside.  False makes
        this scikit-learn's ``MLPRegressor``: ``'auto'`` parameters then take its values.
    numeric_embedding : {'auto', 'fourier'} or None, default='auto'
        ``'fourier'`` puts a few cosines and sines of each numeric column beside it.  ``'auto'``
        does so with ``standardize=True``, and on top of a source where the source has them.
    categorical_features : 'from_dtype', array-like or None, default='from_dtype'
        Which columns are categories: those of categorical and text types, or those given as a
        mask, positions or names; None for none.
    solver : {'adam', 'sgd', 'lbfgs'}, default='adam'
        The optimiser.
    alpha : float, default='auto'
        Strength of the L2 penalty on weights that no strategy pulls elsewhere; divided by the
        batch's number of rows.  ``'auto'`` is 1, or 0.0001 with ``standardize=False``.
    batch_size : int, default='auto'
        Rows per step; ``'auto'`` is ``min(128, n_samples)``, or ``min(200, n_samples)`` with
        ``standardize=False``.
    learning_rate : {'auto', 'constant', 'cosine', 'invscaling', 'adaptive'}, default='auto'
        Schedule.  ``'cosine'`` anneals to zero over `max_iter` epochs after a short warm-up;
        ``'invscaling'`` and ``'adaptive'`` are for ``solver='sgd'``.  ``'auto'`` is ``'cosine'``
        for Adam, ``'constant'`` for other solvers, in `partial_fit` and with
        ``standardize=False``.
    learning_rate_init : float, default=0.001
        Learning rate, the schedule's largest.
    power_t : float, default=0.5
        Exponent of ``'invscaling'``.
    max_iter : int, default='auto'
        Most epochs (iterations of L-BFGS).  ``'auto'`` is 30, but between 200 and 1200 steps, or
        200 for other solvers than Adam and with ``standardize=False``.
    shuffle : bool, default=True
        Whether rows are shuffled in every epoch.
    random_state : int, RandomState instance or None, default=None
        Draws initial weights, held-out rows, batches and dropout.  None uses numpy's global
        generator, as everywhere in scikit-learn.
    tol : float, default=1e-4
        An epoch that improves the loss (with `early_stopping` that of the rows held out) by
        less is no improvement.
    verbose : bool or int, default=False
        Whether to print the loss of every epoch.  Of several strategies side by side it prints
        each one's loss on rows held out and its weight; with 2 their epochs too.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the last fit, not from the source.
    momentum : float, default=0.9
        Momentum of SGD, in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether SGD's momentum is Nesterov's.
    early_stopping : bool, default=False
        Whether to hold out rows, stop when they are answered no better any more, and keep the
        best weights: by the loss with `standardize`, else by the score, as scikit-learn does.
    validation_fraction : float, default=0.1
        Share of held-out rows, in [0, 1).
    beta_1, beta_2 : float, default=0.9, 0.999
        Decay rates of Adam's moments, in [0, 1).
    epsilon : float, default=1e-8
        Adam's guard against division by zero.
    n_iter_no_change : int, default=10
        Epochs without improvement after which training stops; a cosine schedule stops early only
        with a validation set.
    max_fun : int, default=15000
        Most function calls of L-BFGS.
    augmentation : {'mixup', 'noise', 'corruption'}, Augmentation or None, default=None
        Random changes of the training rows, see :mod:`sktransfer.augmentation`.
    device : str, default='auto'
        Where networks are trained: a device of torch's (``'cpu'``, ``'cuda'``, ``'cuda:1'``), or
        ``'auto'``: a CUDA GPU, where there is one, for steps of more than 1e9 floating-point
        operations, which are six times the rows of a batch times the weights, else the CPU.
        What is fitted is on the CPU in any case, and predicts there.
    callbacks : list of skorch callbacks, default=None
        Notified of every epoch, and of every batch if one of them listens to batches.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_outputs) and biases per layer, on encoded inputs.
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where all are strings.
    n_iter_ : int
        Epochs of the last fit.
    n_layers_ : int
        Number of layers, input and output included.
    n_outputs_ : int
        Number of outputs.
    out_activation_ : str
        Output activation.
    loss_ : float
        Loss of the last epoch.
    loss_curve_ : list of float
        Loss per epoch.
    best_loss_ : float or None
        Least loss, None with a validation set.
    validation_scores_ : list of float or None
        R² on held-out rows per epoch.
    best_validation_score_ : float or None
        That of the epoch whose weights were kept.
    t_ : int
        Rows seen in training, repeats counted.
    source_scores_ : dict of str to float
        Where `source` is several: the score of each by its name (``'source0'``, ``'source1'``, …
        in a list), the best first.  The first is the one that was chosen; it stays chosen in
        `partial_fit` and with `warm_start`.
    member_weights_ : dict of str to float
        Where `strategy` combines several, as ``'auto'`` does with a source: how much each member
        counts.  They sum to one.
    member_losses_ : dict of str to float
        Where `strategy` combines several: each member's mean loss on rows held out in turn; empty
        where there were too few.
    transfer_gain_ : float or None
        Where `strategy` combines several: by how much the loss on rows held out falls when members
        with the source are let in; None where that was not measured.
    transfer_report_ : TransferReport
        What was carried over from the source, what began anew, and why.
    net_ : skorch.NeuralNet
        The network, on encoded inputs.

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

        Of several strategies side by side it is the mean of the members' answers, by
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

        A model that always answers the mean has 0.

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
