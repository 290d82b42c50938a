"""A parameter ``source`` that scikit-learn's cloning and parameter setting leave as it is."""

from __future__ import annotations

from sklearn.base import BaseEstimator


class KeepsSource(BaseEstimator):
    """For estimators with a `source`: it is the user's, already fitted, and never changed."""

    def get_params(self, deep=True):
        """Get the parameters of this estimator; those of the source are not among them.

        The source is one parameter as a whole: a search may exchange it and cannot change it.

        Parameters
        ----------
        deep : bool, default=True
            Whether the parameters of a strategy instance are included, as
            ``strategy__<parameter>``.

        Returns
        -------
        dict
            Values by name.

        See Also
        --------
        set_params : Sets them.

        Examples
        --------
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.strategies import L2SP
        >>> TransferMLPClassifier(strategy=L2SP(0.5)).get_params()["strategy__strength"]
        0.5
        """
        params = super().get_params(deep=deep)
        return {name: value for name, value in params.items() if not name.startswith("source__")}

    def set_params(self, **params):
        """Set parameters of this estimator; the source's cannot be set through it.

        They count from the next fit on; what is fitted stays.

        Parameters
        ----------
        **params : dict
            Values by name; ``strategy__<parameter>`` is one of a strategy instance.

        Returns
        -------
        object
            The estimator itself.

        Raises
        ------
        ValueError
            For an unknown parameter, for any ``source__<parameter>``, and for a
            ``strategy__<parameter>`` where the strategy is a name.

        See Also
        --------
        get_params : Gets them.

        Examples
        --------
        >>> from sktransfer import TransferMLPClassifier
        >>> from sktransfer.strategies import L2SP
        >>> TransferMLPClassifier(strategy=L2SP()).set_params(strategy__strength=0.5).strategy
        L2SP(strength=0.5)
        """
        for name in params:
            if name.startswith("source__"):
                raise ValueError(
                    f"{name!r} would change the source, which belongs to you and is never changed "
                    "here. Set it on the source itself and refit it, or give another `source`."
                )
            strategy = params.get("strategy", getattr(self, "strategy", None))
            if name.startswith("strategy__") and isinstance(strategy, str):
                raise ValueError(
                    f"{name!r} would set a parameter of strategy={strategy!r}, a name; expected "
                    "an instance, which has parameters. Give one of sktransfer.strategies, such "
                    "as strategy=L2SP()."
                )
        return super().set_params(**params)

    def __sklearn_clone__(self):
        # an ordinary clone would un-fit the source: pass it on as it is
        shell = object.__new__(type(self))  # a copy would be without a strategy's tables
        shell.__dict__.update(self.__dict__, source=_Kept())
        new = BaseEstimator.__sklearn_clone__(shell)
        new.source = self.source
        return new


class _Kept:
    """Stands for the source while the rest of an estimator is cloned."""

    def __sklearn_clone__(self):
        return self
