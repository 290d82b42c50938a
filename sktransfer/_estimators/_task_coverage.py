"""Intervals and sets of several tasks."""

from __future__ import annotations

from typing import ClassVar

import sktransfer._fitting as fitting
from sktransfer._estimators._coverage import Conformalizes, enough
from sktransfer._records import HeldOutScores, TargetSchema
from sktransfer._targets import TaskTargets


class PredictsTaskCoverage(Conformalizes):
    """The methods of an estimator of several tasks."""

    _target: TaskTargets

    _or_else: ClassVar[str] = ""

    def predict_interval(self, X, coverage=0.9):
        """Predict an interval around the prediction of each regression.

        It rests on the rows that :meth:`conformalize` was given, of each task on those in which it
        is labelled, with split conformal prediction's guarantee for each task alone.  The
        half-width is a quantile of the absolute errors of these rows.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        coverage : float, default=0.9
            The share of rows whose target is to be in the interval, of each task, above 0 and
            below 1.

        Returns
        -------
        dict of str to ndarray of shape (n_samples, 2)
            Lower and upper ends for each regression that had labels in `fit`.  Infinite, with a
            warning, where fewer rows (or groups) than ``coverage / (1 - coverage)`` are labelled.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If no rows were given.

        See Also
        --------
        conformalize : Gives the rows.
        predict_set : The same for classifications.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> rows = [{name: column[k::3] for name, column in y.items()} for k in range(3)]
        >>> model = MultiTaskMLP(random_state=0).fit(X[::3], rows[0])
        >>> model = model.conformalize(X[1::3], rows[1])
        >>> lower, upper = model.predict_interval(X[2::3])["width"].T
        >>> bool(((lower <= rows[2]["width"]) & (rows[2]["width"] <= upper)).mean() > 0.8)
        True
        """
        by_task, outputs = self._of_tasks(coverage, "predict_interval"), self._outputs(X)
        found, at = {}, self._target.where
        for name, (held_out, task) in by_task.items():
            if task.kind == "regression":
                held_out = enough(held_out, coverage, f" of the task {name!r}")
                ends = fitting.intervals(outputs[:, at[name]], held_out, task, float(coverage))
                found[name] = ends[:, 0]
        return found

    def predict_set(self, X, coverage=0.9, *, allow_empty=False):
        """Predict which classes each row may be of, for each classification.

        A class is in the set where its probability is at least a threshold, by which `coverage`
        of the rows that :meth:`conformalize` was given keep their true class; the class of
        :meth:`predict` always is, unless `allow_empty`.  Of each task these are the rows in which
        it is labelled, and the guarantee of split conformal prediction is for each task alone.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
            Rows in the columns that were fitted.
        coverage : float, default=0.9
            The share of rows whose class is to be in the set, of each task, above 0 and below 1.
        allow_empty : bool, default=False
            Whether a set may hold no class, see :meth:`TransferMLPClassifier.predict_set`.

        Returns
        -------
        dict of str to ndarray of bool, shape (n_samples, n_classes)
            For each classification, in the order of ``classes_[task]``.  All True, with a warning,
            where fewer rows (or groups) than ``coverage / (1 - coverage)`` are labelled.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If no rows were given.

        See Also
        --------
        conformalize : Gives the rows.
        predict_interval : The same for regressions.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sktransfer import MultiTaskMLP
        >>> X, kind = load_iris(return_X_y=True)
        >>> y = {"kind": kind, "width": X[:, 3]}
        >>> rows = [{name: column[k::3] for name, column in y.items()} for k in range(3)]
        >>> model = MultiTaskMLP(random_state=0).fit(X[::3], rows[0])
        >>> model = model.conformalize(X[1::3], rows[1])
        >>> {name: sets.shape for name, sets in model.predict_set(X[2::3]).items()}
        {'kind': (50, 3)}
        """
        by_task, outputs = self._of_tasks(coverage, "predict_set"), self._outputs(X)
        found = {}
        for name, probabilities in self._target.probabilities(outputs).items():
            held_out = enough(by_task[name][0], coverage, f" of the task {name!r}")
            found[name] = fitting.prediction_sets(
                probabilities, held_out, float(coverage), allow_empty
            )
        return found

    def _of_tasks(
        self, coverage: float, method: str
    ) -> dict[str, tuple[HeldOutScores, TargetSchema]]:
        """Held-out scores and the schema of each task that has outputs, in the user's order."""
        held_out, target = self._scores_for(coverage, method), self._model.target
        of_task, schemas = held_out.by_task(target), dict(target.tasks)
        return {
            name: (of_task[name], schemas[name])
            for name in self._target.task_names
            if name in of_task
        }
