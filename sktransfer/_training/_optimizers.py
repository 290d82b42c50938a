"""Adam and SGD on one flat vector, step for step scikit-learn's.

The optimisers are torch optimisers in name and interface (schedulers and skorch callbacks may
set ``param_groups[0]["lr"]``), but hold their state as whole vectors and take one step with
one kernel per contiguous piece of equal learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from math import cos, pi, sqrt
from typing import Any, ClassVar, TypeAlias, cast

import torch
from torch import Tensor

from sktransfer._compat import fused_adam
from sktransfer._preprocessing import ChangeOfInputs
from sktransfer._records import Phase, TrainingSettings
from sktransfer._training._flat import FlatParameters

#: What an optimiser's pickle has as it is.
_STATE = ("settings", "n_steps", "t", "balancing_state")

#: Parameters, their gradient and what is kept of it, as the step of an optimiser takes them.
Piece: TypeAlias = Sequence[Tensor] | Sequence[list[Tensor]]


def light_add_param_group(self: torch.optim.Optimizer, param_group: dict[str, Any]) -> None:
    """Add a group of parameters, as torch's optimisers do, without their checks."""
    param_group["params"] = list(param_group["params"])
    for name, default in self.defaults.items():
        param_group.setdefault(name, default)
    self.param_groups.append(param_group)


def _parameter(vector: Tensor) -> torch.nn.Parameter:
    return torch.nn.Parameter(vector, requires_grad=False)


