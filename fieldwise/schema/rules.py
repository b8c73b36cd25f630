"""What to make of one column: rules that look at its profile, in order.

Each rule answers or passes on, and each answer has a reason that a user can read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, final

from fieldwise.schema._clocks import find_clock, find_text_clock
from fieldwise.schema._names import is_identifier_name, is_split_name, is_weight_name
from fieldwise.schema.field import (
    CategoricalField,
    Field,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.profile import ColumnProfile

__all__ = ["ColumnGuess", "Role", "field_warnings", "guess_column"]

Role = Literal["field", "label", "weight", "group", "time", "ignored"]

MAX_INTEGER_CODES = 50
"""Integers with at most this many distinct values are codes."""

MAX_FLOAT_CODES = 20
"""Likewise whole numbers kept as floats, which are quantities more often."""

MAX_TEXT_CODES = 20
"""Numbers kept as text with at most this many distinct values are codes."""

MAX_QUANTITY = 2**31
MAX_UNSIGNED_QUANTITY = 2**24
"""Integers beyond are hashes or identifiers; unsigned types often hold hashes."""

MIN_KEY_ROWS = 1000
MIN_KEY_SHARE = 0.95
"""Text is a key if this share of values differ, in a table longer than that."""

MANY_NULLS = 0.99
MANY_NUMBERS = 0.9
MANY_VALUES = 0.5

_NUMBERS = ("int", "uint", "float", "decimal")

_SPLIT_PARTS = frozenset(
    ("train", "training", "valid", "validation", "val", "dev", "test")
)


@final
@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column is, and why.

    Args:
        profile: facts about the column.
        role: what the column is for.
        field: its field, if models read it.
        reason: why, in one sentence.
        warnings: what the user should look at.
    """

    profile: ColumnProfile
    role: Role
    field: Field | None
    reason: str
    warnings: tuple[str, ...] = ()


def guess_column(profile: ColumnProfile) -> ColumnGuess:
    """Guess what a column is from its type, its values and its name.

    Args:
        profile: facts about the column.

    Returns:
        A field, a clock (role ``time``) or an ignored column.
    """
    answers = (rule(profile) for rule in _RULES)
    guess = next(answer for answer in answers if answer is not None)
    if guess.field is None:
        return guess
    warnings = (*guess.warnings, *field_warnings(profile, guess.field))
    return replace(guess, warnings=warnings)


def field_warnings(profile: ColumnProfile, field: Field) -> tuple[str, ...]:
    """What to look at when a column becomes a field.

    Args:
        profile: facts about the column.
        field: the field.

    Returns:
        One sentence each.
    """
    warnings = []
    if profile.null_share > MANY_NULLS:
        warnings.append(f"{profile.null_share:.1%} of the rows are null")
    unique, present = profile.num_unique or 0, profile.num_present
    if field.kind == "categorical" and unique > max(
        MANY_VALUES * present, MAX_INTEGER_CODES
    ):
        warnings.append(
            f"{unique} distinct values in {present} rows: most values are too rare to "
            "learn from"
        )
    if isinstance(field, CategoricalField) and _is_almost_numeric(profile):
        share = profile.share_numeric_text or 0.0
        warnings.append(
            f"{share:.1%} of the texts are numbers: clean the others to make it numeric"
        )
    if isinstance(field, SequenceField) and (profile.max_length or 0) > (
        field.max_length
    ):
        warnings.append(
            f"lists have up to {profile.max_length} items, the last "
            f"{field.max_length} are kept: set max_length to keep more"
        )
    if is_weight_name(profile.name) and profile.dtype in _NUMBERS:
        warnings.append(f"named like row weights: pass weight={profile.name!r} if so")
    return tuple(warnings)


def _is_almost_numeric(profile: ColumnProfile) -> bool:
    share, unique = profile.share_numeric_text, profile.num_unique or 0
    return unique > MAX_TEXT_CODES and MANY_NUMBERS < (share or 0.0) < 1


def _categorical(profile: ColumnProfile, reason: str) -> ColumnGuess:
    field = CategoricalField(profile.name)
    return ColumnGuess(profile, "field", field, f"{reason}: categorical")


def _numeric(profile: ColumnProfile, reason: str) -> ColumnGuess:
    field = NumericField(profile.name)
    return ColumnGuess(profile, "field", field, f"{reason}: numeric")


def _ignored(profile: ColumnProfile, reason: str, *warnings: str) -> ColumnGuess:
    return ColumnGuess(profile, "ignored", None, f"{reason}: ignored", warnings)


