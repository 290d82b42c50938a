"""What scikit-learn's ``fit`` makes is accepted, and what it cannot have made is refused."""

import copy
import warnings

import numpy as np
import pandas as pd
import pytest
from fitted import one_fast_in
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
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

from sktransfer._persistence._budget import Budget
from sktransfer._persistence._composed import columns_made
from sktransfer._persistence._decode import Decoder
from sktransfer._persistence._encode import Encoder

rng = np.random.default_rng(0)
N = 80
NUMBERS = rng.normal(size=(N, 4))
Y = (NUMBERS[:, 0] > 0).astype(int)
WITH_GAPS = np.where(rng.random((N, 4)) < 0.2, np.nan, NUMBERS)
EMPTY = WITH_GAPS.copy()
EMPTY[:, 2] = np.nan
CONSTANT = NUMBERS.copy()
CONSTANT[:, 1] = 2
CODES = rng.integers(0, 5, (N, 3)).astype(float)
LETTERS = np.array(list("abcde"), object)[CODES.astype(int)]
SOME_LETTERS = LETTERS.copy()
SOME_LETTERS[::7, 0], SOME_LETTERS[::9, 1] = np.nan, None
SOME_CODES = CODES.copy()
SOME_CODES[::7, 0] = np.nan
FRAME = pd.DataFrame(NUMBERS, columns=list("abcd"))
MIXED = FRAME.assign(t=LETTERS[:, 0], u=CODES[:, 1])

OF_NUMBERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    StandardScaler(with_mean=False, with_std=False),
    MinMaxScaler((-1, 2), clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False),
    RobustScaler(with_scaling=False),
    QuantileTransformer(n_quantiles=9, output_distribution="normal"),
    PowerTransformer(),
    PowerTransformer(standardize=False),
    Normalizer("l1"),
    Binarizer(threshold=0.3),
    PolynomialFeatures(3, interaction_only=True),
    PolynomialFeatures((1, 3), include_bias=False),
    PolynomialFeatures((2, 3)),
    PolynomialFeatures(0),
    PCA(),
    PCA(2, whiten=True),
    PCA(0.8),
    TruncatedSVD(3),
    VarianceThreshold(0.9),
    FunctionTransformer(),
    FunctionTransformer(np.exp),
    KBinsDiscretizer(),
    KBinsDiscretizer(3, encode="ordinal"),
    KBinsDiscretizer([2, 3, 4, 5], encode="onehot-dense", strategy="uniform"),
    KBinsDiscretizer(3, strategy="kmeans", dtype=np.float32),
]
OF_GAPS = [
    StandardScaler(),
    MinMaxScaler(),
    MaxAbsScaler(),
    RobustScaler(),
    QuantileTransformer(n_quantiles=9),
    VarianceThreshold(),
    SimpleImputer(),
    SimpleImputer(add_indicator=True),
    SimpleImputer(strategy="most_frequent"),
    SimpleImputer(strategy="constant", fill_value=3.0),
    SimpleImputer(keep_empty_features=True),
    MissingIndicator(),
    MissingIndicator(features="all"),
]
OF_CATEGORIES = [
    OneHotEncoder(),
    OneHotEncoder(drop="first"),
    OneHotEncoder(drop="if_binary", sparse_output=False),
    OneHotEncoder(min_frequency=16, handle_unknown="infrequent_if_exist"),
    OneHotEncoder(max_categories=3, drop="first"),
    OneHotEncoder(max_categories=1),
    OneHotEncoder(min_frequency=0.2, drop="if_binary", handle_unknown="ignore", dtype=np.int8),
    OrdinalEncoder(),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=3),
    TargetEncoder(),
]
CATEGORIES = {
    "letters": LETTERS,
    "letters with gaps": SOME_LETTERS,
    "texts": LETTERS.astype(str),
    "codes": CODES,
    "codes with gaps": SOME_CODES,
    "whole codes": CODES.astype(int),
    "truths": CODES > 2,
    "a frame": pd.DataFrame({"a": LETTERS[:, 0], "b": CODES[:, 1], "c": CODES[:, 2] > 2}),
}
COMPOSED = [
    (
        make_column_transformer(
            (OneHotEncoder(), ["t"]),
            (StandardScaler(), make_column_selector(dtype_include="number")),
        ),
        MIXED,
    ),
    (
        ColumnTransformer(
            [("a", OneHotEncoder(), ["t"]), ("d", "drop", ["a"]), ("p", "passthrough", ["b"])],
            remainder=StandardScaler(),
            n_jobs=2,
            transformer_weights={"a": 2.0},
        ),
        MIXED,
    ),
    (
        ColumnTransformer(
            [("a", OneHotEncoder(), ["t"]), ("s", StandardScaler(), slice("a", "c"))],
            remainder="passthrough",
        ),
        MIXED,
    ),
    (
        ColumnTransformer(
            [
                ("s", StandardScaler(), slice(0, 2)),
                ("b", Binarizer(), [True, False, False, True]),
                ("f", FunctionTransformer(np.exp), lambda X: [1]),
                ("e", StandardScaler(), []),
            ],
            remainder="passthrough",
        ),
        NUMBERS,
    ),
    (
        ColumnTransformer(
            [
                ("i", StandardScaler(), FRAME.columns[:2]),
                ("a", StandardScaler(), np.array([2, -1])),
            ]
        ),
        FRAME,
    ),
    (
        ColumnTransformer(
            [("s", StandardScaler(), ["a"]), ("o", OneHotEncoder(sparse_output=False), ["t"])],
            verbose_feature_names_out=False,
        ).set_output(transform="pandas"),
        MIXED,
    ),
    (make_union(StandardScaler(), PCA(2), "passthrough", "drop"), NUMBERS),
    (FeatureUnion([("a", StandardScaler())], transformer_weights={"a": 0.5}, n_jobs=2), NUMBERS),
    (make_pipeline(SimpleImputer(), "passthrough", StandardScaler()), WITH_GAPS),
]
CASES = [
    *((t, X) for t in OF_NUMBERS for X in (NUMBERS, NUMBERS.astype(np.float32), FRAME)),
    *((t, X) for t in OF_GAPS for X in (WITH_GAPS, EMPTY, WITH_GAPS.astype(np.float32))),
    *((t, CONSTANT * unit) for t in OF_GAPS for unit in (1.0, 1e30)),
    *((t, X) for t in OF_CATEGORIES for X in CATEGORIES.values()),
    (KBinsDiscretizer(), CONSTANT),
    (PowerTransformer("box-cox"), np.abs(NUMBERS) + 0.1),
    (OneHotEncoder(categories=[list("edcba")] * 3), LETTERS),
    (OneHotEncoder(drop=["a", "b", "c"]), LETTERS),
    *COMPOSED,
]


