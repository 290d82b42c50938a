"""Any estimator as a member."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Literal, cast

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from sktransfer._compat import BaseSearchCV, HasMethods, StrOptions, kind_of
from sktransfer._records import TargetSchema
from sktransfer.strategies._base import SCALINGS, Scaling, Strategy

#: What an estimator can read: the user's table, its standardised columns, and what the hidden
#: layers and the outputs of a frozen source make of them.
TableReading = Literal["table", "encoded", "hidden", "outputs"]


def unfitted(estimator: BaseEstimator) -> BaseEstimator:
    """A clone, also of an estimator that copies its parameters.

    CatBoost does that with lists, such as ``cat_features=["city"]``, and scikit-learn's ``clone``
    refuses it.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    estimator
    """
    try:
        new: BaseEstimator = clone(estimator)
    except RuntimeError:
        params = estimator.get_params(deep=False)
        new = type(estimator)(**{name: clone(one, safe=False) for name, one in params.items()})
    return new


class EstimatorMember(Strategy):
    """Any scikit-learn estimator, on the table, on a frozen source, or on both.

    It is cloned for each fold and for all rows.  Sample weights are passed on where its ``fit``
    takes them, a ``random_state`` of None is set, and probabilities are aligned by ``classes_``
    with those of the ensemble.  Labels reach it as whole numbers from 0.  Rows of one class, as in
    a fold without those of a rare one, are not given to a classifier: that class is predicted.

    Parameters
    ----------
    estimator : object
        With ``fit`` and ``predict``, for classes also ``predict_proba``.  It is never changed.
    reads : {'table', 'encoded', 'hidden', 'outputs'} or list of these, default='table'
        Its features: the table as the user gave it; its columns in numbers, standardised; the
        hidden layers, or the outputs, of the source.  Of several all but ``'table'`` stand side by
        side as one array.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the shared columns.

    See Also
    --------
    WeightedEnsemble : What it can be a member of.
    Trees : Trees of our own on the same features.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.strategies import EstimatorMember, WeightedEnsemble
    >>> X, y = load_iris(return_X_y=True)
    >>> source = TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y > 0)
    >>> forest = EstimatorMember(RandomForestClassifier(20), reads=["encoded", "outputs"])
    >>> members = WeightedEnsemble({"forest": forest, "tangent": "tangent"})
    >>> target = TransferMLPClassifier(source=source, strategy=members, random_state=0)
    >>> target.fit(X[::3], y[::3]).score(X, y) > 0.9
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "reads": [StrOptions({"table", "encoded", "hidden", "outputs"}), list, tuple],
        "scaling": [SCALINGS],
    }

    def __init__(
        self,
        estimator: BaseEstimator,
        reads: TableReading | Sequence[TableReading] = "table",
        scaling: Scaling = "source",
    ) -> None:
        self.estimator = estimator
        self.reads = reads
        self.scaling = scaling

    def __sklearn_clone__(self) -> EstimatorMember:
        new = copy.copy(self)
        new.estimator, new.reads = unfitted(self.estimator), copy.copy(self.reads)
        return new

    @property
    def features(self) -> Sequence[TableReading]:
        """What it reads, as a list.

        A user's table stands alone.

        See Also
        --------
        needs_source : Whether that takes a source.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from sktransfer.strategies import EstimatorMember
        >>> EstimatorMember(Ridge()).features
        ['table']
        """
        given = self.reads
        every = [given] if isinstance(given, str) else list(given)
        features = cast("list[TableReading]", every)
        known = ("table", "encoded", "hidden", "outputs")
        if not features or any(one not in known for one in features):
            raise ValueError(f"reads={given!r}; expected some of {list(known)}.")
        if "table" in features and len(features) > 1:
            raise ValueError(
                f"reads={given!r} puts the user's table next to arrays; expected 'table' alone, "
                "or some of 'encoded', 'hidden' and 'outputs'. 'encoded' is the table in numbers."
            )
        return features

    @property
    def carries_trunk(self) -> bool:  # type: ignore[override]
        return bool({"hidden", "outputs"} & set(self.features))

    def cannot_fit(self, target: TargetSchema) -> str | None:
        if target.kind == "several":
            return "it has several tasks"
        kind, name = kind_of(self.estimator), type(self.estimator).__name__
        wants_classes = target.kind != "regression"
        expected = (
            f"expected a {'classifier with predict_proba' if wants_classes else 'regressor'}"
        )
        if kind in ("clusterer", "outlier_detector"):
            return f"{name} is fitted to no target; {expected}"
        if wants_classes and not _has(self.estimator, "predict_proba"):
            if kind == "regressor":
                return f"{name} is a regressor, and y has classes; {expected}"
            return f"{name} has no predict_proba; {expected}, such as CalibratedClassifierCV"
        if kind == "classifier" and not wants_classes:
            return f"{name} is a classifier, and y has numbers; {expected}"
        return None

    def _validate_params(self) -> None:
        super()._validate_params()
        given = self.estimator
        if isinstance(given, type):
            raise TypeError(
                f"EstimatorMember({given.__name__}) has a class; expected an instance. Give "
                f"EstimatorMember({given.__name__}())."
            )
        if not _has(given, "predict"):
            raise TypeError(
                f"EstimatorMember has a {type(given).__name__}, which does not predict; expected "
                "a classifier or a regressor. Give one, such as a pipeline that ends in one."
            )
        if not hasattr(given, "get_params"):
            raise TypeError(
                f"EstimatorMember has a {type(given).__name__}, which cannot be cloned for every "
                "fold: it has no get_params; expected a scikit-learn estimator. Derive its class "
                "from sklearn.base.BaseEstimator."
            )


def _has(estimator: BaseEstimator, method: str) -> bool:
    """Whether an estimator will have a method once it is fitted.

    Stacking has those of its last estimator, which is chosen in `fit` where none is given.
    """
    last = estimator
    while not hasattr(last, "final_estimator"):
        if isinstance(last, Pipeline):
            last = last.steps[-1][1]
        elif isinstance(last, BaseSearchCV):
            last = last.estimator
        else:
            return hasattr(estimator, method)
    is_chosen = last.final_estimator is None and hasattr(type(last), method)
    return is_chosen or hasattr(estimator, method)
