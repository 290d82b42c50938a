"""Fitted models that together hold every class that a file may hold, for the fuzzer."""

import warnings
from functools import cache

import golden_models
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
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
    StandardScaler,
    TargetEncoder,
)

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.augmentation import FeatureCorruption, FeatureNoise, Mixup
from sktransfer.balancing import Equal, PCGrad, Uncertainty
from sktransfer.strategies import (
    L2SP,
    LPFT,
    Additive,
    Boosting,
    Discriminative,
    Frozen,
    Full,
    Gradual,
    Joint,
    KeepHead,
    Linear,
    Probe,
    Recalibrate,
    Scratch,
    Smooth,
    Tangent,
    Trees,
    WeightedEnsemble,
)

SMALL = {"max_iter": 2, "random_state": 0}
rng = np.random.default_rng(0)
N = 48
NUMBERS = rng.normal(size=(N, 4))
WITH_GAPS = np.where(rng.random((N, 4)) < 0.15, np.nan, NUMBERS)
LABELS = np.array(["no", "yes"])[(NUMBERS[:, 0] > 0).astype(int)]
KINDS = np.array(["a", "b", "c"])[np.arange(N) % 3]
TABLE = pd.DataFrame(NUMBERS, columns=["age", "size", "mass", "cost"]).assign(
    town=rng.choice(["york", "bath", "ely", "wells", None], N),
    code=rng.integers(0, 5, N),
)


def _source(steps, X, y=LABELS):
    network = MLPClassifier if y.dtype.kind == "U" else MLPRegressor
    last = network(hidden_layer_sizes=(3,), max_iter=3, random_state=0)
    return make_pipeline(*steps, last).fit(X, y)


def _from(source, X, y=LABELS, strategy="l2_sp", **params):
    kind = TransferMLPClassifier if y.dtype.kind in "UOb" else TransferMLPRegressor
    return kind(source=source, strategy=strategy, **SMALL | params).fit(X, y), X


@cache
def _own(labels="two"):
    y = {"two": LABELS, "three": KINDS}[labels]
    return TransferMLPClassifier((4, 3), **SMALL).fit(NUMBERS, y)


def scalers():
    """Scalers of every kind, mixed by components so that they stay what they are."""
    every = make_union(
        StandardScaler(),
        MinMaxScaler(),
        make_pipeline(MaxAbsScaler(), PowerTransformer()),
        make_pipeline(RobustScaler(), QuantileTransformer(n_quantiles=7), Normalizer()),
        FunctionTransformer(np.arctan),
    )
    return _from(_source([every, PCA(3)], NUMBERS), NUMBERS)


def products():
    steps = [PCA(3), PolynomialFeatures(2), TruncatedSVD(4), Binarizer(threshold=0.1)]
    return _from(_source(steps, NUMBERS), NUMBERS)


def gaps():
    every = make_union(
        SimpleImputer(add_indicator=True),
        make_pipeline(MissingIndicator(features="all"), FunctionTransformer()),
    )
    steps = [every, VarianceThreshold(), KBinsDiscretizer(3), PCA(3, svd_solver="full")]
    steps[2].set_params(encode="onehot-dense")
    return _from(_source(steps, WITH_GAPS), WITH_GAPS)


def categories():
    """A column transformer of encoders, with rare categories, and a rest."""
    split = ColumnTransformer(
        [
            (
                "town",
                OneHotEncoder(min_frequency=9, handle_unknown="infrequent_if_exist"),
                ["town"],
            ),
            ("code", OrdinalEncoder(max_categories=3), ["code"]),
            ("mean", TargetEncoder(), ["town", "code"]),
            ("cost", Binarizer(threshold=0.1), slice("mass", "cost")),
        ],
        remainder=StandardScaler(),
        sparse_threshold=0,
        n_jobs=2,
    )
    # a function that knows no names keeps the pipeline whole; a column more stands beside it
    steps = [split, FunctionTransformer(np.arctan), PCA(4)]
    return _from(_source(steps, TABLE), TABLE.assign(new=KINDS))


def chained():
    """A pipeline around a network of this package, and columns picked behind a step."""
    split = ColumnTransformer([("a", KBinsDiscretizer(3), [0, 2]), ("b", "passthrough", [1])])
    steps = [PolynomialFeatures(2, include_bias=False), split]
    inner = TransferMLPClassifier((3,), categorical_features=[6], **SMALL)
    source = make_pipeline(*steps, FunctionTransformer(np.arctan), inner).fit(NUMBERS, LABELS)
    return _from(source, NUMBERS)


def picked():
    split = ColumnTransformer([("a", PolynomialFeatures(2), [0, 2]), ("b", Normalizer(), [1, 3])])
    return _from(_source([QuantileTransformer(n_quantiles=7), split], NUMBERS), NUMBERS)


def unfolded():
    """A pipeline whose columns and categories are read one by one."""
    split = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["town"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "size"]),
        (KBinsDiscretizer(3), ["mass", "cost"]),
    )
    source = _source([split], TABLE, NUMBERS[:, 1])
    return _from(source, TABLE.assign(new=NUMBERS[:, 0]), NUMBERS[:, 1], "full")


def ensemble():
    """Read-outs, trees and networks in one."""
    strategy = WeightedEnsemble(cv=2, prior={"own_trees": 20.0})
    return _from(_own("three"), NUMBERS, KINDS, strategy)


