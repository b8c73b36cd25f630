"""The members of a request's JSON object, checked by name and type."""

from collections.abc import Collection, Mapping
from typing import Any

from fieldwise.serving.server.problem import ProblemError, shown

__all__ = ["check_members", "flag_of", "label_of", "top_of"]


def check_members(body: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse members nobody reads: a misspelt one would change nothing, silently.

    Args:
        body: of the request.
        known: what is read.

    Raises:
        ProblemError: naming the first member that is not.
    """
    for name in body:
        if name not in known:
            message = f"members must be of {list(known)}, got {shown(name)}."
            raise ProblemError(422, "invalid-request", message)


def label_of(body: Mapping[str, Any], labels: Collection[str]) -> str:
    """Which label a request is about.

    Args:
        body: of the request.
        labels: of the ranker.

    Returns:
        The label; the first one where the request does not say.

    Raises:
        ProblemError: if there is no such label.
    """
    first = next(iter(labels))
    label = body.get("label", first)
    if type(label) is not str or label not in labels:
        message = f"label must be one of {list(labels)}, got {shown(label)}."
        raise ProblemError(422, "invalid-request", message)
    return label


def flag_of(body: Mapping[str, Any], name: str) -> bool:
    """A member that is true or false; false where the request does not say.

    Args:
        body: of the request.
        name: of the member.

    Returns:
        The flag.

    Raises:
        ProblemError: if it is neither.
    """
    flag = body.get(name, False)
    if type(flag) is not bool:
        message = f"{name} must be true or false, got {shown(flag)}."
        raise ProblemError(422, "invalid-request", message)
    return flag


def top_of(body: Mapping[str, Any], num_candidates: int) -> int:
    """How many of the best candidates a request asks for.

    Args:
        body: of the request.
        num_candidates: how many there are.

    Returns:
        The number; all where the request does not say.

    Raises:
        ProblemError: if it is no positive whole number.
    """
    top = body.get("top", num_candidates)
    if type(top) is float and top.is_integer():
        top = int(top)
    if type(top) is not int or top < 1:
        message = f"top must be a whole number of at least 1, got {shown(top)}."
        raise ProblemError(422, "invalid-request", message)
    return min(top, num_candidates)
