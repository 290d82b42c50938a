"""The report of a transfer: ``transfer_report_``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from sktransfer._records import ReportRow

_PARTS = {
    "table": "tables",
    "source": "sources",
    "member": "members",
    "layer": "layers",
    "column": "columns",
    "category": "categories",
    "class": "classes",
    "reading": "texts",
}


class TransferReport:
    """What was carried over from a source, what began anew, what was left behind, and why.

    Estimators publish it as ``transfer_report_``; notebooks show it below the estimator.

    Parameters
    ----------
    rows : sequence of ReportRow
        One for every source to choose from, layer, column, category and class.
    source : str or None
        Name of the source, None where there was none.
    n_parameters : int
        Weights and biases of the network.

    Attributes
    ----------
    n_carried : int
        Weights and biases that started from the source.

    See Also
    --------
    sktransfer.inspection.ReportRow : A line of it.
    sktransfer.inspection.LayerChangeDisplay : How far layers have moved since.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sktransfer import TransferMLPClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> source = TransferMLPClassifier(max_iter=5, random_state=0).fit(X.iloc[:, :3], y)
    >>> target = TransferMLPClassifier(source=source, max_iter=5, random_state=0).fit(X, y)
    >>> target.transfer_report_.counts("column")
    {'carried': 3, 'fresh': 1}
    >>> frame = target.transfer_report_.to_frame()
    >>> frame.query("part == 'column' and status == 'fresh'")["name"].item()
    'petal width (cm)'
    """

    def __init__(self, rows: Sequence[ReportRow], source: str | None, n_parameters: int) -> None:
        self.rows = tuple(rows)
        self.source = source
        self.n_parameters = n_parameters

    @property
    def n_carried(self) -> int:
        """Weights and biases that started from the source.

        Those of layers that were carried whole, and of columns and classes that were.

        See Also
        --------
        headline : Says it in a sentence.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("layer", "shared_layers.0", "carried", "", 12)]
        >>> TransferReport(rows, "old", 20).n_carried
        12
        """
        return sum(row.n_parameters for row in self.rows)

    def counts(self, part: str) -> dict[str, int]:
        """How many layers, columns, categories or classes have which status.

        Statuses come in the order in which they first appear.

        Parameters
        ----------
        part : {'table', 'source', 'member', 'layer', 'column', 'category', 'class', 'reading'}
            What to count.

        Returns
        -------
        dict of str to int
            Number by status; empty where there is no such part.

        See Also
        --------
        to_frame : Every line, with its reason.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> became = {"age": "carried", "bmi": "fresh"}
        >>> rows = [ReportRow("column", name, status, "") for name, status in became.items()]
        >>> TransferReport(rows, "old", 20).counts("column")
        {'carried': 1, 'fresh': 1}
        """
        return dict(Counter(row.status for row in self.rows if row.part == part))

    def to_frame(self):
        """The whole report as a table; needs pandas.

        To sort and filter, or to log with a model.

        Returns
        -------
        pandas.DataFrame
            Columns ``part``, ``name``, ``status``, ``reason``, ``n_parameters``.

        See Also
        --------
        counts : How many have which status.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("column", "age", "carried", "same name", 8)]
        >>> TransferReport(rows, "old", 20).to_frame()["reason"].tolist()
        ['same name']
        """
        import pandas as pd

        columns = ["part", "name", "status", "reason", "n_parameters"]
        records = [[getattr(row, column) for column in columns] for row in self.rows]
        return pd.DataFrame(records, columns=columns)

    def headline(self) -> str:
        """How many parameters started from where, in a sentence.

        Without a source, or where nothing was carried, it says why.

        Returns
        -------
        str
            One sentence, with its full stop.

        See Also
        --------
        n_carried : The number alone.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("layer", "shared_layers.0", "carried", "", 12)]
        >>> TransferReport(rows, "the model of 2025", 20).headline()
        '12 of 20 parameters started from the model of 2025.'
        """
        if self.source is None:
            reasons = (row.reason for row in self.rows if row.part == "layer")
            return f"Nothing was carried over: {next(reasons, 'there was no source')}."
        if not self.n_carried:
            return f"The predictions of {self.source} are read; it has no layers to start from."
        return (
            f"{self.n_carried:,} of {self.n_parameters:,} parameters started from {self.source}."
        )

    def __repr__(self) -> str:
        lines = [self.headline()]
        for part, plural in _PARTS.items():
            counts = self.counts(part)
            if counts:
                counted = ", ".join(f"{n} {status}" for status, n in counts.items())
                lines.append(f"  {plural + ':':<12}{counted}")
        return "\n".join(lines)

    def to_html(self, strategy: object = None) -> str:
        """The report as HTML: a headline, and a folded table for each part.

        Notebooks show it below the diagram of a fitted estimator.

        Parameters
        ----------
        strategy : str or Strategy, default=None
            Named in the headline, if given.

        Returns
        -------
        str
            A ``div``, without scripts or style sheets.

        See Also
        --------
        to_frame : The report as a table of pandas.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("column", "age", "carried", "same name", 8)]
        >>> "<summary>columns: 1 carried</summary>" in TransferReport(rows, "old", 20).to_html()
        True
        """
        body = []
        for part, plural in _PARTS.items():
            rows = [row for row in self.rows if row.part == part]
            if not rows:
                continue
            counted = ", ".join(f"{n} {status}" for status, n in self.counts(part).items())
            cells = "".join(
                f"<tr>{_cell(row.name)}{_cell(row.status)}{_cell(row.reason)}</tr>" for row in rows
            )
            summary = f"<summary>{plural}: {escape(counted)}</summary>"
            body.append(f"<details>{summary}<table>{cells}</table></details>")
        how = "" if strategy is None else f" Strategy: <code>{escape(str(strategy))}</code>."
        return (
            "<div class='sktransfer-report' style='margin:.5em 0;font-size:90%'>"
            f"<p style='margin:.2em 0'>{escape(self.headline())}{how}</p>{''.join(body)}</div>"
        )

    def _repr_html_(self) -> str:
        return self.to_html()


def _cell(text: str) -> str:
    return f"<td style='text-align:left;padding:0 1em 0 0'>{escape(text)}</td>"
