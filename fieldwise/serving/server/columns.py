"""Rows of a client, checked value by value, as columns."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, final

import polars as pl

from fieldwise.serving.server.field_rule import FieldRule
from fieldwise.serving.server.problem import (
    MAX_LISTED,
    ProblemError,
    RowError,
    shown,
)

__all__ = ["Columns", "check_rows"]

MAX_HINTED = 100
"""Keys that are compared with the name of a missing field, and their longest."""


@final
@dataclass(frozen=True)
class Columns:
    """Checked values of some fields.

    Args:
        num_rows: how many rows there are.
        values: by field, one value per row.
        rules: of the same fields.
    """

    num_rows: int
    values: Mapping[str, Sequence[Any]]
    rules: Sequence[FieldRule]

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        names = list(self.values)
        columns = zip(*self.values.values(), strict=True)
        return [dict(zip(names, row, strict=True)) for row in columns]

    def frame(self) -> pl.DataFrame:
        """The rows as a table."""
        types = {rule.name: rule.dtype for rule in self.rules}
        return pl.DataFrame(dict(self.values), schema=types)


def check_rows(
    rules: Sequence[FieldRule],
    rows: object,
    *,
    max_rows: int,
    member: str = "rows",
) -> Columns:
    """Check the rows of a request.

    Keys that are no fields are ignored, so that a client may send what it has; since
    every field must be there, a misspelt one is found all the same.

    Args:
        rules: of the fields that rows must have.
        rows: what the client sent.
        max_rows: more are refused.
        member: of the request that holds them.

    Returns:
        The values of the fields.

    Raises:
        ProblemError: listing every value that is wrong, by row and field.
    """
    if not isinstance(rows, list) or not rows:
        message = f"{member} must be a list of at least one object, got {shown(rows)}."
        raise ProblemError(422, "invalid-request", message)
    if len(rows) > max_rows:
        message = (
            f"{member} must be at most {max_rows}, got {len(rows)}. Send several "
            "requests."
        )
        raise ProblemError(422, "too-many-rows", message)
    if not set(map(type, rows)) <= {dict}:
        raise _invalid(list(islice(_no_objects(rows), MAX_LISTED)), member)
    values: dict[str, Sequence[Any]] = {}
    errors: list[RowError] = []
    for rule in rules:
        cleaned = _column(rule, rows)
        if cleaned is not None:
            values[rule.name] = cleaned
        elif len(errors) < MAX_LISTED:
            errors += islice(_wrong_values(rule, rows), MAX_LISTED - len(errors))
    if errors:
        raise _invalid(errors, member)
    return Columns(len(rows), values, rules)


def _column(rule: FieldRule, rows: Sequence[dict[str, Any]]) -> Sequence[Any] | None:
    name = rule.name
    try:
        return rule.clean([row[name] for row in rows])
    except KeyError:
        return None


def _no_objects(rows: Sequence[object]) -> Iterator[RowError]:
    for place, row in enumerate(rows):
        if type(row) is not dict:
            remedy = "Send {field: value, ...}."
            yield RowError("must be an object", remedy, place, None, shown(row))


def _wrong_values(
    rule: FieldRule, rows: Sequence[dict[str, Any]]
) -> Iterator[RowError]:
    name = rule.name
    for place, row in enumerate(rows):
        if name not in row:
            remedy = f"Send null where there is no value.{_hint(name, row)}"
            yield RowError("must be there", remedy, place, name)
        elif rule.clean([row[name]]) is None:
            text = shown(row[name])
            yield RowError(rule.must, rule.item.remedy, place, name, text)


def _hint(name: str, row: Mapping[str, Any]) -> str:
    # Keys come from strangers, and comparing long ones takes long.
    keys = [key for key in islice(row, MAX_HINTED) if len(key) <= MAX_HINTED]
    close = difflib.get_close_matches(name, keys, n=1)
    return f" Did you mean {json.dumps(close[0])}?" if close else ""


def _invalid(errors: Sequence[RowError], member: str) -> ProblemError:
    first = errors[0]
    field = "" if first.field is None else f" of field {first.field!r}"
    got = "" if first.value is None else f", got {first.value}"
    message = (
        f"{member} must hold a value for every field. First: that{field} in row "
        f"{first.row} {first.rule}{got}. {first.remedy}"
    )
    return ProblemError(422, "invalid-rows", message, errors=errors)
