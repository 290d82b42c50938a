"""The small trees of boosting, on columns that are sorted into bins once for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.tree import DecisionTreeRegressor

from sktransfer._compat import histogram_tree_grower

#: Bins of a column; of no more distinct values each has its own, and splits are exact.
N_BINS = 255
#: Rows up to which trees of several targets are split by all of them; of more, by one random sum.
_MOST_ROWS_OF_ALL = 1000


@dataclass(frozen=True)
class BoostingSettings:
    """How trees are boosted; names and meanings are those of scikit-learn's gradient boosting.

    Attributes
    ----------
    n_estimators : int
    learning_rate : float
    max_depth : int
    subsample : float
        Share of the rows that each stage draws.
    max_features : float
        Share of the columns that each split draws.
    min_samples_leaf : int
    random_state : int
    """

    n_estimators: int
    learning_rate: float
    max_depth: int
    subsample: float
    max_features: float
    min_samples_leaf: int
    random_state: int


@dataclass(frozen=True, eq=False)
class SmallTree:
    """A tree without values.

    Attributes
    ----------
    feature, threshold, children_left, children_right : ndarray of shape (n_nodes,)
        As of scikit-learn's trees; children are -1 in a leaf.
    max_depth : int
    leaf : ndarray of int, shape (n_samples,)
        The leaf of every row, of those too that the tree was not grown on.
    """

    feature: np.ndarray
    threshold: np.ndarray
    children_left: np.ndarray
    children_right: np.ndarray
    max_depth: int
    leaf: np.ndarray

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.feature)


class Grower(ABC):
    """Grows trees by variance, each on some rows of one table and some columns a split."""

    @abstractmethod
    def grow(self, drawn: np.ndarray, step: np.ndarray, weight: np.ndarray | None) -> SmallTree:
        """A tree on the rows `drawn`, for targets and weights of these rows.

        Parameters
        ----------
        drawn : ndarray of int, shape (n_drawn,)
        step : ndarray of shape (n_drawn, n_targets)
        weight : ndarray of shape (n_drawn,) or None

        Returns
        -------
        SmallTree
        """


def grower(
    features: np.ndarray, settings: BoostingSettings, seed: int, n_targets: int = 1
) -> Grower:
    """What grows trees on a table.

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)
    settings : BoostingSettings
    seed : int
    n_targets : int, default=1

    Returns
    -------
    Grower
    """
    is_exact = n_targets > 1 and len(features) <= _MOST_ROWS_OF_ALL
    kind = _ExactGrower if is_exact or histogram_tree_grower() is None else _BinnedGrower
    return kind(features, settings, np.random.default_rng(seed))


class _BinnedGrower(Grower):
    """By scikit-learn's histograms: several times as fast as by sorting in every node.

    A tree of several targets is split by the variance of a random sum of them, another for each
    tree.

    References
    ----------
    G. Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS 2017; L.
    Iosipoi, A. Vakhrushev, "SketchBoost: Fast Gradient Boosted Decision Tree for Multioutput
    Problems", NeurIPS 2022, section 3.3 (random projections).
    """

    def __init__(
        self, features: np.ndarray, settings: BoostingSettings, rng: np.random.Generator
    ) -> None:
        self._rng = rng
        # a row per column
        self._codes, self._thresholds = binned(features)
        n_bins = np.array([len(one) + 1 for one in self._thresholds], np.uint32)
        # behind the last: that of missing values, which there are none of
        self._beyond = int(n_bins.max(initial=1))
        kind = histogram_tree_grower()
        assert kind is not None
        self._start = partial(
            kind,
            max_depth=settings.max_depth,
            min_samples_leaf=settings.min_samples_leaf,
            min_hessian_to_split=0.0,
            n_bins=self._beyond + 1,
            n_bins_non_missing=n_bins,
            feature_fraction_per_split=settings.max_features,
            rng=rng,
            n_threads=1,
        )

    def grow(self, drawn: np.ndarray, step: np.ndarray, weight: np.ndarray | None) -> SmallTree:
        several = step.shape[1] > 1
        target = step @ self._rng.standard_normal(step.shape[1]) if several else step[:, 0]
        # with the weight as curvature, the gain of a split is what it takes of the variance
        share = np.ones(1) if weight is None else weight / (weight.mean() or 1.0)
        growing = self._start(
            self._codes.take(drawn, axis=1).T,
            (-share * target).astype(np.float32),
            share.astype(np.float32),
        )
        growing.grow()
        tree = growing.make_predictor(self._thresholds)
        nodes = tree.nodes.copy()
        tree.nodes["value"] = np.arange(len(nodes))
        leaf = tree.predict_binned(self._codes.T, self._beyond, 1).astype(np.intp)
        is_leaf = nodes["is_leaf"].astype(bool)
        left, right = (
            np.where(is_leaf, -1, nodes[side].astype(np.intp)) for side in ("left", "right")
        )
        depth = int(nodes["depth"].max())
        return SmallTree(nodes["feature_idx"], nodes["num_threshold"], left, right, depth, leaf)


class _ExactGrower(Grower):
    """By scikit-learn's ordinary trees, where it has no histograms that are known."""

    def __init__(
        self, features: np.ndarray, settings: BoostingSettings, rng: np.random.Generator
    ) -> None:
        self._features, self._rng = features, rng
        self._tree = DecisionTreeRegressor(
            max_depth=settings.max_depth,
            max_features=settings.max_features,
            min_samples_leaf=settings.min_samples_leaf,
        )

    def grow(self, drawn: np.ndarray, step: np.ndarray, weight: np.ndarray | None) -> SmallTree:
        seed = int(self._rng.integers(2**31 - 1))
        tree = (
            clone(self._tree)
            .set_params(random_state=seed)
            .fit(self._features[drawn], step, weight, check_input=False)
            .tree_
        )
        return SmallTree(
            tree.feature,
            tree.threshold,
            tree.children_left,
            tree.children_right,
            tree.max_depth,
            tree.apply(self._features),
        )


def binned(features: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The bin of every entry, and where bins end.

    Parameters
    ----------
    features : ndarray of float32, shape (n_samples, n_features)

    Returns
    -------
    codes : ndarray of uint8, shape (n_features, n_samples)
    thresholds : list of ndarray
        An entry is in bin b if it is above b of them; an entry equal to one is not above it.
    """
    n_samples, n_features = features.shape
    codes = np.empty((n_features, n_samples), np.uint8)
    thresholds = []
    for column, values in enumerate(np.ascontiguousarray(features.T)):
        order = np.argsort(values)
        ordered = values[order]
        # of each run of equal entries the last
        last = np.flatnonzero(np.append(ordered[1:] > ordered[:-1], False))
        if len(last) >= N_BINS:
            wanted = np.arange(1, N_BINS) * n_samples // N_BINS
            last = np.unique(last[np.minimum(np.searchsorted(last, wanted - 1), len(last) - 1)])
        below, above = ordered[last].astype(np.float64), ordered[last + 1].astype(np.float64)
        thresholds.append(below + (above - below) / 2)
        sizes = np.diff(last + 1, prepend=0, append=n_samples)
        codes[column, order] = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
    return codes, thresholds
