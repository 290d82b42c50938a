"""The model card: what a person, or a hub, wants to know of a saved model."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sktransfer._records import SavedModel

#: A line of a card that may be written anew.
MARK = "<!-- Written by sktransfer. Without this line it will not be overwritten. -->"
_MOST = 20


def card(saved: SavedModel) -> str:
    """Markdown with the front matter that model hubs read."""
    source, target = saved.description, saved.description.target
    task = "regression" if target is None or target.kind == "regression" else "classification"
    sizes = [source.inputs.n_inputs, *source.hidden_layer_sizes, len(source.layers[-1].bias)]
    columns = source.inputs.columns
    rows = {
        "network": f"{' → '.join(map(str, sizes))}, {source.activation}",
        "columns": f"{columns.n_features}: {_listed(columns.names or ())}",
        "target": task if target is None else target.kind,
    }
    if target is not None and target.classes is not None:
        rows["classes"] = _listed(target.labels)
    report = saved.fitted.get("transfer_report_")
    if report is not None and report.source is not None:
        carried = f"{report.n_carried:,} of {report.n_parameters:,} parameters"
        rows["started from"] = f"{_code(report.source)}: {carried}"
    weights = saved.fitted.get("member_weights_", {})
    if weights:
        rows["network"] += " (the leading member)"
        mixed = (f"{_code(name)} {weight:.2f}" for name, weight in weights.items())
        rows["members, by weight"] = ", ".join(mixed)
    table = "\n".join(f"| {name} | {text} |" for name, text in rows.items())
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
safetensors and JSON.  It contains no code and no pickle.

| | |
|---|---|
{table}

```python
import sktransfer

model = sktransfer.load("path/to/this/directory")
model.predict(X)

# or as the start of another model
sktransfer.{saved.estimator}(source="path/to/this/directory").fit(X_few, y_few)
```

To be filled in by whoever publishes it: what it was trained on and when, how well it does and on
which rows that was measured, what it should not be used for, and its license.
"""


def _listed(names: Sequence) -> str:
    """Names as code that no character of theirs can leave."""
    shown = ", ".join(_code(name) for name in names[:_MOST])
    return shown + (f", and {len(names) - _MOST} more" if len(names) > _MOST else "") or "nameless"


def _code(name: object) -> str:
    text = json.dumps(str(name), ensure_ascii=False)[1:-1][:60]
    return f"`{text.replace('`', '´').replace('|', '¦')}`"
