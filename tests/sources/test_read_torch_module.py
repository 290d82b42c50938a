"""Torch modules as sources: what is proved to be a dense chain is read, all else is refused."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from sktransfer._networks import forward
from sktransfer._preprocessing import encode
from sktransfer.exceptions import SourceLayersError
from sktransfer.sources import describe_source


@pytest.fixture(autouse=True)
def private_seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def rows():
    return np.random.default_rng(1).normal(size=(20, 4)) * 3


def exact(module, rows):
    """The module's own outputs in float64, from a copy."""
    dtype = torch.float32 if isinstance(module, Float32Only) else torch.float64
    with torch.no_grad():
        return deepcopy(module).to(dtype).eval()(torch.tensor(rows, dtype=dtype)).numpy()


class Functional(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 6), nn.Linear(6, 5), nn.Linear(5, 2)
        self.function = function

    def forward(self, X):
        return self.last(self.function(self.second(self.function(self.first(X)))))


class SharedActivation(Functional):
    """Registers its activation once, and behind the layers."""

    def __init__(self):
        super().__init__(None)
        self.function = nn.Tanh()


class Skip(Functional):
    def forward(self, X):
        return super().forward(X) + self.last(self.second(self.first(X)))


class Float32Only(Functional):
    def forward(self, X):
        return super().forward(X.float())


class Twice(Functional):
    """Registers its layers under two names."""

    def __init__(self):
        super().__init__(torch.relu)
        self.layers = nn.ModuleList([self.first, self.second, self.last])


def chain(*hidden):
    return nn.Sequential(nn.Linear(4, 6), *hidden, nn.Linear(6, 3))


PLAIN = {
    "relu": chain(nn.ReLU()),
    "tanh": chain(nn.Tanh()),
    "sigmoid": chain(nn.Sigmoid()),
    "identity": chain(nn.Identity()),
    "no activation": chain(),
    "dropout": chain(nn.Dropout(0.5), nn.ReLU(), nn.AlphaDropout(0.5)),
    "flatten": nn.Sequential(nn.Flatten(), chain(nn.ReLU())),
    "nested": nn.Sequential(nn.Sequential(nn.Linear(4, 6), nn.ReLU()), chain(nn.ReLU())[2:]),
    "without bias": nn.Sequential(nn.Linear(4, 6, bias=False), nn.ReLU(), nn.Linear(6, 3)),
    "one layer": nn.Linear(4, 3),
    "functional relu": Functional(torch.relu),
    "functional tanh": Functional(torch.tanh),
    "functional sigmoid": Functional(torch.sigmoid),
    "one activation for all": SharedActivation(),
    "float32 only": Float32Only(torch.tanh),
    "registered twice": Twice(),
    "float64": chain(nn.ReLU()).double(),
    "weight norm": nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Linear(4, 6)), nn.ReLU(), nn.Linear(6, 3)
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_dense_chain_is_reproduced(name, rows, outputs_of):
    module = PLAIN[name]
    source = describe_source(module)
    tolerance = 1e-4 if name == "float32 only" else 1e-6
    np.testing.assert_allclose(outputs_of(source, rows), exact(module, rows), atol=tolerance)
    assert source.target is None
    assert source.inputs.columns.n_features == 4
    assert source.name == type(module).__name__


@pytest.mark.parametrize(
    "last, back",
    [
        (nn.Softmax(dim=1), np.log),
        (nn.LogSoftmax(dim=-1), lambda out: out),
        (nn.Sigmoid(), lambda out: np.log(out / (1 - out))),
    ],
)
def test_activation_behind_the_last_layer_is_dropped(last, back, rows, outputs_of):
    module = nn.Sequential(*chain(nn.ReLU()), last)
    difference = outputs_of(describe_source(module), rows) - back(exact(module, rows))
    if not isinstance(last, nn.Sigmoid):  # a softmax leaves a constant per row open
        difference -= difference[:, :1]
    np.testing.assert_allclose(difference, 0, atol=1e-6)


