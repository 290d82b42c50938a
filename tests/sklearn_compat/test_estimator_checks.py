"""scikit-learn's estimator checks, without a source and with one under every strategy."""

import os
from functools import cache, partial
from itertools import product
from unittest import SkipTest

import pytest
import sklearn
from fitted import AT_ONCE, FEW_MEMBERS, lighter
from sklearn.datasets import make_classification, make_regression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks
from sklearn.utils.fixes import parse_version

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import STRATEGIES, WeightedEnsemble

THEIRS = {TransferMLPClassifier: MLPClassifier, TransferMLPRegressor: MLPRegressor}
#: Numbers of checks that scikit-learn 1.9 has for its own MLPs.
CHECKS_IN_1_9 = {TransferMLPClassifier: 67, TransferMLPRegressor: 60}
#: A network as small as the source's reaches the accuracy that some checks ask for.
QUICK = dict(max_iter=30, learning_rate_init=0.01)
#: scikit-learn's MLPClassifier has no ``decision_function`` either.
SKIPPED = {"check_classifiers_multilabel_output_format_decision_function"}
#: What calls ``partial_fit`` too, and what counts iterations.
OF_STEPS = {
    "check_fit_score_takes_y",
    "check_n_features_in_after_fitting",
    "check_non_transformer_estimators_n_iter",
}


SETTINGS = dict(hidden_layer_sizes=(16, 8), max_iter=20, random_state=0)


@cache
def _source(cls):
    """A small fitted source with 4 columns."""
    if cls is TransferMLPRegressor:
        return cls(**SETTINGS).fit(*make_regression(60, n_features=4, random_state=0))
    return cls(**SETTINGS).fit(
        *make_classification(
            60, n_features=4, n_informative=4, n_redundant=0, n_classes=3, random_state=0
        )
    )


def _with_a_source(cls, strategy):
    settings = QUICK
    if strategy == "auto":
        # has a linear member too, and needs fewer epochs; the default's are checked one by one
        strategy = WeightedEnsemble([*FEW_MEMBERS.members, "linear"], cv=2)
        settings = QUICK | {"max_iter": 8}
    return cls(source=_source(cls), strategy=lighter(strategy), **settings)


#: With a source 'ensemble' is 'auto'.
WITH_A_SOURCE = list(product(THEIRS, sorted(set(STRATEGIES) - {"ensemble"})))
#: Networks are trained by one engine whatever is predicted: these strategies of one phase are
#: checked of one of the two estimators.
OF_NUMBERS_ALONE = {"discriminative", "full", "scratch"}
OF_CLASSES_ALONE = {"frozen", "keep_head", "lp_ft"}
CHECKED = [
    (cls, strategy)
    for cls, strategy in WITH_A_SOURCE
    if strategy not in (OF_NUMBERS_ALONE if cls is TransferMLPClassifier else OF_CLASSES_ALONE)
]


def _name(check):
    return getattr(check, "func", check).__name__


def _pass(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        assert _name(check) in SKIPPED
        raise


def _offenders(estimator, excused=lambda name: None, failing=frozenset()):
    """Checks that an estimator does not pass, and why; none is made that has an excuse."""
    found = {}
    for instance, check in estimator_checks_generator(estimator):
        name = _name(check)
        if excused(name):
            continue
        try:
            check(instance)
        except SkipTest:
            outcome = None if name in SKIPPED else "skipped"
        except Exception as error:
            outcome = None if name in failing else f"{type(error).__name__}: {error}"
        else:
            outcome = "passes, and should not" if name in failing else None
        if outcome is not None:
            found[f"{name} {getattr(check, 'keywords', '')}"] = outcome
    return found


@pytest.mark.slow
@parametrize_with_checks([TransferMLPClassifier(), TransferMLPRegressor()])
def test_default_parameters_pass_every_check(estimator, check):
    _pass(estimator, check)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
# of counts, of amounts above zero, and of any numbers
@pytest.mark.parametrize("loss", ["poisson", "gamma", "quantile"])
def test_losses_pass_every_check(loss):
    # gives negative targets, whatever the tags say
    failing = {"check_regressor_multioutput"} if loss in ("poisson", "gamma") else set()
    model = TransferMLPRegressor(loss, hidden_layer_sizes=(16, 8), **QUICK)
    assert not _offenders(model, failing=failing)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([TransferMLPClassifier(standardize=False, **QUICK)])
def test_without_standardisation_every_check_passes(estimator, check):
    _pass(estimator, check)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([TransferMLPRegressor(standardize=False, **QUICK)])
def test_without_standardisation_numbers_pass_every_check(estimator, check):
    _pass(estimator, check)


def _excuse(strategy, name):
    """Why a check is not made of a strategy, or None."""
    at_once = strategy in AT_ONCE
    if (strategy == "auto" or at_once) and "sample_weight_equivalence" in name:
        # as for scikit-learn's own estimators that cross-validate (RidgeCV, LogisticRegressionCV):
        # copies of a row lie in several folds, a row with a weight in one
        return "a weight is not a repeated row where folds are dealt"
    if at_once and ("partial_fit" in name or name in OF_STEPS):
        return "fitted to a whole table at once, without steps or epochs"
    if strategy == "boosting" and name == "check_class_weight_classifiers":
        # the check sets GradientBoostingClassifier's least weight of a leaf, which we have not
        return "weights of 1 in 10 million need leaves of a least weight"
    return None


@pytest.mark.slow
# most checks have other columns than the source: training from scratch, with a warning, is right
@pytest.mark.filterwarnings("ignore::sktransfer.exceptions.TransferWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("cls", "strategy"), CHECKED)
def test_every_strategy_passes_every_check_with_a_source(cls, strategy):
    assert not _offenders(_with_a_source(cls, strategy), partial(_excuse, strategy))


def _checks(estimator):
    return [_name(check) for _, check in estimator_checks_generator(estimator)]


@pytest.mark.parametrize("cls", THEIRS)
def test_no_fewer_checks_apply_than_to_scikit_learns_mlp(cls):
    plain = cls(standardize=False)
    assert set(_checks(plain)) >= set(_checks(THEIRS[cls]()))
    assert len(_checks(plain)) >= len(_checks(THEIRS[cls]()))
    # standardisation takes missing entries, so that there is no refusal to check
    refusal = {"check_estimators_nan_inf"}
    assert set(_checks(cls())) >= set(_checks(THEIRS[cls]())) - refusal
    assert len(_checks(cls())) >= len(_checks(THEIRS[cls]()))
    if parse_version(sklearn.__version__).release[:2] == (1, 9):
        assert len(_checks(cls())) >= CHECKS_IN_1_9[cls]


@pytest.mark.parametrize(("cls", "strategy"), WITH_A_SOURCE)
def test_a_source_does_not_exempt_from_any_check(cls, strategy):
    assert _checks(_with_a_source(cls, strategy)) == _checks(cls())


def test_the_array_api_check_is_not_skipped():
    assert os.environ["SCIPY_ARRAY_API"] == "1"
    if "check_array_api_input" not in _checks(MLPClassifier()):
        pytest.skip("this scikit-learn asks it of no estimator without array API support")
    assert "check_array_api_input" in _checks(TransferMLPClassifier())
