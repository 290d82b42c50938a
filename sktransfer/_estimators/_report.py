"""The report of a transfer: ``transfer_report_``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from sktransfer._records import ReportRow
from sktransfer._warnings import counted
from sktransfer.strategies import Strategy

_PARTS = {
    "table": "tables",
    "source": "sources",
    "member": "members",
    "layer": "layers",
    "column": "columns",
    "category": "categories",
    "class": "classes",
    "reading": "entries",
}
#: The status of a source without layers, now and in models that were saved earlier.
_BY_PREDICTIONS = ("used for its predictions", "predictions")
#: Categories that a line names.
_MOST_NAMED = 5


class TransferReport:
    """What starts from a source, what is new, what the table does not have, and why.

    Estimators publish it as ``transfer_report_``; notebooks show it below the estimator, and
    ``print`` shows every line.

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
    {'reused': 3, 'new': 1}
    >>> frame = target.transfer_report_.to_frame()
    >>> frame.query("part == 'column' and status == 'new'")["name"].item()
    'petal width (cm)'
    """

    def __init__(self, rows: Sequence[ReportRow], source: str | None, n_parameters: int) -> None:
        self.rows = tuple(rows)
        self.source = source
        self.n_parameters = n_parameters

    @property
    def n_carried(self) -> int:
        """Weights and biases that started from the source.

        Those of layers that were reused whole, and of columns and classes that were.

        See Also
        --------
        headline : Says it in a sentence.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("layer", "shared_layers.0", "reused", "", 12)]
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
        >>> became = {"age": "reused", "bmi": "new"}
        >>> rows = [ReportRow("column", name, status, "") for name, status in became.items()]
        >>> TransferReport(rows, "old", 20).counts("column")
        {'reused': 1, 'new': 1}
        """
        return dict(Counter(row.status for row in self.rows if row.part == part))

    def to_frame(self, every_category=False):
        """The whole report as a table; needs pandas.

        To sort and filter, or to log with a model.

        Parameters
        ----------
        every_category : bool, default=False
            Whether each category of a column has a line of its own; else the reason of its column
            says what became of them.

        Returns
        -------
        pandas.DataFrame
            Columns ``part``, ``name``, ``status``, ``reason``, and ``n_parameters`` of layers that
            start from the source, missing elsewhere.

        See Also
        --------
        counts : How many have which status.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("column", "age", "reused", "same name")]
        >>> TransferReport(rows, "old", 20).to_frame()["reason"].tolist()
        ['same name']
        """
        import pandas as pd

        columns = ["part", "name", "status", "reason", "n_parameters"]
        rows = self.rows if every_category else self._lines()
        frame = pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=columns)
        n_parameters = frame["n_parameters"].astype("Int64")
        return frame.assign(n_parameters=n_parameters.where(n_parameters > 0))

    def headline(self) -> str:
        """How much starts from the source, in a sentence.

        Without a source, or where nothing starts from it, it says why.

        Returns
        -------
        str
            One sentence, with its full stop.

        See Also
        --------
        n_carried : The number of parameters alone.

        Examples
        --------
        >>> from sktransfer.inspection import ReportRow, TransferReport
        >>> rows = [ReportRow("layer", "shared_layers.0", "reused", "", 12)]
        >>> rows += [ReportRow("layer", "task_layers.0", "new", "")]
        >>> TransferReport(rows, "the model of 2025", 20).headline()
        '1 of 2 layers starts from the source (the model of 2025).'
        """
        if self.source is None or not self.n_carried:
            return self._why_nothing()
        parts = [self._share("column"), self._share("layer")]
        said = " and ".join(part for part in parts if part)
        verb = "starts" if said.startswith("1 of") and " and " not in said else "start"
        return f"{said} {verb} from the source ({self.source})."

    def _share(self, part: str) -> str:
        """``'7 of 9 columns'`` of this table."""
        counts = self.counts(part)
        n_reused = sum(n for status, n in counts.items() if status.endswith("reused"))
        n = sum(n for status, n in counts.items() if status != "not in this table")
        return f"{n_reused:,} of {counted(n, part, _PARTS[part])}" if n else ""

    def _why_nothing(self) -> str:
        read = [row for row in self.rows if row.status in _BY_PREDICTIONS]
        if self.source is not None and read:
            return f"The predictions of the source ({self.source}) are used: {read[0].reason}."
        reasons = [
            row.reason for row in self.rows if row.part == "layer" or row.status == "not used"
        ]
        why = reasons[0] if reasons else "no source was given"
        if self.source is not None and not reasons:
            return f"The predictions of the source ({self.source}) are used: it has no layers."
        return f"Nothing starts from a source: {why}."

    def _lines(self) -> list[ReportRow]:
        """Every row but those of categories, which the rows of their columns include."""
        columns = sorted((row.name for row in self.rows if row.part == "column"), key=len)
        of_column: dict[str, list[ReportRow]] = {}
        for row in self.rows:
            if row.part == "category":
                owners = (
                    name for name in columns[::-1] if row.name.startswith((f"{name}=", f"{name}#"))
                )
                of_column.setdefault(next(owners, ""), []).append(row)
        by_column = []
        for row in self.rows:
            if row.part == "column" and row.name in of_column:
                reason = f"{row.reason}; {_categories(row, of_column[row.name])}"
                by_column.append(replace(row, reason=reason))
            elif row.part != "category" or row in of_column.get("", ()):
                by_column.append(row)
        return by_column

    def __repr__(self) -> str:
        lines = [self.headline()]
        for part, plural in _PARTS.items():
            counts = self.counts(part)
            if counts:
                counted = ", ".join(f"{n} {status}" for status, n in counts.items())
                lines.append(f"  {plural + ':':<12}{counted}")
        if self.n_carried:
            share = f"{self.n_carried:,} of {self.n_parameters:,}"
            start = "starts" if self.n_carried == 1 else "start"
            lines.append(f"  parameters: {share} {start} from the source")
        return "\n".join(lines)

    def __str__(self) -> str:
        lines, before = [self.headline()], ""
        for (part, status, reason), names in _grouped(self._lines()).items():
            if part != before:
                lines.append(f"{_PARTS[part]}:")
            before = part
            lines.append(f"  {status}: {', '.join(names)} ({reason})")
        return "\n".join(lines)

    def to_html(self, strategy: Strategy | str | None = None) -> str:
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
        >>> rows = [ReportRow("column", "age", "reused", "same name")]
        >>> "<summary>columns: 1 reused</summary>" in TransferReport(rows, "old", 20).to_html()
        True
        """
        body = []
        for part, plural in _PARTS.items():
            rows = [row for row in self._lines() if row.part == part]
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


def _categories(column: ReportRow, rows: Sequence[ReportRow]) -> str:
    """What became of a column's categories: how many, and which are not as most."""
    by_status: dict[str, list[str]] = {}
    for row in rows:
        by_status.setdefault(row.status, []).append(row.name[len(column.name) + 1 :])
    most = max(by_status, key=lambda status: len(by_status[status]))
    counts = []
    for status, names in by_status.items():
        which = "" if status == most else f" ({', '.join(map(repr, names[:_MOST_NAMED]))}"
        rest = len(names) - _MOST_NAMED
        which += (f" and {rest} more" if rest > 0 else "") + ")" if which else ""
        counts.append(f"{len(names)} {status}{which}")
    return f"categories: {', '.join(counts)}"


def _grouped(rows: Sequence[ReportRow]) -> dict[tuple[str, str, str], list[str]]:
    """Part, status and reason → names of what has them, parts in their order."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in sorted(rows, key=lambda row: list(_PARTS).index(row.part)):
        groups.setdefault((row.part, row.status, row.reason), []).append(row.name)
    return groups


def _cell(text: str) -> str:
    return f"<td style='text-align:left;padding:0 1em 0 0'>{escape(text)}</td>"