def _without_information(profile: ColumnProfile) -> ColumnGuess | None:
    if profile.num_present == 0:
        return _ignored(profile, "every value is null")
    if profile.num_unique == 1 and profile.num_nulls == 0:
        shown = profile.examples[0]
        return _ignored(profile, f"every row holds the same value, {shown!r}")
    if profile.is_list and profile.max_length == 0:
        return _ignored(profile, "every list is empty")
    return None


def _split(profile: ColumnProfile) -> ColumnGuess | None:
    if profile.dtype != "string" or not is_split_name(profile.name):
        return None
    parts = {str(example).strip().lower() for example in profile.examples}
    if (profile.num_unique or 0) > len(_SPLIT_PARTS) or not parts <= _SPLIT_PARTS:
        return None
    return _ignored(
        profile,
        "says which part of a split a row is in",
        f"names the split: pass split={profile.name!r} to train by it",
    )


def _clock(profile: ColumnProfile) -> ColumnGuess | None:
    why = "a clock orders rows; as a field it would not repeat in the future"
    if clock := find_clock(profile):
        return ColumnGuess(profile, "time", None, f"{clock}: {why}")
    if clock := find_text_clock(profile):
        warning = f"{clock} kept as text: parse them to order rows by them"
        return _ignored(profile, f"{clock} as text: {why}", warning)
    return None


def _unusable(profile: ColumnProfile) -> ColumnGuess | None:
    if profile.dtype == "other":
        return _ignored(
            profile,
            f"values of type {profile.native_type} have no encoding",
            f"cannot be a field as {profile.native_type}: convert it to numbers, text "
            "or lists of them, or drop it",
        )
    return None


def _boolean(profile: ColumnProfile) -> ColumnGuess | None:
    return _categorical(profile, "yes or no") if profile.dtype == "bool" else None


def _text(profile: ColumnProfile) -> ColumnGuess | None:
    if profile.dtype != "string":
        return None
    unique = profile.num_unique or 0
    if profile.share_numeric_text == 1 and unique > MAX_TEXT_CODES:
        if not is_identifier_name(profile.name):
            return _numeric(profile, f"text, but all {unique} distinct are numbers")
    elif (
        profile.num_rows > MIN_KEY_ROWS
        and unique >= MIN_KEY_SHARE * profile.num_present
    ):
        return _ignored(
            profile,
            f"text with {unique} distinct values in {profile.num_present} rows",
            "looks like a key or free text: no value repeats",
        )
    return _categorical(profile, f"text with {unique} distinct values")


def _list(profile: ColumnProfile) -> ColumnGuess | None:
    if not profile.is_list:
        return None
    name, longest = profile.name, profile.max_length or 0
    if not profile.dtype.endswith("[float]"):
        field = SequenceField(name)
        reason = f"lists of up to {longest} names: sequence"
        return ColumnGuess(profile, "field", field, reason)
    if profile.min_length != longest:
        return _ignored(
            profile,
            f"lists of {profile.min_length} to {longest} decimal numbers",
            "lists of floats must have one length to be a vector: pad or pool them",
        )
    reason = f"lists of {longest} decimal numbers each: vector"
    return ColumnGuess(profile, "field", VectorField(name, longest), reason)


def _whole_number(profile: ColumnProfile) -> ColumnGuess | None:
    is_float = profile.dtype == "float"
    if profile.dtype not in ("int", "uint") and not profile.all_integral:
        return None
    if profile.is_row_number:
        return _ignored(
            profile, "consecutive integers", "looks like a row number: it says nothing"
        )
    unique = profile.num_unique or 0
    word = "whole number as float" if is_float else "integer"
    reason = f"{word} with {unique} distinct values"
    if unique <= (MAX_FLOAT_CODES if is_float else MAX_INTEGER_CODES):
        return _categorical(profile, f"{word} with only {unique} distinct values")
    if is_identifier_name(profile.name):
        return _categorical(profile, f"{reason} and a name like an identifier")
    if largest := _too_large(profile):
        return _categorical(
            profile, f"{word} up to {largest}, too large to be a quantity"
        )
    return _numeric(profile, reason)


def _too_large(profile: ColumnProfile) -> int | None:
    ends = (profile.minimum, profile.maximum)
    largest = max(abs(int(end)) for end in ends if isinstance(end, int | float))
    is_unsigned = profile.dtype == "uint"
    limit = MAX_UNSIGNED_QUANTITY if is_unsigned else MAX_QUANTITY
    return largest if largest > limit else None


def _number(profile: ColumnProfile) -> ColumnGuess:
    return _numeric(
        profile, f"decimal number with {profile.num_unique} distinct values"
    )


_RULES: tuple[Callable[[ColumnProfile], ColumnGuess | None], ...] = (
    _without_information,
    _unusable,
    _split,
    _clock,
    _boolean,
    _text,
    _list,
    _whole_number,
    _number,
)
