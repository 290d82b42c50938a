"""The classifier."""

from __future__ import annotations

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target

from sktransfer._compat import StrOptions, check_partial_fit_first_call, fit_context
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._coverage import PredictsSets
from sktransfer._estimators._docs import documented
from sktransfer._targets import (
    ClassTarget,
    LabelTask,
    in_their_type,
    known_accuracy,
    set_missing_aside,
)


@documented()
class TransferMLPClassifier(ClassifierMixin, PredictsSets, BaseTransferMLP):
    """Multi-layer perceptron classifier that starts from a pretrained source.

    A drop-in replacement of scikit-learn's ``MLPClassifier``, with its parameters, methods and
    fitted attributes.  With a `source` it starts from the source's hidden layers or predictions,
    as `strategy` says.

    Parameters
    ----------
    class_map : dict, default=None
        ``{source label: target label}``: labels that mean the same under another name; the
        probabilities of several that become one add up.  Other spellings (``'No'``, ``'no'``; 0,
        ``'no'``) are matched without; an empty dict says that equal labels mean other things.  In
        an ensemble keys may also be labels of the tables of :class:`~sktransfer.strategies.Joint`.
    standardize : bool, default=True
        Whether inputs are standardised inside.  False makes this scikit-learn's
        ``MLPClassifier``: ``'auto'`` parameters then take its values.
    class_weight : dict or 'balanced', default=None
        Weights of the classes, multiplied into the sample weights.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    validation_scores_ : list of float or None
        Accuracy on held-out rows per epoch.

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
    64 of 64 columns and 2 of 3 layers start from the source (TransferMLPClassifier).
      members:    5 with source, 4 without source
      layers:     2 reused, 1 new
      columns:    64 reused
      classes:    5 new
      parameters: 135,680 of 136,965 start from the source
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
        column_map=None,
        class_map=None,
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
        self.column_map = column_map
        self.class_map = class_map
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
                known, _ = set_missing_aside(in_their_type(y))
                is_multilabel = type_of_target(known).startswith("multilabel")
                self._declared = LabelTask.of(
                    classes if known is None or not is_multilabel else known
                )
            return self._fit_one_epoch(X, y, sample_weight)

    def predict(self, X):
        """Predict labels.

        The most probable one, of a multilabel target every one above one half.  Of several
        strategies, probabilities are averaged first.

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

        Of several strategies they are the members' mixture, by ``member_weights_``.

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
        y, missing = set_missing_aside(in_their_type(y))
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
