"""What must be set before any test module is imported."""

import gc
import os

# without it scikit-learn skips its array API checks; scipy reads it when it is imported
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from dataclasses import replace

import numpy as np
import pytest

# what is imported is no garbage: collections that walk over it took a tenth of the suite's time
gc.disable()


def pytest_collection_finish():
    """Have garbage collected in what tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def at_the_mean():
    """Describe a source without how its inputs vary together: what is missing acts at its mean."""
    from sktransfer.sources import describe_source

    def describe(estimator):
        description = describe_source(estimator)
        inputs = replace(description.inputs, statistics=None)
        return replace(description, inputs=inputs)

    return describe


def _generators(module):
    """The random generators of a test module, as they hold their states."""
    for value in vars(module).values():
        if isinstance(value, np.random.Generator):
            yield value.bit_generator
        elif isinstance(value, np.random.RandomState):
            yield value._bit_generator


@pytest.fixture(scope="module", autouse=True)
def _states_before(request):
    return [(generator, generator.state) for generator in _generators(request.module)]


@pytest.fixture(autouse=True)
def _same_draws(_states_before):
    """A test draws the same, whichever tests of its module ran before."""
    for generator, state in _states_before:
        generator.state = state
