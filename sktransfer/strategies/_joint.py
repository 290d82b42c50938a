"""Joint training: rows of other tables together with the target's, tasks of one network."""

from __future__ import annotations

from numbers import Real
from typing import Any

from sktransfer._compat import Interval
from sktransfer._records import LayerNames, Phase
from sktransfer.strategies._base import SCALINGS, NetworkStrategy, Scaling
from sktransfer.strategies._tables import Tables, WithTarget, named_tables, shown_by_size


class Joint(NetworkStrategy):
    """Train on the rows of other tables and the target's at once, as tasks that share layers.

    For source tables whose rows are still available.  Each table has an output layer of its own,
    so that labels may differ in meaning and in kind; the hidden layers learn from all tables.
    The estimator keeps its own output layer alone.  Without a `source` the network begins from
    random weights, with one from its layers.

    The columns are the target's: those of other tables are matched by name, ones that they lack
    are missing there, others are left out.  Rows of the side that has fewer are repeated, so that
    both count as `source_weight` says, whatever their numbers.  `partial_fit` and `warm_start`
    are refused.

    **In an ensemble**, ``WeightedEnsemble(["auto", Joint(tables)])``, tables whose labels mean the
    target's become a source, a network of all their rows (unless `source` is given), and members
    that learn from their rows and the target's at once, each row with an indicator of its table:
    boosting and trees on all tables, ``'joint_boosting'`` and ``'joint_trees'``, trees on each,
    ``'joint@<table>'``, and on the target alone, ``'joint_alone'``.  Their weights come from
    held-out rows of the target, so that a table that does not help gets none; ``table_gains_``
    is how much the loss of trees falls with each.  Numbers are moved so that all tables have
    the same mean where the network learns from them.  `source_weight` and `scaling` are those of
    the joint network.

    Parameters
    ----------
    tables : (X, y), or list or dict of (X, y), default=None
        Rows of other tables and their targets: labels or numbers, a column for each of several
        tasks.  They are passed on by reference when the strategy is cloned, never changed, and
        left out of a fitted model's pickle and of ``save``.
    source_weight : float, default=1.0
        How much the rows of the other tables count, all together, relative to the target's.
    scaling : {'mixed', 'source', 'target'}, default='mixed'
        Whose mean and standard deviation standardise the shared columns, where there is a `source`
        too.  Those of all tables' rows are mixed in any case, the target's with ``n / (n + 50)``
        for n rows.

    See Also
    --------
    sktransfer.MultiTaskMLP : Several tasks of one table.
    L2SP : Where the source's rows are no longer at hand.

    References
    ----------
    R. Caruana, "Multitask Learning", Machine Learning 28, 1997.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.strategies import Joint
    >>> X, y = load_diabetes(return_X_y=True)
    >>> women = X[:, 1] < 0
    >>> joint = Joint((X[women], y[women]))
    >>> target = TransferMLPRegressor(strategy=joint, random_state=0)
    >>> target.fit(X[~women][:40], y[~women][:40]).predict(X[~women][40:]).shape
    (167,)
    """

    scaling: Scaling = "mixed"
    _parameter_constraints = {
        "tables": "no_validation",
        "source_weight": [Interval(Real, 0, None, closed="neither")],
        "scaling": [SCALINGS],
    }

    def __init__(
        self, tables: Tables | None = None, source_weight: float = 1.0, scaling: Scaling = "mixed"
    ) -> None:
        self.tables = tables
        self.source_weight = source_weight
        self.scaling = scaling

    def _validate_params(self) -> None:
        named_tables(self.tables)  # first: Joint(X, y) would be a bad `source_weight`
        super()._validate_params()

    @property
    def needs_source(self) -> bool:
        return False

    def phases(self, layer_names: LayerNames, max_iter: int) -> list[Phase]:
        return [Phase(max_iter)]

    @property
    def named_tables(self) -> dict[str, WithTarget]:
        """The tables by name.

        The keys of a dict are names; a single table is ``'source'``, and those of a list are
        numbered.

        Errors about a table call it by this name.

        See Also
        --------
        phases : What is done with them.

        Examples
        --------
        >>> from sktransfer.strategies import Joint
        >>> list(Joint([([[1.0]], [0]), ([[2.0]], [1])]).named_tables)
        ['table0', 'table1']
        """
        return named_tables(self.tables)

    def without_tables(self) -> Joint:
        """The same strategy, the tables left out.

        It is what a fitted model keeps.

        Returns
        -------
        Joint
            Cannot be fitted again before it is given tables.

        See Also
        --------
        named_tables : What is left out.

        Examples
        --------
        >>> from sktransfer.strategies import Joint
        >>> Joint(([[1.0]], [0]), source_weight=2.0).without_tables()
        Joint(source_weight=2.0)
        """
        return Joint(None, self.source_weight, self.scaling)

    def get_params(self, deep: bool = True) -> dict[str, Tables | float | str | None]:
        """Get the parameters by name.

        Tables are shown by their numbers of rows.

        Parameters
        ----------
        deep : bool, default=True
            Nothing else here has parameters.

        Returns
        -------
        dict of str to object
            The tables are a copy of the tuple, list or dict, and hold the same frames.

        See Also
        --------
        named_tables : The tables by name.

        Examples
        --------
        >>> from sktransfer.strategies import Joint
        >>> Joint(([[1.0]], [0])).get_params()["tables"]
        <source: 1 row>
        """
        return dict(super().get_params(deep)) | {"tables": shown_by_size(self.tables)}

    def __sklearn_clone__(self) -> Joint:
        return Joint(self.tables, self.source_weight, self.scaling)

    def __deepcopy__(self, memo: dict[int, Any]) -> Joint:
        return self.__sklearn_clone__()
