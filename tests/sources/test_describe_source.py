"""What holds for every kind of source."""

import subprocess
import sys
import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier
from torch import nn

import sktransfer
from sktransfer.exceptions import SourceError, SourceKindError
from sktransfer.sources import SourceDescription, describe_source
from sktransfer.sources._describe import READERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def roads(table):
    """One network, and the ways to hold it: name → (object, the table it takes)."""
    X, y = table
    scaler = StandardScaler().fit(X)
    Z = scaler.transform(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mlp = MLPClassifier((6, 4), activation="tanh", max_iter=30, random_state=0).fit(Z, y)
    sizes = [5, 6, 4, 3]
    linears = [nn.Linear(a, b, dtype=torch.float64) for a, b in pairwise(sizes)]
    with torch.no_grad():
        for linear, weight, bias in zip(linears, mlp.coefs_, mlp.intercepts_, strict=True):
            linear.weight.copy_(torch.tensor(weight.T))
            linear.bias.copy_(torch.tensor(bias))
    module = nn.Sequential(linears[0], nn.Tanh(), linears[1], nn.Tanh(), nn.Dropout(), linears[2])
    net = NeuralNetClassifier(module, criterion=nn.CrossEntropyLoss).initialize()
    net.module_.train()
    pipeline = make_pipeline(scaler, mlp)
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [0.1]}, cv=2)
    search.best_estimator_, search.cv_results_ = pipeline, {}
    return {
        "mlp": (mlp, Z),
        "pipeline": (pipeline, X),
        "frozen": (FrozenEstimator(pipeline), X),
        "search": (search, X),
        "module": (module, Z),
        "net": (net, Z),
        "pipeline of a net": (make_pipeline(scaler, net), X),
        "description": (describe_source(pipeline), X),
    }


NAMES = (
    "mlp",
    "pipeline",
    "frozen",
    "search",
    "module",
    "net",
    "pipeline of a net",
    "description",
)


@pytest.mark.parametrize("name", NAMES)
def test_many_forms_of_a_source_give_equal_outputs(name, roads, outputs_of):
    mlp, Z = roads["mlp"]
    source, X = roads[name]
    description = describe_source(source)
    out = outputs_of(description, X)
    out = np.exp(out - out.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        out / out.sum(axis=1, keepdims=True), mlp.predict_proba(Z), rtol=0, atol=1e-10
    )
    assert description.hidden_layer_sizes == (6, 4)
    assert description.activation == "tanh"
    if name != "module":
        assert description.target.kind == "multiclass"
        np.testing.assert_array_equal(description.target.classes, [0, 1, 2])


@pytest.mark.parametrize("name", [name for name in NAMES if "net" not in name])
def test_source_is_bit_identical_after_it_was_described(name, roads, fingerprint):
    source, _ = roads[name]
    before = fingerprint(source)
    describe_source(source)
    assert fingerprint(source) == before


def test_skorch_net_is_unchanged_after_it_was_described(roads, fingerprint):
    net, _ = roads["net"]
    before, attributes = fingerprint(net.module_), set(vars(net))
    describe_source(net)
    assert fingerprint(net.module_) == before
    assert set(vars(net)) == attributes


@pytest.mark.parametrize("name", NAMES)
def test_description_shares_no_memory_with_its_source(name, roads):
    source, _ = roads[name]
    if name == "description":
        pytest.skip("a description is its own")
    first = describe_source(source).layers[0].weight
    second = describe_source(source).layers[0].weight
    assert not first.flags.writeable
    assert not np.shares_memory(first, second)


def test_global_random_states_are_left_alone(roads):
    numpy_before = np.random.get_state()
    torch_before = torch.get_rng_state()
    for source, _ in roads.values():
        describe_source(source)
    assert torch.equal(torch.get_rng_state(), torch_before)
    for before, after in zip(numpy_before, np.random.get_state(), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("obj", [3, [], {}, object(), nn.ReLU, len])
def test_unknown_kind_is_refused_with_a_way_out(obj):
    with pytest.raises(
        SourceKindError,
        match=r"expected a fitted instance|must be a fitted estimator.*Give the fitted model",
    ):
        describe_source(obj)


def test_class_instead_of_an_instance_is_named():
    with pytest.raises(
        SourceKindError, match=r"class MLPClassifier.*Give MLPClassifier\(\.\.\.\)"
    ):
        describe_source(MLPClassifier)
    with pytest.raises(SourceKindError, match="class SourceDescription"):
        describe_source(SourceDescription)


def test_forest_is_a_source_by_its_predictions_alone_and_in_wrappers(table):
    X, y = table
    forest = RandomForestClassifier(2).fit(X, y)
    piped = make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(X, y)
    for obj in (forest, FrozenEstimator(forest), piped):
        source = describe_source(obj)
        assert (source.layers, source.name) == ((), "RandomForestClassifier")
        np.testing.assert_array_equal(source.predictor.outputs(X), obj.predict_proba(X))


def test_kind_errors_are_type_errors_and_source_errors():
    with pytest.raises(TypeError) as caught:
        describe_source(3)
    assert isinstance(caught.value, SourceError)


def test_every_reader_is_safe_for_any_object():
    for reader in READERS:
        assert reader.reads(object()) is False
        assert reader.reads(MLPClassifier) is False


@pytest.mark.slow
def test_sources_do_not_import_torch_until_it_is_needed():
    # The package root is left out: what it imports is its own affair.
    code = f"""if True:
        import sys, types
        root = sys.modules["sktransfer"] = types.ModuleType("sktransfer")
        root.__path__ = {sktransfer.__path__!r}
        import numpy as np
        from sklearn.neural_network import MLPRegressor
        from sktransfer.sources import describe_source
        describe_source(MLPRegressor(max_iter=1).fit(np.eye(4), np.arange(4.0)))
        try:
            describe_source(3)
        except TypeError:
            print([name for name in ("torch", "skorch") if name in sys.modules])
    """
    run = [sys.executable, "-W", "ignore", "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "[]\n"


class Bird:
    def __init__(self, description):
        self.description = description

    def __sktransfer_describe__(self):
        return self.description


def test_object_may_describe_itself():
    description = SourceDescription([(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), [0.0])])
    assert describe_source(description) is description
    assert describe_source(Bird(description)) is description


def test_object_that_describes_itself_as_something_else_is_refused():
    with pytest.raises(SourceKindError, match=r"Bird.*got dict.*Return SourceDescription\("):
        describe_source(Bird({}))


def test_errors_of_an_object_that_describes_itself_pass():
    class Broken:
        def __sktransfer_describe__(self):
            raise LookupError("no weights on the disk")

    with pytest.raises(LookupError, match="on the disk"):
        describe_source(Broken())
