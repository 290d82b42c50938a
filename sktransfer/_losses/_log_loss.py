"""The log loss of probabilities, behind softmax or logistic outputs."""

from __future__ import annotations

from sktransfer._losses._base import Namespace, OutputLoss, Values


class _LogLoss(OutputLoss):
    is_canonical = True
    is_averaged = False

    def constant(self, y, weight=None):
        raise NotImplementedError("constants of classes are their shares")


class SoftmaxLogLoss(_LogLoss):
    """Cross-entropy of classes of which each row has one."""

    name = activation = "softmax"

    def entries(self, xp, prediction, y):
        return -xp.xlogy(y, _clip(xp, prediction))

    def objective(self, xp, z, y):
        return -(y * xp.log_softmax(z, 1))


class LogisticLogLoss(_LogLoss):
    """Cross-entropy of independent labels."""

    name = activation = "logistic"

    def entries(self, xp, prediction, y):
        p = _clip(xp, prediction)
        return -(xp.xlogy(y, p) + xp.xlogy(1 - y, 1 - p))

    def objective(self, xp, z, y):
        return xp.nn.functional.softplus(z) - y * z


def _clip(xp: Namespace, probability: Values) -> Values:
    eps = xp.finfo(probability.dtype).eps
    return xp.clip(probability, eps, 1 - eps)
