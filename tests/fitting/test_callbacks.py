"""Who may look on while training runs: scikit-learn's callbacks and skorch's, print and log."""

import logging
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import skorch
import torch
from fitted import inputs_of, lighter, model_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    EpochScoring,
    GradientNormClipping,
    LRScheduler,
)

from sktransfer import TransferMLPClassifier, TransferMLPRegressor
from sktransfer.strategies import WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

sklearn_callback = pytest.importorskip("sklearn.callback")

_rng = np.random.default_rng(0)
X = _rng.normal(size=(60, 4))
y = np.array(["a", "b", "c"])[(X @ _rng.normal(size=(4, 3))).argmax(1)]
numbers = X[:, 0] * 3 + 10


@pytest.fixture
def source():
    return TransferMLPClassifier((6, 5), max_iter=3, random_state=0).fit(X, y)


@pytest.fixture
def target(source):
    return TransferMLPClassifier(
        source=source, strategy="l2_sp", max_iter=5, batch_size=25, random_state=0
    )


# -- scikit-learn's -----------------------------------------------------------------------


class Recorder:
    """Writes every task to a file, from whatever process it happens in."""

    max_propagation_depth = None

    def __init__(self, path):
        self.path = str(path)

    def setup(self, estimator, context):
        self._write("setup", context)

    def teardown(self, estimator, context):
        self._write("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        self._write("begin", context)

    def on_fit_task_end(self, estimator, context):
        self._write("end", context)

    def _write(self, event, context):
        depth, parent = 0, context.parent
        while parent is not None:
            depth, parent = depth + 1, parent.parent
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{event} {context.estimator_name} {context.task_name} {depth}\n")

    def lines(self):
        return Path(self.path).read_text(encoding="utf-8").splitlines()


class StopsAfter:
    """Stops training after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs, self.seen = n_epochs, 0

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        self.seen += context.task_name == "epoch"
        return self.seen >= self.n_epochs


def test_every_epoch_is_a_task_under_the_fit(target, tmp_path):
    recorder = Recorder(tmp_path / "events")
    target.set_callbacks(recorder).fit(X, y)
    name = "TransferMLPClassifier"
    epoch = [f"begin {name} epoch 1", f"end {name} epoch 1"]
    assert recorder.lines() == [
        f"setup {name} fit 0",
        f"begin {name} fit 0",
        *epoch * 5,
        f"end {name} fit 0",
        f"teardown {name} fit 0",
    ]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_callbacks_change_no_bit_of_the_fit(target, tmp_path, solver):
    target.set_params(solver=solver)
    alone = [w.copy() for w in target.fit(X, y).coefs_]
    watched = target.set_callbacks(Recorder(tmp_path / "events")).fit(X, y)
    for ours, theirs in zip(watched.coefs_, alone, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_reach_down_to_epochs_through_search_and_pipeline(target, tmp_path, n_jobs):
    recorder = Recorder(tmp_path / "events")
    pipe = make_pipeline(StandardScaler(), target)
    grid = {"transfermlpclassifier__strategy": ["l2_sp", "frozen"]}
    search = GridSearchCV(pipe, grid, cv=2, n_jobs=n_jobs)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*does not support callbacks")
        search.set_callbacks(recorder).fit(X, y)
    lines = recorder.lines()
    epochs = [line for line in lines if line.startswith("begin TransferMLPClassifier epoch")]
    assert len(epochs) == (2 * 2 + 1) * 5
    assert {line.split()[-1] for line in epochs} != {"1"}
    assert sum(line.startswith("begin TransferMLPClassifier fit") for line in lines) == 5
    assert sum(line.startswith("setup") for line in lines) == 1


@pytest.mark.slow
def test_progress_bars_nest_down_to_the_epochs_on_workers_too(target, capfd, monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "200")
    grid = {"transfermlpclassifier__strategy": ["frozen", "l2_sp"]}
    search = GridSearchCV(make_pipeline(StandardScaler(), target), grid, cv=2, n_jobs=2)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*does not support callbacks")
        search.set_callbacks(sklearn_callback.ProgressBar(max_propagation_depth=None)).fit(X, y)
    out, err = capfd.readouterr()
    assert "does not support callbacks" not in err
    bars = [line for line in out.splitlines() if "TransferMLPClassifier - fit" in line]
    assert len(bars) == 2 * 2 + 1  # every candidate on every fold, and the refit
    assert all("100%" in line for line in bars)
    outermost = next(line for line in out.splitlines() if "GridSearchCV - fit" in line)
    indent = {len(line) - len(line.lstrip()) for line in bars}
    assert min(indent) > len(outermost) - len(outermost.lstrip())


def test_a_progress_bar_alone_counts_epochs(target, capsys):
    pytest.importorskip("rich")
    target.set_callbacks(sklearn_callback.ProgressBar()).fit(X, y)
    assert "TransferMLPClassifier - fit" in capsys.readouterr().out


class Counts(StopsAfter):
    """Counts the steps of a fit by name, and keeps how many were announced."""

    def __init__(self):
        super().__init__(np.inf)
        self.names = []

    def on_fit_task_begin(self, estimator, context):
        if context.parent is None:
            self.announced = context.max_subtasks

    def on_fit_task_end(self, estimator, context):
        self.seen += context.parent is not None and context.parent.parent is None
        self.names += [context.task_name]


def test_an_ensembles_bar_counts_the_runs_of_its_members_and_is_full_at_the_end(target):
    counts = Counts()
    target.set_params(strategy=WeightedEnsemble(["linear", "l2_sp"])).set_callbacks(counts).fit(
        X, y
    )
    assert counts.seen == counts.announced > 2
    network = ["epoch"] * target.max_iter + ["l2_sp"]
    assert counts.names == [*["linear"] * 4, *network * 4, "fit"]


def test_a_scoring_monitor_scores_an_ensemble_as_a_whole(target):
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    target.set_params(strategy=WeightedEnsemble(["linear", "l2_sp"])).set_callbacks(monitor).fit(
        X, y
    )
    (whole,) = [row["accuracy"] for row in monitor.get_logs().data if row["task_name"] == "fit"]
    assert whole == target.score(X, y)


# -- print and log ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy", [pytest.param(lighter("auto"), marks=pytest.mark.slow), "gradual"], ids=str
)
def test_nothing_is_printed_by_default(target, capfd, strategy):
    target.set_params(strategy=strategy).fit(X, y)
    target.predict(X)
    assert capfd.readouterr() == ("", "")


def test_verbose_prints_a_line_per_epoch_as_scikit_learn_does(target, capsys):
    target.set_params(strategy="l2_sp", verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"Iteration {i}, loss = {loss:.8f}" for i, loss in enumerate(target.loss_curve_, 1)
    ]


@pytest.mark.parametrize("learning_rate", ["auto", "constant"])
@pytest.mark.parametrize("verbose", [1, 2])
def test_verbose_says_what_became_of_the_members_of_an_ensemble(
    target, capsys, verbose, learning_rate
):
    strategy = WeightedEnsemble(["linear", "l2_sp"])
    target.set_params(strategy=strategy, verbose=verbose, learning_rate=learning_rate).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    ends = [line for line in lines if "weight" in line]
    assert [line.split(",")[0] for line in ends] == ["Member linear", "Member l2_sp"]
    weight, loss = target.member_weights_["l2_sp"], target.member_losses_["l2_sp"]
    assert f"weight {weight:.2f}, held-out loss {loss:.3g}" in ends[1]
    tried = [
        lines.index(f"Member {name}: held-out loss {target.member_losses_[name]:.3g}")
        for name in ("linear", "l2_sp")
    ]
    assert tried == sorted(tried)
    is_annealed = learning_rate == "auto"
    later = [at for at, line in enumerate(lines) if line == "Member l2_sp: trains on all rows"]
    assert len(later) == (not is_annealed) and all(at > tried[-1] for at in later)
    n_epochs = sum(line.startswith("Iteration") for line in lines)
    n_runs = 4 if is_annealed else 5  # four folds, and all rows
    assert n_epochs == (0 if verbose == 1 else 5 * n_runs)


def test_the_log_says_in_a_line_what_a_fit_did(target, caplog):
    with caplog.at_level(logging.INFO, logger="sktransfer"):
        target.set_params(strategy="l2_sp").fit(X, y)
    (record,) = caplog.records
    assert record.name == "sktransfer" and record.levelno == logging.INFO
    message = record.getMessage()
    assert "TransferMLPClassifier fitted: strategy l2_sp, 5 epochs, loss" in message
    assert target.transfer_report_.headline() in message


def test_the_log_has_no_epochs_of_a_fit_without_a_network(target, caplog):
    with caplog.at_level(logging.INFO, logger="sktransfer"):
        target.set_params(strategy="linear").fit(X, y)
    headline = target.transfer_report_.headline()
    assert caplog.messages == [f"TransferMLPClassifier fitted: strategy linear. {headline}"]


def test_at_the_level_of_debugging_the_log_has_every_epoch(target, caplog):
    with caplog.at_level(logging.DEBUG, logger="sktransfer"):
        target.set_params(strategy="l2_sp").fit(X, y)
    epochs = [r.getMessage() for r in caplog.records if r.levelno == logging.DEBUG]
    assert epochs == [
        f"epoch {i}, loss {loss:.6g}" for i, loss in enumerate(target.loss_curve_, 1)
    ]


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_a_scoring_monitor_logs_a_score_per_epoch(target, source, kind):
    answer, scoring = (y, "accuracy") if kind == "classifier" else (numbers, "r2")
    if kind == "regressor":
        target = TransferMLPRegressor(
            source=source, strategy="l2_sp", max_iter=5, batch_size=25, random_state=0
        )
    monitor = sklearn_callback.ScoringMonitor(scoring=scoring)
    target.set_callbacks(monitor).fit(X, answer)
    log = monitor.get_logs().data
    epochs = [row[scoring] for row in log if row["task_name"] == "epoch"]
    (whole,) = [row[scoring] for row in log if row["task_name"] == "fit"]
    assert len(epochs) == target.n_iter_ == 5
    assert epochs[-1] == whole == target.score(X, answer)
    assert len(set(epochs)) > 1


def test_a_scoring_monitor_works_in_a_search_over_pipelines(target):
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    pipe = make_pipeline(StandardScaler(), target.set_callbacks(monitor))
    search = GridSearchCV(pipe, {"transfermlpclassifier__strategy": ["l2_sp", "full"]}, cv=2)
    search.set_params(n_jobs=2).fit(X, y)
    rows = [r for r in monitor.get_logs().data if r["task_name"] == "epoch"]
    assert len(rows) == 5 * 5
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


def test_a_scoring_monitor_sees_the_epoch_before_early_stopping_restores_the_best(target):
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    target.set_params(early_stopping=True, validation_fraction=0.2).set_callbacks(monitor)
    target.fit(X, y)
    (whole,) = [r["accuracy"] for r in monitor.get_logs().data if r["task_name"] == "fit"]
    assert whole == target.score(X, y)


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_a_callback_that_returns_true_stops_training(target, n_epochs):
    target.set_callbacks(StopsAfter(n_epochs)).fit(X, y)
    assert target.n_iter_ == n_epochs == len(target.loss_curve_)
    assert target.predict(X).shape == (60,)


def test_stopping_ends_all_phases(target):
    target.set_params(strategy="lp_ft", max_iter=10).set_callbacks(StopsAfter(2)).fit(X, y)
    assert target.n_iter_ == 2


def test_a_failing_fit_tears_its_callbacks_down(target, tmp_path):
    recorder = Recorder(tmp_path / "events")
    target.set_params(learning_rate_init=1e30, standardize=False, activation=None)
    target.set_params(solver="sgd", strategy="full").set_callbacks(recorder)
    with pytest.raises(ValueError, match="non-finite"), np.errstate(all="ignore"):
        target.fit(1e6 * X, y)
    assert recorder.lines()[-1].startswith("teardown")
    assert not hasattr(target, "coefs_")
    assert not hasattr(target, "_callback_fit_ctx")


# -- skorch's -----------------------------------------------------------------------------


class Epochs(Callback):
    """Records what skorch tells it."""

    def initialize(self):
        self.events_, self.losses_ = [], []
        return self

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        self.events_.append("train begins")

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self.events_.append("epoch begins")

    def on_epoch_end(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        self.events_.append("epoch ends")
        self.losses_.append(net.history[-1, "train_loss"])

    def on_train_end(self, net, X=None, y=None, **kwargs):
        self.events_.append("train ends")


class Batches(Callback):
    """Counts rows and gradients of every batch."""

    def initialize(self):
        self.rows_, self.norms_, self.losses_ = [], [], []
        return self

    def on_batch_end(self, net, batch=None, training=None, loss=None, **kwargs):
        assert training
        self.rows_.append(len(batch[1]))
        self.losses_.append(float(loss))

    def on_grad_computed(self, net, named_parameters, **kwargs):
        self.norms_.append(sum(float(p.grad.square().sum()) for _, p in named_parameters))


def test_skorchs_epoch_hooks_are_called_in_order(target):
    target.set_params(callbacks=[recorder := Epochs()]).fit(X, y)
    epoch = ["epoch begins", "epoch ends"]
    assert recorder.events_ == ["train begins", *epoch * 5, "train ends"]
    assert_allclose(recorder.losses_, target.loss_curve_)


def test_skorchs_batch_hooks_see_every_batch_and_its_gradient(target):
    target.set_params(strategy="full", alpha=0)  # the batches' losses are without penalties
    target.set_params(callbacks=[batches := Batches()]).fit(X, y)
    assert batches.rows_ == [25, 25, 10] * 5
    assert len(batches.norms_) == 15 and np.isfinite(batches.norms_).all()
    weighted = np.average(batches.losses_[:3], weights=batches.rows_[:3])
    assert_allclose(weighted, target.loss_curve_[0], rtol=1e-6)


@pytest.mark.parametrize("params", [{}, {"dropout": 0.2}, {"strategy": "lp_ft"},
                                    {"strategy": "frozen"}])  # fmt: skip
def test_looking_at_batches_changes_no_result(target, params):
    target.set_params(**params)
    alone = [w.copy() for w in target.fit(X, y).coefs_]
    watched = target.set_params(callbacks=[Batches()]).fit(X, y)
    for ours, theirs in zip(watched.coefs_, alone, strict=True):
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_users_callback_is_called_itself_and_clone_copies_it(target):
    from sklearn.base import clone

    recorder = Epochs()
    target.set_params(callbacks=[recorder])
    assert clone(target).callbacks[0] is not recorder
    target.fit(X, y)
    assert recorder.events_


def test_a_named_callback_is_taken(target):
    target.set_params(callbacks=[("mine", recorder := Epochs())]).fit(X, y)
    assert recorder.losses_ and "mine" in dict(target.net_.callbacks_)


def test_skorchs_early_stopping_stops(target):
    stopping = EarlyStopping(monitor="train_loss", patience=2, threshold=10, sink=lambda _: None)
    target.set_params(callbacks=[stopping], max_iter=50).fit(X, y)
    assert target.n_iter_ < 10
    assert target.predict(X).shape == (60,)


def test_gradient_clipping_acts(target):
    class After(Callback):
        def __init__(self):
            self.norms = []

        def on_batch_end(self, net, **kwargs):
            grads = [p.grad for p in net.module_.parameters()]
            self.norms.append(float(torch.sqrt(sum(g.square().sum() for g in grads))))

    target.set_params(solver="sgd", strategy="full")
    free = target.set_params(callbacks=[after := After()]).fit(X, y).coefs_
    assert max(after.norms) > 1e-3
    clip = GradientNormClipping(1e-3)
    clipped = target.set_params(callbacks=[clip, after := After()]).fit(X, y).coefs_
    assert max(after.norms) <= 1e-3 * (1 + 1e-6)
    assert not np.allclose(free[-1], clipped[-1])


def test_a_learning_rate_scheduler_sets_the_rate(target):
    rates = []

    class Rate(Callback):
        def on_epoch_end(self, net, **kwargs):
            rates.append(net.optimizer_.param_groups[0]["lr"])

    schedule = LRScheduler("StepLR", step_size=1, gamma=0.5)
    target.set_params(learning_rate="constant", callbacks=[Rate(), schedule]).fit(X, y)
    assert_allclose(rates, 1e-3 * 0.5 ** np.arange(5))
    target.set_params(callbacks=None).partial_fit(X, y)
    again = pickle.loads(pickle.dumps(target))  # the scheduler has wrapped the optimiser's step
    assert_array_equal(again.partial_fit(X, y).coefs_[0], target.partial_fit(X, y).coefs_[0])


def test_epoch_scoring_on_training_data_is_possible(target):
    def size(net, X, y):
        return sum(float(p.detach().abs().sum()) for p in net.module_.parameters())

    scoring = EpochScoring(size, name="size", on_train=True, use_caching=False)
    target.set_params(callbacks=[scoring]).fit(X, y)
    assert len(target.net_.history[:, "size"]) == 5


def test_a_failing_callback_fails_the_fit_and_nothing_else(target):
    class Fails(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise RuntimeError("mine")

    answer = target.fit(X, y).predict_proba(X)
    with pytest.raises(RuntimeError, match="mine"):
        target.set_params(callbacks=[Fails()]).fit(X, y)
    assert_array_equal(target.predict_proba(X), answer)


# -- net_ ---------------------------------------------------------------------------------


def test_the_net_is_skorchs_with_a_row_of_history_per_epoch(target):
    net = target.fit(X, y).net_
    assert isinstance(net, skorch.NeuralNet)
    assert_allclose(net.history[:, "train_loss"], target.loss_curve_)
    assert all(duration >= 0 for duration in net.history[:, "dur"])


def test_the_nets_history_has_the_validation_score(target):
    target.set_params(early_stopping=True, validation_fraction=0.2).fit(X, y)
    assert target.net_.history[:, "valid_score"] == target.validation_scores_


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_the_nets_predictions_are_linear_outputs_on_encoded_inputs(target, source, task):
    from sktransfer._preprocessing._encode import encode

    if task == "numbers":
        target = TransferMLPRegressor(source=source, strategy="l2_sp", max_iter=3, random_state=0)
    target.fit(X, y if task == "classes" else numbers)
    outputs = target.net_.predict(encode(X, inputs_of(target), X.dtype))
    if task == "classes":
        assert_array_equal(target.classes_[outputs.argmax(1)], target.predict(X))
    else:
        unit = outputs.ravel() * model_of(target).target.scale + model_of(target).target.center
        assert_allclose(unit, target.predict(X))


@pytest.mark.parametrize("loss", ["log_loss", "squared_error", "poisson"])
def test_autograd_goes_through_the_nets_module_and_loss(target, source, loss):
    from sktransfer._preprocessing._encode import encode

    if loss != "log_loss":
        target = TransferMLPRegressor(
            loss, source=source, strategy="l2_sp", max_iter=3, random_state=0
        )
    counts = np.maximum(numbers - 8, 0).round()  # with zeros among them
    net = target.fit(X, y if loss == "log_loss" else counts).net_
    inputs = torch.tensor(encode(X, inputs_of(target), X.dtype))
    truth = np.eye(3)[np.searchsorted(target.classes_, y)] if loss == "log_loss" else counts
    value = net.get_loss(net.infer(inputs), torch.tensor(truth).reshape(60, -1))
    value.backward()
    gradients = [parameter.grad for parameter in net.module_.parameters()]
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert any(gradient.any() for gradient in gradients)


def test_an_unfitted_estimator_has_no_net(target):
    assert not hasattr(target, "net_")


# -- what is no callback, or has nothing to look at -------------------------------------------


@pytest.mark.parametrize("bad", [1, print, "EarlyStopping", ("name", 3)], ids=str)
@pytest.mark.parametrize("strategy", ["l2_sp", "auto"])
def test_what_is_no_callback_is_refused_before_training(source, bad, strategy):
    model = TransferMLPClassifier(source=source, strategy=strategy, callbacks=[bad])
    with pytest.raises(
        TypeError, match=r"callbacks has .*expected skorch callbacks.*set_callbacks"
    ):
        model.fit(X, y)


def test_a_callback_and_a_pair_of_a_name_and_one_are_taken():
    callbacks = [EarlyStopping("train_loss"), ("own", EarlyStopping("train_loss"))]
    TransferMLPClassifier(callbacks=callbacks, max_iter=2).fit(X, y)


@pytest.mark.parametrize(
    "callback", [EarlyStopping(), LRScheduler("ReduceLROnPlateau", monitor="valid_loss")]
)
def test_a_callback_that_needs_a_validation_set_says_so(callback):
    model = TransferMLPClassifier(callbacks=[callback], max_iter=3)
    with pytest.raises(ValueError, match=r"'valid_loss'.*X_val=.*monitor='train_loss'"):
        model.fit(X, y)
    model.fit(X, y, X_val=X, y_val=y)


def test_a_callbacks_own_error_is_left_alone():
    class Fails(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise KeyError("'valid_score'")

    with pytest.raises(KeyError, match="valid_score"):
        TransferMLPClassifier(callbacks=[Fails()], max_iter=3).fit(X, y, X_val=X, y_val=y)
