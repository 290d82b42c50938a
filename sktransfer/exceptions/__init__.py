"""Everything this package raises or warns with.

::

    Exception
     └── ValueError
          ├── SourceError               the object given as ``source`` cannot be one
          │    ├── SourceKindError      … because of what it is (also a TypeError)
          │    ├── SourceLayersError    … because of its layers
          │    └── SourceFormatError    … because of the file it was saved in
          ├── TransferError             source and target do not fit together
          │    └── SourceRowsError      … because of the source's rows given to fit
          └── DivergenceError           training has led nowhere
     └── TypeError
          └── NotSavableError           what cannot be written without pickle
    sklearn.exceptions.NotFittedError   an unfitted ``source`` (scikit-learn's own class)

    Warning
     └── UserWarning
          └── TransferWarning           nothing, or less than expected, was carried over
     └── RuntimeWarning
          ├── OneClassWarning           y has one class only
          └── NoLabelsWarning           a task has no label at all
     └── sklearn.exceptions.ConvergenceWarning
          └── DivergenceWarning         training has gone wrong, and earlier weights were kept

Messages follow one grammar: the object in the user's words, what was expected, what was
found, the likely cause, the next step.  They are made by the classmethods below, so that
one mistake reads the same wherever it is noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sktransfer.exceptions._plain import callback_without_validation as callback_without_validation
from sktransfer.exceptions._plain import column_of_type as column_of_type
from sktransfer.exceptions._plain import (
    combination_of_several_tasks as combination_of_several_tasks,
)
from sktransfer.exceptions._plain import continuous_labels as continuous_labels
from sktransfer.exceptions._plain import device_is_missing as device_is_missing
from sktransfer.exceptions._plain import no_applicable_member as no_applicable_member
from sktransfer.exceptions._plain import no_callback as no_callback
from sktransfer.exceptions._plain import no_numbers as no_numbers
from sktransfer.exceptions._plain import not_exportable as not_exportable
from sktransfer.exceptions._plain import nothing_to_show as nothing_to_show
from sktransfer.exceptions._plain import repeated_columns as repeated_columns
from sktransfer.exceptions._plain import several_targets as several_targets
from sktransfer.exceptions._plain import unknown_name as unknown_name
from sktransfer.exceptions._saying import (
    KINDS,
    columns,
    conversion,
    likely_cause,
    listed,
    names_in_common,
    of_two_types,
)
from sktransfer.exceptions._saying import silenced as silenced
from sktransfer.exceptions._saying import warn as warn

__all__ = [
    "DivergenceError",
    "DivergenceWarning",
    "NoLabelsWarning",
    "NotSavableError",
    "OneClassWarning",
    "SourceError",
    "SourceFormatError",
    "SourceKindError",
    "SourceLayersError",
    "SourceRowsError",
    "TransferError",
    "TransferWarning",
    "unfitted_source",
]


class SourceError(ValueError):
    """The object given as ``source`` cannot serve as one."""

    @classmethod
    def not_refitted(cls, search: object) -> SourceError:
        return cls(
            f"`source` is a {type(search).__name__} without a refitted model; expected its "
            "`best_estimator_`. It was probably made with refit=False: use refit=True, or fit an "
            "estimator with the best parameters and give that."
        )


class SourceKindError(SourceError, TypeError):
    """The object given as ``source`` is of a kind that cannot be read."""

    @classmethod
    def unknown(cls, obj: object) -> SourceKindError:
        return cls(
            f"`source` must be {KINDS}; got {type(obj).__name__}. If it holds a dense network, "
            "describe it with sktransfer.sources.SourceDescription, or give its class a "
            "__sktransfer_describe__() method that returns one."
        )

    @classmethod
    def weights(cls, obj: object) -> SourceKindError:
        return cls(
            f"`source` is or holds a {type(obj).__name__} of torch, as a state_dict does; "
            "expected the module. Weights alone do not say in which order and with which "
            "activation they are used: load them into a module, module.load_state_dict(...), and "
            "give that."
        )

    @classmethod
    def several(cls, obj: object) -> SourceKindError:
        return cls(
            f"`source` is a {type(obj).__name__} of several; expected one source here. Estimators "
            "take several and start from the most related one; elsewhere, put them in order with "
            "sktransfer.model_selection.rank_sources(sources, X, y) and give the first."
        )

    @classmethod
    def none_of_several(cls, obj: object) -> SourceKindError:
        return cls(
            f"`source` is an empty {type(obj).__name__}; expected a list or dict of at least one "
            "source. Was it filtered down to nothing? Give source=None to train from scratch."
        )

    @classmethod
    def a_class(cls, obj: type) -> SourceKindError:
        return cls(
            f"`source` is the class {obj.__name__}; expected a fitted instance. Give "
            f"{obj.__name__}(...).fit(X_source, y_source)."
        )

    @classmethod
    def not_a_description(cls, obj: object, found: object) -> SourceKindError:
        return cls(
            f"The __sktransfer_describe__() of `source`, a {type(obj).__name__}, must return a "
            f"sktransfer.sources.SourceDescription; got {type(found).__name__}. Return "
            "SourceDescription(layers=[(weight, bias), ...], activation=...)."
        )

    @classmethod
    def no_table(cls, pipeline: object, step: tuple[str, object]) -> SourceKindError:
        return cls(
            f"The first step {step[0]!r} of `source`, a {type(step[1]).__name__} in a "
            f"{type(pipeline).__name__}, must take a table with a known number of columns; it "
            "has neither n_features_in_ nor feature_names_in_. It was probably fitted on texts, "
            "or is an own class that does not record them: set them in its fit, or put it into a "
            "ColumnTransformer."
        )

    @classmethod
    def no_network_inside(cls, wrapper: object, inner: object) -> SourceKindError:
        return cls(
            f"`source` is a {type(wrapper).__name__} around a {type(inner).__name__}, and only a "
            f"network can be carried over. Expected inside: {KINDS}."
        )


class SourceLayersError(SourceError):
    """The layers of ``source`` are not a chain of dense layers that can be carried over."""

    @classmethod
    def not_dense(cls, obj: object, layer: str) -> SourceLayersError:
        return cls(
            f"`source` is a {type(obj).__name__} with {layer}; expected a chain of dense "
            "(torch.nn.Linear) layers with one activation between them. Carry over its dense part "
            "by giving that part, or describe it with sktransfer.sources.SourceDescription."
        )

    @classmethod
    def uninitialized(cls, obj: object, layer: str) -> SourceLayersError:
        return cls(
            f"`source` is a {type(obj).__name__} whose {layer} has no weights yet; expected a "
            "trained module. A lazy layer gets its weights at its first forward pass: train the "
            "module, or load its weights, before giving it."
        )

    @classmethod
    def activation(cls, obj: object, found: str, known) -> SourceLayersError:
        return cls(
            f"`source` is a {type(obj).__name__} with activation {found}; expected one of "
            f"{listed(known)}. Layers trained with another activation mean nothing here; retrain "
            "the source with one of these."
        )

    @classmethod
    def shapes(cls, problem: str) -> SourceLayersError:
        return cls(
            f"The layers of `source` do not form a chain: {problem}. Each layer needs a weight of "
            "shape (n_inputs, n_outputs), a bias of shape (n_outputs,), and as many inputs as the "
            "layer before it has outputs."
        )

    @classmethod
    def not_finite(cls, layer: int) -> SourceLayersError:
        return cls(
            f"Layer {layer} of `source` has NaN or infinite weights; expected finite numbers. Its "
            "training probably diverged: retrain it with a smaller learning rate or scaled inputs."
        )


class SourceFormatError(SourceError):
    """A saved model cannot be read, because it is not there, damaged, or of another format."""

    @classmethod
    def missing(cls, path: object) -> SourceFormatError:
        return cls(
            f"There is no saved model at {str(path)!r}; expected a file in a directory that the "
            "`save` of an estimator of this package wrote. Check the path; models that were "
            "pickled go through pickle or joblib."
        )

    @classmethod
    def damaged(cls, path: object, problem: object) -> SourceFormatError:
        return cls(
            f"The saved model {str(path)!r} cannot be read: {str(problem)[:300]}. Expected it as "
            "`save` wrote it. It was probably cut off or changed on its way, or made by something "
            "else: save or download it again. Nothing of it was used."
        )

    @classmethod
    def protocol(cls, path: object, found: object, newest: int) -> SourceFormatError:
        return cls(
            f"The saved model {str(path)!r} is of protocol {str(found)[:80]}; expected one of 1 "
            f"to {newest}. It was probably saved by a newer version of sktransfer: install that, "
            "or save the model again with this one."
        )

    @classmethod
    def another_class(cls, path: object, found: str, wanted: str) -> SourceFormatError:
        return cls(
            f"The saved model {str(path)!r} is a {found[:80]}; expected a {wanted}. Load it with "
            "sktransfer.load, which asks the file."
        )


class NotSavableError(TypeError):
    """A part of an estimator cannot be written to a file without pickle."""

    @classmethod
    def kind(cls, at: str, value: object) -> NotSavableError:
        return cls(
            f"{at} is of type {type(value).__module__}.{type(value).__qualname__}; expected "
            "numbers, texts, records of this package, or one of the scikit-learn transformers "
            "that are written without pickle: scalers, encoders, SimpleImputer, PCA, and "
            "Pipeline, ColumnTransformer and FeatureUnion of these. Functions and classes of "
            "your own would have to be pickled, which is not safe to load. Set the parameter to "
            "another value (source=None, strategy='l2_sp'), or transform the table outside of "
            "the source."
        )

    @classmethod
    def not_finite(cls, at: str) -> NotSavableError:
        return cls(
            f"{at} has NaN or infinite numbers; expected finite ones. Its training probably "
            "diverged: retrain it with a smaller learning rate or scaled inputs."
        )


class TransferError(ValueError):
    """Source and target do not fit together in the way that was asked for."""

    @classmethod
    def activation(cls, wanted: str, source: str) -> TransferError:
        return cls(
            f"activation={wanted!r} differs from the source's {source!r}: layers trained with "
            "one activation mean nothing under another. Leave activation=None to take the "
            "source's, or use source=None."
        )

    @classmethod
    def widths(cls, wanted, source) -> TransferError:
        return cls(
            f"hidden_layer_sizes={tuple(wanted)} does not begin with the source's hidden layers "
            f"{tuple(source)}, so none of them can be carried over. Leave hidden_layer_sizes=None "
            "to take the source's, begin with them, or lower n_shared_layers; layers of the new "
            "task go into head_hidden_layer_sizes."
        )

    @classmethod
    def too_many_shared(cls, wanted: int, available: int) -> TransferError:
        return cls(
            f"n_shared_layers={wanted}, but source and target have {available} hidden layers in "
            f"common. Use a value from 0 to {available}, or None for all of them."
        )


class SourceRowsError(TransferError):
    """The source's rows that were given to ``fit`` cannot be trained on beside the target's."""

    @classmethod
    def missing(cls, given: tuple[bool, bool]) -> SourceRowsError:
        what = {
            (False, False): "X_source and y_source",
            (True, False): "y_source",
            (False, True): "X_source",
        }[given]
        return cls(
            f"strategy='joint' trains on the source's rows too; missing: {what}. Expected "
            "fit(X, y, X_source=..., y_source=...). In a pipeline or search, metadata routing "
            "hands them on: sklearn.set_config(enable_metadata_routing=True) and "
            "set_fit_request(X_source=True, y_source=True)."
        )

    @classmethod
    def training_goes_on(cls) -> SourceRowsError:
        return cls(
            "strategy='joint' with partial_fit or warm_start; expected fit. The source's output "
            "layer is not kept, so that its rows could not be gone on with. Use another strategy, "
            "such as 'l2_sp'."
        )

    @classmethod
    def columns(cls, X_source, ours: object) -> SourceRowsError:
        theirs = getattr(X_source, "columns", None)
        has = f"shape {X_source.shape}" if theirs is None else f"columns {listed(theirs)}"
        wants = f"{ours} columns" if isinstance(ours, int) else f"columns {listed(ours)}"
        return cls(
            f"X_source, a {type(X_source).__name__}, has {has}, and X has {wants}; expected names "
            "in common in two frames, or as many columns in the same order in two arrays. Give "
            "both tables in the same form, with the same names where columns mean the same."
        )

    @classmethod
    def text(cls) -> SourceRowsError:
        return cls(
            "X_source and X have columns that are text or categories in one and numbers in the "
            "other; expected columns of one name to be of one type. Convert them, or rename those "
            "that mean other things."
        )

    @classmethod
    def unlabelled(cls, name: str) -> SourceRowsError:
        return cls(
            f"y_source has no label at all in {name!r}; expected at least one. There is nothing "
            "to learn from it: leave the column out."
        )


class DivergenceError(ValueError):
    """Training has diverged, and there are no weights to fall back on."""

    @classmethod
    def at_once(cls, learning_rate: float | None) -> DivergenceError:
        return cls(
            "Solver produced non-finite parameter weights. The input data may contain large "
            "values and need to be preprocessed. There are no weights of before to fall back on. "
            + likely_cause(learning_rate)
        )


class DivergenceWarning(ConvergenceWarning):
    """Training has diverged; the best weights of before are kept."""

    @classmethod
    def restored(cls, learning_rate: float | None) -> DivergenceWarning:
        return cls(
            "Training diverged: the loss, expected to fall, grew beyond its first value or beyond "
            f"all numbers. The best weights until then are kept. {likely_cause(learning_rate)}"
        )

    @classmethod
    def members(cls, names) -> DivergenceWarning:
        return cls(
            f"The training of members {listed(names)} of the combination diverged; expected all "
            "to train. They get no weight, and the others answer. Try a smaller "
            "learning_rate_init."
        )


class TransferWarning(UserWarning):
    """Nothing, or less than one would expect, was carried over from the source."""

    @classmethod
    def nothing_in_common(
        cls,
        source: str,
        theirs: tuple[int, Sequence[str] | None],
        ours: tuple[int, Sequence[str] | None],
        instead: str,
        *,
        types: Mapping[str, tuple[str, str]],
        lacking: Collection[str],
        made: Collection[str],
        prefixed: Collection[str],
    ) -> TransferWarning:
        # of either table the number of columns, and their names if any
        if types:
            cure = conversion(types, lacking)
        else:
            cure = names_in_common(theirs[1], ours[1], made, prefixed)
        return cls(
            f"Nothing was carried over from the source ({source}): it has {columns(*theirs)}, X "
            f"has {columns(*ours)}, and none is matched. {instead}. {cure}"
        )

    @classmethod
    def output_layer(cls, source: str, reason: str, cure: str) -> TransferWarning:
        return cls(
            f"The output layer of the source ({source}), which the strategy keeps, is not kept: "
            f"{reason}. A new one is trained. {cure}"
        )

    @classmethod
    def other_types(
        cls, source: str, types: Mapping[str, tuple[str, str]], lacking: Collection[str] = ()
    ) -> TransferWarning:
        # with those that are lacking, the source's own steps would take them
        return cls(
            f"Of the source ({source}), columns that are of another type in X are not carried "
            f"over: {of_two_types(types)}. Expected columns of one name to be of one type. "
            f"{conversion(types, lacking)}"
        )


class OneClassWarning(RuntimeWarning):
    """The labels to learn from are all the same."""


class NoLabelsWarning(RuntimeWarning):
    """One of several tasks has no label to learn from."""


def unfitted_source(obj: object) -> NotFittedError:
    """The error for a source that was never fitted, or lost its fit to ``clone``.

    Parameters
    ----------
    obj : object
        What was given as source.

    Returns
    -------
    NotFittedError
    """
    return NotFittedError(
        f"The {type(obj).__name__} given as `source` is not fitted; expected a fitted one. Either "
        "`fit` was never called on it, or scikit-learn cloned it: a grid such as "
        '{"source": [None, model]} clones each candidate value. Wrap it there: '
        '{"source": [None, sklearn.frozen.FrozenEstimator(model)]}.'
    )