def _fitted(transformer, X, y=Y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return copy.deepcopy(transformer).fit(X, y)


def _back(transformer):
    """A transformer through a file's JSON."""
    encoder = Encoder()
    document = encoder.encode(transformer, "it", finite=False)
    decoder = Decoder(encoder.arrays, Budget(10**6))
    return decoder.decode(document, finite=False)


def _taken(transformer, X):
    names = list(X.columns) if isinstance(X, pd.DataFrame) else None
    return columns_made(transformer, X.shape[1], names)


def _dense(X):
    return X.toarray() if hasattr(X, "toarray") else np.asarray(X)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", one_fast_in(4, range(len(CASES))))
def test_what_fit_has_made_comes_back_with_its_number_of_columns(number):
    transformer, X = CASES[number]
    fitted = _fitted(transformer, X)
    expected = _dense(fitted.transform(X))
    again = _back(fitted)
    assert _taken(again, X) == expected.shape[1]
    np.testing.assert_array_equal(_dense(again.transform(X)), expected)


@pytest.mark.parametrize("kind, y", [
    ("multiclass", CODES[:, 0].astype(int)),
    ("continuous", NUMBERS[:, 0]),
])  # fmt: skip
def test_encoders_of_targets_come_back_whatever_the_target(kind, y):
    fitted = _fitted(TargetEncoder(), LETTERS, y)
    assert fitted.target_type_ == kind
    assert _taken(_back(fitted), LETTERS) == fitted.transform(LETTERS).shape[1]


def _set(name, value):
    def change(fitted):
        setattr(fitted, name, value(getattr(fitted, name)) if callable(value) else value)

    return change


def _inside(name, change):
    return lambda fitted: change(getattr(fitted, name))


def _poked(name, index, value):
    def change(fitted):
        array = getattr(fitted, name).copy()
        array[index] = value
        setattr(fitted, name, array)

    return change


def _first_categories(change):
    return lambda c: [change(c[0]), *c[1:]]


#: What is fitted on which table, and a change that `fit` cannot have made.
CHANGES = {
    "columns before the first": (
        OneHotEncoder(), LETTERS, _set("_n_features_outs", [-5, 15, 5])
    ),
    "columns that overlap": (OneHotEncoder(), LETTERS, _set("_n_features_outs", [5, 5, 6])),
    "a category twice": (
        OneHotEncoder(), LETTERS, _set("categories_", _first_categories(lambda c: np.r_[c, c]))
    ),
    "numbers that do not rise": (
        OneHotEncoder(), CODES, _set("categories_", _first_categories(lambda c: c[::-1]))
    ),
    "missing first": (
        OneHotEncoder(), SOME_CODES,
        _set("categories_", _first_categories(lambda c: np.roll(c, 1))),
    ),
    "categories of two dimensions": (
        OneHotEncoder(), CODES, _set("categories_", _first_categories(lambda c: c[:, None]))
    ),
    "another category is dropped": (
        OneHotEncoder(drop="first"), LETTERS, _poked("_drop_idx_after_grouping", 0, 7)
    ),
    "rare ones elsewhere": (
        OneHotEncoder(max_categories=3), LETTERS,
        _set("_default_to_infrequent_mappings", lambda m: [m[0] + 5, *m[1:]]),
    ),
    "a rare one that is not there": (
        OneHotEncoder(max_categories=3), LETTERS,
        _set("_infrequent_indices", lambda m: [np.array([1, 2, 9]), *m[1:]]),
    ),
    "numbers that are objects": (OneHotEncoder(), LETTERS, _set("dtype", lambda _: object)),
    "names by a function": (
        OneHotEncoder(), LETTERS, _set("feature_name_combiner", lambda _: np.exp)
    ),
    "missing ones elsewhere": (OrdinalEncoder(), SOME_CODES, _set("_missing_indices", {2: 1})),
    "a code that does not fit": (
        OrdinalEncoder(dtype=np.int8, handle_unknown="use_encoded_value", unknown_value=-1),
        LETTERS, _set("unknown_value", 1000),
    ),
    "encodings of other categories": (
        TargetEncoder(), LETTERS, _set("encodings_", lambda e: [e[0][:2], *e[1:]])
    ),
    "twice the bins": (
        KBinsDiscretizer(), NUMBERS,
        _inside("_encoder", _set("categories_", _first_categories(lambda c: np.arange(10)))),
    ),
    "bins that fall": (
        KBinsDiscretizer(), NUMBERS, _poked("bin_edges_", 0, np.array([0.0, 2, 1, 3, 4, 5]))
    ),
    "more bins than edges": (KBinsDiscretizer(), NUMBERS, _poked("n_bins_", 0, 9)),
    "a negative scale": (StandardScaler(), NUMBERS, _poked("scale_", 0, -1.0)),
    "a scale of something else": (StandardScaler(), NUMBERS, _poked("scale_", 0, 1e6)),
    "a mean that is none": (StandardScaler(), NUMBERS, _poked("mean_", 1, np.nan)),
    "means of more columns": (StandardScaler(), NUMBERS, _set("mean_", np.zeros(9))),
    "means in texts": (StandardScaler(), NUMBERS, _set("mean_", np.array(list("abcd")))),
    "more columns": (StandardScaler(), NUMBERS, _set("n_features_in_", 10**9)),
    "a range without size": (MinMaxScaler(), NUMBERS, _set("feature_range", (1, 1))),
    "another smallest": (MinMaxScaler(), NUMBERS, _poked("data_min_", 0, -1e9)),
    "another largest": (MaxAbsScaler(), NUMBERS, _poked("max_abs_", 0, 1e9)),
    "a spread of zero": (RobustScaler(), NUMBERS, _poked("scale_", 0, 0.0)),
    "quantiles that fall": (
        QuantileTransformer(n_quantiles=9), NUMBERS, _poked("quantiles_", (0, 0), 99.0)
    ),
    "a power without end": (PowerTransformer(), NUMBERS, _poked("lambdas_", 0, 1e6)),
    "another scaler": (
        PowerTransformer(), NUMBERS, _set("_scaler", _fitted(StandardScaler(), CODES))
    ),
    "products without end": (PolynomialFeatures(), NUMBERS, _set("_max_degree", 10**12)),
    "a degree without end": (PolynomialFeatures(), NUMBERS, _set("degree", 10**12)),
    "fewer products": (PolynomialFeatures(), NUMBERS, _set("n_output_features_", 3)),
    "components of other columns": (PCA(2), NUMBERS, _set("components_", lambda c: c[:, :-1])),
    "more components": (PCA(2), NUMBERS, _set("n_components_", 3)),
    "nothing is left": (VarianceThreshold(), NUMBERS, _set("threshold", 1e9)),
    "a text for a number": (
        SimpleImputer(), WITH_GAPS, _set("statistics_", np.array(["a", 1, 1, 1], object))
    ),
    "no such strategy": (SimpleImputer(), WITH_GAPS, _set("strategy", lambda _: np.exp)),
    "gaps in other columns": (
        SimpleImputer(add_indicator=True), WITH_GAPS,
        _inside("indicator_", _set("features_", np.array([0, 9]))),
    ),
    "arguments of a function": (
        FunctionTransformer(np.exp), NUMBERS, _set("kw_args", {"out": np.zeros(3)})
    ),
    "forty processes": (
        make_pipeline(COMPOSED[0][0]), MIXED, lambda p: _set("n_jobs", 40)(p[0])
    ),
    "a directory": (make_pipeline(StandardScaler()), NUMBERS, _set("memory", "/tmp")),
    "steps that do not fit": (
        make_pipeline(PCA(2), StandardScaler()), NUMBERS,
        lambda p: p.steps.__setitem__(1, ("a", _fitted(StandardScaler(), NUMBERS))),
    ),
    "columns of others": (
        COMPOSED[0][0], MIXED,
        _set("_transformer_to_input_indices", lambda i: i | {"onehotencoder": [99]}),
    ),
    "columns that are not there": (
        COMPOSED[0][0], MIXED, lambda c: c.transformers_[0][2].__setitem__(0, "nowhere")
    ),
    "outputs elsewhere": (
        COMPOSED[0][0], MIXED, _set("output_indices_", lambda i: i | {"remainder": slice(0, 9)})
    ),
    "a weight that is none": (
        FeatureUnion([("a", StandardScaler())]), NUMBERS,
        _set("transformer_weights", {"a": np.nan}),
    ),
    "an attribute of its own": (StandardScaler(), NUMBERS, _set("_hidden", 1)),
    "not fitted": (StandardScaler(), NUMBERS, lambda s: vars(s).pop("mean_")),
    "names of fewer": (StandardScaler(), FRAME, _set("feature_names_in_", lambda n: n[1:])),
    "names of others": (StandardScaler(), FRAME, _set("feature_names_in_", lambda n: n[::-1])),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_fit_cannot_have_made_is_refused(name, monkeypatch):
    transformer, X, change = CHANGES[name]
    fitted = _fitted(transformer, X)
    # as in a file, where nothing is set to what it should be
    monkeypatch.setattr("sktransfer._persistence._sklearn_state._SET", {})
    change(fitted)
    encoder = Encoder()
    try:
        document = encoder.encode(fitted, "it", finite=False)
    finally:
        monkeypatch.undo()
    with pytest.raises((ValueError, TypeError, LookupError)):
        _taken(Decoder(encoder.arrays, Budget(10**6)).decode(document, finite=False), X)


def test_processes_directories_and_writing_over_a_table_are_not_saved():
    fitted = _fitted(COMPOSED[1][0], MIXED)
    assert fitted.n_jobs == 2 and _back(fitted).n_jobs is None
    assert _back(_fitted(make_pipeline(StandardScaler(), memory="/tmp/x"), NUMBERS)).memory is None
    assert _back(_fitted(StandardScaler(copy=False), NUMBERS.copy())).copy is True
