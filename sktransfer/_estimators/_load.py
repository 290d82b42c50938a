"""Loading a saved estimator of whatever class."""

from __future__ import annotations

import os

import sktransfer._persistence as persistence
from sktransfer._estimators._base import BaseTransferMLP
from sktransfer._estimators._classifier import TransferMLPClassifier
from sktransfer._estimators._multitask import MultiTaskMLP
from sktransfer._estimators._regressor import TransferMLPRegressor
from sktransfer._estimators._saving import put_together
from sktransfer.exceptions import SourceFormatError

_CLASSES = (TransferMLPClassifier, TransferMLPRegressor, MultiTaskMLP)
_ESTIMATORS = {cls.__name__: cls for cls in _CLASSES}


def load(directory: str | os.PathLike, *, trust_source: bool = False) -> BaseTransferMLP:
    """Read an estimator that its ``save`` wrote.

    Nothing in the file is executed, and everything in it is checked, whatever it contains.

    Parameters
    ----------
    directory : path
        Or of the ``model.safetensors`` in it.
    trust_source : bool, default=False
        Whether to read a source without layers, such as a forest, which is saved by skops.
        Its numbers are the only ones in a file that are not checked.  Without it, a model
        that needs such a source to predict is refused, and another fit from such a source
        too.  Set it only where you trust whoever made the file.

    Returns
    -------
    object
        Of the class that was saved.  It predicts what the saved one predicted, bit for bit on one
        machine.

    Raises
    ------
    SourceFormatError
        If there is no saved estimator, its file is damaged or of a newer format, or it needs
        `trust_source`.

    See Also
    --------
    TransferMLPClassifier.save : Writes a model; regressors and ``MultiTaskMLP`` have it too.

    Examples
    --------
    >>> import tempfile
    >>> import sktransfer
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = sktransfer.TransferMLPClassifier(max_iter=5, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     model.save(directory)
    ...     loaded = sktransfer.load(directory)
    >>> bool((loaded.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    saved = persistence.read(directory)
    if saved.estimator not in _ESTIMATORS:
        known = " or ".join(_ESTIMATORS)
        raise SourceFormatError.another_class(directory, saved.estimator, known)
    return put_together(_ESTIMATORS[saved.estimator], saved, directory, trust_source)
