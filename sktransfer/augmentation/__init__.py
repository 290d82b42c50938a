"""Random changes of the training rows, drawn anew in every epoch.

Name one (``augmentation="mixup"``), or give an instance, whose parameters a grid search
reaches as ``augmentation__<parameter>``.  Your own is a subclass of :class:`Augmentation`.

>>> from sktransfer import TransferMLPClassifier
>>> from sktransfer.augmentation import Mixup
>>> model = TransferMLPClassifier(augmentation=Mixup(alpha=0.1))
>>> model.get_params()["augmentation__alpha"]
0.1
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
]


def check_augmentation(augmentation: str | Augmentation | None) -> Augmentation | None:
    """The augmentation behind a name or an instance, whose parameters are checked."""
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
