"""``predict_interval``, ``predict_set`` and ``conformalize``: how sure a prediction is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

import sktransfer._fitting as fitting
from sktransfer._estimators._exposure import check_exposure, per_exposure, precision_of
from sktransfer._estimators._table import check_columns, check_table
from sktransfer._preprocessing import apply_transformer, encode, with_truths_read
from sktransfer._records import FittedModel, HeldOutScores, TableOptions
from sktransfer._targets import ClassTarget, NumberTarget, TargetCodec
from sktransfer._typing import CheckedTable, Entry, TableLike
from sktransfer._warnings import errors_in, warn
from sktransfer.exceptions import CoverageWarning

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


class Conformalizes:
    """What intervals and sets have in common: scores of held-out rows."""

    _model: FittedModel
    _target: TargetCodec
    _outputs: Callable[[TableLike], np.ndarray]
    #: What else gives held-out rows, at the end of a message.
    _or_else: ClassVar[str] = ", or fit an ensemble, strategy='ensemble'"

    def conformalize(self, X, y, sample_weight=None, *, groups=None, X_unlabeled=None):
        """Calibrate intervals and sets on labelled rows that `fit` did not use.

        :meth:`fit` does so by itself where the strategy holds out rows (an ensemble, ``"auto"``
        with a source, models without a network of their own).  A single network was fitted
        to all of its rows; with this method it gets intervals or sets too.  Predictions do not
        change.

        Intervals and sets from these rows have split conformal prediction's guarantee:
        where they and the rows to predict are exchangeable, at least `coverage` of the latter
        are covered, on average over draws of both.  With `groups`, rows of a new group are.  With
        `X_unlabeled` the guarantee would need the true ratio of densities, of which there is an
        estimate.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets, in the form that `fit` takes; of several columns, entries may be
            missing.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts relative to the others.  With it, and with `class_weight`,
            coverage is that of rows so weighted, without the guarantee.
        groups : array-like of shape (n_samples,), default=None
            Which rows belong together; a group counts as much as a row without groups.
        X_unlabeled : {array-like, sparse matrix, DataFrame} of shape (n_rows, n_features), \
                default=None
            Rows to predict, or others like them, where they are not like those of `X`.  A
            labelled row then counts by how much more likely it is among them (Tibshirani et al.
            2019), as a logistic regression on the encoded columns says.  It helps against another
            mixture of rows; not where the same row has another target now.

        Returns
        -------
        object
            The estimator.  The next :meth:`fit` forgets these rows' scores, and a
            `partial_fit` adds those of its chunk, before it learns from it.

        See Also
        --------
        fit : Holds out rows by itself, with some strategies.

        References
        ----------
        J. Lei, M. G'Sell, A. Rinaldo, R. J. Tibshirani, L. Wasserman, "Distribution-Free
        Predictive Inference for Regression", Journal of the American Statistical Association 113,
        2018.  Y. Lee, R. F. Barber, R. Willett, "Distribution-free inference with hierarchical
        data", arXiv:2306.06342, 2023, for groups.  R. J. Tibshirani, R. F. Barber, E. J. Candès,
        A. Ramdas, "Conformal Prediction Under Covariate Shift", NeurIPS 2019, for `X_unlabeled`.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = TransferMLPClassifier(max_iter=20, random_state=0).fit(X[:300], y[:300])
        >>> model.conformalize(X[300:400], y[300:400]).predict_set(X[400:]).shape
        (169, 2)
        """
        return self._conformalize(X, y, sample_weight, groups, X_unlabeled)

    def _conformalize(self, X, y, sample_weight, groups, X_unlabeled, precision=None):
        check_is_fitted(self)
        model, target = self._model, self._target
        options = TableOptions(standardize=model.takes_missing)
        rows = check_table(
            self, options, target, X, y, sample_weight, groups,
            labels="known", before=model, precision=precision,
        )  # fmt: skip
        predictions = self._outputs(cast("CheckedTable", rows.raw))
        ratio = None
        if X_unlabeled is not None:
            truths = model.primary_member.inputs.columns.truths
            with errors_in("X_unlabeled"):
                X_unlabeled = with_truths_read(X_unlabeled, truths)
                new = check_columns(self, X_unlabeled, model.keeps_types, model.takes_missing)
            ratio = fitting.density_ratio(*(_in_numbers(model, one) for one in (rows.X, new)))
        scores = fitting.scores_of_rows(predictions, rows, model.target, model.held_out, ratio)
        self._model = replace(model, held_out=scores)
        return self

    def _scores_for(self, coverage: float, method: str) -> HeldOutScores:
        """Held-out scores."""
        check_is_fitted(self)
        if not _is_number(coverage) or not 0 < coverage < 1:
            raise ValueError(
                f"coverage={coverage!r}; expected a number above 0 and below 1, such as 0.9: the "
                f"share of rows that {method} is to cover."
            )
        held_out = self._model.held_out
        if held_out is None:
            raise _nothing_held_out(self, method, self._or_else)
        return held_out


def _is_number(value: Entry) -> bool:
    return not isinstance(value, bool | np.bool_) and isinstance(value, Real)


def enough(held_out: HeldOutScores, coverage: float, of: str = "") -> HeldOutScores:
    """Held-out scores, of which there are enough for a coverage, or a warning."""
    least = min(counts.sum() for counts in held_out.counts)
    needed = coverage / (1 - coverage)
    if least < needed * (1 - 1e-9):
        n_needed, most = int(np.ceil(needed - 1e-9)), least / (least + 1)
        warn(
            f"coverage={coverage:g} needs at least {n_needed} held-out rows{of}; there are "
            f"{least:.3g} (a group counts as one). The whole range is given. Ask for a "
            f"coverage of at most {most:.2g}, or give more labelled rows.",
            CoverageWarning,
        )
    return held_out


Method = TypeVar("Method", bound=Callable[..., object])
_EXPOSURE = """\
exposure : array-like of shape (n_samples,), default=None
    How much of something each row was observed for, as in :meth:`fit`; `y` is the amount
    in that time.  The shorter, the more its rate may vary.
