"""A predictor in a file: the estimator as skops writes it, without pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, cast

import numpy as np
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

from sktransfer._compat import BaseSearchCV
from sktransfer._persistence import names_in_skops
from sktransfer._records import SourceDescription
from sktransfer._typing import Entry
from sktransfer._warnings import listed
from sktransfer.exceptions import NotSavableError, SourceFormatError
from sktransfer.sources._predictor import Predictor
from sktransfer.sources._reader import Source, Sources
from sktransfer.sources._sample_columns import Sample

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


#: Types that skops does not trust by itself: plain Python of scikit-learn's, what compiled code
#: reads by its own format, and trees, whose nodes are checked after reading.
_TRUSTED = (
    "collections.OrderedDict",
    "catboost.core.CatBoost",
    "catboost.core.CatBoostClassifier",
    "catboost.core.CatBoostRegressor",
    "functools.partial",  # of HistGradientBoosting's own check of its columns
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",  # of splines
    "scipy.interpolate._bsplines.BSpline",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    *(  # what columns were selected by, which no prediction calls
        f"sklearn.feature_selection.{score}"
        for score in (
            *("_mutual_info.mutual_info_classif", "_mutual_info.mutual_info_regression"),
            *("_univariate_selection.chi2", "_univariate_selection.f_classif"),
            *("_univariate_selection.f_regression", "_univariate_selection.r_regression"),
        )
    ),
    *(
        f"sklearn.gaussian_process.kernels.{kernel}"
        for kernel in (
            *("CompoundKernel", "ConstantKernel", "DotProduct", "Exponentiation"),
            *("ExpSineSquared", "Matern", "PairwiseKernel", "Product", "RBF"),
            *("RationalQuadratic", "Sum", "WhiteKernel"),
        )
    ),
    *(
        f"sklearn.metrics._dist_metrics.{metric}Distance64"
        for metric in ("Chebyshev", "Euclidean", "Manhattan", "Minkowski")
    ),
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils.validation.check_array",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRFClassifier",
    "xgboost.sklearn.XGBRFRegressor",
    "xgboost.sklearn.XGBRegressor",
)


def _trusted() -> list[str]:
    """What may be read besides what skops trusts: classes, and functions of arrays alone."""
    return [*_TRUSTED, *names_in_skops()]


class SavedPredictor(Predictor):
    """A predictor whose estimator is kept as skops writes it, and read when it first predicts.

    Nothing is read but types that skops trusts, a few of scikit-learn's, and ours.  No code of a
    file can run; but the numbers of so many classes, which compiled code relies on, are not
    checked, so that one from a file is only read where `is_trusted` has been set.

    Parameters
    ----------
    data : ndarray of uint8
        What ``skops.io.dumps`` made of the estimator.
    label : str
        What reports call it.
    sample : dict, list or None
        What is usual in its columns.
    columns, levels : dict or None
        Names of columns and categories in another table.
    """

    def __init__(
        self,
        data: np.ndarray,
        label: str,
        sample: Sample | None = None,
        columns: Mapping[str, str] | None = None,
        levels: Mapping[str, Mapping[str, Entry]] | None = None,
    ) -> None:
        self.data, self.label, self.sample = data, label, sample
        self.columns = dict(columns or {})
        self.levels = {name: dict(known) for name, known in (levels or {}).items()}
        self.is_trusted = False
        if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 1:
            raise ValueError("a saved predictor is no row of bytes")
        if not isinstance(label, str) or not isinstance(sample, dict | list | None):
            raise ValueError("a saved predictor has no label, or no sample of its columns")

    @cached_property
    def estimator(self) -> BaseEstimator:
        if not self.is_trusted:
            raise not_trusted(self.label)
        import skops.io

        found = skops.io.loads(self.data.tobytes(), trusted=_trusted())
        _check_trees(found)
        return found

    def __repr__(self) -> str:
        return f"Predictor({self.label})"


def _check_trees(estimator: BaseEstimator) -> None:
    """Refuse trees with a node that leads out of its tree: compiled code would follow it."""
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        obj = waiting.pop()
        if id(obj) in seen:
            continue
        seen.add(id(obj))
        kind = type(obj).__name__
        if kind == "Tree" and hasattr(obj, "children_left"):
            _check_nodes(obj.children_left, obj.children_right, obj.feature, obj.n_features)
        elif kind == "TreePredictor":
            nodes = obj.nodes
            inner = nodes[nodes["is_leaf"] == 0]
            _check_nodes(inner["left"], inner["right"], None, 0, len(nodes))
        if isinstance(obj, dict):
            waiting += obj.values()
        elif isinstance(obj, list | tuple):
            waiting += obj
        elif isinstance(obj, np.ndarray):
            waiting += obj.ravel().tolist() if obj.dtype == object else []
        elif hasattr(obj, "__dict__"):
            waiting += vars(obj).values()


def _check_nodes(
    left: np.ndarray,
    right: np.ndarray,
    feature: np.ndarray | None,
    n_features: int,
    n_nodes: int | None = None,
) -> None:
    n_nodes = len(left) if n_nodes is None else n_nodes
    inside = all(bool(((side >= -1) & (side < n_nodes)).all()) for side in (left, right))
    if not inside or (feature is not None and bool((feature >= n_features).any())):
        raise SourceFormatError(
            "A tree of the saved source has a node that is not in it; expected it as `save` wrote "
            "it. The file was probably changed: save or download it again."
        )


def packed(predictor: Predictor) -> SavedPredictor:
    """A predictor that can be written without pickle.

    Raises
    ------
    NotSavableError
        If skops is not installed, or does not trust all that the estimator is made of.
    """
    if isinstance(predictor, SavedPredictor):
        return predictor
    way_out = (
        "Keep the whole with joblib.dump instead, and load such a file only where you trust who "
        "wrote it: it can run code."
    )
    try:
        import skops.io
    except ImportError as error:
        raise NotSavableError(
            f"The source ({predictor.label}) is a source by its predictions, which is written by "
            f"skops, and skops is not installed. Install it (pip install skops). {way_out}"
        ) from error
    try:
        data = skops.io.dumps(_what_predicts(predictor.estimator))
        others = set(skops.io.get_untrusted_types(data=data)) - set(_trusted())
    except Exception as error:  # whatever skops finds in a foreign object
        raise NotSavableError(
            f"The source ({predictor.label}) cannot be written by skops: {error}. {way_out}"
        ) from error
    if others:
        raise NotSavableError(
            f"The source ({predictor.label}) has parts of types that skops does not trust: "
            f"{listed(sorted(others))}. Reading them could run code. {way_out}"
        )
    made = SavedPredictor(
        np.frombuffer(data, dtype=np.uint8),
        predictor.label,
        predictor.sample,
        predictor.columns,
        predictor.levels,
    )
    made.is_trusted = True
    return made


def _what_predicts(estimator: BaseEstimator) -> BaseEstimator:
    """Of a search, or what chooses a threshold, the estimator whose probabilities it gives."""
    if isinstance(estimator, BaseSearchCV):
        return _what_predicts(estimator.best_estimator_)
    by_threshold = isinstance(estimator, FixedThresholdClassifier | TunedThresholdClassifierCV)
    if by_threshold and hasattr(estimator, "predict_proba"):
        return _what_predicts(estimator.estimator_)
    return estimator


def trust(source: Source | Sources | None) -> None:
    """Let the predictor of a source that comes from a file, or of several, be read."""
    if isinstance(source, SavedPredictor):
        source.is_trusted = True
    elif isinstance(source, SourceDescription):
        trust([source.predictor, source.behind])
    elif isinstance(source, list | Mapping):
        for one in source.values() if isinstance(source, Mapping) else source:
            trust(one)


def not_trusted(label: str, directory: str | PathLike[str] | None = None) -> SourceFormatError:
    """For a predictor from a file that has not been declared as trusted."""
    which = "the saved model" if directory is None else f"the saved model {str(directory)!r}"
    return SourceFormatError(
        f"The source of {which} is an estimator of another package ({label[:80]}), and its "
        "numbers are the only ones in a file that are not checked: in a file that was changed "
        "they could crash this process. If the file is from somebody you trust, load it with "
        "trust_source=True."
    )


def savable(source: SourceDescription) -> SourceDescription:
    """What a file holds of a source: its layers, or where it has none its packed predictor."""
    behind = None if source.behind is None else savable(source.behind)
    predictor = None if source.layers else packed(cast("Predictor", source.predictor))
    return replace(source, behind=behind, predictor=predictor)
