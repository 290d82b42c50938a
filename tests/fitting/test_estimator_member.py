"""Any estimator as a member of an ensemble, or alone."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import TransferError
from sktransfer.strategies import EstimatorMember, WeightedEnsemble

X, y = load_iris(return_X_y=True)
SOURCE = TransferMLPClassifier(8, max_iter=10, random_state=0).fit(X, y > 0)
NAMES = np.array(["a", "b", "c"])[y]


def _model(members, cls=TransferMLPClassifier, **params):
    strategy = members if isinstance(members, EstimatorMember) else WeightedEnsemble(members)
    return cls(source=SOURCE, strategy=strategy, random_state=0, **params)


@pytest.mark.parametrize("reads", ["table", "encoded", "hidden", "outputs", ["encoded", "hidden"]])
def test_it_learns_what_it_reads(reads):
    model = _model(EstimatorMember(LogisticRegression(), reads=reads)).fit(X[::2], NAMES[::2])
    p = model.predict_proba(X)
    assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    assert model.score(X[1::2], NAMES[1::2]) > (
        0.9 if "encoded" in reads or reads == "table" else 0.6
    )
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), p)


def test_alone_on_the_table_it_is_the_estimator_itself():
    model = _model(EstimatorMember(LogisticRegression())).fit(X[::2], NAMES[::2])
    alone = LogisticRegression().fit(X[::2], y[::2])
    assert_allclose(model.predict_proba(X), alone.predict_proba(X), atol=1e-6)


def test_a_pipeline_reads_the_users_frame():
    frame = pd.DataFrame(X, columns=list("pqrs")).assign(kind=NAMES)
    encode = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
    members = {"pipe": EstimatorMember(make_pipeline(encode, LogisticRegression())), "l": "linear"}
    model = TransferMLPClassifier(strategy=WeightedEnsemble(members), random_state=0)
    assert model.fit(frame[::2], NAMES[::2]).score(frame[1::2], NAMES[1::2]) > 0.95


def test_a_class_that_a_fold_lacks_has_probability_zero_there():
    labels = np.where(np.arange(len(y)) == 3, "rare", NAMES)
    members = {"knn": EstimatorMember(KNeighborsClassifier(3)), "linear": "linear"}
    p = _model(members).fit(X[:100], labels[:100]).predict_proba(X)
    assert p.shape == (150, 3) and np.isfinite(p).all()


def test_its_random_state_is_set_and_its_parameters_are_reached_by_a_grid():
    forest = EstimatorMember(RandomForestRegressor(5), reads="encoded")
    made = TransferMLPRegressor(strategy=WeightedEnsemble({"f": forest, "l": "linear"}))
    first, again = (made.set_params(random_state=3).fit(X, X[:, 0]).predict(X) for _ in range(2))
    assert_array_equal(first, again)
    assert forest.estimator.random_state is None
    model = TransferMLPRegressor(strategy=forest, random_state=0)
    search = GridSearchCV(model, {"strategy__estimator__n_estimators": [2, 3]}, cv=2)
    assert search.fit(X, X[:, 0]).best_params_["strategy__estimator__n_estimators"] in (2, 3)


def test_a_grid_reaches_members_that_a_dict_names():
    members = {"f": EstimatorMember(RandomForestClassifier(2), reads="encoded"), "t": "tangent"}
    grid = {"strategy__f__estimator__n_estimators": [3], "strategy__f__reads": ["outputs"]}
    search = GridSearchCV(_model(members), grid | {"strategy__t": ["probe"]}, cv=2).fit(X, NAMES)
    found = search.best_estimator_.strategy.members
    assert found["f"].estimator.n_estimators == 3
    assert (found["f"].reads, found["t"]) == ("outputs", "probe")
    assert members["f"].estimator.n_estimators == 2 and members["t"] == "tangent"
    with pytest.raises(ValueError, match="Invalid parameter 'g'"):
        WeightedEnsemble(members).set_params(g__reads="outputs")


@pytest.mark.parametrize("reads", ["outputs", ["hidden", "outputs"]])
def test_without_a_source_there_are_no_layers_to_read(reads):
    alone = TransferMLPClassifier(strategy=EstimatorMember(LogisticRegression(), reads))
    with pytest.raises(TransferError, match=r"there is no source.*Give `source`, or read"):
        alone.fit(X, NAMES)


class _CopiesLists(LogisticRegression):
    """As CatBoost, whose parameters scikit-learn's `clone` therefore refuses."""

    def __init__(self, cat_features=None):
        super().__init__()
        self.cat_features = copy.copy(cat_features)


def test_an_estimator_that_copies_its_parameters_is_cloned_too():
    made = _model(EstimatorMember(_CopiesLists(["c"])))
    search = GridSearchCV(made, {"strategy__reads": ["encoded"]}, cv=2, error_score="raise")
    assert search.fit(X, NAMES).best_estimator_.strategy.estimator.cat_features == ["c"]


@pytest.mark.parametrize("classifier", [LogisticRegression(), HistGradientBoostingClassifier()])
def test_of_rows_of_one_class_it_predicts_that_class(classifier):
    members = {"m": EstimatorMember(classifier, reads="encoded"), "l": "linear"}
    labels = np.where(np.arange(40) == 7, "rare", "often")  # one fold learns from no rare row
    model = TransferMLPClassifier(strategy=WeightedEnsemble(members), random_state=0)
    p = model.fit(X[40:80], labels).predict_proba(X)
    assert p.shape == (150, 2) and np.isfinite(p).all() and model.member_losses_["m"] < 1


