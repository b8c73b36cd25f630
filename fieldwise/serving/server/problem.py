"""What a client is told when a request cannot be answered: one form for all of it.

Source: RFC 9457, "Problem Details for HTTP APIs", section 3. The additional members are
``request_id`` and ``errors``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

from fieldwise.errors import FieldwiseError

__all__ = [
    "CONTENT_TYPE",
    "MAX_LISTED",
    "ProblemError",
    "RowError",
    "problem_body",
    "shown",
]

CONTENT_TYPE = "application/problem+json"
MAX_LISTED = 20
"""Errors that are listed; checking goes no further."""
WIDEST = 80


@final
@dataclass(frozen=True)
class RowError:
    """What is wrong with one value.

    Args:
        rule: what must hold.
        remedy: what to do about it.
        row: place of the row in the request; None if it is none of a row.
        field: name of the field; None if the whole row is wrong.
        value: the value, as ``shown`` writes it.
    """

    rule: str
    remedy: str
    row: int | None = None
    field: str | None = None
    value: str | None = None


@final
class ProblemError(FieldwiseError):
    """A request that cannot be answered.

    Args:
        status: of the answer.
        kind: a word for the kind of problem, for programs.
        detail: what is wrong here, and what to do, for people.
        errors: the first values that are wrong.
        headers: of the answer, beside its type.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[RowError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def problem_body(problem: ProblemError, request_id: str) -> bytes:
    """Write a problem as JSON.

    Examples:
        >>> body = problem_body(ProblemError(404, "no-ranker", "no such"), "r1")
        >>> json.loads(body)["type"], json.loads(body)["status"]
        ('urn:fieldwise:problem:no-ranker', 404)

    Args:
        problem: what went wrong.
        request_id: of the request, also in the log.

    Returns:
        The body of the answer.
    """
    told: dict[str, Any] = {
        "type": f"urn:fieldwise:problem:{problem.kind}",
        "title": problem.kind.replace("-", " "),
        "status": problem.status,
        "detail": str(problem),
        "request_id": request_id,
        "errors": [asdict(error) for error in problem.errors],
    }
    return json.dumps(told).encode()


def shown(value: object) -> str:
    """Write a value of a client for an error, short and as JSON.

    Examples:
        >>> shown(None), shown("a" * 100)[-4:], shown(10**400)
        ('null', 'a...', 'a number of more than 64 bits')

    Args:
        value: any value JSON can say.

    Returns:
        Its text, cut where it is long.
    """
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 64 bits"
    text = json.dumps(value[:WIDEST] if isinstance(value, str) else value)
    is_cut = len(text) > WIDEST or (isinstance(value, str) and len(value) > WIDEST)
    return f"{text[: WIDEST - 3]}..." if is_cut else text
