"""Several tasks of one table."""

from __future__ import annotations

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sktransfer._compat import StrOptions, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._docs import documented
from sktransfer._estimators._task_coverage import PredictsTaskCoverage
from sktransfer._estimators._tasks_apart import describe_task, has_own_layers
from sktransfer._records import SourceDescription
from sktransfer._targets import TaskTargets, losses_of_tasks, mean_of_known
from sktransfer.balancing import BALANCINGS, Balancing
from sktransfer.strategies import STRATEGIES, NetworkStrategy, Strategy

_NETWORK_STRATEGIES = {n for n, kind in STRATEGIES.items() if issubclass(kind, NetworkStrategy)}


@documented(
    without=(
        "member_weights_",
        "member_losses_",
        "transfer_gain_",
        "transfer_gain_error_",
        "table_gains_",
    )
)
class MultiTaskMLP(PredictsTaskCoverage, BaseTransferMLP):
    """Multi-layer perceptron for several tasks at once, with missing labels.

    The tasks share their hidden layers, so that labels of one task help to train what the
    others use.  `y` is a table of targets: a DataFrame, a dict of columns, or an array of
    shape (n_samples, n_tasks), whose columns may be of different kinds.  **Missing entries**
    (NaN, None, pandas' NA) are missing labels; a row is used in the tasks in which it
    is labelled.  Every label has the same weight.

    With one task it is :class:`TransferMLPClassifier` or :class:`TransferMLPRegressor`, with the
    same results bit for bit.  The order of named tasks changes no bit, and a task without any
    label changes nothing for the others; its predictions are missing.

    Parameters
    ----------
    task_kinds : dict of str to {'classification', 'regression'}, default=None
        What kind of task a column of targets is, where that should not be inferred from its
        values: text, booleans, and whole numbers of at most 20 different values, each twice on
        average, are classes, other numbers are a regression.
    loss : dict of str to str, default=None
        Losses of regressions by their task, where it is not ``'squared_error'``: the names that
        :class:`TransferMLPRegressor` takes, such as ``{"claims": "poisson"}``, with a parameter
        behind them where it is not the default, ``'quantile(0.9)'``, ``'tweedie(1.2)'``,
        ``'huber(2.0)'``.  A task that is named here is a regression.  One with a log link is
        divided by its size, so that the other tasks do not depend on the unit of amounts.
    balancing : {'equal', 'uncertainty', 'pcgrad'} or Balancing, default='equal'
        How much each task counts in a step, see :mod:`sktransfer.balancing`.
    source : object, default=None
        What was learned before, see :class:`TransferMLPClassifier`; of several, the one that
        is most related to the tasks on average.  It is read, never changed.  None trains from
        scratch.
    strategy : str or Strategy, default='l2_sp'
        How to start from the source and how to train, see :class:`TransferMLPClassifier`.
        ``'keep_head'`` keeps the outputs of tasks that the source, a ``MultiTaskMLP``, has under
        the same names.
    head_hidden_layer_sizes : int or array-like of int, default=()
        Hidden layers that each task has of its own, between the shared ones and its outputs.
    standardize : bool, default=True
        Whether inputs, and the targets of regressions, are standardised inside.  With False,
        ``'auto'`` parameters take the values of scikit-learn's MLPs.

    Attributes
    ----------
    classes_ : dict of str to ndarray of shape (n_classes,)
        Labels of each classification, sorted.
    task_names_ : list of str
        The tasks, in the order of the columns of `y`; columns of an array are called ``'y0'``,
        ``'y1'``, …
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_outputs) and biases per layer.  The rows of the first weights
        are those of `encoded_feature_names_`; outputs stand in the order of the tasks' names.
    n_outputs_ : int
        Number of outputs, of all tasks together.
    out_activation_ : tuple of (str, int)
        Output activation and number of outputs of each task, in the order of their names.
    loss_ : float
        Loss of the last epoch, the sum over the tasks.

    See Also
    --------
    TransferMLPClassifier : One classification; takes a fitted ``MultiTaskMLP`` as its `source`.
    TransferMLPRegressor : One regression, or several outputs of one.

    References
    ----------
    R. Caruana, "Multitask Learning", Machine Learning 28, 1997.

    R. Levin et al., "Transfer Learning with Deep Tabular Models", ICLR 2023.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import MultiTaskMLP
    >>> X, digit = load_digits(return_X_y=True)
    >>> Y = pd.DataFrame({"digit": digit, "even": digit % 2 == 0, "ink": X.mean(axis=1)})
    >>> Y.loc[::3, "digit"] = np.nan  # not every digit was read
    >>> model = MultiTaskMLP(max_iter=10, random_state=0).fit(X[:900], Y[:900])
    >>> model.predict(X[900:]).columns.tolist()
    ['digit', 'even', 'ink']
    >>> sorted(model.score_tasks(X[900:], Y[900:]))
    ['digit', 'even', 'ink']
    >>> model.predict_proba(X[900:])["even"].shape
    (897, 2)
    """

    _parameter_constraints = {
        **BaseTransferMLP._parameter_constraints,
        "strategy": [StrOptions(_NETWORK_STRATEGIES), Strategy],
        "task_kinds": [dict, None],
        "loss": [dict, None],
        "balancing": [StrOptions(set(BALANCINGS)), Balancing],
    }

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        task_kinds=None,
        loss=None,
        balancing="equal",
        source=None,
        strategy="l2_sp",
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
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.task_kinds = task_kinds
        self.loss = loss
        self.balancing = balancing
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

    @available_if(lambda est: est._check_solver())
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on a chunk of a table.

        The first call starts from the source as `fit` does, and fixes columns, tasks, classes and
        scaling.  The k-th call is the k-th epoch of the strategy's schedule; the state of the
        optimiser is kept between calls.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The chunk.
        y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
            Its targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        classes : dict of str to array-like of shape (n_classes,), default=None
            For each classification all labels that will ever come; needed in the first call.
            Other tasks are regressions.

        Returns
        -------
        object
            The estimator, trained one epoch further.

        Raises
        ------
        ValueError
            If the first call lacks the classes of a task of text or booleans, has no label of a
            regression, whose scale it fixes, or a label is not among the classes.

        See Also
        --------
        fit : Trains on a whole table.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP(random_state=0)
        >>> model = model.partial_fit(X, y, classes={"kind": [0, 1, 2]})
        >>> model.task_names_, model.t_
        (['kind', 'width'], 150)
        """
        with self._all_or_nothing():
            if not hasattr(self, "_model") and not hasattr(self, "_declared"):
                self._declared = self._new_targets({})
                self._declared.declare(y, classes or {})
            return self._fit_one_epoch(X, y, sample_weight)

    def predict(self, X):
        """Predict all tasks.

        Every row is predicted in all tasks, whether or not rows like it were labelled in each.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        DataFrame, dict of ndarray, or ndarray of shape (n_samples, n_tasks)
            In the form of the `y` that was fitted: a frame of the same library, with the index of
            `X`, for a frame; a dict for a dict; an array for an array.  Missing for a task that
            had no label.

        See Also
        --------
        predict_proba : How probable each label is.
        score_tasks : Compares with what is known.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP(random_state=0).fit(X, y)
        >>> model.predict(X[[0, 149]])["kind"]
        array([0, 2])
        """
        outputs = self._outputs(X)
        return self._target.decode(outputs, X)

    def predict_proba(self, X):
        """Predict probabilities of the classes.

        Regressions have none, and are not among them.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.

        Returns
        -------
        dict of str to ndarray of shape (n_samples, n_classes)
            For each classification, in the order of ``classes_[task]``.

        See Also
        --------
        predict : The most probable labels.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP(max_iter=5, random_state=0).fit(X, y)
        >>> {name: p.shape for name, p in model.predict_proba(X).items()}
        {'kind': (150, 3)}
        """
        outputs = self._outputs(X)
        return self._target.probabilities(outputs)

    def score_tasks(self, X, y, sample_weight=None):
        """Score of each task: accuracy of a classification, R² of a regression.

        A task is scored on the rows in which it is labelled.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
            Missing entries are left out.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        dict of str to float
            NaN for a task without labels.

        See Also
        --------
        score : Their mean.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP(random_state=0).fit(X, y)
        >>> scores = model.score_tasks(X, y | {"width": [None] * 150})
        >>> scores["kind"] > 0.9, scores["width"]
        (True, nan)
        """
        outputs = self._outputs(X)
        return self._target.score_tasks(y, outputs, sample_weight)

    def score(self, X, y, sample_weight=None):
        """Mean over the tasks of :meth:`score_tasks`, without tasks that have no labels.

        Every task has the same weight, however many of its labels are known.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : DataFrame, dict of array-like, or array-like of shape (n_samples, n_tasks)
            Missing entries are left out.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            At most 1; NaN where nothing is known.

        See Also
        --------
        score_tasks : The score of each.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP(random_state=0).fit(X, y)
        >>> model.score(X, y) > 0.8
        True
        """
        return mean_of_known(self.score_tasks(X, y, sample_weight).values())

    def task(self, name):
        """One task alone, as a source: the shared layers and the task's own.

        ``TransferMLPClassifier(source=model.task("digit"), strategy="keep_head")`` resumes with
        this task's output layer.  With ``source=model`` the shared layers alone are carried.

        Parameters
        ----------
        name : str
            One of ``task_names_`` that had labels.

        Returns
        -------
        SourceDescription
            Its layers, and what its columns and outputs mean.

        See Also
        --------
        sktransfer.strategies.KeepHead : Keeps its output layer.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> model = MultiTaskMLP((8, 4), max_iter=5, random_state=0).fit(X, y)
        >>> model.task("width")
        SourceDescription(MultiTaskMLP: 4 → 8 → 4 → 1, relu, regression)
        """
        check_is_fitted(self)
        return describe_task(self._model, type(self).__name__, str(name))

    def __sktransfer_describe__(self) -> SourceDescription:
        """What this estimator has learned: the shared layers, and all tasks' outputs."""
        whole = super().__sktransfer_describe__()
        if not has_own_layers(self._model):
            return whole
        # hidden layers of a task are its own: what is shared ends below them
        return describe_task(self._model, type(self).__name__)

    # -- what a task adds -----------------------------------------------------------------

    def _target_codec(self, before: TaskTargets | None) -> TaskTargets:
        declared = self.__dict__.pop("_declared", None)
        return before or declared or self._new_targets(self.task_kinds or {})

    def _new_targets(self, kinds: dict[str, str]) -> TaskTargets:
        kinds = {str(name): kind for name, kind in kinds.items()}
        return TaskTargets(kinds, self.standardize, losses=losses_of_tasks(self.loss or {}))

    def _learned(self, target):
        return {"classes_": target.classes, "task_names_": target.task_names}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags
