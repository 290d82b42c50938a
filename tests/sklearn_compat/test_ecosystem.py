"""Everything scikit-learn does with an estimator, done with one that has a source."""

import io
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from fitted import FEW_MEMBERS
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier
from sklearn.feature_selection import RFECV
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate, learning_curve
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.fixes import parse_version

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import Full

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NAMES = [f"x{i}" for i in range(6)]
_rng = np.random.default_rng(0)
X = pd.DataFrame(_rng.normal(size=(120, 6)) * [1, 9, 0.1, 3, 1, 50], columns=NAMES)
_z = ((X - X.mean()) / X.std()).to_numpy()
y = np.array(["a", "b", "c"])[(_z @ _rng.normal(size=(6, 3))).argmax(1)]
numbers = 30 + 4 * _z[:, 0] - 2 * _z[:, 3]
SOURCE = TransferMLPClassifier((9, 7), max_iter=30, random_state=0).fit(X[:60], y[:60])
X_target, y_target, numbers_target = X[60:], y[60:], numbers[60:]


SETTINGS = {"max_iter": 20, "batch_size": 10, "learning_rate_init": 0.01, "random_state": 0}


@pytest.fixture
def target():
    return TransferMLPClassifier(source=SOURCE, strategy="l2_sp", **SETTINGS)


@pytest.fixture
def ensemble():
    """Members of several kinds."""
    params = SETTINGS | {"max_iter": 3, "strategy": FEW_MEMBERS}
    return TransferMLPClassifier(source=SOURCE, **params)


@pytest.fixture
def regressor():
    return TransferMLPRegressor(source=SOURCE, strategy="l2_sp", **SETTINGS)


@pytest.fixture(autouse=True)
def source_stays():
    before = joblib.hash(SOURCE)
    yield
    assert joblib.hash(SOURCE) == before


# -- pipelines ----------------------------------------------------------------------------


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_behind_a_scaler_in_a_pipeline(target, scaler):
    pipe = make_pipeline(scaler, target)
    # the source saw other units, so only a scaling of the target's own fits
    pipe.set_params(transfermlpclassifier__strategy=Full(scaling="target"))
    assert pipe.fit(X_target, y_target).score(X_target, y_target) > 0.5
    assert pipe[-1].source is SOURCE


def test_behind_a_scaler_with_names_columns_are_matched_by_name(target):
    pipe = make_pipeline(StandardScaler(), target).set_output(transform="pandas")
    pipe.fit(X_target[NAMES[::-1]], y_target)
    assert list(pipe[-1].feature_names_in_) == NAMES[::-1]
    assert isinstance(pipe.predict(X_target[NAMES[::-1]]), np.ndarray)


def test_behind_a_column_transformer(target):
    columns = make_column_transformer((StandardScaler(), NAMES[:3]), remainder="passthrough")
    pipe = make_pipeline(columns, target).fit(X_target, y_target)
    assert pipe.predict_proba(X_target).shape == (60, 3)


def test_a_whole_pipeline_is_a_source_and_its_scaler_travels(target):
    pipe = make_pipeline(StandardScaler(), MLPClassifier((9, 7), max_iter=30, random_state=0))
    pipe.fit(X[:60], y[:60])
    target.set_params(source=pipe, strategy="keep_head", learning_rate_init=1e-12)
    target.fit(X_target, y_target)
    assert_allclose(target.predict_proba(X_target), pipe.predict_proba(X_target), atol=1e-9)


def test_a_polars_table_is_taken(target):
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({name: X_target[name].to_numpy() for name in NAMES})
    target.fit(table, y_target)
    assert list(target.feature_names_in_) == NAMES
    assert_array_equal(target.predict(table), target.predict(X_target))


# -- meta-estimators ----------------------------------------------------------------------


def test_bagging(target):
    bag = BaggingClassifier(target, n_estimators=3, random_state=0).fit(X_target, y_target)
    assert all(member.source is SOURCE for member in bag.estimators_)
    assert bag.score(X_target, y_target) > 0.5


def test_bagging_over_columns_matches_what_is_left(target):
    bag = BaggingClassifier(target, n_estimators=2, max_features=6, random_state=0)
    bag.fit(X_target, y_target)
    assert bag.predict(X_target).shape == (60,)


