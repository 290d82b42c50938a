"""The parameters of an estimator as one frozen record, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import sktransfer._alignment as alignment
import sktransfer.sources as sources
from sktransfer._estimators._callbacks import FitTask, check_callbacks
from sktransfer._records import FitOptions, Mode
from sktransfer.augmentation import Augmentation, check_augmentation
from sktransfer.balancing import Balancing, Equal, check_balancing
from sktransfer.exceptions import SourceFormatError
from sktransfer.sources import Source, Sources
from sktransfer.strategies import check_strategy

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Parameters that go into the record as they are.
_AS_THEY_ARE = (
    "source",
    "n_shared_layers",
    "feature_alignment",
    "column_map",
    "activation",
    "dropout",
    "standardize",
    "numeric_embedding",
    "categorical_features",
    "parse_text",
    "solver",
    "alpha",
    "batch_size",
    "learning_rate",
    "learning_rate_init",
    "power_t",
    "max_iter",
    "shuffle",
    "tol",
    "verbose",
    "momentum",
    "nesterovs_momentum",
    "early_stopping",
    "validation_fraction",
    "beta_1",
    "beta_2",
    "epsilon",
    "n_iter_no_change",
    "max_fun",
    "device",
)


def options_of(estimator: BaseEstimator, mode: Mode, listener: FitTask) -> FitOptions:
    """The options of a fit.

    Parameters
    ----------
    estimator : BaseTransferMLP
        Its parameters have been validated one by one; here they are held against each other.
    mode : {'fit', 'partial_fit', 'warm_start'}
    listener : FitTask

    Returns
    -------
    FitOptions

    Raises
    ------
    ValueError
        If parameters do not go together.
    """
    values = {name: getattr(estimator, name) for name in _AS_THEY_ARE}
    return FitOptions(
        **values,
        mode=mode,
        strategy=check_strategy(estimator.strategy, estimator.source is not None),
        hidden_layer_sizes=alignment.sizes_of(estimator.hidden_layer_sizes),
        head_hidden_layer_sizes=alignment.sizes_of(estimator.head_hidden_layer_sizes) or (),
        class_map=getattr(estimator, "class_map", None),
        augmentation=_augmentation(estimator.augmentation, estimator.solver),
        balancing=_balancing(getattr(estimator, "balancing", "equal"), estimator.solver),
        callbacks=check_callbacks(estimator.callbacks),
        listener=listener,
    )


def with_loaded(options: FitOptions) -> FitOptions:
    """Options whose source, where it is a directory, is what was read from it.

    Of an ensemble that is the model: its description is one of its primary network alone.
    """
    if options.source is None:
        return options
    return replace(options, source=_loaded(options.source))


def _loaded(source: Source | Sources) -> Source | Sources:
    if sources.is_several(source):
        if isinstance(source, Mapping):
            return {name: _loaded(one) for name, one in source.items()}
        return [_loaded(one) for one in source]
    if not isinstance(source, str | PathLike):
        return source
    try:
        described = sources.describe_source(source)
    except SourceFormatError:  # refused where sources are chosen, under its name
        return source
    if not described.is_average:
        return described
    from sktransfer._estimators._load import load

    try:
        return load(source)
    except SourceFormatError:  # it needs to be declared as trusted; its network is read without
        return described


def _augmentation(given: str | Augmentation | None, solver: str) -> Augmentation | None:
    augmentation = check_augmentation(given)
    if augmentation is not None and solver == "lbfgs":
        raise ValueError(
            f"augmentation={given!r} with solver='lbfgs': rows that change at "
            "random give a loss that changes at random, which L-BFGS cannot minimise. Use "
            "solver='adam' or 'sgd', or augmentation=None."
        )
    return augmentation


def _balancing(given: str | Balancing, solver: str) -> Balancing | None:
    balancing = check_balancing(given)
    if isinstance(balancing, Equal):
        return None
    if solver == "lbfgs":
        raise ValueError(
            f"balancing={given!r} with solver='lbfgs': weights that change from step "
            "to step give a loss that changes, which L-BFGS cannot minimise. Use "
            "solver='adam' or 'sgd', or balancing='equal'."
        )
    return balancing
