"""Guess what every column of a table is, and tell why.

The user names the roles (label, weight, group, time); everything else is guessed from
types, distinct values and names, and can be overridden column by column.
"""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

import narwhals as nw

from fieldwise.errors import SchemaError
from fieldwise.schema._tables import distinct_values, native_names, open_table
from fieldwise.schema.field import Field, Label
from fieldwise.schema.labels import guess_label
from fieldwise.schema.overrides import Override, apply_override
from fieldwise.schema.profile import ColumnProfile, profile_columns
from fieldwise.schema.rules import ColumnGuess, Role, field_warnings, guess_column

__all__ = ["ColumnGuess", "Guess", "Override", "guess_columns"]

_ROLE_TYPES: Mapping[Role, tuple[str, ...]] = {
    "weight": ("int", "uint", "float", "decimal", "bool"),
    "group": ("string", "int", "uint", "float", "decimal", "bool", "date", "datetime"),
    "time": ("string", "int", "uint", "float", "decimal", "date", "datetime"),
}

_ROLE_REASONS: Mapping[Role, str] = {
    "weight": "says how much each row counts",
    "group": (
        "says which rows are ranked together; an override with a kind makes it a "
        "field, too"
    ),
    "time": "orders the rows in time",
}


@final
@dataclass(frozen=True, slots=True)
class Guess:
    """What the columns of a table are.

    Args:
        columns: one guess per column, in the order of the table.
        fields: the fields, in the order of the table.
        labels: the labels, in the order they were named.
        time: the column that orders the rows, named or found.
    """

    columns: tuple[ColumnGuess, ...]
    fields: tuple[Field, ...]
    labels: tuple[Label, ...]
    time: str | None


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user said about the columns."""

    labels: tuple[str, ...]
    weight: str | None
    group: str | None
    time: str | None
    ignore: tuple[str, ...]
    overrides: Mapping[str, Override]

    def named(self) -> list[tuple[str, str]]:
        """Every mention of a column: the argument, and the name."""
        single = {"weight": self.weight, "group": self.group, "time": self.time}
        return [
            *(("label", name) for name in self.labels),
            *((role, name) for role, name in single.items() if name is not None),
            *(("ignore", name) for name in self.ignore),
            *(("overrides", name) for name in self.overrides),
        ]

    def role_of(self, name: str) -> Role | None:
        """The role the user gave a column."""
        if name in self.labels:
            return "label"
        singles: dict[str | None, Role] = {
            self.time: "time",
            self.group: "group",
            self.weight: "weight",
        }
        return "ignored" if name in self.ignore else singles.get(name)


def guess_columns(
    table: Any,  # noqa: ANN401  any table Narwhals can read
    *,
    labels: Sequence[str] = (),
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    overrides: Mapping[str, Override] | None = None,
) -> Guess:
    """Guess the role, and the field, of every column.

    Examples:
        >>> import polars as pl
        >>> table = pl.DataFrame({"site": ["a", "b", "a"], "click": [0, 1, 1]})
        >>> guess_columns(table, labels=["click"]).columns[0].reason
        'text with 2 distinct values: categorical'

    Args:
        table: a Polars, pandas or Arrow table, or a lazy frame Narwhals knows.
        labels: the columns to predict; may be none.
        weight: column of row weights.
        group: column that says which rows are ranked together.
        time: column that orders the rows in time; found when there is a clock.
        ignore: columns that must not become fields.
        overrides: per column a kind, a field, or settings that replace the guess.

    Returns:
        The guesses.

    Raises:
        SchemaError: listing everything that is wrong at once.
    """
    request = _Request(
        tuple(labels), weight, group, time, tuple(ignore), dict(overrides or {})
    )
    try:
        frame = open_table(table)
    except SchemaError as error:
        names = native_names(table)
        others = _name_problems(request, names) if names else []
        raise SchemaError(" ".join([str(error), *others])) from error
    problems = _name_problems(request, frame.collect_schema().names())
    profiles = profile_columns(frame)
    if profiles and profiles[0].num_rows:
        guess = _guess_all(frame, profiles, request, problems)
        if not problems:
            return guess
    else:
        problems.append("table must have rows, got none.")
    raise SchemaError(" ".join(problems))


def _name_problems(request: _Request, names: Sequence[str]) -> list[str]:
    problems = []
    for argument, name in request.named():
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            problems.append(
                f"{argument} must be a column of the table, got {name!r}{hint}."
            )
    if problems:
        problems.append(f"The table has the columns {list(names)[:50]}.")
    roles = [name for argument, name in request.named() if argument != "overrides"]
    twice = [name for name, count in Counter(roles).items() if count > 1]
    if twice:
        problems.append(f"a column must have one role, got {twice} with several.")
    fixed = {*request.labels, *request.ignore, request.weight}
    clash = [name for name in request.overrides if name in fixed]
    if clash:
        problems.append(
            f"overrides must be about fields, got {clash}, which is the label, the "
            "weight or ignored."
        )
    return problems


def _guess_all(
    frame: nw.LazyFrame[Any],
    profiles: Sequence[ColumnProfile],
    request: _Request,
    problems: list[str],
) -> Guess:
    """Guess every column, adding what is wrong to ``problems``."""
    columns = []
    labels: dict[str, Label] = {}
    time = request.time
    for profile in profiles:
        try:
            if profile.name in request.labels:
                label = _read_label(frame, profile)
                labels[profile.name] = label
                guess = _label_column(profile, label)
            else:
                guess = _other_column(profile, request)
        except SchemaError as error:
            problems.append(str(error))
            continue
        if guess.role == "time":
            time = time or profile.name
            if profile.name != time:
                guess = _second_clock(guess, time)
        columns.append(guess)
    fields = tuple(guess.field for guess in columns if guess.field is not None)
    if not fields and not problems:
        reasons = "; ".join(f"{c.profile.name!r}: {c.reason}" for c in columns[:20])
        problems.append(
            f"table must have a column that can be a field, got none ({reasons}). "
            "Name one in overrides."
        )
    ordered = tuple(labels[name] for name in request.labels if name in labels)
    return Guess(tuple(columns), fields, ordered, time)


def _read_label(frame: nw.LazyFrame[Any], profile: ColumnProfile) -> Label:
    # Three values tell two classes from more.
    is_plain = profile.num_unique is not None
    values = distinct_values(frame, profile.name, 3) if is_plain else []
    return guess_label(profile.name, values, profile.dtype)


def _label_column(profile: ColumnProfile, label: Label) -> ColumnGuess:
    if label.kind == "binary":
        reason = f"two values, {label.positive!r} counts as positive: binary label"
    else:
        reason = f"a number with {profile.num_unique} distinct values: real label"
    warnings = []
    if profile.num_nulls:
        warnings.append(
            f"{profile.num_nulls} rows have no label: they are left out of the loss"
        )
    return ColumnGuess(profile, "label", None, reason, tuple(warnings))


def _other_column(profile: ColumnProfile, request: _Request) -> ColumnGuess:
    role = request.role_of(profile.name)
    if role is None:
        guess = guess_column(profile)
    elif role == "ignored":
        guess = ColumnGuess(profile, role, None, "ignored on request")
    else:
        guess = _role_column(profile, role)
    if profile.name not in request.overrides:
        return guess
    override = request.overrides[profile.name]
    # Settings without a kind refine the guess, also where the column has a role.
    field = apply_override(profile, guess_column(profile).field, override)
    if role is not None:
        return replace(guess, field=field)
    if field is None:
        return ColumnGuess(profile, "ignored", None, "ignored on request")
    warnings = field_warnings(profile, field)
    return ColumnGuess(profile, "field", field, f"{field.kind} on request", warnings)


def _role_column(profile: ColumnProfile, role: Role) -> ColumnGuess:
    allowed = _ROLE_TYPES[role]
    if profile.dtype not in allowed:
        message = (
            f"{role} {profile.name!r} must be one of the types {', '.join(allowed)}, "
            f"got {profile.native_type or profile.dtype}."
        )
        raise SchemaError(message)
    return ColumnGuess(profile, role, None, _ROLE_REASONS[role])


def _second_clock(guess: ColumnGuess, time: str) -> ColumnGuess:
    reason = f"{guess.reason}; {time!r} orders the rows already: ignored"
    return replace(guess, role="ignored", reason=reason)
