"""Models on frozen features, fitted at once: linear layers, trees, and sums of kernels."""

from typing import TYPE_CHECKING

from sktransfer._lazy import attach

if TYPE_CHECKING:
    from sktransfer._readouts._absent_columns import without_columns
    from sktransfer._readouts._closed_form import (
        ClosedFormFit,
        Learning,
        fit_closed_form,
        fit_source_alone,
    )
    from sktransfer._readouts._features import curves_of, draw_landmarks, own_columns
    from sktransfer._readouts._linear import STRENGTHS, linear_path
    from sktransfer._readouts._located import located
    from sktransfer._readouts._parts import (
        FeaturePart,
        TangentPart,
        function_part,
        linear_part,
        output_part,
        tangent_part,
    )
    from sktransfer._readouts._recalibrate import (
        LADDER,
        RecalibrationFit,
        recalibration_ladder,
    )
    from sktransfer._readouts._tangent import source_gradients, tangent_directions
    from sktransfer._readouts._trees import (
        boost_trees,
        can_boost,
        concatenated_trees,
        grow_extra_trees,
        mean_of_path,
        starts_anywhere,
        sum_of_trees,
    )

__getattr__, __dir__ = attach(
    __name__,
    {
        "_absent_columns": ["without_columns"],
        "_closed_form": ["ClosedFormFit", "Learning", "fit_closed_form", "fit_source_alone"],
        "_features": ["curves_of", "draw_landmarks", "own_columns"],
        "_linear": ["STRENGTHS", "linear_path"],
        "_located": ["located"],
        "_parts": [
            "FeaturePart",
            "TangentPart",
            "function_part",
            "linear_part",
            "output_part",
            "tangent_part",
        ],
        "_recalibrate": ["LADDER", "RecalibrationFit", "recalibration_ladder"],
        "_tangent": ["source_gradients", "tangent_directions"],
        "_trees": [
            "boost_trees",
            "can_boost",
            "concatenated_trees",
            "grow_extra_trees",
            "mean_of_path",
            "starts_anywhere",
            "sum_of_trees",
        ],
    },
)


__all__ = [
    "LADDER",
    "STRENGTHS",
    "ClosedFormFit",
    "FeaturePart",
    "Learning",
    "RecalibrationFit",
    "TangentPart",
    "boost_trees",
    "can_boost",
    "concatenated_trees",
    "curves_of",
    "draw_landmarks",
    "fit_closed_form",
    "fit_source_alone",
    "function_part",
    "grow_extra_trees",
    "linear_part",
    "linear_path",
    "located",
    "mean_of_path",
    "output_part",
    "own_columns",
    "recalibration_ladder",
    "source_gradients",
    "starts_anywhere",
    "sum_of_trees",
    "tangent_directions",
    "tangent_part",
    "without_columns",
]
