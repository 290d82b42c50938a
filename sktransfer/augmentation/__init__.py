"""Rows that were never seen: random changes of the training rows, anew in every epoch.

Name one (``augmentation="mixup"``), or give an instance, whose parameters a grid search
reaches as ``augmentation__<parameter>``.  Your own is a subclass of :class:`Augmentation`.

>>> from sktransfer.augmentation import Mixup, check_augmentation
>>> check_augmentation("mixup")
Mixup()
"""

from sktransfer.augmentation._base import Augmentation
from sktransfer.augmentation._corruption import FeatureCorruption
from sktransfer.augmentation._mixup import Mixup
from sktransfer.augmentation._noise import FeatureNoise

#: Augmentations by the name that ``augmentation=`` takes.
AUGMENTATIONS: dict[str, type[Augmentation]] = {
    "mixup": Mixup,
    "noise": FeatureNoise,
    "corruption": FeatureCorruption,
}

__all__ = [
    "AUGMENTATIONS",
    "Augmentation",
    "FeatureCorruption",
    "FeatureNoise",
    "Mixup",
    "check_augmentation",
]


def check_augmentation(augmentation: str | Augmentation | None) -> Augmentation | None:
    """The augmentation behind a name or an instance.

    The estimators call it, so that a name that is misspelt is refused before anything is trained.

    Parameters
    ----------
    augmentation : str, Augmentation or None
        What the estimators' `augmentation` takes; an instance is given back when its parameters
        are valid.

    Returns
    -------
    Augmentation or None
        None, where None was given.

    Raises
    ------
    ValueError
        If the name is not known, the object is no augmentation, or one of its parameters is out
        of range.

    See Also
    --------
    Augmentation : What one of your own derives from.

    Examples
    --------
    >>> from sktransfer.augmentation import check_augmentation
    >>> check_augmentation("noise")
    FeatureNoise()
    """
    if augmentation is None:
        return None
    if isinstance(augmentation, str) and augmentation in AUGMENTATIONS:
        return AUGMENTATIONS[augmentation]()
    if isinstance(augmentation, Augmentation):
        augmentation._validate_params()
        return augmentation
    raise ValueError(
        f"augmentation={augmentation!r} is not known; expected None, one of "
        f"{sorted(AUGMENTATIONS)}, or an instance of a sktransfer.augmentation.Augmentation "
        "subclass."
    )
