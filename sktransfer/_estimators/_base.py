"""What classifier and regressor share: parameters, ``fit`` and ``partial_fit``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import sktransfer._alignment as alignment
import sktransfer._fitting as fitting
import sktransfer._networks as networks
import sktransfer._source_choice as source_choice
from sktransfer._compat import CallbackSupportMixin, Interval, Options, StrOptions, fit_context
from sktransfer._estimators._callbacks import FitTask
from sktransfer._estimators._fitted import PUBLIC, Attribute, member_attributes, public_attributes
from sktransfer._estimators._html import ShowsTransfer
from sktransfer._estimators._options import options_of, with_loaded
from sktransfer._estimators._saving import Savable
from sktransfer._estimators._source_parameter import KeepsSource
from sktransfer._estimators._table import (
    check_columns,
    check_table,
    check_unlabeled,
    check_validation,
)
from sktransfer._preprocessing import Table, computing_dtype, with_truths_read
from sktransfer._records import (
    ACTIVATIONS,
    DenseLayer,
    FitOptions,
    FittedModel,
    Member,
    Mode,
    SourceDescription,
)
from sktransfer._targets import Labels, TargetCodec
from sktransfer._typing import Constraints, TableLike, TargetLike
from sktransfer._warnings import each_once
from sktransfer.augmentation import AUGMENTATIONS, Augmentation
from sktransfer.exceptions import SourceLayersError, unfitted_source
from sktransfer.strategies import Joint, WeightedEnsemble

if TYPE_CHECKING:
    from sktransfer._fitting import Fitted

#: Rows from which on predict looks whether columns are in the units of fit.
_SURE_ROWS = 50
_LABELS: dict[Mode, Labels] = {"fit": "new", "warm_start": "same", "partial_fit": "known"}


class BaseTransferMLP(KeepsSource, ShowsTransfer, CallbackSupportMixin, Savable, ABC):
    """Base class; use :class:`TransferMLPClassifier` or :class:`TransferMLPRegressor`."""

    _doc_link_module = "sktransfer"
    _doc_link_template = (
        "https://sktransfer.readthedocs.io/en/stable/api/sktransfer.{estimator_name}.html"
    )
    _parameter_constraints: Constraints = {
        "source": "no_validation",
        "strategy": "no_validation",  # `check_strategy` says what is known
        "n_shared_layers": [None, Interval(Integral, 0, None, closed="left")],
        "head_hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "feature_alignment": [StrOptions({"name", "position"})],
        "column_map": [None, dict],
        "hidden_layer_sizes": [None, "array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [None, StrOptions(set(ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "standardize": ["boolean"],
        "numeric_embedding": [None, StrOptions({"auto", "fourier"})],
        "categorical_features": [None, "array-like", StrOptions({"from_dtype"})],
        "parse_text": ["boolean"],
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
        X_val, y_val, sample_weight_val : default=None
            A validation set of the same form.  With it, training keeps the best weights and
            stops early, whatever `early_stopping` says.
        groups : array-like of shape (n_samples,), default=None
            Which rows belong together (one person, one day): an ensemble, and early stopping,
            never test a row on what was learned from another of its group.
        X_unlabeled : table, or tuple of one table, default=None
            Further rows of the same columns, without labels.  Models that start from a
            source get the categories, missing entries, means and standard deviations of all rows
            of the target.  For intervals and sets, held-out rows are weighted by how likely they
            are among these.  A table of as many rows as `X` has to be wrapped,
            ``(X_unlabeled,)``: scikit-learn's cross-validation would split it as it splits `X`.

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
        validation = (X_val, y_val, sample_weight_val)
        return self._fit_table(X, y, sample_weight, groups, validation, X_unlabeled)

    def _fit_table(self, X, y, sample_weight, groups, validation, X_unlabeled, precision=None):
        mode: Mode = "warm_start" if self.warm_start and hasattr(self, "_model") else "fit"
        with self._all_or_nothing():
            return self._fit(X, y, sample_weight, groups, validation, mode, X_unlabeled, precision)

    def _fit(
        self,
        X,
        y,
        sample_weight,
        groups,
        validation,
        mode: Mode,
        X_unlabeled=None,
        precision=None,
    ):
        before = None if mode == "fit" else self._before()
        listener = FitTask(self, X, y, lambda member: self._attributes_of(member, table, target))
        options = options_of(self, mode, listener)
        target = self._target_codec(None if before is None else self._target)
        rng = check_random_state(self.random_state)

        table = self._checked(
            options, target, X, y, sample_weight, groups, validation, before, precision
        )
        table = check_unlabeled(self, options, table, X_unlabeled)
        rows, tables = None, None
        if mode == "partial_fit":
            schema = fitting.measured_target(before)
            target.warn_of_chunk(table.y, table.sample_weight, schema)
            chunk = fitting.next_chunk(options, table, before)
            options, table, before, rows = chunk.options, chunk.table, chunk.before, chunk.rows
        if before is None:
            options, tables = fitting.with_tables(with_loaded(options), target, table, rng)
        source = source_choice.choose_source(
            options, table, target, None if before is None else before.model
        )
        members = source_choice.specify_members(options.strategy, source)
        fitted = fitting.fit_members(members, source, table, options, target, rng, before, tables)
        self._publish(replace(fitted, rows=rows), target)
        listener.end()
        return self

    def _fit_one_epoch(self, X, y, sample_weight, precision=None):
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        with self._all_or_nothing():
            validation = (None, None, None)
            return self._fit(
                X, y, sample_weight, None, validation, "partial_fit", precision=precision
            )

    def _checked(
        self,
        options: FitOptions,
        target: TargetCodec,
        X: TableLike,
        y: TargetLike,
        sample_weight: ArrayLike | None,
        groups: ArrayLike | None,
        validation: tuple,
        before: Fitted | None,
        precision: np.ndarray | None,
    ) -> Table:
        """The user's table and validation rows."""
        labels = _LABELS[options.mode]
        model = None if before is None else before.model
        table = check_table(
            self, options, target, X, y, sample_weight, groups,
            labels=labels, before=model, precision=precision,
        )  # fmt: skip
        return check_validation(self, options, target, table, *validation)

    def _before(self) -> Fitted | None:
        """What an earlier fit has made, None where there was none."""
        if not hasattr(self, "_model"):
            return None
        return fitting.Fitted(self._model, None, self._optimizers, getattr(self, "_rows", None))

    def _publish(self, fitted: Fitted, target: TargetCodec) -> None:
        """Make a fit the estimator's, and take away what an earlier one has left."""
        for name in (*PUBLIC, "_net", "_rows"):
            self.__dict__.pop(name, None)
        self.__dict__.update(
            public_attributes(fitted.model, self.solver),
            **self._learned(target),
            _model=fitted.model,
            _target=target,
            _optimizers=fitted.optimizers,
        )
        if fitted.rows is not None:
            self._rows = fitted.rows
        if fitted.net is not None:
            self._net = fitted.net

    def _attributes_of(
        self, member: Member, table: Table, target: TargetCodec
    ) -> dict[str, Attribute]:
        """The fitted attributes as if the training of a single network had stopped with it."""
        model = FittedModel(
            (member,),
            np.ones(1),
            member.name,
            member.target,
            keeps_types=table.keeps_types,
            takes_missing=self.standardize,
        )
        attributes = member_attributes(member, self.solver)
        return attributes | self._learned(target) | {"_model": model, "_target": target}

    @contextmanager
    def _all_or_nothing(self):
        """Take back what a failed fit has changed, so that an earlier one stays usable."""
        before = self.__dict__.copy()
        try:
            with each_once():
                yield
        except BaseException:
            for name in set(self.__dict__) - set(before):
                # scikit-learn's own bookkeeping of callbacks is not ours to undo
                if "callback" not in name:
                    del self.__dict__[name]
            self.__dict__.update(before)
            raise

    # -- what a fitted estimator does -----------------------------------------------------

    def _outputs(self, X) -> np.ndarray:
        """Probabilities, or numbers in the user's unit, for a user's table."""
        if not hasattr(self, "_model"):  # scikit-learn asks more slowly
            check_is_fitted(self)
        model = self._model
        X = with_truths_read(X, model.primary_member.inputs.columns.truths)
        raw = X if hasattr(X, "shape") else None
        X = check_columns(self, X, model.keeps_types, model.takes_missing)
        look = None if X.shape[0] < _SURE_ROWS else alignment.warn_units_of_predicted
        return networks.predict_members(model, X, computing_dtype(X), raw, look)

    def __sktransfer_fitted__(self) -> FittedModel:
        """The record of the last fit, for the package's own tools."""
        check_is_fitted(self)
        return self._model

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
        if not hasattr(self, "_model"):
            raise AttributeError(f"This {type(self).__name__} is not fitted, it has no net_ yet.")
        if "_net" not in self.__dict__:
            from sktransfer._training import make_net

            member = self._model.primary_member
            if not member.is_network:
                raise AttributeError(
                    f"This {type(self).__name__} has no net_: {member.name} trains no network."
                )
            network = fitting.restored_network(member, self.dropout)
            made = make_net(network, member.target.output_losses, self.callbacks)
            self._net = made
        self._net = self._net.as_skorch()
        return self._net

    def __sktransfer_describe__(self) -> SourceDescription:
        """What this estimator has learned, for another one to start from."""
        if not hasattr(self, "_model"):
            raise unfitted_source(self)
        member = self._model.primary_member
        if not self._model.has_network:
            raise SourceLayersError.no_network(type(self).__name__)
        return SourceDescription(
            [DenseLayer(w, b) for w, b in zip(member.coefs, member.intercepts, strict=True)],
            member.activation,
            inputs=member.inputs,
            target=member.target,
            name=type(self).__name__,
            is_average=bool(np.count_nonzero(self._model.weights) > 1),
        )

    # -- what scikit-learn does with an estimator -----------------------------------------

    def __getstate__(self):
        state = super().__getstate__().copy()
        # weights travel as numpy arrays; the source holds the carried ones already
        state.pop("_net", None)
        if "_model" in state and isinstance(self.strategy, Joint | WeightedEnsemble):
            state["strategy"] = self.strategy.without_tables()
        return state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self.standardize
        return tags

    # -- what a task adds -----------------------------------------------------------------

    @abstractmethod
    def _target_codec(self, before: Any) -> TargetCodec:
        """The codec of a fit: one that has learned nothing yet, or that of an earlier fit."""

    def _learned(self, target: TargetCodec) -> dict[str, Attribute]:
        """Public attributes of what was learned from the target."""
        return {}

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
            )
        return True
