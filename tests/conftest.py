"""What must be set before any test module is imported."""

import gc
import os

# without it scikit-learn skips its array API checks; scipy reads it when it is imported
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from dataclasses import replace

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