def test_boosting_with_sample_weights(target):
    boost = AdaBoostClassifier(target, n_estimators=2, random_state=0).fit(X_target, y_target)
    assert boost.predict_proba(X_target).shape == (60, 3)


def test_stacking(target):
    stack = StackingClassifier(
        [("transfer", target), ("plain", LogisticRegression())], LogisticRegression(), cv=2
    ).fit(X_target, y_target)
    assert stack.named_estimators_["transfer"].source is SOURCE
    assert stack.score(X_target, y_target) > 0.5


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(target, method):
    calibrated = CalibratedClassifierCV(target, method=method, cv=2).fit(X_target, y_target)
    assert_allclose(calibrated.predict_proba(X_target).sum(1), 1)


def test_calibration_of_a_frozen_target(target):
    fitted = target.fit(X_target[:30], y_target[:30])
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), cv=2)
    calibrated.fit(X_target[30:], y_target[30:])
    assert calibrated.predict(X_target).shape == (60,)


def _importance(model):
    return np.abs(model.coefs_[0]).sum(1)


@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.TransferWarning")
def test_recursive_feature_elimination():
    # a row of first weights per column
    params = {"numeric_embedding": None, "max_iter": 3, "random_state": 0}
    source = TransferMLPClassifier((5,), **params).fit(X[:60], y[:60])
    target = TransferMLPClassifier(source=source, strategy="l2_sp", **params)
    rfe = RFECV(target, cv=2, importance_getter=_importance, min_features_to_select=4)
    rfe.fit(X_target, y_target)
    assert rfe.support_.sum() >= 4


def test_a_transformed_target(regressor):
    model = TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)
    model.fit(X_target, numbers_target)
    assert model.score(X_target, numbers_target) > 0.2


def test_several_outputs_one_model_each(target, regressor):
    both = MultiOutputClassifier(target).fit(X_target, np.column_stack([y_target, y_target]))
    assert both.predict(X_target).shape == (60, 2)
    both = MultiOutputRegressor(regressor).fit(X_target, np.column_stack([numbers_target] * 2))
    assert both.predict(X_target).shape == (60, 2)


def test_permutation_importance(target):
    target.fit(X_target, y_target)
    result = permutation_importance(target, X_target, y_target, n_repeats=2, random_state=0)
    assert result.importances_mean.shape == (6,)
    assert result.importances_mean.max() > 0


def test_learning_curve(target):
    _, _, scores = learning_curve(target, X_target, y_target, cv=2, train_sizes=[12, 25])
    assert np.isfinite(scores).all()


# -- persistence --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dump", [pickle.dumps, lambda obj: _joblib_bytes(obj)])
def test_a_fitted_target_survives_pickle_and_joblib(target, ensemble, regressor, dump):
    for model, answer in ((target, y_target), (ensemble, y_target), (regressor, numbers_target)):
        model.fit(X_target, answer)
        data = dump(model)
        again = joblib.load(io.BytesIO(data)) if dump is not pickle.dumps else pickle.loads(data)
        assert_array_equal(again.predict(X_target), model.predict(X_target))


def _joblib_bytes(obj):
    joblib.dump(obj, buffer := io.BytesIO())
    return buffer.getvalue()


@pytest.mark.slow
def test_a_frozen_target_predicts(ensemble):
    frozen = FrozenEstimator(ensemble.fit(X_target, y_target))
    assert_array_equal(clone(frozen).fit(X, y).predict(X), ensemble.predict(X))


# -- metadata routing ---------------------------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_sample_weight_is_routed(target, routing):
    weight = np.where(y_target == "a", 5.0, 1.0)
    routed = make_pipeline(StandardScaler(), clone(target).set_fit_request(sample_weight=True))
    routed[0].set_fit_request(sample_weight=False)
    routed.fit(X_target, y_target, sample_weight=weight)
    Z = StandardScaler().fit_transform(X_target)
    by_hand = clone(target).fit(Z, y_target, sample_weight=weight)
    assert_array_equal(routed.predict_proba(X_target), by_hand.predict_proba(Z))