def ensemble_of_numbers():
    readouts = [Linear(), Probe(), Trees(n_trees=3), Boosting(n_trees=3)]
    strategy = WeightedEnsemble([*readouts, L2SP(0.1), Scratch((3,))], cv=2)
    return _from(_own(), TABLE, NUMBERS[:, 1], strategy)


def several_sources():
    strategy = WeightedEnsemble(["probe", Frozen()], {"probe": 2.0}, cv=2, sources="all")
    return _from({"old": _own(), "older": _own("three")}, NUMBERS, LABELS, strategy)


def closed_forms():
    strategy = WeightedEnsemble([Tangent(), Recalibrate(), Smooth()], cv=2)
    return _from(_own(), NUMBERS, LABELS, strategy)


def merged_classes():
    two = {"a": "no", "b": "yes", "c": "yes"}
    return _from(_own("three"), NUMBERS, LABELS, Recalibrate(), class_map=two)


def numbers_of_rates():
    rates = TransferMLPRegressor("poisson", (4,), **SMALL).fit(NUMBERS, np.abs(NUMBERS[:, 1]))
    return _from(rates, NUMBERS, NUMBERS[:, 2], Recalibrate())


def additive():
    return _from(_own(), NUMBERS, LABELS, Additive())


def tangent():
    return _from(_own("three"), NUMBERS, NUMBERS[:, 2], Tangent())


def tasks():
    """Labels, numbers and nothing at all, some of them missing, on dates."""
    X = TABLE.assign(when=pd.date_range("2024-02-28", periods=N, freq="h"))
    y = pd.DataFrame({"kind": KINDS, "size": NUMBERS[:, 1], "ill": LABELS, "none": np.nan})
    y.loc[::3, "kind"] = None
    model = MultiTaskMLP(
        (4,), head_hidden_layer_sizes=(3,), balancing=Uncertainty(), augmentation=Mixup(), **SMALL
    )
    return model.fit(X, y), X


def tasks_alike():
    y = {"kind": KINDS, "size": NUMBERS[:, 1]}
    return MultiTaskMLP((4,), balancing=Equal(), **SMALL).fit(NUMBERS, y), NUMBERS


def tasks_from_tasks():
    y = {"kind": KINDS, "size": NUMBERS[:, 1]}
    source, _ = tasks_alike()
    model = MultiTaskMLP(source=source, strategy=KeepHead(), balancing=PCGrad(), **SMALL)
    return model.fit(NUMBERS, y), NUMBERS


def two_tables():
    return _from(_own(), NUMBERS, LABELS, Joint((NUMBERS, NUMBERS[:, 1])))


def stream():
    model = TransferMLPClassifier((4,), augmentation=FeatureNoise(), **SMALL)
    model.partial_fit(NUMBERS, LABELS, classes=["no", "yes"])
    return model.partial_fit(NUMBERS[:20], LABELS[:20]), NUMBERS


def several_labels():
    y = np.column_stack([LABELS == "yes", KINDS == "a", KINDS == "b"]).astype(int)
    return TransferMLPClassifier((4,), early_stopping=True, **SMALL).fit(NUMBERS, y), NUMBERS


def counts():
    model = TransferMLPRegressor("poisson", (4,), random_state=0, max_iter=2)
    return model.set_params(random_state=np.random.RandomState(3)).fit(
        NUMBERS.astype(np.float32), np.exp(NUMBERS[:, 0])
    ), NUMBERS


def forest():
    source = RandomForestRegressor(3, max_depth=2, random_state=0).fit(NUMBERS, NUMBERS[:, 1])
    return _from(source, NUMBERS, NUMBERS[:, 1], "scratch")


def forest_that_members_read():
    source = RandomForestRegressor(3, max_depth=2, random_state=0).fit(NUMBERS, NUMBERS[:, 1])
    return _from(source, NUMBERS, NUMBERS[:, 1], Recalibrate())


def respelled():
    """A source's own steps, for levels in another spelling."""
    towns = np.where(LABELS == "yes", "ghent", "lille")
    X = pd.DataFrame({"size": NUMBERS[:, 1], "town": towns})
    encode = make_column_transformer(
        (OrdinalEncoder(max_categories=3), ["town"]), remainder="passthrough"
    )
    network = MLPClassifier((4,), max_iter=2, random_state=0)
    source = make_pipeline(encode, network).fit(X, LABELS)
    return _from(source, X.assign(town=X["town"].str.title()), LABELS, Recalibrate())


def numbers_as_text():
    X = TABLE.assign(cost=[f"{value:,.2f}" for value in 5000 * NUMBERS[:, 3]])
    return TransferMLPClassifier((4,), strategy="scratch", **SMALL).fit(X, LABELS), X


def _with(strategy, **params):
    return lambda: _from(_own(), NUMBERS, LABELS, strategy, **params)


MODELS = golden_models.MODELS | {
    make.__name__.replace("_", " "): make
    for make in (
        scalers, products, gaps, categories, chained, picked, unfolded, ensemble,
        ensemble_of_numbers, several_sources, closed_forms, merged_classes, numbers_of_rates,
        additive, tangent, tasks, tasks_alike, tasks_from_tasks, two_tables, stream,
        several_labels, counts, forest,
        forest_that_members_read, respelled, numbers_as_text,
    )
} | {
    "full": _with(Full(), augmentation=FeatureCorruption()),
    "gradual": _with(Gradual()),
    "discriminative": _with(Discriminative()),
    "lpft": _with(LPFT()),
}  # fmt: skip


def fitted(name):
    """A model of the corpus and the table that it was fitted to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MODELS[name]()
