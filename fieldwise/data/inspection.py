"""What fieldwise makes of a table, column by column, before anything is trained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from fieldwise.data.leakage import LeakageWarning, label_giveaway
from fieldwise.data.readers import read_table
from fieldwise.schema.inference import ColumnGuess, Guess, Override, guess_columns

__all__ = ["Inspection", "inspect"]

MAX_CELL = 48
"""Characters of a cell of the printed table; reasons come last and are kept whole."""


@final
@dataclass(frozen=True, slots=True)
class Inspection:
    """The guess for every column, and the columns that give a label away.

    Args:
        guess: what the columns are, and why.
        leakage: warnings about fields that know the label.
    """

    guess: Guess
    leakage: tuple[LeakageWarning, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row per column of the table.

        Returns:
            Rows with the keys ``column``, ``role``, ``kind``, ``type``, ``distinct``,
            ``null_share``, ``examples``, ``reason`` and ``warnings``.
        """
        return [self._row(column) for column in self.guess.columns]

    def __str__(self) -> str:
        profiles = [column.profile for column in self.guess.columns]
        num_rows = profiles[0].num_rows
        lines = [f"{num_rows:,} rows, {len(profiles)} columns", ""]
        rows = self.rows()
        lines += _table(rows)
        lines += _warnings(rows)
        return "\n".join(lines)

    def _row(self, column: ColumnGuess) -> dict[str, Any]:
        profile = column.profile
        leaks = [leak.message for leak in self.leakage if leak.field == profile.name]
        return {
            "column": profile.name,
            "role": column.role,
            "kind": self._kind(column),
            "type": profile.dtype,
            "distinct": profile.num_unique,
            "null_share": profile.null_share,
            "examples": ", ".join(str(example) for example in profile.examples),
            "reason": column.reason,
            "warnings": [*column.warnings, *leaks],
        }

    def _kind(self, column: ColumnGuess) -> str | None:
        if column.field is not None:
            return column.field.kind
        kinds = {label.name: label.kind for label in self.guess.labels}
        return kinds.get(column.profile.name)


def inspect(
    source: object,
    *,
    label: str | Sequence[str] | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    overrides: Mapping[str, Override] | None = None,
) -> Inspection:
    """Look at a table: what each column is taken for, why, and what looks wrong.

    Examples:
        >>> table = {"site": ["a", "b", "a", "b"], "click": [0, 1, 1, 0]}
        >>> [row["kind"] for row in inspect(table, label="click").rows()]
        ['categorical', 'binary']

    Args:
        source: what ``read_table`` reads: files, or a table in memory.
        label: the column to predict, or several; None to guess fields only.
        weight: column of row weights.
        group: column that says which rows are ranked together.
        time: column that orders the rows in time.
        ignore: columns that must not become fields.
        overrides: per column a kind, a field, or settings that replace the guess.

    Returns:
        The inspection; printed, it is a table.

    Raises:
        DataError: if the source cannot be read.
        SchemaError: listing everything that is wrong with the columns at once.
    """
    labels = (label,) if isinstance(label, str) else tuple(label or ())
    frame = read_table(source)
    guess = guess_columns(
        frame,
        labels=labels,
        weight=weight,
        group=group,
        time=time,
        ignore=ignore,
        overrides=overrides,
    )
    names = [field.name for field in guess.fields]
    leakage = [
        warning for name in labels for warning in label_giveaway(frame, name, names)
    ]
    return Inspection(guess, tuple(leakage))


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    titles = ("column", "role", "kind", "type", "distinct", "null", "examples", "why")
    cells = [titles, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(titles) - 1)]
    for line in cells:
        padded = [text.ljust(width) for text, width in zip(line, widths, strict=False)]
        yield "  ".join([*padded, line[-1]]).rstrip()


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    texts = (
        row["column"],
        row["role"],
        row["kind"] or "-",
        row["type"],
        "-" if row["distinct"] is None else f"{row['distinct']:,}",
        f"{row['null_share']:.1%}",
        row["examples"],
    )
    return (*(_shortened(text) for text in texts), row["reason"])


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_CELL else f"{plain[: MAX_CELL - 1]}…"


def _warnings(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [
        f"  {row['column']!r}: {warning}" for row in rows for warning in row["warnings"]
    ]
    return ["", "warnings:", *lines] if lines else []