def test_validation_sets_are_routed(target, routing):
    target = clone(target).set_fit_request(X_val=True, y_val=True)
    search = GridSearchCV(target, {"strategy": ["l2_sp"]}, cv=2, error_score="raise")
    search.fit(X_target, y_target, X_val=X[:30], y_val=y[:30])
    assert len(search.best_estimator_.validation_scores_) >= 1


def test_weights_that_nobody_asked_for_are_refused(target, routing):
    with pytest.raises(ValueError, match="sample_weight"):
        cross_validate(target, X_target, y_target, params={"sample_weight": np.ones(60)})


def test_weights_reach_fit_and_score_in_cross_validation(target, routing):
    target.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    params = {"sample_weight": np.ones(60)}
    weighted = cross_validate(target, X_target, y_target, params=params, cv=2)
    target.set_fit_request(sample_weight=False).set_score_request(sample_weight=False)
    plain = cross_validate(target, X_target, y_target, cv=2)
    assert_allclose(weighted["test_score"], plain["test_score"], atol=0.05)


# -- looks --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["target", "regressor"])
def test_the_html_repr_works_unfitted_and_fitted(kind, request):
    model = request.getfixturevalue(kind)
    assert type(model).__name__ in model._repr_html_()
    model.fit(X_target, y_target if kind == "target" else numbers_target)
    assert "coefs_" in dir(model)
    if parse_version(sklearn.__version__) >= parse_version("1.9"):  # lists fitted attributes
        assert "coefs_" in model._repr_html_()


def test_the_html_repr_links_to_this_packages_documentation(target):
    link = target._get_doc_link()
    assert link.startswith("https://") and "sktransfer" in link
    assert "TransferMLPClassifier" in link and "scikit-learn.org" not in link
    assert link in target._repr_html_()


def test_the_html_repr_of_a_pipeline_around_a_target(target):
    html = make_pipeline(StandardScaler(), target).fit(X_target, y_target)._repr_html_()
    assert "TransferMLPClassifier" in html


def test_the_repr_shows_what_was_set(target):
    assert "source=TransferMLPClassifier(" in repr(target)
    assert repr(TransferMLPClassifier()) == "TransferMLPClassifier()"


# -- randomness ---------------------------------------------------------------------------


@pytest.mark.parametrize("params", [{"strategy": FEW_MEMBERS}, {"dropout": 0.3},
    {"early_stopping": True}, {"solver": "lbfgs"}, {"solver": "sgd"}])  # fmt: skip
def test_the_global_random_states_are_untouched(target, params):
    def states():
        _, keys, *rest = np.random.get_state()
        return keys.tolist(), rest, torch.get_rng_state().tolist()

    before = states()
    target.set_params(**params).fit(X_target, y_target).predict_proba(X_target)
    if "early_stopping" not in params and params.get("solver") != "lbfgs":
        target.partial_fit(X_target, y_target)
    target.net_.predict(np.zeros((2, len(target.coefs_[0]))))
    assert states() == before


def test_numpys_global_state_is_used_where_random_state_is_none():
    def fitted():
        return TransferMLPClassifier((4,), max_iter=2).fit(X_target, y_target).coefs_[0]

    np.random.seed(0)
    first = fitted()
    second = fitted()
    np.random.seed(0)
    assert_array_equal(fitted(), first)
    assert not np.array_equal(first, second)


@pytest.mark.slow
@pytest.mark.parametrize("params", [{}, {"dropout": 0.3, "early_stopping": True}])
def test_one_random_state_gives_one_fit_bit_for_bit(ensemble, params):
    fits = [clone(ensemble.set_params(**params)).fit(X_target, y_target) for _ in range(2)]
    other = clone(ensemble).set_params(random_state=1).fit(X_target, y_target)
    assert_array_equal(fits[0].coefs_[0], fits[1].coefs_[0])
    assert not np.array_equal(fits[0].coefs_[0], other.coefs_[0])


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_one_random_state_gives_one_fit_for_any_number_of_jobs(target, backend):
    target.set_params(dropout=0.2)
    fits = []
    for n_jobs in (1, 2):
        with joblib.parallel_backend(backend):
            bag = BaggingClassifier(target, n_estimators=3, random_state=0, n_jobs=n_jobs)
            fits.append(bag.fit(X_target, y_target))
    assert_array_equal(*(bag.predict_proba(X_target) for bag in fits))
