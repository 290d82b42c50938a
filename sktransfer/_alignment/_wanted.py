"""The network that a user requests, which may start from a source."""

from __future__ import annotations

from dataclasses import dataclass

from sktransfer._records import ClassMap


@dataclass(frozen=True)
class Wanted:
    """What the user's parameters say about the network.

    Attributes
    ----------
    hidden_layer_sizes : tuple of int or None
    head_hidden_layer_sizes : tuple of int
    activation : str or None
    n_shared_layers : int or None
    default_sizes : tuple of int
        Hidden layers where neither user nor source name any.
    carries_trunk, carries_head : bool
        What the strategy takes from the source.
    insists_on_head : bool
        Whether it is worth a warning where the output layer cannot be kept.
    is_alone : bool
        Whether it is one network that starts from hidden layers only, and not of an ensemble.
    feature_alignment : {'name', 'position'}
    class_map : dict or None
        Label in the source → label in the target, for labels of another name there.
    """

    hidden_layer_sizes: tuple[int, ...] | None
    head_hidden_layer_sizes: tuple[int, ...]
    activation: str | None
    n_shared_layers: int | None
    default_sizes: tuple[int, ...]
    carries_trunk: bool = True
    carries_head: bool = False
    insists_on_head: bool = False
    is_alone: bool = False
    feature_alignment: str = "name"
    class_map: ClassMap | None = None
