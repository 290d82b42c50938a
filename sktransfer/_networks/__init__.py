"""Dense networks: the torch modules, how their weights start, and their predictions in numpy."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._networks._build import (
        build_network,
        head_masks,
        reference_layers,
        start_at_zero,
    )
    from sktransfer._networks._closed_form import (
        bumps,
        closed_form_predictions,
        rbf_kernel,
        recalibrate,
        scaled_columns,
        to_predictions,
        to_scores,
    )
    from sktransfer._networks._dense import DenseNetwork
    from sktransfer._networks._foreign import foreign_predictions
    from sktransfer._networks._forward import (
        CHUNK_ROWS,
        forward,
        in_users_unit,
        mixes_logs,
        to_mixing_scale,
        within_range,
    )
    from sktransfer._networks._given_table import GivenTable
    from sktransfer._networks._predict import (
        predict_member,
        predictions_from_scores,
        read,
        scores_of_path,
    )
    from sktransfer._networks._predictor import predict_members
    from sktransfer._networks._source_outputs import (
        as_linear_outputs,
        mapped_outputs,
        source_outputs,
    )
    from sktransfer._networks._tangent import (
        layer_gradients,
        layer_inputs,
        tangent_kernel,
        tangent_outputs,
    )

__getattr__, __dir__ = attach(
    __name__,
    {
        "_build": ["build_network", "head_masks", "reference_layers", "start_at_zero"],
        "_closed_form": [
            "bumps",
            "closed_form_predictions",
            "rbf_kernel",
            "recalibrate",
            "scaled_columns",
            "to_predictions",
            "to_scores",
        ],
        "_foreign": ["foreign_predictions"],
        "_forward": [
            "CHUNK_ROWS",
            "forward",
            "in_users_unit",
            "mixes_logs",
            "to_mixing_scale",
            "within_range",
        ],
        "_given_table": ["GivenTable"],
        "_predict": ["predict_member", "predictions_from_scores", "read", "scores_of_path"],
        "_predictor": ["predict_members"],
        "_source_outputs": ["as_linear_outputs", "mapped_outputs", "source_outputs"],
        "_tangent": ["layer_gradients", "layer_inputs", "tangent_kernel", "tangent_outputs"],
        "_dense": ["DenseNetwork"],
    },
)


__all__ = [
    "CHUNK_ROWS",
    "DenseNetwork",
    "GivenTable",
    "as_linear_outputs",
    "build_network",
    "bumps",
    "closed_form_predictions",
    "foreign_predictions",
    "forward",
    "head_masks",
    "in_users_unit",
    "layer_gradients",
    "layer_inputs",
    "mapped_outputs",
    "mixes_logs",
    "predict_member",
    "predict_members",
    "predictions_from_scores",
    "rbf_kernel",
    "read",
    "recalibrate",
    "reference_layers",
    "scaled_columns",
    "scores_of_path",
    "source_outputs",
    "start_at_zero",
    "tangent_kernel",
    "tangent_outputs",
    "to_mixing_scale",
    "to_predictions",
    "to_scores",
    "within_range",
]