def test_functional_softmax_is_recognised(rows, outputs_of):
    class Probabilities(Functional):
        def forward(self, X):
            return functional.softmax(super().forward(X), dim=1)

    module = Probabilities(torch.relu)
    out = np.exp(outputs_of(describe_source(module), rows))
    expected = exact(module, rows)
    np.testing.assert_allclose(out / out.sum(axis=1, keepdims=True), expected, atol=1e-6)


def test_squeezed_output_is_read(rows, outputs_of):
    class Squeezed(Functional):
        def forward(self, X):
            return super().forward(X)[:, :1].squeeze(-1)

    module = Squeezed(torch.relu)
    module.last = nn.Linear(5, 1)
    out = outputs_of(describe_source(module), rows)
    np.testing.assert_allclose(out[:, 0], exact(module, rows), atol=1e-6)


def test_all_layers_of_a_trunk_without_head_are_hidden(rows, outputs_of):
    module = nn.Sequential(*chain(nn.ReLU()), nn.ReLU())
    source = describe_source(module)
    assert source.hidden_layer_sizes == (6, 3)
    np.testing.assert_allclose(outputs_of(source, rows), exact(module, rows), atol=1e-6)


def _norm(n, **params):
    """Batch normalisation as it is after some training."""
    norm = nn.BatchNorm1d(n, **params)
    for _ in range(50):
        norm(3 + 2 * torch.randn(32, n))
    if norm.affine:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    return norm


