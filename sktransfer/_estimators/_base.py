"""What classifier and regressor share: parameters, ``fit`` and ``partial_fit``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sktransfer._alignment import Prepared, prepare, resumed_plan
from sktransfer._compat import CallbackSupportMixin, Interval, Options, StrOptions, fit_context
from sktransfer._estimators._html import ShowsTransfer
from sktransfer._estimators._saving import Savable
from sktransfer._estimators._source_parameter import KeepsSource
from sktransfer._fitting import (
    FitTask,
    Job,
    State,
    answers,
    begin_stream,
    check_callbacks,
    check_source_rows,
    chosen_augmentation,
    combine,
    forget_members,
    go_on,
    network_of,
    prepare_jointly,
    resolve,
    restored_network,
    schedule,
    split_table,
    training_data,
    without_arrays,
)
from sktransfer._networks import build_network, reference_layers
from sktransfer._preprocessing import (
    Table,
    check_columns,
    check_table,
    computing_dtype,
    with_correlations,
)
from sktransfer._records import ACTIVATIONS, DenseLayer, SourceDescription, TargetSchema
from sktransfer._source_choice import choose_source, sources_of_members
from sktransfer._targets import check_columns_are_labelled, set_missing_aside
from sktransfer.augmentation import AUGMENTATIONS, Augmentation
from sktransfer.exceptions import combination_of_several_tasks, unfitted_source
from sktransfer.strategies import Combined, Full, Strategy, check_strategy


class BaseTransferMLP(KeepsSource, ShowsTransfer, CallbackSupportMixin, Savable, ABC):
    """Base class of the estimators; use :class:`TransferMLPClassifier` and its sister."""

    _doc_link_module = "sktransfer"
    _doc_link_template = (
        "https://sktransfer.readthedocs.io/en/stable/api/sktransfer.{estimator_name}.html"
    )
    _parameter_constraints: dict[str, Any] = {
        "source": "no_validation",
        "strategy": [str, Strategy],
        "n_shared_layers": [None, Interval(Integral, 0, None, closed="left")],
        "head_hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "feature_alignment": [StrOptions({"name", "position"})],
        "hidden_layer_sizes": [None, "array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [None, StrOptions(set(ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "standardize": ["boolean"],
        "numeric_embedding": [None, StrOptions({"auto", "fourier"})],
        "categorical_features": [None, "array-like", StrOptions({"from_dtype"})],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"auto", "constant", "invscaling", "adaptive", "cosine"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "augmentation": [None, StrOptions(set(AUGMENTATIONS)), Augmentation],
        "device": [str],
        "callbacks": [None, list, tuple],
    }

    # -- fit ------------------------------------------------------------------------------

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
        groups=None,
        X_source=None,
        y_source=None,
    ):
        """Fit the network to a table, starting from the source.

        Columns, types and scaling are learned from the table.  A fit begins anew, whatever was
        fitted before, except with `warm_start`.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            The table.  A pandas or polars frame may hold categories, text and moments; missing
            entries are allowed with ``standardize=True``.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The target.  Of several columns, entries may be missing (NaN, None, pandas' NA): such
            a row is learned from in the other columns.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0.
        X_val, y_val, sample_weight_val : default=None
            A validation set of the same form.  With it, training keeps the best weights and
            stops early, whatever `early_stopping` says.
        groups : array-like of shape (n_samples,), default=None
            Which rows belong together (one person, one day): a combination of strategies, and
            early stopping, never test a row on what was learned from another of its group.
        X_source, y_source : default=None
            Rows of the source and their targets, for ``strategy='joint'``: a table with some of
            the columns of `X`, and labels or numbers, a column for each of several tasks.  Other
            strategies leave them aside, with a warning.

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
            If `source` cannot be used, or not in the way that was asked for.

        See Also
        --------
        partial_fit : Trains on a table that comes in chunks.
        predict : Answers for other rows.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=20, random_state=0)
        >>> model = model.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
        >>> len(model.validation_scores_) == model.n_iter_
        True
        """
        validation = None if X_val is None and y_val is None else (X_val, y_val, sample_weight_val)
        resume = self.warm_start and hasattr(self, "coefs_")
        with self._all_or_nothing():
            return self._fit(
                X, y, sample_weight, validation, groups, (X_source, y_source), resume=resume
            )

    def _fit(
        self,
        X,
        y,
        sample_weight,
        validation=None,
        groups=None,
        source_rows=(None, None),
        *,
        resume,
        one_epoch=False,
    ):
        check_callbacks(self.callbacks)
        table = check_table(self, X, y, sample_weight, resume, one_epoch, groups)
        rng = check_random_state(self.random_state)
        strategy = check_strategy(self.strategy, self.source is not None)
        check_source_rows(strategy, resume or one_epoch, *source_rows)
        augmentation = chosen_augmentation(self)
        source = choose_source(self, table, resume)  # sources
        if isinstance(strategy, Combined):
            if not resume or hasattr(self, "_members"):
                job = Job(self, validation, augmentation, (X, y), one_epoch)
                return self._fit_combined(job, table, source, strategy, rng, resume)
            strategy = Full()  # one network was fitted: it goes on as what it is
        network = network_of(self) if resume else None
        prepared = self._prepared(table, source, strategy, network, source_rows)
        state, net, optimizer, task = self._train(
            prepared,
            prepared.table,
            rng,
            validation,
            augmentation,
            follow=partial(FitTask, self, X, y),
            network=network,
            optimizer=getattr(self, "_optimizer", None),
            one_epoch=one_epoch,
        )
        forget_members(self)
        state.publish(net, optimizer)
        task.end()
        return self

    def _prepared(self, table, source, strategy, network, source_rows) -> Prepared:
        """What the table becomes: for a network that goes on, with the source's rows, or anew."""
        if network is not None:
            plan = resumed_plan(self, network, source, strategy)
            rows = table.encoded(network.inputs)
            return Prepared("", strategy, rows, network.inputs, network.target, plan)
        if strategy.uses_source_rows:
            return prepare_jointly(self, table, source, strategy, *source_rows)
        (prepared,) = prepare(self, table, {"": strategy}, {"": source})
        return prepared

    def _train(
        self,
        prepared: Prepared,
        table: Table,
        rng,
        validation=None,
        augmentation=None,
        *,
        follow,
        is_part=False,
        leads=False,
        network=None,
        optimizer=None,
        one_epoch=False,
    ):
        """Train one network on the rows of `table`.

        `follow` begins the task that scikit-learn's callbacks see.  Of the runs that a combination
        is made of (`is_part`) the one that `leads` is heard by the user's own callbacks.  A
        fitted `network` goes on, on a stream (`one_epoch`) with its `optimizer`.
        """
        from sktransfer._training import Watch, make_net, train  # import torch and skorch

        inputs, target, plan = prepared.inputs, prepared.target, prepared.plan
        resume = network is not None
        joint = prepared.joint
        trained, trained_plan = (target, plan) if joint is None else (joint.target, joint.plan)
        network = (
            restored_network(network, self.dropout)
            if resume
            else build_network(trained_plan, rng, table.dtype, self.dropout)
        )

        rows, held_out = split_table(self, table, inputs, validation, rng)
        if joint is not None:
            rows = joint.below(rows)
        settings = resolve(self, rows.n_samples, one_epoch, is_part)
        phases = schedule(self, prepared.strategy, plan, settings, one_epoch)  # strategies

        data = training_data(rows, inputs, trained, at_once=self.solver == "lbfgs")
        if self.standardize and not resume:
            inputs = with_correlations(inputs, data.X, data.sample_weight)

        state = State(self, network, inputs, target, plan)
        history = state.begin_history(resume, validates=held_out is not None)
        n_epochs = sum(phase.max_iter for phase in phases)
        task = follow(n_epochs, state.attributes)
        callbacks = self.callbacks if leads or not is_part else None
        net = make_net(network, trained.out_activation, callbacks)
        optimizer = train(  # _training
            net,
            data,
            phases,
            settings,
            rng,
            history,
            Watch(state.validator(held_out), task, is_part),
            start=reference_layers(plan, table.dtype) if any(p.pull for p in phases) else None,
            augmentation=augmentation,
            balancing=self._balancing(trained),
            n_head_layers=len(plan.heads[0]),
            optimizer=optimizer if one_epoch else None,
            one_epoch=one_epoch,
        )
        if joint is not None:
            history, optimizer = net.history, None
            net = make_net(state.leave_other_tasks(), target.out_activation, self.callbacks)
            net.history = history
        return state, net, optimizer, task

    def _fit_combined(self, job, table, source, strategy, rng, resume):
        strategy, members, sources = sources_of_members(self, strategy, source)  # strategies
        if resume:
            combination = go_on(job, members, sources, table, rng)
        else:
            prepared = prepare(self, table, members, sources)  # _preprocessing, _alignment
            if prepared[0].target.kind == "several":
                raise combination_of_several_tasks()
            if job.one_epoch:
                combination = begin_stream(job, prepared, strategy, rng)
            else:
                combination = combine(job, prepared, strategy, rng)
        combination.publish(self)
        job.task.end()
        return self

    def _fit_one_epoch(self, X, y, sample_weight):
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        resume = hasattr(self, "coefs_")
        with self._all_or_nothing():
            return self._fit(X, y, sample_weight, resume=resume, one_epoch=True)

    @contextmanager
    def _all_or_nothing(self):
        """Take back what a failed fit has changed, so that an earlier one stays usable."""
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            for name in set(self.__dict__) - set(before):
                # scikit-learn's own bookkeeping of callbacks is not ours to undo
                if "callback" not in name:
                    del self.__dict__[name]
            self.__dict__.update(before)
            raise

    # -- what a fitted estimator does -----------------------------------------------------

    def _answers(self, X) -> np.ndarray:
        """Probabilities, or numbers in the user's unit, for a user's table."""
        if not hasattr(self, "n_features_in_"):  # scikit-learn asks more slowly
            check_is_fitted(self)
        X = check_columns(self, X, reset=False)
        dtype = np.result_type(computing_dtype(X), self.coefs_[0].dtype)
        return answers(self, X, dtype)

    @property
    def net_(self):
        """The skorch net: the network on *encoded* inputs, with the history of its training.

        After unpickling it is rebuilt from the weights, with an empty history.

        See Also
        --------
        sktransfer.inspection.LossCurveDisplay : Draws the history.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=3, random_state=0).fit(X, y)
        >>> len(model.net_.history), type(model.net_.module_.task_layers[-1]).__name__
        (3, 'Linear')
        """
        if not hasattr(self, "coefs_"):
            raise AttributeError(f"This {type(self).__name__} is not fitted, it has no net_ yet.")
        if "_net" not in self.__dict__:
            from sktransfer._training import make_net

            network = restored_network(network_of(self), self.dropout)
            self._net = make_net(network, self.out_activation_, self.callbacks)
        self._net = self._net.as_skorch()
        return self._net

    def __sktransfer_describe__(self) -> SourceDescription:
        """What this estimator has learned, for another one to start from."""
        if not hasattr(self, "coefs_"):
            raise unfitted_source(self)
        return SourceDescription(
            [DenseLayer(w, b) for w, b in zip(self.coefs_, self.intercepts_, strict=True)],
            self._activation,
            inputs=self._inputs,
            target=self._target,
            name=type(self).__name__,
        )

    # -- what scikit-learn does with an estimator -----------------------------------------

    def __getstate__(self):
        state = super().__getstate__().copy()
        # weights travel as numpy arrays; the source holds the carried ones already
        state.pop("_net", None)
        if "_plan" in state:
            state["_plan"] = without_arrays(state["_plan"])
        return state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self.standardize
        return tags

    # -- what a task adds -----------------------------------------------------------------

    @property
    @abstractmethod
    def _y_is_numeric(self) -> bool:
        """Whether `y` must be numbers."""

    def _set_missing_aside(self, y, labels: str) -> tuple[Any, np.ndarray | None]:
        """The user's targets as far as they are known, and where they are not."""
        y, missing = set_missing_aside(y)
        if labels == "new":
            check_columns_are_labelled(missing)
        return y, missing

    @abstractmethod
    def _check_y(
        self, y, missing, sample_weight, labels: str
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Targets as an array of shape (n_samples, n_outputs), and weights by class.

        `missing` is the mask of :meth:`_set_missing_aside`; these entries become NaN.
        `labels` says how they relate to the classes of an earlier fit: ``'new'`` ones are
        learned, ``'same'`` ones must be all of them, ``'known'`` ones may be some.
        """

    @abstractmethod
    def _target_schema(self, table: Table, kept: TargetSchema | None = None) -> TargetSchema:
        """What the outputs mean; `kept` is the source's, where its output layer is kept."""

    @abstractmethod
    def _validation_score(self, held_out: Table, outputs: np.ndarray, target) -> float:
        """Accuracy or R² of network outputs."""

    def _balancing(self, target: TargetSchema) -> Any:
        """How several tasks are balanced; None where their losses are added."""
        return None

    def _stratifies(self, y: np.ndarray) -> bool:
        """Whether held-out rows are drawn per class."""
        return False

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
            )
        return True
