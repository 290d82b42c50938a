"""Where a network is trained."""

from __future__ import annotations

import torch

#: Floating-point operations of a step from which on a GPU is worth it: a step of three dense
#: layers is some thirty kernels of about ten microseconds each, whatever their size.
LARGE_STEP = 1e9


def training_device(device: str, n_operations: float) -> torch.device:
    """The device that `device` names.

    Parameters
    ----------
    device : str
        A device of torch's, or ``'auto'``: a CUDA GPU for large steps where there is one, else
        the CPU.
    n_operations : float
        Floating-point operations of one training step.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If there is no such device.
    """
    if device == "cpu":
        return torch.device("cpu")
    if device == "auto":
        pays = n_operations >= LARGE_STEP and torch.cuda.is_available()
        return torch.device("cuda" if pays else "cpu")
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        raise ValueError(
            f"device={device!r} cannot be trained on; expected 'auto', 'cpu' or a device that "
            "torch has here, such as 'cuda' where torch.cuda.is_available(). torch says: "
            f"{str(error).splitlines()[0].rstrip('.')}. Give device='auto', or install a torch "
            "for this device."
        ) from error