class FlatOptimizer(torch.optim.Optimizer):
    """What the two optimisers share: learning-rate schedules and segments.

    Parameters
    ----------
    flat : FlatParameters
    phase : Phase
        Its learning-rate scales; a layer with scale 0 is never touched.
    settings : TrainingSettings
    n_steps : int
        Length of the cosine schedule.

    Attributes
    ----------
    t : int
        Steps taken.
    balancing_state : object
        The state of a balancing of several tasks; None where there is none.
    """

    #: Whether each vector of the memory is one of gradients or of their squares.
    _is_of: ClassVar[tuple[str, ...]]

    def __init__(
        self, flat: FlatParameters, phase: Phase, settings: TrainingSettings, n_steps: int
    ) -> None:
        self.settings = settings
        self.n_steps = n_steps
        self.t = 0
        self.balancing_state: Any = None
        self._allocate(flat.vector)
        super().__init__([_parameter(flat.vector)], {"lr": settings.learning_rate_init})
        self._attach(flat, phase)

    def resume(self, flat: FlatParameters, phase: Phase, settings: TrainingSettings) -> None:
        """Resume with other tensors of the same shape; state and learning rate are kept.

        Where the schedule has ended, memory and learning rate start anew.
        """
        before = self._memory()
        if self.has_ended:
            self.learning_rate = settings.learning_rate_init
            self._allocate(flat.vector)
            self.t = 0
        elif before[0].device != flat.vector.device:
            self._allocate(flat.vector)
            self._remember(before)
        self.param_groups[0]["params"] = [_parameter(flat.vector)]
        self.settings = replace(
            self.settings, learning_rate=settings.learning_rate, alpha=settings.alpha
        )
        self._attach(flat, phase)

    def after(self, change: ChangeOfInputs, shapes: Sequence[tuple]) -> FlatOptimizer:
        """A copy for a network whose inputs have changed, and its first layer with them.

        Parameters
        ----------
        change : ChangeOfInputs
        shapes : sequence of (tuple, tuple)
            Shapes of each layer's weight and bias, (n_inputs, n_outputs) and (n_outputs,).
        """
        copy = deepcopy(self)
        if self.has_ended:
            return copy
        (n_inputs, n_outputs), _ = shapes[0]
        n_weights = sum(n * m for (n, m), _ in shapes)
        for vector, what in zip(copy._memory(), self._is_of, strict=True):
            weight = vector[: n_inputs * n_outputs].view(n_outputs, n_inputs)
            bias = vector[n_weights : n_weights + n_outputs]
            moved = getattr(change, what)(weight.cpu().numpy().T, bias.cpu().numpy())
            weight.copy_(torch.from_numpy(moved.T))
        return copy

    @property
    def has_ended(self) -> bool:
        """Whether there is a cosine schedule, which anneals the learning rate to nothing."""
        return self.settings.learning_rate == "cosine"

    def forget(self) -> None:
        """Free every array of the parameters' size."""
        self._allocate(torch.empty(0))
        self._gradient = torch.empty(0)
        self._pieces: list = []
        self.param_groups[0]["params"] = [_parameter(torch.empty(0))]

    def _attach(self, flat: FlatParameters, phase: Phase) -> None:
        self._gradient = flat.gradient
        alpha = self.settings.alpha

        def scale_and_decay(name: str, weights: bool) -> tuple[float, float] | None:
            decay = phase.decay(name, alpha) if weights else 0.0
            return (phase.scale(name), decay) if phase.scale(name) else None

        self._pieces = [
            (scale, decay, self._bound(*(v[at] for v in self._vectors(flat))))
            for at, (scale, decay) in flat.segments(scale_and_decay)
        ]

    def _vectors(self, flat: FlatParameters) -> list[Tensor]:
        return [flat.vector, flat.gradient, *self._memory()]

    def _bound(self, *tensors: Tensor) -> Piece:
        """Tensors of a piece as `_update` takes them."""
        return tensors

    # the base class's version imports torch's compiler: a second in every new process
    add_param_group = light_add_param_group

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next step, before each layer's scale."""
        return self.param_groups[0]["lr"]

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.param_groups[0]["lr"] = value

    def zero_grad(self, set_to_none: bool = False) -> None:
        self._gradient.zero_()

    def step(self, closure=None, *, weight_sum: float = 1.0) -> None:  # type: ignore[override]
        """Move along the gradient, and decay the weights by ``alpha / weight_sum``."""
        if self.settings.learning_rate == "cosine":
            self.learning_rate = self._cosine()
        self.t += 1
        learning_rate = self._step_size()
        for scale, decay, piece in self._pieces:
            self._update(learning_rate * scale, decay / weight_sum, piece)

    # keeps torch from wrapping it in its profiler, which costs as much as a small step
    step.hooked = True  # type: ignore[attr-defined]

    def _cosine(self) -> float:
        # I. Loshchilov, F. Hutter, "SGDR", ICLR 2017, equation 5, without restarts, after a
        # linear warm-up over the first twentieth of the steps
        n_warm = max(1, self.n_steps // 20)
        warm_up = min(1.0, (self.t + 1) / n_warm)
        return (
            self.settings.learning_rate_init
            * warm_up
            * (0.5 * (1 + cos(pi * min(1.0, self.t / self.n_steps))))
        )

    def epoch_ends(self, n_samples_seen: int) -> None:
        """Adjust the learning rate after an epoch, where the schedule says so."""

    def on_plateau(self) -> tuple[bool, str]:
        """Whether training that no longer improves should end now, and what to say to it."""
        return True, "Stopping."

    def _allocate(self, like: Tensor) -> None:
        """Begin with an empty memory."""
        raise NotImplementedError

    def _memory(self) -> list[Tensor]:
        """The optimiser's memory: vectors as long as the parameters."""
        raise NotImplementedError

    def _remember(self, memory: list[Tensor]) -> None:
        for ours, theirs in zip(self._memory(), memory, strict=False):
            ours.copy_(theirs)

    def _step_size(self) -> float:
        return self.learning_rate

    def _update(self, learning_rate: float, decay: float, piece: Piece) -> None:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        state = {name: getattr(self, name) for name in _STATE}
        state["learning_rate"] = self.learning_rate
        # arrays travel between processes as memory maps, tensors do not
        state["memory"] = [vector.cpu().numpy() for vector in self._memory()]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name in _STATE:
            setattr(self, name, state[name])
        memory = [torch.tensor(vector) for vector in state["memory"]]
        self._allocate(memory[0])
        self._remember(memory)
        super().__init__([_parameter(torch.empty(0))], {"lr": state["learning_rate"]})


class FlatAdam(FlatOptimizer):
    """Adam, with epsilon where scikit-learn's Adam has it.

    D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, end of
    section 2 (the efficient form): the correction of both averages is part of the step size,
    and epsilon is added to the uncorrected root.
    """

    _fused_step = staticmethod(fused_adam())
    _is_of = ("gradient", "squared_gradient")

    def _allocate(self, like: Tensor) -> None:
        self._m, self._v = torch.zeros_like(like), torch.zeros_like(like)

    def _memory(self) -> list[Tensor]:
        return [self._m, self._v]

    def _bound(self, *tensors: Tensor) -> Piece:
        # torch's correction of both averages is 1 at its infinite step: ours is in the step size
        n_steps = tensors[0].new_full((), float("inf"), dtype=torch.float32)
        vector, gradient, m, v = ([tensor] for tensor in tensors)
        return vector, gradient, m, v, [], [n_steps]

    def _step_size(self) -> float:
        settings, t = self.settings, self.t
        return self.learning_rate * sqrt(1 - settings.beta_2**t) / (1 - settings.beta_1**t)

    def _update(self, learning_rate: float, decay: float, piece: Piece) -> None:
        settings = self.settings
        self._fused_step(
            *piece,
            amsgrad=False,
            lr=learning_rate,
            beta1=settings.beta_1,
            beta2=settings.beta_2,
            weight_decay=decay,
            eps=settings.epsilon,
            maximize=False,
        )


class FlatSGD(FlatOptimizer):
    """Stochastic gradient descent with (Nesterov) momentum and scikit-learn's schedules."""

    _is_of = ("gradient",)

    def _allocate(self, like: Tensor) -> None:
        self._velocity = torch.zeros_like(like)

    def _memory(self) -> list[Tensor]:
        return [self._velocity]

    def _update(self, learning_rate: float, decay: float, piece: Piece) -> None:
        vector, gradient, velocity = cast("Sequence[Tensor]", piece)
        momentum = self.settings.momentum
        move = gradient if not decay else gradient.add(vector, alpha=decay)
        velocity.mul_(momentum).sub_(move, alpha=learning_rate)
        if self.settings.nesterovs_momentum:
            velocity = (momentum * velocity).sub_(move, alpha=learning_rate)
        vector.add_(velocity)

    def epoch_ends(self, n_samples_seen: int) -> None:
        if self.settings.learning_rate == "invscaling":
            self.learning_rate = (
                self.settings.learning_rate_init / (n_samples_seen + 1) ** self.settings.power_t
            )

    def on_plateau(self) -> tuple[bool, str]:
        if self.settings.learning_rate != "adaptive":
            return super().on_plateau()
        if self.learning_rate <= 1e-6:
            return True, "Learning rate too small. Stopping."
        self.learning_rate /= 5.0
        return False, f"Setting learning rate to {self.learning_rate:f}"


#: Optimisers by the name that ``solver=`` takes.
OPTIMIZERS: dict[str, type[FlatOptimizer]] = {"adam": FlatAdam, "sgd": FlatSGD}
