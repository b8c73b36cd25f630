"""What a table looks like, column by column, and what looks wrong with it."""

from dataclasses import asdict, dataclass
from typing import Any, final

from fieldwise.selection.outrank.markdown import table_lines

__all__ = ["REPEATED", "ColumnQuality", "Finding", "QualityReport"]

REPEATED = (1, 10, 100, 1_000, 10_000, 100_000)
"""How often a value must be seen, and once more, to be counted in ``repeated``."""


@final
@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """One column.

    Args:
        name: of the column.
        coverage: share of rows with a value that is not null, NaN, "" or "{}".
        num_values: different values, null not counted.
        is_exact: whether all of them were counted; else within 1 %, like what follows.
        rare_share: share of values that were seen in one row only.
        repeated: values seen more often than each number of ``REPEATED``.
    """

    name: str
    coverage: float
    num_values: int
    is_exact: bool
    rare_share: float
    repeated: tuple[int, ...]


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks wrong.

    Args:
        kind: ``constant``, ``copy``, ``leak`` or ``one_class``.
        columns: it is about.
        message: what was found, and what to do.
    """

    kind: str
    columns: tuple[str, ...]
    message: str


@final
@dataclass(frozen=True)
class QualityReport:
    """All columns of a table, and what looks wrong.

    Args:
        num_rows: that were looked at.
        columns: in the order of the table.
        findings: what looks wrong.
    """

    num_rows: int
    columns: tuple[ColumnQuality, ...]
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        width = max((len(column.name) for column in self.columns), default=0)
        lines = [
            f"  {column.name:<{width}}  {_number(column):>12}  {column.coverage:>6.1%}"
            f"  {column.rare_share:>6.1%}"
            for column in self.columns
        ]
        head = f"  {'':<{width}}  {'values':>12}  {'filled':>6}  {'rare':>6}"
        title = f"Quality of {self.num_rows:,} rows, {len(self.columns)} columns"
        told = [f"  {finding.kind}: {finding.message}" for finding in self.findings]
        return "\n".join([title, head, *lines, *told])

    def __getitem__(self, name: str) -> ColumnQuality:
        return {column.name: column for column in self.columns}[name]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON types."""
        return {
            "num_rows": self.num_rows,
            "columns": [
                asdict(column) | {"repeated": list(column.repeated)}
                for column in self.columns
            ],
            "findings": [
                asdict(finding) | {"columns": list(finding.columns)}
                for finding in self.findings
            ],
        }

    def to_markdown(self) -> str:
        """Write the report as a table, what looks wrong first."""
        told = [f"- **{finding.kind}**: {finding.message}" for finding in self.findings]
        heads = ["column", "values", "filled", "seen once"]
        heads += [f"more than {number:,}" for number in REPEATED]
        rows = (
            [
                column.name,
                _number(column),
                f"{column.coverage:.1%}",
                f"{column.rare_share:.1%}",
                *(f"{number:,}" for number in column.repeated),
            ]
            for column in self.columns
        )
        table = table_lines(heads, rows)
        return "\n".join([*(told or ["Nothing looks wrong."]), "", *table])


def _number(column: ColumnQuality) -> str:
    return f"{'' if column.is_exact else '~'}{column.num_values:,}"
