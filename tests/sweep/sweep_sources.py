"""The sources of the sweep: every kind that can be read, and pipelines with usual steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.frozen import FrozenEstimator
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from skrub import TableVectorizer
from sweep_tables import source_rows, targets

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.sources import SourceDescription

_NUMBERS = ["x0", "x1", "x3", "x4", "x5"]


def _one_hot() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False)


def _ordinal() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


#: Preprocessing of numbers by name, each made anew.
CHAINS: dict[str, Callable[[], list]] = {
    "standard": lambda: [StandardScaler()],
    "min_max": lambda: [MinMaxScaler()],
    "max_abs": lambda: [MaxAbsScaler()],
    "robust": lambda: [RobustScaler()],
    "normalizer": lambda: [StandardScaler(), Normalizer()],
    "power": lambda: [PowerTransformer()],
    "quantile": lambda: [QuantileTransformer(n_quantiles=50, random_state=0)],
    "polynomial": lambda: [StandardScaler(), PolynomialFeatures(2)],
    "spline": lambda: [SplineTransformer(n_knots=4)],
    "bins": lambda: [
        KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf")
    ],
    "imputer": lambda: [SimpleImputer(), StandardScaler()],
    "knn_imputer": lambda: [KNNImputer(n_neighbors=3), StandardScaler()],
    "pca": lambda: [StandardScaler(), PCA(4, random_state=0)],
    "select": lambda: [SelectKBest(k=5), StandardScaler()],
    "variance": lambda: [VarianceThreshold(), StandardScaler()],
    "union": lambda: [make_union(StandardScaler(), PCA(2, random_state=0))],
    "column_transformer": lambda: [
        ColumnTransformer([("num", StandardScaler(), _NUMBERS), ("cat", _one_hot(), ["x2"])])
    ],
    "column_ordinal": lambda: [
        ColumnTransformer([("cat", _ordinal(), ["x2"])], remainder="passthrough"),
        StandardScaler(),
    ],
    "make_columns": lambda: [
        make_column_transformer(
            (StandardScaler(), _NUMBERS), (_one_hot(), ["x2"]), verbose_feature_names_out=False
        )
    ],
    "function": lambda: [FunctionTransformer(np.cbrt), StandardScaler()],
}
#: Preprocessing of numbers and a column of categories by name.
TEXT_CHAINS: dict[str, Callable[[], list]] = {
    "text_one_hot": lambda: [
        ColumnTransformer(
            [("num", StandardScaler(), [*_NUMBERS, "x2"]), ("cat", _one_hot(), ["plan"])]
        )
    ],
    "table_vectorizer": lambda: [TableVectorizer(), StandardScaler()],
}
#: Estimators that predict and have no layers by name, for labels and for numbers.
PREDICTORS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "forest": (lambda: _forest(RandomForestClassifier), lambda: _forest(RandomForestRegressor)),
    "boosting": (
        lambda: HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype"),
        lambda: HistGradientBoostingRegressor(max_iter=10, categorical_features="from_dtype"),
    ),
    "logistic_regression": (
        lambda: make_pipeline(*TEXT_CHAINS["text_one_hot"](), LogisticRegression()),
        lambda: make_pipeline(*TEXT_CHAINS["text_one_hot"](), Ridge()),
    ),
}
#: The rest of the kinds.
KINDS = (
    "ours",
    "ours_ensemble",
    "ours_text",
    "sklearn_mlp",
    "unscaled_mlp",
    "frozen_estimator",
    "pipeline_ours",
    "skorch",
    "torch",
    "description",
    "two",
)
SOURCES = (*KINDS, *CHAINS, *TEXT_CHAINS, *PREDICTORS)
#: Those whose columns are by name only: scikit-learn's own steps refuse arrays.
BY_NAME = {"column_transformer", "column_ordinal", "make_columns", *TEXT_CHAINS}
#: Those that learned a column of categories.
WITH_TEXT = {"ours_text", "boosting", "logistic_regression", *TEXT_CHAINS}
#: Those that were trained on the numbers as they are, which are then standardised beforehand.
RAW = {"sklearn_mlp", "skorch", "torch", "description"}
#: Those that know next to nothing of the target's task.
UNTRAINED = {"skorch", "torch", "description", "unscaled_mlp"}
_WITH_MISSING = {"imputer", "knn_imputer"}


def learned_text(kind: str) -> bool:
    """Whether a source learned a column of categories."""
    return kind in WITH_TEXT


@cache
def source(kind: str, classifies: bool, with_names: bool) -> Any:
    """A fitted source.

    Parameters
    ----------
    kind : one of SOURCES
    classifies : bool
        Whether it learned labels, or numbers.
    with_names : bool
        Whether it learned from a frame, or from an array.
    """
    labels, numbers = targets(slice(0, 120))
    y = labels if classifies else numbers
    X: Any = source_rows(learned_text(kind), kind in RAW, missing=kind in _WITH_MISSING)
    X = X if with_names or learned_text(kind) or kind in BY_NAME else X.to_numpy()
    if kind in ("ours", "ours_text"):
        return _ours(classifies).fit(X, y)
    if kind == "ours_ensemble":
        first = source("ours", classifies, with_names)
        return _ours(classifies).set_params(source=first, strategy="auto").fit(X, y)
    if kind in ("sklearn_mlp", "unscaled_mlp"):
        return _mlp(classifies).fit(X, y)
    if kind == "frozen_estimator":
        return FrozenEstimator(source("standard", classifies, with_names))
    if kind == "pipeline_ours":
        return make_pipeline(PCA(4, random_state=0), _ours(classifies)).fit(X, y)
    if kind == "skorch":
        return _skorch(classifies).fit(np.asarray(X, np.float32), _for_skorch(y, classifies))
    if kind == "torch":
        return _torch_module()
    if kind == "description":
        return _by_hand()
    if kind == "two":
        return [source(k, classifies, with_names) for k in ("ours", "pca")]
    if kind in PREDICTORS:
        return PREDICTORS[kind][not classifies]().fit(X, y)
    chain = {**CHAINS, **TEXT_CHAINS}[kind]()
    return make_pipeline(*chain, _mlp(classifies)).fit(X, y)


def _forest(model: type) -> Any:
    return model(n_estimators=5, min_samples_leaf=5, random_state=0)


def _ours(classifies: bool):
    model = TransferMLPClassifier if classifies else TransferMLPRegressor
    return model(hidden_layer_sizes=(8,), learning_rate_init=0.02, max_iter=30, random_state=0)


def _mlp(classifies: bool):
    model = MLPClassifier if classifies else MLPRegressor
    params = dict(hidden_layer_sizes=(8,), solver="lbfgs", alpha=1.0, random_state=0)
    return model(max_iter=40 if classifies else 200, **params)


def _torch_module():
    import torch

    rng = np.random.default_rng(1)
    layers = []
    for n_in, n_out in pairwise((6, 8, 1)):
        layer = torch.nn.Linear(n_in, n_out)
        layer.weight.data = torch.tensor(rng.normal(0, 0.5, (n_out, n_in)), dtype=torch.float32)
        layer.bias.data = torch.zeros(n_out)
        layers += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def _skorch(classifies: bool):
    from skorch import NeuralNetBinaryClassifier, NeuralNetRegressor

    net = NeuralNetBinaryClassifier if classifies else NeuralNetRegressor
    params = dict(train_split=None, max_epochs=2, verbose=0, iterator_train__shuffle=False)
    return net(_torch_module(), lr=1e-3 if classifies else 1e-6, **params)


def _for_skorch(y: np.ndarray, classifies: bool) -> np.ndarray:
    return (y == "high").astype(np.float32) if classifies else y.astype(np.float32)[:, None]


def _by_hand() -> SourceDescription:
    rng = np.random.default_rng(2)
    layers = [(rng.normal(0, 0.4, (6, 8)), np.zeros(8)), (np.ones((8, 1)), np.zeros(1))]
    return SourceDescription(layers, "tanh")
