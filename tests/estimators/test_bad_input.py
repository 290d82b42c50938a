"""What bad input gets: a clear error before any training, and no harm to what was there."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import (
    DivergenceError,
    OneClassWarning,
    SourceFormatError,
    SourceKindError,
    SourceLayersError,
    TransferError,
    TransferWarning,
)
from sktransfer.sources import SourceDescription
from sktransfer.strategies import L2SP, LPFT, Combined, Discriminative, Gradual

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 3))
labels = np.arange(30) % 2
numbers = X[:, 0] + 1
SOURCE = TransferMLPClassifier((5, 4), max_iter=2, random_state=0).fit(X, labels)
KINDS = ["classifier", "regressor"]


def _make(kind, **params):
    cls = TransferMLPClassifier if kind == "classifier" else TransferMLPRegressor
    return cls(**{"source": SOURCE, "max_iter": 2, "random_state": 0, **params})


def _y(kind):
    return labels if kind == "classifier" else numbers


def _call(model, method, X, y, **kwargs):
    if method == "predict":
        return model.predict(X)
    is_first = method == "partial_fit" and not hasattr(model, "classes_")
    if is_first and isinstance(model, TransferMLPClassifier):
        kwargs = {"classes": [0, 1], **kwargs}
    return getattr(model, method)(X, y, **kwargs)


def _with(value, at=(3, 1)):
    bad = X.copy()
    bad[at] = value
    return bad


BAD_TABLES = {
    "infinity": (_with(np.inf), "contains infinity"),
    "minus infinity": (_with(-np.inf), "contains infinity"),
    "no rows": (X[:0], r"0 sample\(s\)"),
    "no columns": (X[:, :0], r"0 feature\(s\)"),
    "one dimension": (X[:, 0], "Expected 2D array"),
    "three dimensions": (X[:, :, None], "dim 3"),
    "complex numbers": (X + 1j, "Complex data not supported"),
    "texts": (np.array([["a", "b", "c"]] * 30, dtype=object), "could not convert string"),
    "sparse infinity": (sparse.csr_array(_with(np.inf)), "contains infinity"),
    "None": (None, "None|NoneType|scalar array"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_is_refused(kind, method, name):
    bad, message = BAD_TABLES[name]
    model = _make(kind)
    if method == "predict":
        model.fit(X, _y(kind))
        if name == "no columns":
            message = "0 feature|is expecting 3 features"
    before = dict(vars(model))
    with pytest.raises((ValueError, TypeError), match=message):
        _call(model, method, bad, _y(kind)[: 30 if bad is None else bad.shape[0]])
    assert vars(model).keys() == before.keys()


MISSING = {
    "NaN": _with(np.nan),
    "sparse NaN": sparse.csr_array(_with(np.nan)),
    "NaN in a frame": pd.DataFrame(_with(np.nan), columns=["a", "b", "c"]),
    "None in a frame": pd.DataFrame(_with(np.nan), columns=["a", "b", "c"]).astype("Float64"),
}


@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("name", MISSING)
def test_without_standardisation_missing_entries_are_refused(kind, method, name):
    model = _make(kind, source=None, standardize=False)
    if method == "predict":
        model.fit(X, _y(kind))
    before = dict(vars(model))
    with pytest.raises(ValueError, match="contains NaN"):
        _call(model, method, MISSING[name], _y(kind))
    assert vars(model).keys() == before.keys()


@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("name", MISSING)
def test_with_standardisation_missing_entries_are_taken(kind, method, name):
    model = _make(kind)
    if method == "predict":
        model.fit(X, _y(kind))
    _call(model, method, MISSING[name], _y(kind))
    ask = model.predict_proba if kind == "classifier" else model.predict
    assert np.isfinite(ask(MISSING[name])).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["partial_fit", "predict"])
def test_a_table_of_another_width_is_refused(kind, method):
    model = _make(kind)
    _call(model, "partial_fit", X, _y(kind))
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 3 features"):
        _call(model, method, X[:, :2], _y(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_other_column_names_are_refused_in_predict(kind):
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = _make(kind, source=None).fit(frame, _y(kind))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"c": "d"}))
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[["b", "a", "c"]])


BAD_TARGETS = [
    ("classifier", labels[:-1], "inconsistent numbers of samples"),
    ("regressor", numbers[:-1], "inconsistent numbers of samples"),
    ("classifier", numbers, "Unknown label type: continuous|Unknown label type"),
    ("classifier", np.where(labels == 0, np.nan, 1.0), "NaN"),
    ("regressor", np.where(labels == 0, np.nan, 1.0), "NaN"),
    ("regressor", np.where(labels == 0, np.inf, 1.0), "infinity"),
    ("regressor", np.array(["a"] * 30, dtype=object), "expected numbers"),
    ("classifier", None, "requires y to be passed"),
    ("regressor", None, "requires y to be passed"),
    ("regressor", np.zeros((30, 2, 2)), "dim 3|Expected <= 2"),
]


@pytest.mark.parametrize("kind, y, message", BAD_TARGETS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_bad_target_is_refused(kind, y, message, method):
    model = _make(kind)
    if method == "partial_fit" and y is None:
        pytest.skip("None has no type of target to ask for")
    if method == "partial_fit" and kind == "classifier":
        message += "|Unknown label|classes"
    with pytest.raises((ValueError, TypeError), match=message):
        _call(model, method, X, y)
    assert not hasattr(model, "coefs_") and not hasattr(model, "n_features_in_")


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match=r"loss='poisson' needs y >= 0.*squared_error"):
        TransferMLPRegressor("poisson").fit(X, numbers - 10)


BAD_WEIGHTS = [
    (-np.ones(30), "Negative values"),
    (np.zeros(30), "weight"),
    (np.where(labels == 0, np.nan, 1.0), "NaN"),
    (np.where(labels == 0, np.inf, 1.0), "infinity"),
    (np.ones(29), r"sample_weight.shape == \(29,\)"),
    (np.ones((30, 2)), "1D array or scalar"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("weight, message", BAD_WEIGHTS)
def test_bad_weights_are_refused(kind, method, weight, message):
    model = _make(kind)
    with pytest.raises(ValueError, match=message):
        _call(model, method, X, _y(kind), sample_weight=weight)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_one_class_is_a_warning_for_classifiers(kind):
    y = np.array(["only"] * 30) if kind == "classifier" else np.full(30, 7.0)
    model = _make(kind)
    if kind == "regressor":
        assert np.isfinite(model.fit(X, y).predict(X)).all()
        return
    with pytest.warns(OneClassWarning, match="one class only, .*only"):
        model.fit(X, y)
    assert set(model.predict(X)) == {"only"}
    assert_array_equal(model.predict_proba(X), np.ones((30, 1)))


# -- large numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1e15, 1e38, 1e100])
def test_huge_values_are_standardised(kind, size):
    model = _make(kind, source=None, hidden_layer_sizes=(4,))
    model.fit(X * size, _y(kind))
    same = _make(kind, source=None, hidden_layer_sizes=(4,)).fit(X, _y(kind))
    assert np.isfinite(model.predict(X * size)).all()
    np.testing.assert_allclose(model.coefs_[0], same.coefs_[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_values_whose_variance_overflows_are_refused_by_name(kind, method):
    model = _make(kind, source=None)
    with pytest.raises(ValueError, match=r"too large to standardise in column 1.*Rescale"):
        _call(model, method, _with(1e308), _y(kind))
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_huge_values_without_standardisation_end_in_a_clear_error(kind):
    model = _make(kind, source=None, standardize=False, solver="sgd", max_iter=20)
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match="very large numbers"):
        model.fit(X * 1e200, _y(kind))
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("kind", KINDS)
def test_a_huge_row_in_predict_is_bent_into_range(kind):
    model = _make(kind).fit(X, _y(kind))
    assert np.isfinite(model.predict(_with(1e308))).all()


# -- sources ------------------------------------------------------------------------------


def _diverged():
    weights = [(np.full((3, 4), np.nan), np.zeros(4)), (np.ones((4, 1)), np.zeros(1))]
    return SourceDescription(weights)


BAD_SOURCES = {
    "unfitted own": (TransferMLPClassifier, NotFittedError, "not fitted.*FrozenEstimator"),
    "unfitted MLP": (MLPClassifier, NotFittedError, "MLPClassifier.*not fitted"),
    "unfitted pipeline": (
        lambda: make_pipeline(StandardScaler(), MLPClassifier()),
        NotFittedError,
        "not fitted",
    ),
    "another kind": (
        lambda: LogisticRegression().fit(X, labels),
        SourceKindError,
        "`source` must be .*got LogisticRegression.*SourceDescription",
    ),
    "another kind in a pipeline": (
        lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(X, labels),
        SourceKindError,
        "Pipeline around a LogisticRegression",
    ),
    "a class": (lambda: MLPClassifier, SourceKindError, "the class MLPClassifier.*fit"),
    "a text": (
        lambda: "best.model",
        SourceFormatError,
        "no saved model at .best.model.*directory",
    ),
    "a number": (lambda: 3, SourceKindError, "got int"),
    "an array": (lambda: X, SourceKindError, "got ndarray"),
    "weights without a module": (
        lambda: torch.nn.Linear(3, 2).state_dict(),
        SourceKindError,
        "holds a Tensor of torch, as a state_dict does.*load_state_dict",
    ),
    "an empty list": (lambda: [], SourceKindError, "is an empty list"),
    "a convolution": (
        lambda: torch.nn.Sequential(torch.nn.Conv1d(3, 4, 1), torch.nn.Linear(4, 1)),
        SourceLayersError,
        "Conv1d.*Linear",
    ),
    "an unknown activation": (
        lambda: torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.GELU(), torch.nn.Linear(4, 1)),
        SourceLayersError,
        "GELU.*expected one of",
    ),
    "diverged": (_diverged, SourceLayersError, "NaN or infinite.*smaller learning rate"),
    "no chain": (
        lambda: SourceDescription([(np.ones((3, 4)), np.zeros(4)), (np.ones((5, 1)), [0.0])]),
        SourceLayersError,
        "do not form a chain",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", BAD_SOURCES)
def test_a_bad_source_is_refused(kind, method, name):
    make, error, message = BAD_SOURCES[name]
    with pytest.raises(error, match=message):
        _call(_make(kind, source=make()), method, X, _y(kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_bad_source_leaves_nothing_half_set(kind, method):
    model = _make(kind, source=MLPClassifier())
    before = set(vars(model))
    with pytest.raises(NotFittedError):
        _call(model, method, X, _y(kind))
    assert set(vars(model)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_with_no_common_column_is_a_warning_and_training_from_scratch(kind):
    named = TransferMLPClassifier((5, 4), max_iter=2, random_state=0)
    named.fit(pd.DataFrame(X, columns=["a", "b", "c"]), labels)
    frame = pd.DataFrame(X, columns=["d", "e", "f"])
    with pytest.warns(TransferWarning, match="'a', 'b', 'c'.*'d', 'e', 'f'.*from scratch.*same"):
        model = _make(kind, source=named, strategy="l2_sp").fit(frame, _y(kind))
    scratch = _make(kind, source=named, strategy="scratch").fit(frame, _y(kind))
    assert_array_equal(model.coefs_[0], scratch.coefs_[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_nameless_source_of_another_width_is_a_warning(kind):
    with pytest.warns(TransferWarning, match="it has 3 columns.*X has 2"):
        _make(kind).fit(X[:, :2], _y(kind))


TRANSFER_ERRORS = [
    ({"hidden_layer_sizes": (7,)}, r"\(7,\) does not begin with .*\(5, 4\).*None"),
    ({"n_shared_layers": 3}, "n_shared_layers=3.*2 hidden layers.*0 to 2"),
    ({"activation": "tanh"}, "activation='tanh' differs from the source's 'relu'.*None"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("params, message", TRANSFER_ERRORS)
def test_wishes_that_do_not_fit_the_source_are_refused(kind, params, message):
    with pytest.raises(TransferError, match=message):
        _make(kind, **params).fit(X, _y(kind))


# -- parameters ---------------------------------------------------------------------------

BAD_PARAMETERS = [
    {"strategy": "fulll"},
    {"strategy": 3},
    {"strategy": L2SP},
    {"strategy": L2SP(strength=-1)},
    {"strategy": L2SP(scaling="ours")},
    {"strategy": LPFT(probe_fraction=1)},
    {"strategy": Gradual(n_phases=0)},
    {"strategy": Discriminative(decay=0.5)},
    {"hidden_layer_sizes": (4, 0), "source": None},
    {"hidden_layer_sizes": -3, "source": None},
    {"head_hidden_layer_sizes": (0,)},
    {"n_shared_layers": -1},
    {"n_shared_layers": 1.5},
    {"feature_alignment": "names"},
    {"activation": "gelu"},
    {"dropout": 1.0},
    {"dropout": -0.1},
    {"standardize": "yes"},
    {"solver": "adamw"},
    {"alpha": -1},
    {"batch_size": 0},
    {"learning_rate": "cos"},
    {"learning_rate_init": 0},
    {"max_iter": 0},
    {"max_iter": 2.5},
    {"validation_fraction": 1.0},
    {"n_iter_no_change": 0},
    {"momentum": 1.5},
    {"random_state": "seed"},
    {"callbacks": "progress"},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("params", BAD_PARAMETERS, ids=str)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_bad_parameter_is_refused_by_name(kind, params, method):
    (name, value), *_ = params.items()
    wanted = name
    if isinstance(value, L2SP | LPFT | Gradual | Discriminative):
        wanted = "strength|scaling|probe_fraction|n_phases|decay"
    elif name == "head_hidden_layer_sizes":
        wanted = "hidden_layer_sizes"
    elif name == "random_state" or (name == "strategy" and value == "fulll"):
        wanted = str(value)
    with pytest.raises((ValueError, TypeError), match=wanted):
        _call(_make(kind, **params), method, X, _y(kind))


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match="strenght"):
        TransferMLPClassifier(strenght=1)
    with pytest.raises(ValueError, match="Invalid parameter 'strenght'"):
        TransferMLPClassifier(strategy=L2SP()).set_params(strategy__strenght=1)


def test_a_bad_class_weight_is_refused():
    with pytest.raises(ValueError, match="class_weight"):
        _make("classifier", class_weight="even").fit(X, labels)
    with pytest.raises(ValueError, match=r"balanced.*not supported for partial_fit.*dict"):
        _make("classifier", class_weight="balanced").partial_fit(X, labels, classes=[0, 1])


# -- validation sets ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "given, message",
    [
        ({"X_val": X}, "y_val is missing"),
        ({"y_val": labels}, "X_val is missing"),
        ({"X_val": X[:, :2], "y_val": labels}, "expecting 3 features"),
        ({"X_val": X, "y_val": labels[:-1]}, "inconsistent numbers"),
        ({"X_val": _with(np.inf), "y_val": labels}, "infinity"),
    ],
)
def test_a_bad_validation_set_is_refused(kind, given, message):
    model = _make(kind)
    with pytest.raises(ValueError, match=message):
        model.fit(X, _y(kind), **given)
    assert not hasattr(model, "coefs_")


def test_a_validation_set_with_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match="classes not in"):
        _make("classifier").fit(X, labels, X_val=X, y_val=labels + 5)


def test_too_few_rows_to_hold_out_are_refused():
    with pytest.raises(ValueError, match="validation"):
        _make("regressor", early_stopping=True).fit(X[:5], numbers[:5])


# -- before fit, and after a failed one ------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "score"])
def test_nothing_is_predicted_before_fit(kind, method):
    model = _make(kind)
    if not hasattr(model, method):
        pytest.skip("classifiers only")
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(model, method)(*([X, _y(kind)] if method == "score" else [X]))


FAILURES = {
    "infinity": lambda model, y: model.fit(_with(np.inf), y),
    "NaN": lambda model, y: model.set_params(standardize=False).fit(_with(np.nan), y),
    "other width": lambda model, y: model.fit(X[:, :0], y),
    "unfitted source": lambda model, y: model.set_params(source=MLPClassifier()).fit(X[:, :2], y),
    "bad parameter": lambda model, y: model.set_params(alpha=-1).fit(X, y),
    "divergence": lambda model, y: model.set_params(
        source=None, standardize=False, solver="sgd", max_iter=20
    ).fit(1e200 * X[:, :2], y),
    "bad partial_fit": lambda model, y: model.partial_fit(_with(np.inf), y),
    "new labels": lambda model, y: model.fit(X[:, :2], y, X_val=X, y_val=y),
}


@pytest.mark.filterwarnings("ignore:.*carried over:sktransfer.exceptions.TransferWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_fit_leaves_the_earlier_one_usable(kind, name):
    y = np.array(["a", "b"])[labels] if kind == "classifier" else numbers
    model = _make(kind).fit(X, y)
    answer, weights = model.predict(X), [w.copy() for w in model.coefs_]
    state = set(vars(model))
    with pytest.raises((ValueError, TypeError)), np.errstate(all="ignore"):
        FAILURES[name](model, y)
    assert set(vars(model)) == state
    assert model.n_features_in_ == 3
    for ours, before in zip(model.coefs_, weights, strict=True):
        assert_array_equal(ours, before)
    assert_array_equal(model.predict(X), answer)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_partial_fit_leaves_the_stream_where_it_was(kind):
    y = _y(kind)
    here, there = (_make(kind) for _ in range(2))
    _call(here, "partial_fit", X, y)
    _call(there, "partial_fit", X, y)
    with pytest.raises(ValueError):
        _call(here, "partial_fit", _with(np.inf), y)
    assert_array_equal(
        _call(here, "partial_fit", X, y).coefs_[0], _call(there, "partial_fit", X, y).coefs_[0]
    )


def test_partial_fit_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="classes must be passed"):
        _make("classifier").partial_fit(X, labels)
    model = _make("classifier").partial_fit(X, labels, classes=[0, 1])
    with pytest.raises(ValueError, match="classes not in"):
        model.partial_fit(X, labels + 1)
    with pytest.raises(ValueError, match="not the same as on last call"):
        model.partial_fit(X, labels, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="early_stopping"):
        _make("regressor", early_stopping=True).partial_fit(X, numbers)
    with pytest.raises(AttributeError, match="partial_fit"):
        _make("regressor", solver="lbfgs").partial_fit(X, numbers)


def test_warm_start_refuses_other_classes():
    model = _make("classifier", warm_start=True).fit(X, labels)
    with pytest.raises(ValueError, match=r"warm_start.*same classes"):
        model.fit(X, labels + 1)


@pytest.mark.parametrize("strategy", ["auto", "l2_sp"])
@pytest.mark.parametrize("through", ["itself", "a pipeline", "a search"])
def test_a_warning_shows_the_line_of_the_users_that_led_to_it(strategy, through):
    model = _make("classifier", strategy=strategy)
    if through == "a pipeline":
        model = make_pipeline(StandardScaler(), model)
    if through == "a search":
        model = GridSearchCV(model, {"alpha": [0.1]}, cv=2)
    with pytest.warns(TransferWarning, match="Nothing was carried over") as told:
        model.fit(X[:, :2], labels)
    nothing = [warning for warning in told if "Nothing was" in str(warning.message)]
    assert {warning.filename for warning in nothing} == {__file__}


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("kind", KINDS)
def test_missing_labels_are_counted(kind, missing):
    y = _y(kind).astype(object)
    y[[4, 7]] = missing
    with pytest.raises(ValueError, match="2 of 30 labels are missing, the first in row 4"):
        _make(kind).fit(X, y)


def test_a_parameter_of_a_strategy_that_is_a_name_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"strategy='auto', a name; .*strategy=L2SP\(\)"):
        _make("classifier").set_params(strategy__strength=1.0)
    model = _make("classifier").set_params(strategy=L2SP(), strategy__strength=0.5)
    assert model.strategy.strength == 0.5


def test_numbers_where_fit_saw_text_are_refused():
    frame = pd.DataFrame({"a": X[:, 0], "b": ["low", "high"] * 15})
    model = TransferMLPClassifier((4,), max_iter=2).fit(frame, labels)
    with pytest.raises(ValueError, match="'b' held text or categories in fit, such as 'high'"):
        model.predict(frame.assign(b=1.5))
    assert model.predict(frame.assign(b=np.nan)).shape == (30,)  # missing all through


def test_saving_over_a_file_says_so(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(FileExistsError, match="is a file; expected a directory"):
        SOURCE.save(tmp_path / "model")
    with pytest.raises(NotFittedError, match="instance is not fitted yet"):
        TransferMLPClassifier().save(tmp_path / "other")


# -- what is of another kind than was expected ------------------------------------------------

FRAME = pd.DataFrame(X, columns=list("abc"))
WORDS = np.where(labels, "yes", "no")
DATES = pd.Series(pd.date_range("2024-01-01", periods=30))

ODD_TARGETS = {
    "text and numbers": ("classifier", FRAME.assign(a=WORDS)[["a", "b"]], "MultiTaskMLP"),
    "text and gaps": (
        "classifier",
        FRAME.assign(a=WORDS, b=FRAME["b"].where(FRAME["b"] > 0))[["a", "b"]],
        "MultiTaskMLP",
    ),
    "two columns of text": ("classifier", np.c_[WORDS, WORDS], "MultiTaskMLP"),
    "fractions": (
        "classifier",
        numbers,
        r"^Unknown label type: continuous\. y has numbers with fractions such as \d.\d+; .*"
        "TransferMLPRegressor",
    ),
    "two columns of fractions": ("classifier", X[:, :2], "Unknown label type: continuous-multi"),
    "text": ("regressor", WORDS, "such as 'no' of type str.*TransferMLPClassifier"),
    "text as objects": ("regressor", WORDS.astype(object), "such as 'no' of type str"),
    "numbers as text": ("regressor", numbers.astype(str), "pandas.to_numeric"),
    "dates": ("regressor", DATES, "datetime64; .*y.min.*Timedelta"),
    "Python's dates": ("regressor", DATES.dt.date, "'2024-01-01' of type date; .*Timedelta"),
    "periods": ("regressor", DATES.dt.to_period("D"), "Period; .*to_timestamp"),
    "durations": ("regressor", DATES - DATES[0], r"timedelta64; .*y / pandas.Timedelta"),
    "numbers and text": ("regressor", FRAME.assign(a=WORDS), "'no' of type str.*MultiTaskMLP"),
}


@pytest.mark.parametrize("case", ODD_TARGETS)
@pytest.mark.parametrize(
    "table", [X, FRAME, FRAME.assign(t=WORDS)], ids=["array", "frame", "mixed"]
)
def test_a_target_of_another_kind_says_which_estimator_or_conversion_it_needs(case, table):
    kind, y, told = ODD_TARGETS[case]
    with pytest.raises(ValueError, match=told) as refused:
        _make(kind, source=None).fit(table, y)
    assert len(str(refused.value)) < 400  # not all of y


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_whole_numbers_and_numbers_as_objects_are_targets_as_before(method):
    getattr(_make("regressor"), method)(X, numbers.astype(object))
    _call(_make("classifier"), method, X, labels.astype(float))


def test_fractions_are_refused_in_partial_fit_too():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        _make("classifier").partial_fit(X, numbers, classes=[0, 1])


@pytest.mark.parametrize("table", [FRAME, FRAME.assign(t=WORDS)], ids=["numbers", "mixed"])
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_columns_of_one_name_are_named(table, method):
    model = _make("classifier", source=None)
    if method == "predict":
        model.fit(table, labels)
    twice = pd.concat([table, table[["b"]]], axis=1)
    with pytest.raises(ValueError, match=r"several columns of the name 'b'; .*duplicated\(\)"):
        _call(model, method, twice, labels)


@pytest.mark.parametrize(
    "values, dtype, convert",
    [
        (DATES.dt.to_period("D"), "period", lambda X: X["odd"].dt.to_timestamp()),
        (
            pd.Series(pd.arrays.SparseArray(labels)),
            "Sparse",
            lambda X: X["odd"].sparse.to_dense(),
        ),
        (FRAME["a"] + 1j, "complex128", lambda X: np.real(X["odd"])),
        (
            pd.Series(pd.arrays.IntervalArray.from_breaks(range(31))),
            "interval",
            lambda X: X["odd"].astype("category"),
        ),
    ],
    ids=["period", "sparse", "complex", "interval"],
)
def test_a_column_of_a_type_of_pandas_own_is_named_with_what_converts_it(values, dtype, convert):
    table = FRAME.assign(odd=values)
    with pytest.raises(ValueError, match=rf"Column 'odd' is of type {dtype}.*X\['odd'\]\."):
        _make("classifier", source=None).fit(table, labels)
    _make("classifier", source=None).fit(table.assign(odd=convert(table)), labels)


def test_a_misspelt_strategy_gets_the_nearest_name():
    with pytest.raises(ValueError, match=r"\['auto', .*'scratch'\].*Did you mean 'l2_sp'\?"):
        _make("classifier", strategy="l2sp").fit(X, labels)
    with pytest.raises(ValueError, match="'linear' is a read-out"):
        _make("classifier", strategy="linear").fit(X, labels)
    with pytest.raises(ValueError, match=r"'linear', .*'trees'.*Did you mean 'trees'"):
        _make("classifier", strategy=Combined(["l2_sp", "tree"])).fit(X, labels)
