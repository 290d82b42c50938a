"""Joint training: the source's rows beside the target's, as a second task that is then left."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import sktransfer
from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer.exceptions import SourceRowsError
from sktransfer.inspection import LayerChangeDisplay
from sktransfer.strategies import Joint, WeightedEnsemble

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

_rng = np.random.default_rng(0)
NAMES = list("abcd")
X = _rng.normal(size=(300, 4))
NUMBER = X[:, 0] * X[:, 1] + 0.1 * _rng.normal(size=300)
LABEL = np.array(["low", "middle", "high"])[np.digitize(NUMBER, [-0.3, 0.3])]
FEW, OLD, TEST = slice(0, 40), slice(40, 200), slice(200, 300)
FRAME = pd.DataFrame(X, columns=NAMES)
ROWS = {"X_source": X[OLD], "y_source": NUMBER[OLD]}


def _make(cls=TransferMLPRegressor, **params):
    return cls(
        **{
            "hidden_layer_sizes": (8, 6),
            "strategy": Joint(),
            "max_iter": 5,
            "random_state": 0,
            **params,
        }
    )


def _fit(model, X, y, sample_weight=None, *, X_source=None, y_source=None, **params):
    """Fit with the rows of another table, which belong to the strategy."""
    strategy = clone(model.strategy).set_params(tables=(X_source, y_source))
    return model.set_params(strategy=strategy).fit(X, y, sample_weight, **params)


def _same(model, other, table=X):
    for ours, theirs in zip(model.coefs_, other.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    assert_array_equal(model.predict(table), other.predict(table))


# -- what it computes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"head_hidden_layer_sizes": (4, 3), "dropout": 0.1},
        {"solver": "lbfgs"},
        {"solver": "sgd"},
    ],
)
@pytest.mark.parametrize("y", [NUMBER, LABEL], ids=["number", "labels"])
def test_it_is_two_tasks_of_one_network_with_the_others_labels_missing(y, params):
    """Bit for bit, where both tables have as many rows and nothing is standardised."""
    cls = TransferMLPRegressor if y is NUMBER else TransferMLPClassifier
    params = {"standardize": False, **params}
    model = _fit(
        _make(cls, **params), X[FEW], y[FEW], X_source=X[OLD][:40], y_source=LABEL[OLD][:40]
    )
    nothing = np.full(40, None)
    tasks = {
        "": np.r_[y[FEW].astype(object), nothing],
        "source y0": np.r_[nothing, LABEL[OLD][:40]],
    }
    stacked = np.vstack([X[FEW], X[OLD][:40]])
    both = _make(MultiTaskMLP, strategy="scratch", **params).fit(stacked, tasks)
    own = both.task("")
    for ours, theirs in zip(model.coefs_, own.layers, strict=True):
        assert_array_equal(ours, theirs.weight)
    assert model.loss_ == both.loss_
    if y is NUMBER:  # products with one column and with four round differently
        assert_allclose(model.predict(X), both.predict(X)[""], rtol=1e-10)
    else:
        assert_array_equal(model.predict(X), both.predict(X)[""])


def test_many_rows_of_the_source_help_few_of_the_target():
    params = {"hidden_layer_sizes": (64, 64), "max_iter": "auto"}
    scratch = _make(strategy="scratch", **params).fit(X[FEW], NUMBER[FEW])
    joint = _fit(_make(**params), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=2 + NUMBER[OLD])
    gain = joint.score(X[TEST], NUMBER[TEST]) - scratch.score(X[TEST], NUMBER[TEST])
    assert gain > 0.1


def test_what_is_kept_is_the_targets_network_alone():
    model = _fit(_make(TransferMLPClassifier), X[FEW], LABEL[FEW], **ROWS)
    assert [w.shape[1] for w in model.coefs_] == [8, 6, 3]
    assert model.n_outputs_ == 3 and model.out_activation_ == "softmax"
    assert model.net_.module_.layers[-1].weight.shape == (3, 6)
    assert len(model.net_.history) == model.n_iter_ == 5
    weights = [layer.weight.detach().numpy().T for layer in model.net_.module_.layers]
    for ours, theirs in zip(model.coefs_, weights, strict=True):
        assert_array_equal(ours, theirs)
    report = model.transfer_report_.to_frame().query("part == 'source'")
    assert report["reason"].item() == "160 rows, with 40 of the target"


def test_both_tables_count_as_the_weight_says_whatever_their_rows():
    """The fewer rows are repeated; repeating them beforehand changes nothing."""
    once = _fit(_make(shuffle=False), X[FEW], NUMBER[FEW], **ROWS)
    tiled = np.tile(np.arange(40), 4)
    four = _fit(_make(shuffle=False, standardize=False), X[tiled], NUMBER[tiled], **ROWS)
    plain = _fit(_make(shuffle=False, standardize=False), X[FEW], NUMBER[FEW], **ROWS)
    assert once.t_ == four.t_ == 5 * 320
    _same(plain, four)
    heavy = _fit(_make(strategy=Joint(source_weight=8)), X[FEW], NUMBER[FEW], **ROWS)
    assert heavy.t_ == 5 * (40 + 2 * 160)


def test_a_source_and_its_rows_go_together():
    source = _make(strategy="scratch").fit(X[OLD], NUMBER[OLD])
    before = pickle.dumps(source)
    model = _fit(_make(source=source), X[FEW], NUMBER[FEW], **ROWS)
    assert model.transfer_report_.counts("layer") == {"reused": 2, "new": 1}
    assert pickle.dumps(source) == before
    change = LayerChangeDisplay.from_estimator(model).change
    assert len(change) == 2 and min(change) > 0


def test_rows_of_a_regression_serve_a_classifier_and_the_other_way_round():
    for cls, y, other in (
        (TransferMLPClassifier, LABEL, NUMBER),
        (TransferMLPRegressor, NUMBER, LABEL),
        (TransferMLPClassifier, np.column_stack([NUMBER > 0, X[:, 2] > 0]).astype(int), LABEL),
        (TransferMLPRegressor, np.column_stack([NUMBER, X[:, 2]]), NUMBER > 0),
    ):
        model = _fit(_make(cls), X[FEW], y[FEW], X_source=X[OLD], y_source=other[OLD])
        assert np.isfinite(model.score(X[TEST], y[TEST]))


def test_whole_numbers_in_a_regression_are_numbers():
    counts = (NUMBER > 0).astype(int) + (NUMBER > 1)
    model = _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=counts[OLD])
    same = _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=counts[OLD].astype(float))
    _same(model, same)


def test_numbers_written_as_text_are_numbers_in_a_regression():
    model = _fit(_make(), X[FEW], NUMBER[FEW], **ROWS)
    texts = pd.Series(NUMBER[OLD].astype(str))
    _same(model, _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=texts))
    texts[3] = "n/a?"
    with pytest.raises(SourceRowsError, match=r"entries such as 'n/a\?'.*read as text"):
        _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=texts)
    with pytest.raises(SourceRowsError, match="y has infinity in 'y0'"):
        infinite = np.where(np.arange(160) < 1, np.inf, NUMBER[OLD])
        _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=infinite)


def test_several_targets_of_the_source_may_be_missing():
    Y = pd.DataFrame({"number": NUMBER[OLD], "label": LABEL[OLD]}).astype(object)
    Y = Y.mask(np.random.default_rng(1).random(Y.shape) < 0.5)
    model = _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=Y)
    assert np.isfinite(model.predict(X)).all()
    swapped = _fit(_make(), X[FEW], NUMBER[FEW], X_source=X[OLD], y_source=Y[["label", "number"]])
    assert_allclose(model.predict(X), swapped.predict(X), rtol=1e-6)


def test_several_tasks_of_the_target_too():
    Y = pd.DataFrame({"number": NUMBER[FEW], "label": LABEL[FEW]})
    for balancing in ("equal", "pcgrad", "uncertainty"):
        model = _fit(_make(MultiTaskMLP, balancing=balancing), X[FEW], Y, **ROWS)
        assert list(model.predict(X).columns) == ["number", "label"]
        assert model.task("label").layers[-1].weight.shape == (6, 3)


# -- tables -------------------------------------------------------------------------------


def test_columns_are_matched_by_name():
    here = _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=FRAME[OLD], y_source=NUMBER[OLD])
    other = FRAME[OLD][["d", "b", "a", "c"]].assign(more="text")
    _same(
        here, _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=other, y_source=NUMBER[OLD]), FRAME
    )
    lacking = FRAME[OLD].drop(columns="b")
    empty = FRAME[OLD].assign(b=np.nan)
    _same(
        _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=lacking, y_source=NUMBER[OLD]),
        _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=empty, y_source=NUMBER[OLD]),
        FRAME,
    )


@pytest.mark.parametrize("ensemble", [False, True])
def test_columns_are_matched_by_the_users_map(ensemble):
    def fitted(X_source, **params):
        joint = Joint({"old": (X_source, NUMBER[OLD])})
        strategy = WeightedEnsemble(["linear", joint], cv=2) if ensemble else joint
        return _make(strategy=strategy, **params).fit(FRAME[FEW], NUMBER[FEW])

    expected = fitted(FRAME[OLD]).predict(FRAME)
    first, second = FRAME.columns[:2]
    renamed = FRAME[OLD].rename(columns={first: "mass"}).assign(**{first: "another"})
    assert_array_equal(fitted(renamed, column_map={"mass": first}).predict(FRAME), expected)
    swap = {first: second, second: first}
    swapped = fitted(FRAME[OLD].rename(columns=swap), column_map=swap)
    assert_array_equal(swapped.predict(FRAME), expected)
    with pytest.raises(SourceRowsError, match="'mas', which no table of Joint has"):
        fitted(renamed, column_map={"mas": first})


def test_by_position_names_do_not_count():
    renamed = FRAME[OLD].rename(columns=str.upper)
    model = _make(feature_alignment="position")
    _fit(model, FRAME[FEW], NUMBER[FEW], X_source=renamed, y_source=NUMBER[OLD])
    by_name = _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=FRAME[OLD], y_source=NUMBER[OLD])
    _same(model, by_name, FRAME)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("other_library", [pd.DataFrame, pl.DataFrame])
def test_mixed_frames_of_either_library(library, other_library):
    columns = {name: X[:, i].tolist() for i, name in enumerate(NAMES)}
    columns |= {"town": ["rome", "oslo", "york"] * 100, "size": [1, 2, 3, 4] * 75}
    columns |= {"open": [True, False] * 150}

    def rows(of, kind, lacking=()):
        return kind({n: v[of] for n, v in columns.items() if n not in lacking})

    for lacking in ((), ("town",), ("a", "size"), ("open",)):
        model = _fit(
            _make(),
            rows(FEW, library),
            NUMBER[FEW],
            X_source=rows(OLD, other_library, lacking),
            y_source=NUMBER[OLD],
        )
        assert np.isfinite(model.predict(rows(TEST, library))).all()


def test_a_category_that_only_the_source_shows_has_its_place():
    target = FRAME[FEW].assign(town=["rome", "oslo"] * 20)
    model = _fit(
        _make(),
        target,
        NUMBER[FEW],
        X_source=FRAME[OLD].assign(town=["york", "rome", "oslo", "bern"] * 40),
        y_source=NUMBER[OLD],
    )
    rows = FRAME[TEST]
    york, bern = (model.predict(rows.assign(town=town)) for town in ("york", "bern"))
    assert np.abs(york - bern).max() > 0


def test_lists_and_objects_are_tables_too():
    lists = {"X_source": X[OLD].tolist(), "y_source": NUMBER[OLD].tolist()}
    listed = _fit(_make(), X[FEW].tolist(), NUMBER[FEW].tolist(), **lists)
    _same(listed, _fit(_make(), X[FEW], NUMBER[FEW], **ROWS))
    objects = X.astype(object)
    objects[:, 1] = ["a", "b", "c"] * 100
    model = _make(categorical_features=[1])
    _fit(model, objects[FEW], NUMBER[FEW], X_source=objects[OLD], y_source=NUMBER[OLD])
    assert np.isfinite(model.predict(objects)).all()
    with pytest.raises(SourceRowsError, match="text or categories in one"):
        _fit(model, objects[FEW], NUMBER[FEW], **ROWS)


def test_sparse_tables():
    dense = _fit(_make(numeric_embedding=None), X[FEW], NUMBER[FEW], **ROWS)
    for ours, theirs in ((sparse.csr_array, np.asarray), (sparse.csr_array, sparse.csc_array)):
        model = _fit(
            _make(numeric_embedding=None),
            ours(X[FEW]),
            NUMBER[FEW],
            X_source=theirs(X[OLD]),
            y_source=NUMBER[OLD],
        )
        assert_allclose(model.predict(X), dense.predict(X), rtol=0.3, atol=0.3)


def test_missing_entries_on_both_sides():
    gaps = np.where(np.random.default_rng(2).random(X.shape) < 0.2, np.nan, X)
    model = _fit(_make(), gaps[FEW], NUMBER[FEW], X_source=gaps[OLD], y_source=NUMBER[OLD])
    assert np.isfinite(model.predict(gaps)).all()


# -- an estimator like any other ----------------------------------------------------------


def test_held_out_rows_are_the_targets():
    model = _make(TransferMLPClassifier, early_stopping=True, validation_fraction=0.25)
    _fit(model, X[FEW], LABEL[FEW], **ROWS)
    assert set(np.round(np.array(model.validation_scores_) * 10, 6) % 1) == {0.0}  # of ten rows
    told = _fit(
        _make(TransferMLPClassifier), X[FEW], LABEL[FEW], X_val=X[TEST], y_val=LABEL[TEST], **ROWS
    )
    assert told.best_validation_score_ == told.score(X[TEST], LABEL[TEST])


def test_weights_of_rows_count():
    weight = np.r_[np.ones(20), np.zeros(20)]
    model = _make(standardize=False)
    weighted = _fit(model, X[FEW], NUMBER[FEW], sample_weight=weight, **ROWS)
    changed = NUMBER[FEW].copy()
    changed[20:] = 99
    _same(weighted, _fit(_make(standardize=False), X[FEW], changed, sample_weight=weight, **ROWS))


def test_cloning_pickling_saving_and_being_a_source(tmp_path):
    model = _fit(_make(strategy=Joint(source_weight=2.0)), X[FEW], NUMBER[FEW], **ROWS)
    assert clone(model).get_params()["strategy__source_weight"] == 2.0
    _same(_fit(clone(model), X[FEW], NUMBER[FEW], **ROWS), model)
    _same(pickle.loads(pickle.dumps(model)), model)
    model.save(tmp_path)
    _same(sktransfer.load(tmp_path), model)
    target = TransferMLPClassifier(source=model, strategy="l2_sp", max_iter=2, random_state=0)
    assert target.fit(X[FEW], LABEL[FEW]).transfer_report_.counts("layer")["reused"] == 2


def test_fitting_changes_nothing_of_what_it_was_given():
    frames = FRAME[FEW].copy(), FRAME[OLD].drop(columns="c")
    before = [frame.copy() for frame in frames]
    _fit(_make(), frames[0], NUMBER[FEW], X_source=frames[1], y_source=NUMBER[OLD])
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_searches_and_pickles_of_unfitted_estimators_pass_the_tables_on_by_reference():
    tables = (X[OLD], NUMBER[OLD])
    model = _make(strategy=Joint(tables))
    assert clone(model).strategy.tables is tables
    grid = {"strategy": [Joint(tables), Joint(tables, 5.0), "scratch"]}
    search = GridSearchCV(model, grid, cv=3, error_score="raise", n_jobs=2)
    search.fit(X[FEW], NUMBER[FEW])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(repr(Joint(tables))) < 80


@pytest.mark.parametrize("form", [list, dict])
def test_several_tables_are_trained_on_each_with_outputs_of_its_own(form):
    tables = [(X[OLD][:60], NUMBER[OLD][:60]), (X[OLD][60:], LABEL[OLD][60:])]
    named = {"first": tables[0], "second": tables[1]}
    model = _make(strategy=Joint(tables if form is list else named)).fit(X[FEW], NUMBER[FEW])
    rows = model.transfer_report_.to_frame().query("part == 'source'")
    names = ["table0", "table1"] if form is list else ["first", "second"]
    assert rows["name"].tolist() == names
    assert rows["reason"].tolist() == [
        "60 rows, with 40 of the target",
        "100 rows, with 40 of the target",
    ]
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize("way", ["pickle", "save"])
def test_a_fitted_model_leaves_the_tables_out_and_a_refit_says_what_is_missing(way, tmp_path):
    model = _fit(_make(), X[FEW], NUMBER[FEW], **ROWS)
    if way == "pickle":
        data = pickle.dumps(model)
        assert X[OLD].tobytes()[:400] not in data
        again = pickle.loads(data)
    else:
        model.save(tmp_path)
        again = sktransfer.load(tmp_path)
    _same(again, model)
    with pytest.raises(SourceRowsError, match="has no tables"):
        again.fit(X[FEW], NUMBER[FEW])


# -- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "one of which is None"),
        ({"X_source": X[OLD]}, "one of which is None"),
        (
            {"X_source": X[OLD][:, :3], "y_source": NUMBER[OLD]},
            r"has shape \(160, 3\), and X has 4",
        ),
        ({"X_source": X[OLD][:, 0], "y_source": NUMBER[OLD]}, r"has shape \(160,\), and X has 4"),
        ({"X_source": X[OLD][:0], "y_source": NUMBER[:0]}, "0 sample"),
        ({"X_source": X[OLD], "y_source": NUMBER[FEW]}, "inconsistent numbers of samples"),
        ({"X_source": X[OLD], "y_source": np.full(160, np.nan)}, "no label at all in 'y0'"),
        ({"X_source": np.full((160, 4), "text"), "y_source": NUMBER[OLD]}, "could not convert"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(rows, words):
    model = _make(strategy="scratch").fit(X[FEW], NUMBER[FEW])
    before = model.predict(X)
    with pytest.raises(ValueError, match=words), warnings.catch_warnings():
        warnings.simplefilter("error")
        _fit(model.set_params(strategy=Joint()), X[FEW], NUMBER[FEW], **rows)
    assert_array_equal(model.predict(X), before)


def test_frames_that_do_not_fit_are_refused():
    for other, words in (
        (FRAME[OLD].set_axis([f"k{i}" for i in range(FRAME.shape[1])], axis=1), "names in common"),
        (FRAME[OLD].assign(b="text"), "Column 'b' has numbers in X and categories or text"),
        (FRAME[OLD].to_dict("records"), r"In the table .*list of dicts.*pandas.DataFrame\(X\)"),
    ):
        with pytest.raises(SourceRowsError, match=words):
            _fit(_make(), FRAME[FEW], NUMBER[FEW], X_source=other, y_source=NUMBER[OLD])


def test_an_ensemble_has_one_joint_that_has_tables():
    with pytest.raises(SourceRowsError, match="has no tables"):
        _make(strategy=WeightedEnsemble([Joint(), "linear"])).fit(X[FEW], NUMBER[FEW])
    two = [Joint((X[OLD], NUMBER[OLD])), Joint((X[OLD], NUMBER[OLD]))]
    with pytest.raises(ValueError, match="more than one Joint"):
        _make(strategy=WeightedEnsemble(two)).fit(X[FEW], NUMBER[FEW])


def test_resuming_is_refused():
    with pytest.raises(SourceRowsError, match="with partial_fit; expected fit"):
        _make().partial_fit(X[FEW], NUMBER[FEW])
    model = _fit(_make(warm_start=True), X[FEW], NUMBER[FEW], **ROWS)
    with pytest.raises(SourceRowsError, match="with warm_start; expected fit"):
        _fit(model, X[FEW], NUMBER[FEW], **ROWS)
