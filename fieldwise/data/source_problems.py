"""What is impossible about a table to fit to, said before it is read."""

from collections.abc import Mapping
from typing import Any

from fieldwise.schema import Schema

__all__ = ["held_out_problems", "source_problems"]


def source_problems(
    roles: Mapping[str, Any], schema: Schema | None, *, valid: object, split: object
) -> list[str]:
    """Check what is said about the table, before it is read.

    Args:
        roles: label, weight, group, time and ignore, as they were given.
        schema: the fields and roles, where they are given.
        valid: held-out rows.
        split: how to divide.

    Returns:
        What is impossible, in words.
    """
    problems = []
    if valid is not None and split is not None:
        problems.append(
            "split must be None where valid is given: one way to hold rows out."
        )
    if schema is None:
        if not roles["label"]:
            got = roles["label"]
            problems.append(
                f"label must be given, got {got!r}. Name the column to predict."
            )
        return problems
    doubled = [name for name, value in roles.items() if value]
    if doubled:
        problems.append(
            f"{' and '.join(doubled)} must be part of the schema where one is given. "
            "Leave the argument out."
        )
    if not schema.labels:
        problems.append("schema must have a label, got none.")
    return problems


def held_out_problems(test: float, *, valid: object, split: object) -> list[str]:
    """Check the share of rows that is held out for a test.

    Args:
        test: the share.
        valid: held-out rows.
        split: how to divide.

    Returns:
        What is impossible, in words.
    """
    if not 0 <= test < 1:
        return [f"test must be a share in [0, 1), got {test}."]
    if test and (valid is not None or split is not None):
        return ["test must be 0 where valid or split divides the rows."]
    return []
