"""Scripts of ``examples/tools``, each with a package of its own that may not be installed."""

import runpy
import subprocess
import sys

import pytest
from example_scripts import ENVIRONMENT, SCRIPTS


@pytest.fixture
def run_script():
    """Run a script as a user would; its lines."""

    def run(name, *arguments):
        command = [sys.executable, str(SCRIPTS / f"{name}.py"), *arguments]
        done = subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


@pytest.fixture
def functions_of():
    """What a script defines."""
    return lambda name: runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="example")