def test_weights_reach_it_or_are_refused_by_name():
    weight = np.where(y == 2, 5.0, 1.0)
    forest = EstimatorMember(RandomForestClassifier(5, random_state=0))
    weighed = _model(forest).fit(X, y, weight).predict_proba(X)
    alone = RandomForestClassifier(5, random_state=0)
    alone.fit(X, y, sample_weight=weight / weight.mean())
    assert np.corrcoef(weighed.ravel(), alone.predict_proba(X).ravel())[0, 1] > 0.95
    with pytest.raises(TransferError, match="takes no sample_weight"):
        _model(EstimatorMember(KNeighborsClassifier())).fit(X, y, weight)


def test_pairs_that_cannot_work_are_refused():
    for members in (EstimatorMember, lambda one: {"l": "linear", "m": EstimatorMember(one)}):
        for estimator, reason in {
            LinearSVC(): "LinearSVC has no predict_proba",
            Ridge(): "Ridge is a regressor, and y has classes; expected a classifier",
            KMeans(): "KMeans is fitted to no target",
        }.items():
            with pytest.raises(ValueError, match=rf"{reason}.*Give another estimator"):
                _model(members(estimator)).fit(X, y)
        with pytest.raises(ValueError, match="is a classifier, and y has numbers; expected a reg"):
            _model(members(LogisticRegression()), TransferMLPRegressor).fit(X, y)
        with pytest.raises(
            TypeError, match=r"expected an instance. Give EstimatorMember\(Ridge\("
        ):
            _model(members(Ridge), TransferMLPRegressor).fit(X, y)
        with pytest.raises(TypeError, match="PCA, which does not predict"):
            _model(members(PCA()), TransferMLPRegressor).fit(X, y)
        with pytest.raises(TypeError, match=r"implementing .fit."):
            _model(members(object()), TransferMLPRegressor).fit(X, y)
    with pytest.raises(ValueError, match="table next to arrays"):
        _model(EstimatorMember(LinearRegression(), reads=["table", "hidden"])).fit(X, y)


def test_stacking_has_the_methods_of_the_estimator_that_it_chooses():
    numbers = StackingRegressor([("r", Ridge())])
    alone = clone(numbers).fit(X[:, :3], X[:, 3]).predict(X[:, :3])
    model = TransferMLPRegressor(strategy=EstimatorMember(numbers)).fit(X[:, :3], X[:, 3])
    assert_allclose(model.predict(X[:, :3]), alone, rtol=1e-5)
    classes = make_pipeline(StandardScaler(), StackingClassifier([("n", GaussianNB())], cv=2))
    assert _model(EstimatorMember(classes)).fit(X, y).score(X, y) > 0.9


def _passes_weights_on(est, parameter):
    """Whether weights reach an estimator as those that it is given under a name."""
    weight = np.where(y == 2, 9.0, 1.0)
    p = _model(EstimatorMember(est)).fit(X, y, weight).predict_proba(X)
    alone = clone(est).fit(X, y, **{parameter: weight}).predict_proba(X)
    without = clone(est).fit(X, y).predict_proba(X)
    assert_allclose(p, alone, atol=1e-5)
    assert np.abs(p - without).max() > 0.01


def test_weights_reach_the_last_step_of_a_pipeline_and_what_a_meta_estimator_holds():
    pipe = make_pipeline(StandardScaler(), LogisticRegression())
    _passes_weights_on(pipe, "logisticregression__sample_weight")
    _passes_weights_on(make_pipeline(pipe), "pipeline__logisticregression__sample_weight")
    search = GridSearchCV(pipe, {"logisticregression__C": [1.0]}, cv=2)
    _passes_weights_on(search, "logisticregression__sample_weight")
    both = [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))]
    _passes_weights_on(VotingClassifier(both, voting="soft"), "sample_weight")
    inner = TransformedTargetRegressor(make_pipeline(StandardScaler(), Ridge()))
    model = TransferMLPRegressor(strategy=EstimatorMember(inner))
    model.fit(X[:, :3], X[:, 3], np.arange(150.0) + 1)
    alone = clone(inner).fit(X[:, :3], X[:, 3], ridge__sample_weight=np.arange(150.0) + 1)
    assert_allclose(model.predict(X[:, :3]), alone.predict(X[:, :3]), atol=1e-4)


def test_weights_that_metadata_routing_alone_can_pass_on_are_refused_with_a_cure_that_works():
    weight = np.where(y == 2, 9.0, 1.0)
    pipe = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.raises(TransferError, match="set_fit_request") as error:
        _model(EstimatorMember(OneVsRestClassifier(pipe))).fit(X, y, weight)
    assert "enable_metadata_routing=True" in str(error.value)
    with config_context(enable_metadata_routing=True):
        last = LogisticRegression().set_fit_request(sample_weight=True)
        first = StandardScaler().set_fit_request(sample_weight=False)
        est = OneVsRestClassifier(make_pipeline(first, last))
        _passes_weights_on(est, "sample_weight")
    with pytest.raises(TransferError, match="neither does that of its KNeighborsClassifier"):
        knn = make_pipeline(StandardScaler(), KNeighborsClassifier())
        _model(EstimatorMember(knn)).fit(X, y, weight)


@pytest.mark.parametrize("reads", ["table", "encoded"])
def test_an_estimator_that_takes_no_texts_is_told_what_does(reads):
    frame = pd.DataFrame(X[:, :2], columns=["a", "b"]).assign(kind=NAMES)
    member = EstimatorMember(KNeighborsClassifier(), reads=reads)
    model = TransferMLPClassifier(strategy=member, random_state=0)
    if reads == "encoded":
        assert model.fit(frame, y).score(frame, y) > 0.9
        return
    with pytest.raises(ValueError, match="could not convert") as raised:
        model.fit(frame, y)
    assert "KNeighborsClassifier.fit of an EstimatorMember" in raised.value.__notes__[0]
    assert "reads='encoded'" in raised.value.__notes__[0]
