"""Files with the right digest whose parts contradict each other, or ask for what no file may."""

import time

import corpus
import numpy as np
import pytest
from editing import FILE, load, packed, parts
from fitted import one_fast_in
from sklearn.exceptions import InconsistentVersionWarning

import sktransfer
from sktransfer._persistence._budget import Budget
from sktransfer._persistence._decode import Decoder
from sktransfer.exceptions import SourceError, SourceFormatError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The bytes of a model of the corpus."""
    known = {}

    def of(name):
        if name not in known:
            directory = tmp_path_factory.mktemp("saved")
            corpus.fitted(name)[0].save(directory)
            known[name] = (directory / FILE).read_bytes()
        return known[name]

    return of


def _model(document):
    return dict(map(tuple, document["content"]["state"]["fitted"]["items"]))["model"]["state"]


def _params(document):
    return document["content"]["state"]["params"]["items"]


def _found(value, name):
    """The first object in a document with an attribute of this name."""
    return next(_every(value, name), None)


def _every(value, name):
    """All objects in a document with an attribute of this name."""
    if isinstance(value, dict):
        if name in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _every(one, name)


def _array(document, arrays, name, change):
    reference = _found(document, name)[name]
    reference = next(one for one in reference if one) if isinstance(reference, list) else reference
    arrays[reference["name"]] = change(arrays[reference["name"]].copy())


def _likelier(document, arrays):
    """Trees whose sums are probabilities add five times as much."""
    trees = next(one for one in _every(document, "is_linear") if not one["is_linear"])
    name = trees["value"]["name"]
    arrays[name] = 5 * arrays[name]


def _scores_fall(document, arrays):
    (reference,) = _found(_model(document), "origin")["scores"]["items"]
    arrays[reference["name"]] = arrays[reference["name"]][::-1].copy()


def _poke(index, value):
    def change(array):
        array[index] = value
        return array

    return change


def _param(document, name, value):
    for item in _params(document):
        if item[0] == name:
            item[1] = value


#: Model of the corpus, change of its document and arrays, words of the refusal.
CHANGES = {
    "weights that are not": (
        "ensemble", lambda d, a: _array(d, a, "weights", lambda w: -5 * w), "at least 0"
    ),
    "weights of more than one": (
        "ensemble", lambda d, a: _array(d, a, "weights", lambda w: 5 * w), "sum to one"
    ),
    "trees without an end": (
        "ensemble", lambda d, a: _found(d, "depth").update(depth=10**12), "depth"
    ),
    "a way back in a tree": (
        "ensemble", lambda d, a: _array(d, a, "left", lambda x: np.zeros_like(x)), "before it"
    ),
    "a child that is not there": (
        "ensemble", lambda d, a: _array(d, a, "right", _poke((0, 0), 10**6)), "not there"
    ),
    "a question about another column": (
        "ensemble", lambda d, a: _array(d, a, "column", _poke((0, 0), 10**6)), "features there are"
    ),
    "trees that give more than one": (
        "ensemble", lambda d, a: _likelier(d, a), "from 0 to 1"
    ),
    "held-out scores that fall": (
        "ensemble", lambda d, a: _scores_fall(d, a), "ascend"
    ),
    "another primary member": (
        "ensemble", lambda d, a: _model(d).update(primary="nobody"), "not among"
    ),
    "classes in two ways": (
        "full", lambda d, a: _found(d["content"]["state"]["description"], "classes")["classes"]
        .update(values=["NO", "yes"]), "start from is not",
    ),
    "a path for a source": ("stream", lambda d, a: _param(d, "source", "/etc"), "of type str"),
    "a list of paths for a source": (
        "stream", lambda d, a: _param(d, "source", ["/etc"]), "of type str"
    ),
    "an unknown strategy": ("full", lambda d, a: _param(d, "strategy", "no"), "strategy"),
    "columns of other names": (
        "tasks", lambda d, a: _found(d, "names")["names"]["items"].reverse(), "start from is not"
    ),
    "targets in a library that starts a cluster": (
        "tasks", lambda d, a: _found(d, "form").update(form="pyspark"), "cannot come as"
    ),
    "tasks in another order": (
        "tasks", lambda d, a: _found(d, "form")["tasks"]["items"].reverse(), "tasks of the target"
    ),
    "a scale for probabilities": (
        "full", lambda d, a: _found(_model(d), "kind").update(scale=[5.7]), "cannot be|scaled"
    ),
    "a tangent of other layers": (
        "closed forms", lambda d, a: _array(d, a, "head", lambda h: h[:-1]), "tangent"
    ),
    "a scale that is missing": (
        "closed forms", lambda d, a: _found(d, "score_scale").update(score_scale=None), "scale"
    ),
    "a column that is not among the inputs": (
        "closed forms", lambda d, a: _array(d, a, "position", _poke(0, 10**6)), "not among"
    ),
    "forty processes": (
        "categories", lambda d, a: _found(d, "n_jobs").update(n_jobs=40), "n_jobs"
    ),
    "outputs before the first": (
        "categories", lambda d, a: _found(d, "_n_features_outs").update(_n_features_outs=[-9, 14]),
        "_n_features_outs",
    ),
    "columns of another table": (
        "picked", lambda d, a: _found(d, "made_of").update(
            outputs={"@": "tuple", "items": [10**9]}), "no such output",
    ),
    "epochs before the first": (
        "full", lambda d, a: _found(d, "n_iter").update(n_iter=-2), "at least 0"
    ),
    "a predictor that is none": (
        "full", lambda d, a: _found(d, "predictor").update(predictor=True), "predictor"
    ),
    "a member's predictor that is none": (
        "full", lambda d, a: _found(_model(d)["members"], "predictor").update(predictor=True),
        "predictor is a bool",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", one_fast_in(3, CHANGES))
def test_a_contradiction_is_refused(name, saved, tmp_path):
    model, change, words = CHANGES[name]
    document, arrays = parts(saved(model))
    change(document, arrays)
    with pytest.raises(SourceFormatError, match=words):
        load(packed(document, arrays), tmp_path)


def test_a_source_by_its_predictions_is_used_only_where_the_file_is_trusted(saved, tmp_path):
    """Nobody checks the numbers in it, which compiled code relies on."""
    model = load(saved("forest"), tmp_path)
    X, y = corpus.NUMBERS, corpus.NUMBERS[:, 1]
    assert np.isfinite(model.predict(X)).all()
    with pytest.raises(SourceFormatError, match="trust_source=True"):
        _ = model.source.predictor.estimator
    (tmp_path / "again").mkdir()
    model.save(tmp_path / "again")  # without reading it
    assert (tmp_path / "again" / FILE).read_bytes() == saved("forest")
    trusting = sktransfer.load(tmp_path, trust_source=True)
    assert trusting.source.predictor.outputs(X).shape == (len(X), 1)
    assert np.isfinite(trusting.set_params(strategy="scratch").fit(X, y).predict(X)).all()


def test_a_model_that_reads_a_source_to_predict_is_loaded_only_where_the_file_is_trusted(
    saved, tmp_path, monkeypatch
):
    data, (model, X) = saved("forest that members read"), corpus.fitted("forest that members read")
    with monkeypatch.context() as patch:
        patch.setattr("skops.io.loads", None)
        with pytest.raises(SourceFormatError, match=r"RandomForest.*trust_source=True"):
            load(data, tmp_path)
        with pytest.raises(SourceFormatError, match="trust_source=True"):
            type(model).load(tmp_path)
        with pytest.raises(SourceError):
            type(model)(source=tmp_path).fit(X, corpus.NUMBERS[:, 1])
    for read in (sktransfer.load, type(model).load):
        loaded = read(tmp_path, trust_source=True)
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    loaded.save(tmp_path)
    assert (tmp_path / FILE).read_bytes() == data
    assert "trust_source=True" in (tmp_path / "README.md").read_text()


def test_equal_sources_in_a_file_become_one_and_many_are_read_in_little_time(saved):
    """Members that share a source go on to ask it once."""
    document, arrays = parts(saved("forest"))
    source = document["content"]["state"]["params"]
    state = _found(source, "sample")
    several = [
        {"@": "SavedPredictor", "state": state | {"label": str(i // 2)}} for i in range(4000)
    ]
    began = time.process_time()
    found = Decoder(arrays, Budget(10**9)).decode(several)
    assert time.process_time() - began < 5
    assert found[0] is found[1] and found[1] is not found[2]
    assert [one.label for one in found] == [str(i // 2) for i in range(4000)]


def test_another_version_of_scikit_learn_is_named_with_the_place_of_its_transformers(
    saved, tmp_path
):
    for name, warns in {"scalers": True, "full": False}.items():
        document, arrays = parts(saved(name))
        document["versions"]["scikit-learn"] = "1.6.0"
        data = packed(document, arrays)
        if warns:
            with pytest.warns(InconsistentVersionWarning):
                load(data, tmp_path)
        else:
            load(data, tmp_path)


def test_lone_surrogates_come_back(tmp_path):
    """Python's texts may have them; JSON and a card have no letters for them."""
    model, X = corpus.fitted("full")
    labels = np.array(["\ud800", "b"], object)[(X[:, 0] > 0).astype(int)]
    again = type(model)((3,), max_iter=1, random_state=0).fit(X, labels)
    again.save(tmp_path)
    assert set(sktransfer.load(tmp_path).classes_.tolist()) == {"\ud800", "b"}


def test_a_source_that_was_edited_is_refused_too(saved, tmp_path):
    document, arrays = parts(saved("full"))
    _found(document["content"]["state"]["description"], "kind").update(kind="regression")
    (tmp_path / FILE).write_bytes(packed(document, arrays))
    with pytest.raises(SourceError):
        sktransfer.TransferMLPClassifier(source=tmp_path).fit(corpus.NUMBERS, corpus.LABELS)
