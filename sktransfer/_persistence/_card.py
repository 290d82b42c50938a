"""The model card: a summary of a saved model for people and hubs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sktransfer._records import FittedModel, SavedModel, SourceDescription

#: A line of a card that may be written anew.
MARK = "<!-- Written by sktransfer. Without this line it will not be overwritten. -->"
_MOST = 20
_KEPT_SOURCE = """
It also contains the source as it was fitted.  Some estimators keep rows of their own table, such
as nearest neighbours, support vector machines and Gaussian processes: if the source is one of
these, its rows are in this file.
"""


def card(saved: SavedModel) -> str:
    """Markdown with the front matter that model hubs read."""
    model: FittedModel = saved.fitted["model"]
    target, columns = model.target, model.primary_member.inputs.columns
    task = "regression" if target.kind == "regression" else "classification"
    rows = {
        "network": _network(saved.description) + (" (the primary one)" * model.is_ensemble),
        "columns": f"{columns.n_features}: {_listed(columns.names or ())}",
        "target": target.kind,
    }
    if target.classes is not None:
        rows["classes"] = _listed(target.labels)
    if model.source is not None:
        n_carried = sum(row.n_parameters for row in model.report)
        rows["started from"] = f"{_code(model.source)}: {n_carried:,} parameters"
    if model.is_ensemble:
        weights = zip(model.members, model.weights, strict=True)
        mixed = (f"{_code(member.name)} {weight:.2f}" for member, weight in weights)
        rows["members, by weight"] = ", ".join(mixed)
    # a source without layers is the only part of a file whose numbers are not checked
    is_to_trust = any(member.predictor is not None for member in model.members)
    trust = ", trust_source=True" if is_to_trust else ""
    source = "model" if is_to_trust else '"path/to/this/directory"'
    table = "\n".join(f"| {name} | {text} |" for name, text in rows.items())
    kept = _KEPT_SOURCE if is_to_trust or _keeps_a_source(saved.params.get("source")) else ""
    return f"""---
library_name: sktransfer
tags:
- sktransfer
- transfer-learning
- tabular-{task}
pipeline_tag: tabular-{task}
---
{MARK}

# {saved.estimator}

A network for tables, saved by [sktransfer](https://pypi.org/project/sktransfer/) as
safetensors and JSON.  It contains no code, no pickle and no row of the table that it was fitted
to, but the categories of its columns.
{kept}
| | |
|---|---|
{table}

```python
import sktransfer

model = sktransfer.load("path/to/this/directory"{trust})
model.predict(X)

# or as the start of another model
sktransfer.{saved.estimator}(source={source}).fit(X_few, y_few)
```

To be filled in by whoever publishes it: what it was trained on and when, how well it does and on
which rows that was measured, what it should not be used for, and its license.
"""


def _keeps_a_source(
    source: SourceDescription
    | Sequence[SourceDescription]
    | Mapping[str, SourceDescription]
    | None,
) -> bool:
    """Whether a source by its predictions is among the parameters in a file."""
    if isinstance(source, Mapping):
        source = list(source.values())
    every = source if isinstance(source, Sequence) else [source]
    return any(one is not None and one.predictor is not None for one in every)


def _network(description: SourceDescription | None) -> str:
    if description is None:
        return "none: read-outs alone"
    sizes = [description.inputs.n_inputs, *description.hidden_layer_sizes]
    sizes.append(len(description.layers[-1].bias))
    return f"{' → '.join(map(str, sizes))}, {description.activation}"


def _listed(names: Sequence) -> str:
    """Names as code that no character of theirs can leave."""
    shown = ", ".join(_code(name) for name in names[:_MOST])
    return shown + (f", and {len(names) - _MOST} more" if len(names) > _MOST else "") or "nameless"


def _code(name: str | int) -> str:
    text = json.dumps(str(name), ensure_ascii=False)[1:-1][:60]
    return f"`{text.replace('`', '´').replace('|', '¦')}`"
