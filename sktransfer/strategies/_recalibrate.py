"""The source's own prediction, updated on few rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from sktransfer._compat import StrOptions
from sktransfer.strategies._base import SCALINGS, Scaling
from sktransfer.strategies._closed_form import ClosedFormStrategy, Part

#: Rungs of the ladder that a parameter stands for.
_RUNGS = {
    "auto": ("as_is", "intercept_strong", "intercept_weak", "slope_strong", "slope_weak"),
    "none": ("as_is",),
    "intercept": ("intercept_strong",),
    "slope": ("slope_strong",),
}


class Recalibrate(ClosedFormStrategy):
    """The source's own prediction: as it is, with a new intercept, or with slope and intercept.

    On the logit for classes (one slope, and an intercept for each of several), in the unit of `y`
    for numbers.  Slope and intercept are shrunk to 1 and 0; a negative slope is used only where it
    explains the target much better.  Labels agree where all of the target's classes are the
    source's, after `class_map`, or both are regressions with one link, or of rates and numbers;
    where they do not, the source's outputs are read by ridge regression.  Of a source with more
    classes the probabilities are restricted to the target's and sum to one again; they are read
    by ridge regression where that has the lower held-out loss.  Without a source, a linear model
    of the columns is fitted, with a warning.

    Parameters
    ----------
    update : {'auto', 'none', 'intercept', 'slope'}, default='auto'
        How much is updated: nothing, the intercept, or slope and intercept; ``'auto'`` chooses by
        held-out loss.
    same_target : bool, default=True
        Whether outputs of equal labels mean the same.  False reads them in any case.
    scaling : {'source', 'mixed', 'target'}, default='source'
        Whose mean and standard deviation standardise the columns that both tables have, of a
        source with layers.  ``'mixed'`` is its prediction for a table of which columns have moved:
        other prices, ages or places are taken for what they were in the source's table.

    See Also
    --------
    Tangent : Updates all weights of the source.

    References
    ----------
    E. W. Steyerberg et al., "Validation and updating of predictive logistic regression models",
    Statistics in Medicine 23, 2004; Y. Vergouwe et al., "A closed testing procedure to select an
    appropriate method for updating prediction models", Statistics in Medicine 36, 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sktransfer import TransferMLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> source = TransferMLPClassifier(32, random_state=0).fit(X[:900], y[:900])
    >>> target = TransferMLPClassifier(source=source, strategy="recalibrate", random_state=0)
    >>> bool(target.fit(X[900:940], y[900:940]).score(X[940:], y[940:]) > 0.8)
    True
    """

    most_columns = inf  # it reads the source's outputs alone
    _parameter_constraints = {
        "update": [StrOptions(set(_RUNGS))],
        "same_target": ["boolean"],
        "scaling": [SCALINGS],
    }

    def __init__(
        self, update: str = "auto", same_target: bool = True, scaling: Scaling = "source"
    ) -> None:
        self.update = update
        self.same_target = same_target
        self.scaling = scaling

    @property
    def starts(self) -> tuple[str, ...]:  # type: ignore[override]
        return _RUNGS[self.update] if self.same_target else ()

    @property
    def needs_agreement(self) -> bool:  # type: ignore[override]
        return self.update == "none"

    @property
    def needs_same_classes(self) -> bool:  # type: ignore[override]
        return self.needs_agreement

    @property
    def needs_moved_columns(self) -> bool:  # type: ignore[override]
        return self.scaling != "source"

    @property
    def reads_instead(self) -> bool:  # type: ignore[override]
        return self.update != "none" and self.same_target

    def kernels(
        self, has_outputs: bool, labels_agree: bool, has_layers: bool = True
    ) -> Sequence[dict[Part, float]]:
        if labels_agree and self.same_target:
            return [{}]
        return [{"outputs": 1.0}] if has_outputs else [{"linear": 1.0}]
