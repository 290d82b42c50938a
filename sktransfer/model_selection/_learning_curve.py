"""What a source is worth, per number of labelled rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv, cross_validate
from sklearn.utils import Bunch, check_random_state, indexable

from sktransfer._estimators import fitted_model
from sktransfer._typing import RandomState, Scoring, SomeFolds, TableLike
from sktransfer.exceptions import TransferWarning
from sktransfer.sources import Source
from sktransfer.strategies import Recalibrate

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def transfer_learning_curve(
    estimator: BaseEstimator,
    source: Source,
    X: TableLike,
    y: ArrayLike,
    *,
    train_sizes: ArrayLike = (0.1, 0.325, 0.55, 0.775, 1.0),
    cv: SomeFolds = None,
    groups: ArrayLike | None = None,
    scoring: Scoring | None = None,
    param_name: str = "source",
    confidence: float = 0.95,
    random_state: RandomState = None,
    n_jobs: int | None = None,
    params: Mapping[str, ArrayLike] | None = None,
) -> Bunch:
    """Score an estimator with and without a source, per number of labelled rows.

    Both sides learn from the same rows and are tested on the same rows, and so is the source as it
    is.  Smaller training sets are parts of the larger ones, classes in proportion.

    Parameters
    ----------
    estimator : estimator
        With a parameter that takes the source.  Give it an integer ``random_state``.
    source : object
        The source; the other side gets None.  Where the strategy is ``"auto"``, which without a
        source is a single network, that side gets ``"ensemble"``: the same ensemble without the
        members that need a source.
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        The target's table.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Its target.
    train_sizes : array-like of shape (n_sizes,), default=(0.1, 0.325, 0.55, 0.775, 1.0)
        Integers are numbers of rows, floats shares of the smallest training fold.
    cv : int, cross-validation generator or iterable, default=None
        Folds; None for five, stratified for a classifier.
    groups : array-like of shape (n_samples,), default=None
        Groups for the folds.
    scoring : str or callable, default=None
        One score; None for the estimator's own.
    param_name : str, default='source'
        The parameter that takes the source, such as ``'sharedlayertransformer__source'`` in a
        pipeline.
    confidence : float, default=0.95
        Level of the interval of the gain.
    random_state : int, RandomState instance or None, default=None
        Draws the order in which rows join.
    n_jobs : int, default=None
        Fits at once.
    params : dict, default=None
        Of `fit`, such as ``{"sample_weight": weight}``, as in
        :func:`~sklearn.model_selection.cross_validate`; what has an entry per row is split with
        the rows.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        - `train_sizes`: ndarray of shape (n_sizes,), rows.
        - `scores_with`, `scores_without`: ndarray of shape (n_sizes, n_folds).
        - `scores_as_is`: ndarray of shape (n_folds,), of the source's own predictions; NaN where
          they mean something else than `y`, or the estimator has no strategy that reads them.
        - `gain`: ndarray of shape (n_sizes,), the mean difference of the first two.
        - `gain_low`, `gain_high`: ndarray of shape (n_sizes,), the interval of the gain; infinite
          with a single fold.

    Raises
    ------
    ValueError
        If a training size is not within the folds, or `estimator` has no such parameter.

    See Also
    --------
    sktransfer.inspection.TransferCurveDisplay : Draws it.
    rank_sources : Compares sources without training.

    Notes
    -----
    Folds overlap, so their differences vary less than independent ones would.  The interval is
    that of the corrected resampled t-test.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the Generalization Error", Machine Learning 52 (2003).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.model_selection import transfer_learning_curve
    >>> X, y = load_digits(return_X_y=True)
    >>> old, new = slice(0, 900), slice(900, 1300)
    >>> model = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0)
    >>> source = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0).fit(X[old], y[old])
    >>> curve = transfer_learning_curve(
    ...     model, source, X[new], y[new], train_sizes=[20, 100], cv=2, random_state=0
    ... )
    >>> curve.scores_with.shape
    (2, 2)
    >>> bool(curve.gain[0] > 0)
    True
    """
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence!r}; expected a number above 0 and below 1, such as 0.95: how "
            "often the interval of the gain is to hold the true one."
        )
    X, y, groups = indexable(X, y, groups)
    rng = check_random_state(random_state)
    folds = list(check_cv(cv, y, classifier=is_classifier(estimator)).split(X, y, groups))
    stratify = is_classifier(estimator) and np.ndim(y) == 1
    folds = [(_order(np.asarray(y), train, stratify, rng), test) for train, test in folds]
    sizes = _absolute(train_sizes, min(len(train) for train, _ in folds))
    both = [_given(estimator, param_name, given) for given in (source, None)]
    scores = np.empty((2, len(sizes), len(folds)))
    for i, n in enumerate(sizes):
        parts = [(train[:n], test) for train, test in folds]
        for side, model in enumerate(both):
            with _silent_of_transfer() if side else nullcontext():
                scores[side, i] = cross_validate(
                    model, X, y, cv=parts, scoring=scoring, n_jobs=n_jobs, params=params,
                    error_score="raise",
                )["test_score"]  # fmt: skip
    n_test = np.mean([len(test) for _, test in folds])
    difference = scores[0] - scores[1]
    gain, reach = difference.mean(axis=1), _reach(difference, n_test / sizes, confidence)
    return Bunch(
        train_sizes=sizes,
        scores_with=scores[0],
        scores_without=scores[1],
        scores_as_is=_scores_as_is(estimator, param_name, source, X, y, folds, scoring, params),
        gain=gain,
        gain_low=gain - reach,
        gain_high=gain + reach,
    )


def _given(estimator: BaseEstimator, param_name: str, source: Source) -> BaseEstimator:
    """A copy with a source, or with the default's ensemble where there is none."""
    known = estimator.get_params()
    if param_name not in known:
        close = [name for name in known if name.split("__")[-1] == "source"]
        raise ValueError(
            f"param_name={param_name!r} is not a parameter of {type(estimator).__name__}; "
            "expected the parameter that takes the source"
            + (f", param_name={close[0]!r}." if close else ". Give an estimator that has one.")
        )
    params: dict[str, Source | str] = {param_name: source}
    strategy = param_name.removesuffix("source") + "strategy"
    if source is None and known.get(strategy) == "auto":
        params[strategy] = "ensemble"
    return clone(estimator).set_params(**params)


