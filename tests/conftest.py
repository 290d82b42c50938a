"""What must be set before any test module is imported."""

import os

# without it scikit-learn skips its array API checks; scipy reads it when it is imported
os.environ.setdefault("SCIPY_ARRAY_API", "1")
