"""Several strategies at once, weighted by held-out loss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Literal, TypeAlias, Union, cast

import numpy as np
from sklearn.base import BaseEstimator

from sktransfer._compat import HasMethods, Interval, StrOptions
from sktransfer._typing import Constraints, Entry
from sktransfer.strategies._additive import Additive
from sktransfer.strategies._base import Strategy
from sktransfer.strategies._boosting import Boosting
from sktransfer.strategies._joint import Joint
from sktransfer.strategies._l2_sp import L2SP
from sktransfer.strategies._linear import Linear
from sktransfer.strategies._recalibrate import Recalibrate
from sktransfer.strategies._scratch import Scratch
from sktransfer.strategies._smooth import Smooth
from sktransfer.strategies._tangent import Tangent
from sktransfer.strategies._trees import Trees

if TYPE_CHECKING:
    from sklearn.model_selection import BaseCrossValidator

#: Strategies or their names, which may be given names of their own.
Members = Sequence[Strategy | str] | Mapping[str, Strategy | str]
#: A number of folds, what makes some, or the rows of each.
Folding = Union[int, "BaseCrossValidator", Iterable[tuple[np.ndarray, np.ndarray]]]
#: What a parameter may be, of an ensemble, of a member, or of an estimator that is one.
Value: TypeAlias = Members | Mapping[str, float] | Folding | Strategy | BaseEstimator | Entry
#: Members that fail in different places; the last six do without a source.
DEFAULT_MEMBERS: dict[str, Strategy] = {
    "as_is": Recalibrate(update="none"),
    "recalibrate": Recalibrate(update="slope"),
    "aligned": Recalibrate(update="slope", scaling="mixed"),
    "tangent": Tangent(),
    "smooth": Smooth(),
    "l2_sp": L2SP(1.0),
    "boosting": Boosting(),
    "own_linear": Linear(),
    "own_smooth": Smooth(on_source=False),
    "own_additive": Additive(),
    "own_trees": Trees(on_source=False),
    "own_boosting": Boosting(on_source=False),
    "own_network": Scratch(),
}
#: The default member that is left out where there is a source: `l2_sp` is the network then.
WITHOUT_SOURCE_ONLY = DEFAULT_MEMBERS["own_network"]
#: Prior weights of members; 1 for others.
DEFAULT_PRIOR = {
    "as_is": 16.0,
    "recalibrate": 1.5,
    "l2_sp": 3.0,
    "smooth": 0.6,
    "own_linear": 0.6,
    "own_smooth": 0.6,
    "own_additive": 0.6,
    "own_trees": 0.4,
    "own_boosting": 0.4,
    "own_network": 0.3,
}


class WeightedEnsemble(Strategy):
    """A convex combination of members, weighted by held-out loss.

    Every member is fitted on all folds but one, in turn, and predicts the one left out.  The
    weights minimise the mean loss of the averaged out-of-fold predictions plus
    ``3 KL(prior ‖ weights) / n`` over the n rows (fewer where a class is rare): the prior counts
    for three rows of equally frequent classes, and with the member ``"as_is"`` for
    3 (1 + 10 / n).  In the end read-outs predict with the mean of their folds' models, and
    networks with the mean of their folds' weights; a network whose learning rate is not annealed
    to zero, or which `callbacks` or a validation set follow, is trained on all rows instead.
    Members that use the source where it does not help get no weight: that is the
    guard against negative transfer.

    Parameters
    ----------
    members : list of str or Strategy, or dict of str to str or Strategy, default=None
        The strategies; the keys of a dict name them, and a grid reaches their parameters as
        ``strategy__<name>__<parameter>``.  None takes the source's prediction as it is
        and with slope and intercept updated, the latter also for columns that have moved; its
        tangent and a smooth model, which start from it;
        L2-SP of strength 1; boosting on the columns and the source's outputs; and without the
        source a linear, a smooth and an additive model, trees and boosting, and a network from
        scratch where there is no source at all.  In a list, ``"auto"``
        stands for all of these, so that others can be added.  :class:`Joint` stands for members
        that learn from rows of other tables.
    prior : dict of str to float, default=None
        Prior weight per member's name, above 0, and 1 where it is not named; they need not sum to
        one.  None gives the default members without source less.
    cv : int, splitter or list of (train, test), default=4
        Folds: their number, a scikit-learn splitter (``TimeSeriesSplit`` where time has an
        order), or pairs of training and test rows.  Rows of one group (``fit(..., groups=)``)
        are never in two of a number of folds.
    sources : {'best', 'all'}, default='best'
        Of several sources (``source=[a, b, c]``), ``'best'`` gives members the most related one.
        ``'all'`` trains every member that uses a source once for each, under the name
        ``'<member>@<source>'``, and shares its prior weight among them, at a cost in proportion.

    See Also
    --------
    sktransfer.inspection.MemberWeightsDisplay : The weight of each member.
    Tangent : One of the default members.

    Notes
    -----
    It is what ``strategy="auto"`` means where there is a source.  Of more than 2,000 rows a
    quarter is held out once; every member that got weight is then fitted again on all.  With
    fewer than two rows per fold the weights are the prior.

    Held-out rows also change the prior.  A source as it is, or updated, that predicts worse than a
    constant by t standard errors has ``exp(-t)`` of its prior weight, and so has the source as it
    is where its updated prediction is better.  The updated one takes that over where it turns the
    source round, or, of numbers, as far as the rows are too few to learn more than a constant.

    ``member_weights_``, ``member_losses_`` and ``transfer_gain_`` (by how much the held-out loss
    falls with the members that use the source) are the result.  ``coefs_``, ``net_`` and the
    other attributes of a network are those of the primary network: the one that uses the source
    and has most weight.  Where it is the mean of its folds' networks, its losses are means,
    too; `callbacks` listen to its training on all rows.

    A stream (`partial_fit`) is fitted to all of its rows again whenever there are a quarter more,
    up to 1,000 rows.  The estimator keeps them until then, in a pickle too; ``save`` never writes
    them.  In between, and afterwards, the networks resume with one epoch a chunk, the other
    members stay as they are, and the weights follow the loss on each chunk before it is learned
    (exponentiated gradient, as long a step as the chunk's share of all rows seen).  A warm start
    trains the networks through again and keeps the weights.

    References
    ----------
    D. H. Wolpert, "Stacked generalization", Neural Networks 5, 1992; L. Breiman, "Stacked
    regressions", Machine Learning 24, 1996 (weights that are not negative); J. Kivinen, M. K.
    Warmuth, "Exponentiated Gradient versus Gradient Descent for Linear Predictors", Information
    and Computation 132, 1997 (weights on a stream).

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sktransfer import TransferMLPRegressor
    >>> from sktransfer.strategies import WeightedEnsemble, L2SP
    >>> X, y = load_diabetes(return_X_y=True)
    >>> women = X[:, 1] < 0
    >>> source = TransferMLPRegressor(random_state=0).fit(X[women], y[women])
    >>> both = WeightedEnsemble({"near": L2SP(1.0), "far": L2SP(0.01), "linear": "linear"})
    >>> target = TransferMLPRegressor(source=source, strategy=both, random_state=0)
    >>> sorted(target.fit(X[~women][:40], y[~women][:40]).member_weights_)
    ['far', 'linear', 'near']
    """

    is_ensemble = True
    _parameter_constraints: Constraints = {
        "members": [None, list, tuple, Mapping],
        "prior": [None, Mapping],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
            list,
            tuple,
        ],
        "sources": [StrOptions({"best", "all"})],
    }

    def __init__(
        self,
        members: Members | None = None,
        prior: Mapping[str, float] | None = None,
        cv: Folding = 4,
        sources: Literal["best", "all"] = "best",
    ) -> None:
        self.members = members
        self.prior = prior
        self.cv = cv
        self.sources = sources

    def get_params(self, deep: bool = True) -> dict[str, Value]:
        """Get the parameters, with those of members that a dict names.

        Members of a list have no names here.

        Parameters
        ----------
        deep : bool, default=True
            Whether members, as ``<name>``, and their parameters, as ``<name>__<parameter>``, are
            among them.

        Returns
        -------
        dict
            Parameter names mapped to values.

        See Also
        --------
        set_params : Sets them.

        Examples
        --------
        >>> from sktransfer.strategies import L2SP, WeightedEnsemble
        >>> WeightedEnsemble({"near": L2SP(2.0), "own": "scratch"}).get_params()["near__strength"]
        2.0
        """
        params: dict[str, Value] = super().get_params(deep=deep)
        members = self.members if deep and isinstance(self.members, Mapping) else {}
        nested: dict[str, Value] = {}
        for name, one in members.items():
            nested[name] = one
            if isinstance(one, Strategy):
                nested |= {f"{name}__{key}": value for key, value in one.get_params().items()}
        return nested | params

    def set_params(self, **params: Value) -> WeightedEnsemble:
        """Set parameters, also a member that a dict names, or the parameters of one.

        The dict itself is not changed.

        Parameters
        ----------
        **params : dict
            Parameters by name, ``<name>`` of a member, or ``<name>__<parameter>``.

        Returns
        -------
        WeightedEnsemble
            The strategy itself.

        Raises
        ------
        ValueError
            If there is no such parameter.

        See Also
        --------
        get_params : Gets them.

        Examples
        --------
        >>> from sktransfer.strategies import L2SP, WeightedEnsemble
        >>> strategy = WeightedEnsemble({"near": L2SP(2.0), "own": "scratch"})
        >>> strategy.set_params(near__strength=0.5, own="linear").members
        {'near': L2SP(strength=0.5), 'own': 'linear'}
        """
        own = self.get_params(deep=False)
        if "members" in params:
            self.members = cast("Members | None", params.pop("members"))
        if isinstance(self.members, Mapping):
            given = [name for name in params if name in self.members and name not in own]
            changed = {name: cast("Strategy | str", params.pop(name)) for name in given}
            self.members = {**self.members, **changed}  # the user's own dict is not changed
        super().set_params(**params)
        return self

    @property
    def prior_weights(self) -> dict[str, float]:
        """Prior weight by member's name, as far as it is not 1.

        Those of the default members are set; members of your own have equal weights unless `prior`
        says otherwise.

        See Also
        --------
        sktransfer.inspection.MemberWeightsDisplay : Draws the weights.

        Examples
        --------
        >>> from sktransfer.strategies import WeightedEnsemble
        >>> WeightedEnsemble(["l2_sp", "scratch"], prior={"scratch": 0.5}).prior_weights
        {'scratch': 0.5}
        """
        if self.prior is not None:
            return dict(self.prior)
        has_default = self.members is None or "auto" in _texts(self.members)
        return DEFAULT_PRIOR if has_default else {}

    @property
    def joint(self) -> Joint | None:
        """The rows of other tables that members learn from, None where there are none.

        Errors about these tables name it.

        See Also
        --------
        Joint : What is among the members.

        Examples
        --------
        >>> from sktransfer.strategies import Joint, WeightedEnsemble
        >>> WeightedEnsemble(["auto", Joint(([[1.0]], [0]))]).joint
        Joint(tables=<source: 1 row>)
        """
        members = self.members or ()
        every = members.values() if isinstance(members, Mapping) else members
        return next((one for one in every if isinstance(one, Joint)), None)

    def without_tables(self) -> WeightedEnsemble:
        """The same strategy, the rows of other tables left out.

        It is what a fitted model keeps.

        Returns
        -------
        WeightedEnsemble
            Cannot be fitted again before it is given tables.

        See Also
        --------
        joint : Where the tables are.

        Examples
        --------
        >>> from sktransfer.strategies import Joint, WeightedEnsemble
        >>> WeightedEnsemble(["auto", Joint(([[1.0]], [0]))]).without_tables()
        WeightedEnsemble(members=['auto', Joint()])
        """
        joint = self.joint
        return self if joint is None else self._with_joint(joint.without_tables())

    def with_tables(self, names: Collection[str]) -> WeightedEnsemble:
        """The same strategy, with some of the other tables only.

        Tables whose labels mean something else are left out.

        Parameters
        ----------
        names : collection of str
            Of the tables that stay.

        Returns
        -------
        WeightedEnsemble
            With the same members otherwise.

        See Also
        --------
        joint : Where the tables are.

        Examples
        --------
        >>> from sktransfer.strategies import Joint, WeightedEnsemble
        >>> tables = {"a": ([[1.0]], [0]), "b": ([[2.0]], [1])}
        >>> WeightedEnsemble(["auto", Joint(tables)]).with_tables(["b"]).joint
        Joint(tables=<b: 1 row>)
        """
        joint = self.joint
        if joint is None:
            return self
        left = {name: pair for name, pair in joint.named_tables.items() if name in names}
        return self._with_joint(Joint(left, joint.source_weight, joint.scaling))

    def _with_joint(self, joint: Joint) -> WeightedEnsemble:
        def changed(one: str | Strategy) -> str | Strategy:
            return joint if isinstance(one, Joint) else one

        members = self.members or ()
        made: Members = (
            {name: changed(one) for name, one in members.items()}
            if isinstance(members, Mapping)
            else [changed(one) for one in members]
        )
        return WeightedEnsemble(made, self.prior, self.cv, self.sources)

    @property
    def trains_network(self) -> bool:
        return True

    @property
    def needs_source(self) -> bool:
        return False


def _texts(members: Iterable[str | Strategy]) -> list[str]:
    return [one for one in members if isinstance(one, str)] if isinstance(members, list) else []