"""
#: What that of a classifier says otherwise.
_OF_REGRESSOR = {
    ", and with `class_weight`,\n    coverage": ", coverage",
    "load_breast_cancer": "load_diabetes",
    "TransferMLPClassifier": "TransferMLPRegressor",
    "predict_set": "predict_interval",
    "(169, 2)": "(42, 2)",
}


def _documented_with_exposure(method: Method) -> Method:
    """The same method with the docstring of that without `exposure`."""
    text = "\n" + inspect.cleandoc(Conformalizes.conformalize.__doc__ or "") + "\n"
    before, after = text.split("groups : array-like", 1)
    text = f"{before}{_EXPOSURE}groups : array-like{after}"
    for one, other in _OF_REGRESSOR.items():
        text = text.replace(one, other)
    method.__doc__ = text
    return method


class PredictsIntervals(Conformalizes):
    """The methods of a regressor."""

    _target: NumberTarget

    @_documented_with_exposure
    def conformalize(
        self, X, y, sample_weight=None, *, exposure=None, groups=None, X_unlabeled=None
    ):
        check_is_fitted(self)
        loss = self._model.target.loss_function
        y, sample_weight = per_exposure(loss, y, sample_weight, exposure)
        precision = precision_of(loss, exposure)
        return self._conformalize(X, y, sample_weight, groups, X_unlabeled, precision)

    def predict_interval(self, X, coverage=0.9, *, exposure=None):
        """Predict an interval around each prediction of :meth:`predict`.

        Its half-width is a quantile of the absolute errors of held-out rows, wider or narrower
        where errors rise or fall with the prediction.  In a fit that holds out rows by folds, an
        error is out-of-fold, with strengths and weights that were chosen on the rows of other
        folds; the interval lies around the prediction of the models of all rows.  That is the
        jackknife, by folds: it reaches the requested coverage where a model changes little with a
        few rows more, and has *no* guarantee otherwise (Barber et al. 2021, whose jackknife+ keeps
        the model of every fold for one).  Rows of
        :meth:`conformalize` give the guarantee of split conformal prediction.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        coverage : float, default=0.9
            The share of rows whose target is to be in the interval, above 0 and below 1.
        exposure : array-like of shape (n_samples,), default=None
            Behind a log link: the interval is that of the amount in this exposure, which is wider
            by ``exposure ** (power / 2)``, its root for counts.  None is an exposure of one.

        Returns
        -------
        ndarray of shape (n_samples, 2) or (n_samples, n_outputs, 2)
            Lower and upper ends, in the unit of `y`; of several outputs each has its own
            coverage.  Infinite, with a warning, where there are fewer held-out rows (or groups)
            than ``coverage / (1 - coverage)``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If no rows were held out, as with a single network.

        See Also
        --------
        conformalize : Gives held-out rows to any fitted estimator.
        sktransfer.inspection.CoverageDisplay : How much is covered of which rows.

        References
        ----------
        R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani, "Predictive inference with the
        jackknife+", Annals of Statistics 49, 2021.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sktransfer import TransferMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = TransferMLPRegressor(strategy="linear", random_state=0).fit(X[:300], y[:300])
        >>> lower, upper = model.predict_interval(X[300:], coverage=0.8).T
        >>> print(f"{((y[300:] >= lower) & (y[300:] <= upper)).mean():.1f}")
        0.8
        """
        held_out = enough(self._scores_for(coverage, "predict_interval"), coverage)
        outputs, target = self._outputs(X), self._model.target
        exposed = None
        if exposure is not None:
            exposed = check_exposure(exposure, outputs, target.loss_function)
        found = fitting.intervals(outputs, held_out, target, float(coverage), exposed)
        return found[:, 0] if found.shape[1] == 1 else found


class PredictsSets(Conformalizes):
    """The method of a classifier."""

    _target: ClassTarget

    def predict_set(self, X, coverage=0.9, *, allow_empty=False):
        """Predict which classes each row may be of.

        A class is in the set where its probability is at least a threshold, by which `coverage`
        of the held-out rows keep their true class (least ambiguous sets, Sadinle et al. 2019);
        the class of :meth:`predict` always is, unless `allow_empty`.  In a fit that holds out rows
        by folds, their probabilities are out-of-fold, with strengths and weights that were chosen
        on the rows of other folds, and the sets come from the models of all rows: cross-conformal
        prediction around one fit, which reaches the requested coverage where a model changes
        little with a few rows more, and has *no* guarantee otherwise.  Rows of
        :meth:`conformalize` give the guarantee of split conformal prediction.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        coverage : float, default=0.9
            The share of rows whose class is to be in the set, above 0 and below 1.
        allow_empty : bool, default=False
            Whether a set may hold no class, where the probability of none reaches the threshold.
            Without, sets cover more than requested where the prediction itself is right more often
            than that; with it, they have the requested coverage there too, and an empty set means
            that the row is among the least certain ones.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_classes) or (n_samples, n_classes, 2)
            In the order of ``classes_``.  Of a multilabel target: whether each label may be
            absent, and present; each label has its own coverage.  All True, with a warning,
            where there are fewer held-out rows (or groups) than ``coverage / (1 - coverage)``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If no rows were held out, as with a single network.

        See Also
        --------
        conformalize : Gives held-out rows to any fitted estimator.
        sktransfer.inspection.CoverageDisplay : How much is covered of which rows.

        References
        ----------
        M. Sadinle, J. Lei, L. Wasserman, "Least Ambiguous Set-Valued Classifiers with Bounded
        Error Levels", Journal of the American Statistical Association 114, 2019.  V. Vovk,
        "Cross-conformal predictors", Annals of Mathematics and Artificial Intelligence 74, 2015.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import TransferMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = TransferMLPClassifier(strategy="linear", random_state=0).fit(X[::2], y[::2])
        >>> sets = model.predict_set(X[1::2], coverage=0.95)
        >>> sets.shape, bool(sets[range(75), y[1::2]].mean() > 0.9)
        ((75, 3), True)
        """
        held_out = enough(self._scores_for(coverage, "predict_set"), coverage)
        outputs = self._outputs(X)
        if self._model.target.kind == "multilabel":
            both = np.stack([1 - outputs, outputs], axis=-1)
        else:
            both = self._target.probabilities(outputs)
        return fitting.prediction_sets(both, held_out, float(coverage), allow_empty)


def _in_numbers(model: FittedModel, X: CheckedTable) -> np.ndarray:
    """Encoded columns of a checked table, in units of their spread."""
    inputs = model.primary_member.inputs
    encoded = encode(apply_transformer(X, inputs.columns), inputs, np.dtype(np.float64))
    return encoded[:, : inputs.columns.n_scaled]


def _nothing_held_out(estimator: BaseEstimator, method: str, or_else: str) -> NotFittedError:
    name = type(estimator).__name__
    return NotFittedError(
        f"This {name} has no held-out rows for {method}; expected a fit that holds some out. "
        f"The strategy {estimator._model.primary!r} trains on all of its rows, or a warm start "
        "did, or there were too few to hold any out. Give labelled rows that were not used in "
        f"fit, model.conformalize(X, y){or_else}."
    )
