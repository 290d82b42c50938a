"""Parameters and attributes that estimators share are documented once, and in every class."""

import inspect

import pytest

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor
from sktransfer._estimators._docs import ATTRIBUTES, PARAMETERS, documented, entries

ESTIMATORS = [TransferMLPClassifier, TransferMLPRegressor, MultiTaskMLP]
#: Entries that a class words in its own way.
OF_THEIR_OWN = {
    TransferMLPClassifier: {"classes_", "validation_scores_", "standardize"},
    TransferMLPRegressor: {"validation_scores_", "standardize"},
    MultiTaskMLP: {
        "classes_", "coefs_, intercepts_", "head_hidden_layer_sizes", "loss_", "n_outputs_",
        "out_activation_", "source", "standardize", "strategy",
    },
}  # fmt: skip


def _sections(cls):
    """The class's entries, of parameters and of attributes."""
    doc = inspect.cleandoc(cls.__doc__)
    parameters, _, rest = doc.partition("\nAttributes\n")
    return entries(parameters.partition("\nParameters\n")[2]) | entries(rest.split("\n\n")[0])


def _as_one_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_shared_entry_reads_the_same_in_every_class(cls):
    shared = entries(PARAMETERS) | entries(ATTRIBUTES)
    found = _sections(cls)
    differing = {
        name
        for name, text in found.items()
        if name in shared and _as_one_line(text) != _as_one_line(shared[name])
    }
    assert differing <= OF_THEIR_OWN[cls]
    missing = entries(PARAMETERS).keys() - found.keys() - {"class_map"}
    assert not missing


def test_parameters_come_in_the_order_of_the_signature():
    for cls in ESTIMATORS:
        documented_ones = [n for name in _sections(cls) for n in name.split(", ")]
        order = [n for n in inspect.signature(cls).parameters if n in documented_ones]
        assert [n for n in documented_ones if n in order] == order


def test_a_class_keeps_what_it_says_itself():
    @documented(without=["loss_"])
    class Mine:
        """A class.

        Parameters
        ----------
        alpha : float
            Mine.
        mine : int
            Only here.

        Attributes
        ----------
        mine_ : int
            Only here.

        See Also
        --------
        other : Another.
        """

        def __init__(self, mine=0, dropout=0.0, alpha=1.0): ...

    found = _sections(Mine)
    assert list(found)[:3] == ["mine", "dropout", "alpha"]
    assert found["alpha"].endswith("Mine.")
    assert found["dropout"] == entries(PARAMETERS)["dropout"]
    assert "mine_" in found and "loss_curve_" in found and "loss_" not in found
    assert Mine.__doc__.endswith("other : Another.\n")
