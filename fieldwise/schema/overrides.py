"""What the user says a column is, in place of the guess."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldwise.errors import SchemaError
from fieldwise.schema.field import FIELD_KINDS, NUMERIC_ENCODINGS, Field
from fieldwise.schema.profile import ColumnProfile

__all__ = ["Override", "apply_override"]

Override = str | Field | Mapping[str, Any]
"""A kind (or ``ignored``), a field, or settings such as ``{"min_count": 5}``."""

_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "categorical": ("min_count", "max_size"),
    "numeric": ("encoding", "num_buckets"),
    "sequence": ("min_count", "max_size", "max_length"),
    "vector": ("vector_dim",),
}
"""What can be set per kind; the rest of a field is learned."""

_OPTIONAL = ("max_size", "vector_dim")

_SCALARS = ("string", "int", "uint", "float", "decimal", "bool")

_TYPES: Mapping[str, tuple[str, ...]] = {
    "categorical": (*_SCALARS, "date", "datetime"),
    "numeric": _SCALARS,
    "sequence": (
        "list[int]",
        "list[string]",
        "list[bool]",
        "list[float]",
        "array[float]",
    ),
    "vector": ("list[int]", "list[float]", "array[float]"),
}
"""Types of columns that can be read as a field of a kind."""


def apply_override(
    profile: ColumnProfile, guessed: Field | None, override: Override
) -> Field | None:
    """Replace a guess by what the user said.

    Args:
        profile: facts about the column.
        guessed: the guessed field; None if the column was not to be a field.
        override: a kind, a field, or settings of one.

    Returns:
        The field, or None for an ignored column.

    Raises:
        SchemaError: if the override is unknown, or the column cannot be read that way.
    """
    field: Field | None
    if isinstance(override, Field):
        field = override
    else:
        if not isinstance(override, Mapping):
            override = {"kind": override}
        field = _from_settings(profile.name, guessed, dict(override))
    if field is None:
        return None
    if field.name != profile.name:
        message = f"{_where(profile.name)} must have that name, got {field.name!r}."
        raise SchemaError(message)
    readable = _TYPES[field.kind]
    # Nulls of any type fit everything.
    if profile.dtype not in readable and profile.num_present:
        message = (
            f"{_where(profile.name)} must fit the column: a {field.kind} field is "
            f"{', '.join(readable)}, got {profile.native_type or profile.dtype}."
        )
        raise SchemaError(message)
    return field


def _where(name: str) -> str:
    return f"the override of {name!r}"


def _from_settings(
    name: str, guessed: Field | None, settings: dict[str, Any]
) -> Field | None:
    kind = settings.pop("kind", guessed.kind if guessed else None)
    if kind is None:
        message = (
            f"{_where(name)} must have a kind, because the column was guessed to be "
            f"no field, got {settings}."
        )
        raise SchemaError(message)
    if kind == "ignored" and not settings:
        return None
    if not isinstance(kind, str) or kind not in FIELD_KINDS:
        kinds = ", ".join(repr(known) for known in (*FIELD_KINDS, "ignored"))
        message = f"{_where(name)} must be one of the kinds {kinds}, got {kind!r}."
        raise SchemaError(message)
    _check_settings(name, kind, settings)
    try:
        if guessed is not None and guessed.kind == kind:
            return replace(guessed, **settings)
        return FIELD_KINDS[kind](name, **settings)
    except ValueError as error:
        message = f"{_where(name)} is wrong: {error}"
        raise SchemaError(message) from error


def _check_settings(name: str, kind: str, settings: Mapping[str, Any]) -> None:
    known = _SETTINGS[kind]
    unknown = [key for key in settings if key not in known]
    if unknown:
        message = (
            f"{_where(name)} must have settings of a {kind} field, {list(known)}, got "
            f"{unknown}."
        )
        raise SchemaError(message)
    for key, value in settings.items():
        if key == "encoding":
            wanted, fits = f"of {list(NUMERIC_ENCODINGS)}", value in NUMERIC_ENCODINGS
        else:
            is_integer = isinstance(value, int) and not isinstance(value, bool)
            wanted, fits = "integer", is_integer or (value is None and key in _OPTIONAL)
        if not fits:
            message = f"{_where(name)} must have one {wanted} as {key}, got {value!r}."
            raise SchemaError(message)