@contextmanager
def _silent_of_transfer() -> Iterator[None]:
    """Without warnings of what is not carried over, in workers too.

    They say nothing new of the side without a source, nor of the source as it is.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TransferWarning)
        yield


def _scores_as_is(
    estimator: BaseEstimator,
    param_name: str,
    source: Source,
    X: TableLike,
    y: ArrayLike,
    folds: list[tuple[np.ndarray, np.ndarray]],
    scoring: Scoring | None,
    params: Mapping[str, ArrayLike] | None,
) -> np.ndarray:
    """Scores of the source's own predictions in each fold; NaN where they mean something else."""
    prefix = param_name.removesuffix("source")
    nothing = np.full(len(folds), np.nan)
    if source is None or f"{prefix}strategy" not in estimator.get_params():
        return nothing
    as_it_is = {param_name: source, f"{prefix}strategy": Recalibrate("none")}
    score = check_scoring(estimator, scoring)

    def of_source(model: BaseEstimator, X: TableLike, y: ArrayLike) -> float:
        one = model.get_params()[prefix[:-2]] if prefix else model
        member = fitted_model(one).primary_member
        is_read_out = member.closed_form is None or member.closed_form.offset is None
        return np.nan if is_read_out else score(model, X, y)

    with _silent_of_transfer():
        try:
            found = cross_validate(
                clone(estimator).set_params(**as_it_is), X, y, cv=folds, scoring=of_source,
                params=params, error_score="raise",
            )  # fmt: skip
        except (AttributeError, TypeError, ValueError):  # of an estimator without this strategy
            return nothing
    return np.asarray(found["test_score"])


def _reach(difference: np.ndarray, test_share: np.ndarray, confidence: float) -> np.ndarray:
    """Half the width of the interval; `test_share` is test rows per training row."""
    n_folds = difference.shape[1]
    if n_folds == 1:
        return np.full(len(difference), np.inf)
    error = np.sqrt(difference.var(axis=1, ddof=1) * (1 / n_folds + test_share))
    return stats.t.ppf(0.5 + confidence / 2, n_folds - 1) * error


def _order(y: np.ndarray, train: np.ndarray, stratify: bool, rng) -> np.ndarray:
    """Training rows in an order of which every beginning has the classes in proportion."""
    train = rng.permutation(train)
    if not stratify:
        return train
    place = np.empty(len(train))
    labels = np.unique(y[train], return_inverse=True)[1]
    for label in range(labels.max() + 1):
        own = np.flatnonzero(labels == label)
        place[own] = (np.arange(len(own)) + 0.5) / len(own)
    return train[np.argsort(place, kind="stable")]


def _absolute(train_sizes: ArrayLike, most: int) -> np.ndarray:
    sizes = np.asarray(train_sizes)
    if sizes.ndim != 1 or not len(sizes):
        raise ValueError(f"train_sizes must be a list of sizes; got {train_sizes!r}.")
    if not np.issubdtype(sizes.dtype, np.integer):
        sizes = np.round(sizes * most).astype(int)
    outside = [int(n) for n in sizes if not 0 < n <= most]
    if outside:
        raise ValueError(
            f"train_sizes asks for {outside} rows; expected from 1 to {most}, the rows of the "
            "smallest training fold. Floats are shares of it."
        )
    return np.unique(sizes)
