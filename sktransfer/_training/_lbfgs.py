"""L-BFGS through SciPy, on the flat vector."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import minimize

from sktransfer._compat import check_optimize_result
from sktransfer._records import Phase


def minimize_lbfgs(trainer, phase: Phase) -> None:
    """Minimise the loss over all rows at once, moving only the layers that the phase frees.

    Parameters
    ----------
    trainer : Trainer
        Its network is trained in place and its history filled.
    phase : Phase
        A learning-rate scale of 0 freezes a layer; other scales have no meaning here.
    """
    flat, settings = trainer.flat, trainer.settings
    free = torch.cat(
        [torch.arange(at.start, at.stop) for at, _ in flat.segments(lambda n, _: phase.scale(n))]
        or [torch.arange(0)]
    ).to(flat.vector.device)
    if not len(free):
        return

    def loss_and_gradient(values: np.ndarray) -> tuple[float, np.ndarray]:
        flat.vector[free] = torch.from_numpy(values).to(flat.vector)
        return trainer.full_loss(), flat.gradient[free].cpu().numpy().astype(np.float64)

    result = minimize(
        loss_and_gradient,
        flat.vector[free].cpu().numpy().astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        options={"maxfun": settings.max_fun, "maxiter": phase.max_iter, "gtol": settings.tol},
    )
    flat.vector[free] = torch.from_numpy(result.x).to(flat.vector)
    trainer.history.n_iter += check_optimize_result("lbfgs", result, phase.max_iter)
    trainer.history.loss = float(result.fun)
    trainer.safeguard.sees(trainer.history.loss, trainer.history.n_iter)
