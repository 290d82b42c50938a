"""Where the scripts are, and the environment to run them in."""

import os
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "examples" / "tools"
ENVIRONMENT = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(sys.path),
    "RAY_AUTH_MODE": "disabled",
}