class NormedInFunction(nn.Module):
    """Registers its normalisations behind the layers' own activations, which are functions."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.last = nn.Linear(4, 6), _norm(6), nn.Linear(6, 2)

    def forward(self, X):
        return self.last(self.norm(torch.relu(self.first(X))))


NORMED = {
    "before the activation": lambda: nn.Sequential(
        nn.Linear(4, 6), _norm(6), nn.ReLU(), nn.Linear(6, 5), _norm(5), nn.ReLU(), nn.Linear(5, 2)
    ),
    "behind the activation": lambda: nn.Sequential(
        nn.Linear(4, 6), nn.GELU(), _norm(6), nn.Dropout(), nn.Linear(6, 2)
    ),
    "behind an activation that is a function": NormedInFunction,
    "of the inputs": lambda: nn.Sequential(_norm(4), nn.Linear(4, 6), nn.ELU(), nn.Linear(6, 2)),
    "without weights": lambda: nn.Sequential(
        _norm(4, affine=False), nn.Linear(4, 6, bias=False), _norm(6), nn.ReLU(), nn.Linear(6, 2)
    ),
    "of the outputs": lambda: nn.Sequential(
        nn.Linear(4, 6), nn.LeakyReLU(), nn.Linear(6, 2), _norm(2)
    ),
}


@pytest.mark.parametrize("name", NORMED)
def test_batch_normalisation_becomes_part_of_a_layer(name, rows):
    module = NORMED[name]()
    source = describe_source(module)
    Z = encode(rows, source.inputs, np.float64)
    weights = [layer.weight.astype(np.float64) for layer in source.layers]
    biases = [layer.bias.astype(np.float64) for layer in source.layers]
    found = forward(Z, weights, biases, source.activation, "identity")
    np.testing.assert_allclose(found, exact(module, rows), atol=1e-5)


def test_normalised_inputs_are_standardised_by_what_the_module_has_measured():
    norm = _norm(4)
    scaling = describe_source(nn.Sequential(norm, nn.Linear(4, 2))).inputs.scaling
    assert scaling.is_measured
    np.testing.assert_allclose(scaling.center, norm.running_mean)
    np.testing.assert_allclose(scaling.scale, torch.sqrt(norm.running_var + norm.eps), rtol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_module_is_unchanged(training, rows, fingerprint):
    module = chain(nn.Dropout(), nn.ReLU()).train(training)
    module[0].weight.requires_grad_(False)
    module(torch.tensor(rows, dtype=torch.float32)).sum().backward()
    before, threads = fingerprint(module), torch.get_num_threads()
    describe_source(module)
    assert fingerprint(module) == before
    assert module.training is training
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


def test_half_precision_is_read_as_single():
    source = describe_source(chain(nn.ReLU()).to(torch.bfloat16))
    assert source.layers[0].weight.dtype == np.float32


class TwoTables(Functional):
    def forward(self, X, Z):
        return super().forward(X + Z)


NOT_DENSE = {
    "batch norm without statistics": (
        chain(nn.BatchNorm1d(6, track_running_stats=False), nn.ReLU()),
        r"'1' \(BatchNorm1d\).*each batch.*predictions",
    ),
    "layer norm": (
        chain(nn.LayerNorm(6), nn.ReLU()),
        r"'1' \(LayerNorm\).*BatchNorm1d.*predictions",
    ),
    "convolution": (nn.Sequential(nn.Conv1d(1, 1, 1), nn.Linear(4, 2)), r"'0' \(Conv1d\)"),
    "embedding": (nn.Sequential(nn.Embedding(4, 2), nn.Linear(2, 2)), r"'0' \(Embedding\)"),
    "recurrent": (nn.LSTM(4, 2), "LSTM"),
    "attention": (nn.Sequential(nn.MultiheadAttention(4, 1)), "MultiheadAttention"),
    "skip connection": (Skip(torch.relu), "not the plain chain"),
    "functional mish": (Functional(functional.mish), "not the plain chain"),
    "two tables": (TwoTables(torch.relu), "an error .*missing 1 required"),
    "no layers": (nn.Sequential(), "no Linear layer"),
    "only an activation": (nn.ReLU(), "no Linear layer"),
    "tanh behind a relu chain": (nn.Sequential(*chain(nn.ReLU()), nn.Tanh()), "tanh behind"),
    "branches": (nn.ModuleList([nn.Linear(4, 6), nn.Linear(4, 3)]), "6 outputs.*takes 4 inputs"),
}


@pytest.mark.parametrize("name", NOT_DENSE)
def test_what_is_no_dense_chain_is_refused_by_name(name):
    module, message = NOT_DENSE[name]
    way_out = "" if "norm" in name else ".*describe it with"
    with pytest.raises(SourceLayersError, match=f"(?s){message}{way_out}"):
        describe_source(module)


@pytest.mark.parametrize(
    "module, found",
    [
        (chain(nn.Mish()), r"'1' \(Mish\)"),
        (chain(nn.Hardswish()), r"'1' \(Hardswish\)"),
        (chain(nn.LeakyReLU(0.3)), r"'1' \(LeakyReLU\(negative_slope=0.3\)\)"),
        (chain(nn.ELU(2.0)), r"'1' \(ELU\(alpha=2.0\)\)"),
        (
            nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 2)),
            "relu and tanh",
        ),
    ],
)
def test_other_or_mixed_activations_are_refused_by_name(module, found):
    with pytest.raises(SourceLayersError, match=f"activation.*{found}.*retrain.*predictions"):
        describe_source(module)


@pytest.mark.parametrize(
    "module", [nn.Sequential(nn.LazyLinear(3)), nn.Linear(4, 3, device="meta")]
)
def test_module_without_weights_is_refused(module):
    with pytest.raises(SourceLayersError, match=r"no weights yet.*train the"):
        describe_source(module)


def test_diverged_module_is_refused():
    module = chain(nn.ReLU())
    with torch.no_grad():
        module[2].bias[0] = torch.inf
    with pytest.raises(SourceLayersError, match=r"Layer 1.*retrain"):
        describe_source(module)


def test_tiny_weights_are_not_mistaken_for_another_chain():
    module = Skip(torch.relu)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(1e-4)
    with pytest.raises(SourceLayersError, match="not the plain chain"):
        describe_source(module)
