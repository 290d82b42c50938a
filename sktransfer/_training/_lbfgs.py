"""L-BFGS through SciPy, on the flat vector."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import minimize

from sktransfer._compat import check_optimize_result
from sktransfer._records import Phase
from sktransfer._training._steps import Steps


def minimize_lbfgs(steps: Steps, phase: Phase) -> tuple[int, float] | None:
    """Minimise the loss over all rows at once, moving only the layers that the phase frees.

    Parameters
    ----------
    steps : Steps
        Its network is trained in place.
    phase : Phase
        A learning-rate scale of 0 freezes a layer; other scales have no meaning here.

    Returns
    -------
    (n_iter, loss), or None
        Iterations and the penalised loss at the end; None where no layer is free.
    """
    flat, settings = steps.flat, steps.settings
    free = torch.cat(
        [torch.arange(at.start, at.stop) for at, _ in flat.segments(lambda n, _: phase.scale(n))]
        or [torch.arange(0)]
    ).to(flat.vector.device)
    if not len(free):
        return None

    def loss_and_gradient(values: np.ndarray) -> tuple[float, np.ndarray]:
        flat.vector[free] = torch.from_numpy(values).to(flat.vector)
        return steps.full_loss(), flat.gradient[free].cpu().numpy().astype(np.float64)

    result = minimize(
        loss_and_gradient,
        flat.vector[free].cpu().numpy().astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        options={"maxfun": settings.max_fun, "maxiter": phase.max_iter, "gtol": settings.tol},
    )
    flat.vector[free] = torch.from_numpy(result.x).to(flat.vector)
    return check_optimize_result("lbfgs", result, phase.max_iter), float(result.fun)
