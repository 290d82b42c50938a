"""The classifier."""

from __future__ import annotations

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target

from sktransfer._compat import StrOptions, check_partial_fit_first_call, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._targets import ClassTarget, LabelTask, known_accuracy, set_missing_aside


class TransferMLPClassifier(ClassifierMixin, BaseTransferMLP):
    """Multi-layer perceptron classifier that starts from a pretrained source.

    A drop-in for scikit-learn's ``MLPClassifier``: its parameters, methods and fitted attributes
    under their names.  With a `source` its hidden layers start from the source's and training
    follows a `strategy`.

    Parameters
    ----------
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
    class_map : dict, default=None
        ``{source label: target label}``: labels that mean the same under another name, for
        strategies that keep the output layer.
    dropout : float, default=0.0
        Probability with which a hidden unit is dropped in training, in [0, 1).
    standardize : bool, default=True
        Whether inputs are standardised inside.  False makes this scikit-learn's
        ``MLPClassifier``: ``'auto'`` parameters then take its values.
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
    class_weight : dict or 'balanced', default=None
        Weights of the classes, multiplied into the sample weights.
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
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
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
        Accuracy on held-out rows per epoch.
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
    TransferMLPRegressor : The same for numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> old, new = y < 5, y >= 5
    >>> source = TransferMLPClassifier(random_state=0).fit(X[old], y[old])
    >>> target = TransferMLPClassifier(source=source, random_state=0)
    >>> target = target.fit(X[new][:50], y[new][:50])
    >>> target.predict_proba(X[new][50:]).shape
    (846, 5)
    >>> target.transfer_report_
    135,680 of 136,965 parameters started from TransferMLPClassifier.
      members:    2 without source, 5 with source
      layers:     2 carried, 1 fresh
      columns:    64 carried
      classes:    5 fresh
    """

    _parameter_constraints = {
        **BaseTransferMLP._parameter_constraints,
        "class_map": [None, dict],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        source=None,
        strategy="auto",
        n_shared_layers=None,
        head_hidden_layer_sizes=(),
        feature_alignment="name",
        class_map=None,
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
        class_weight=None,
        augmentation=None,
        device="auto",
        callbacks=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.source = source
        self.strategy = strategy
        self.n_shared_layers = n_shared_layers
        self.head_hidden_layer_sizes = head_hidden_layer_sizes
        self.feature_alignment = feature_alignment
        self.class_map = class_map
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
        self.class_weight = class_weight
        self.augmentation = augmentation
        self.device = device
        self.callbacks = callbacks

    @available_if(lambda est: est._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on a chunk of a table.

        The first call starts from the source as `fit` does, and fixes columns, classes and
        scaling.  The k-th call is the k-th epoch of the strategy's schedule; the state of the
        optimiser is kept between calls.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The chunk.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Its labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come; needed in the first call.

        Returns
        -------
        object
            The estimator, trained one epoch further.

        Raises
        ------
        ValueError
            If the first call lacks `classes`, a label is not among them, or
            ``class_weight='balanced'``, which needs to see the whole table.

        See Also
        --------
        fit : Trains on a whole table.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(random_state=0)
        >>> for start in range(3):
        ...     model = model.partial_fit(X[start::3], y[start::3], classes=[0, 1, 2])
        >>> model.t_
        150
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which never sees the "
                "whole table. Pass a dict, for instance from "
                "sklearn.utils.class_weight.compute_class_weight on a large sample."
            )
        with self._all_or_nothing():
            if check_partial_fit_first_call(self, classes):
                known, _ = set_missing_aside(y)
                is_multilabel = type_of_target(known).startswith("multilabel")
                self._declared = LabelTask.of(known if is_multilabel else classes)
            return self._fit_one_epoch(X, y, sample_weight)

    def predict(self, X):
        """Predict labels.

        The most probable one, of a multilabel target every one above one half.  Of several
        strategies side by side, probabilities are mixed first.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels; for multilabel targets an indicator matrix.

        See Also
        --------
        predict_proba : How probable each label is.
        score : Compares with known labels.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(random_state=0).fit(X, y)
        >>> model.predict(X[[0, 75, 149]])
        array([0, 1, 2])
        """
        outputs = self._outputs(X)
        return self._target.decode(outputs)

    def predict_proba(self, X):
        """Predict probabilities.

        Of several strategies side by side they are the members' mixture, by ``member_weights_``.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.  Rows sum to one, except for multilabel targets, whose
            labels are independent.

        See Also
        --------
        predict : The most probable label.
        predict_log_proba : Their logarithms.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
        >>> model.predict_proba(X[:2]).sum(axis=1).round(6)
        array([1., 1.])
        """
        outputs = self._outputs(X)
        return self._target.probabilities(outputs)

    def predict_log_proba(self, X):
        """Predict logarithms of probabilities.

        A probability of 0 gives ``-inf``, without a warning.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.

        See Also
        --------
        predict_proba : The probabilities.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
        >>> bool((model.predict_log_proba(X) <= 0).all())
        True
        """
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(probabilities, out=probabilities)

    def score(self, X, y, sample_weight=None):
        """Accuracy: the share of rows whose label, or whose every known label, is predicted.

        Rows without any known label are left out.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Of a multilabel target, entries may be missing.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            From 0 to 1; NaN where no label is known.

        See Also
        --------
        predict : The labels that are compared.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(random_state=0).fit(X[::2], y[::2])
        >>> model.score(X[1::2], y[1::2]) > 0.9
        True
        """
        y, missing = set_missing_aside(y)
        return known_accuracy(y, self.predict(X), missing, sample_weight)

    # -- what a task adds -----------------------------------------------------------------

    def _target_codec(self, before: ClassTarget | None) -> ClassTarget:
        task = self.__dict__.pop("_declared", None) if before is None else before.task
        return ClassTarget(self.class_weight, task)

    def _learned(self, target):
        return {"classes_": target.task.classes}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
