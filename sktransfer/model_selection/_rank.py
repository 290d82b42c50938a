"""Putting several sources in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from sktransfer._alignment import warn_nothing_in_common
from sktransfer._estimators import SharedLayerTransformer, read_table
from sktransfer._records import SourceDescription, TableOptions
from sktransfer._source_choice import (
    DEFAULT_METHOD,
    METHODS,
    renamed,
    score_sources,
    view_source,
    warn_of_view,
)
from sktransfer._targets import with_missing_kept
from sktransfer._typing import CheckedTable, TableLike
from sktransfer.sources import Source, Sources, describe_sources, is_several


def rank_sources(
    sources: Source | Sources,
    X: TableLike,
    y: ArrayLike,
    *,
    method: str = DEFAULT_METHOD,
    task: str = "auto",
    feature_alignment: str = "name",
    column_map: Mapping[str, str] | None = None,
    categorical_features: str | Sequence[str | int | bool] | None = "from_dtype",
):
    """Put sources in the order of their relatedness to a table; nothing is trained.

    It takes seconds, and is a hint: a learning curve is more reliable.
    Estimators that are given several sources start from the first of this order.

    Parameters
    ----------
    sources : list or dict of sources, or one source
        Each as the estimators take it.  In a list they are named ``source0``, ``source1``, ….
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The target's labelled rows.  Of more than 2,000 as many are drawn, always the same.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their labels or numbers.
    method : str, default='probe_gain'
        ``'probe_gain'``, ``'logme'`` and ``'h_score'`` look at the last hidden layer, of a
        source without layers at its predictions, ``'leep'`` and ``'nce'`` at the predictions,
        ``'column_shift'`` at the columns: see :mod:`sktransfer.metrics`.
    task : {'auto', 'classification', 'regression'}, default='auto'
        What `y` is: ``'auto'`` takes floats for regression that have fractions or more than 20
        different values, any numbers of more than two values where every source is a regression,
        and all else for labels.
    feature_alignment : {'name', 'position'}, default='name'
        How columns are matched with the source's, as in the estimators.
    column_map : dict, default=None
        ``{column of a source: column of X}``: columns that mean the same under another name, as
        in the estimators.  Each key is a column of at least one source.
    categorical_features : 'from_dtype', array-like or None, default='from_dtype'
        Which columns are categories, as in the estimators.

    Returns
    -------
    pandas.DataFrame
        A row per source, the most related first: `source`, its `score` and its `rank` from 1.

    Raises
    ------
    ValueError
        If there is no source, `method` is unknown or does not fit a source, or the data are not
        valid.
    sklearn.exceptions.NotFittedError
        If a source is not fitted.

    Warns
    -----
    TransferWarning
        If a source and the table have no column in common.

    See Also
    --------
    transfer_learning_curve : Trains with and without a source, which is certain.
    sktransfer.metrics.logme_score : One of the scores.

    References
    ----------
    A. Agostinelli et al., "How Stable are Transferability Metrics Evaluations?", ECCV 2022, on how
    little such an order may promise.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> from sktransfer.model_selection import rank_sources
    >>> X, y = load_digits(return_X_y=True)
    >>> rng = np.random.default_rng(0)
    >>> fit = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0).fit
    >>> sources = {
    ...     "digits": fit(X[:800], y[:800]),
    ... }
    >>> fit = TransferMLPClassifier(hidden_layer_sizes=32, random_state=0).fit
    >>> sources["permuted"] = fit(X[:800], rng.permutation(y[:800]))
    >>> rank_sources(sources, X[800:850], y[800:850])["source"].tolist()
    ['digits', 'permuted']
    """
    import pandas as pd  # only whoever asks for a frame needs it

    if method not in METHODS:
        raise ValueError(f"method must be one of {list(METHODS)}; got {method!r}.")
    y = with_missing_kept(y)
    described = describe_sources(sources if is_several(sources) else [sources])
    if task == "auto" and _are_numbers(described.values(), y):
        task = "regression"
    options = TableOptions(
        feature_alignment=feature_alignment,
        column_map=column_map,
        categorical_features=categorical_features,
    )
    X, names = read_table(SharedLayerTransformer(), options, X)
    scores = score_sources(described, X, y, names, method, task, options)
    _warn_of_unmatched(described, X, names, options)
    return pd.DataFrame(
        {"source": list(scores), "score": list(scores.values()), "rank": range(1, len(scores) + 1)}
    )


def _warn_of_unmatched(
    sources: Mapping[str, SourceDescription], X: CheckedTable, names, options
) -> None:
    """Say which sources share no column with a table, or not what they were fitted on."""
    for name, source in sources.items():
        view = view_source(renamed(name, source), X, names, options)
        if not view.is_empty:
            warn_of_view(view, X, options.feature_alignment)
        else:
            instead = "Its score is that of features without information"
            warn_nothing_in_common(renamed(name, source), view.inputs.columns, instead)


def _are_numbers(sources: Iterable[SourceDescription], y: ArrayLike) -> bool:
    """Whether whole numbers are no labels, going by what the sources predict."""
    y = np.asarray(y)
    kinds = {None if source.target is None else source.target.kind for source in sources}
    return kinds == {"regression"} and y.dtype.kind in "iuf" and len(np.unique(y)) > 2
