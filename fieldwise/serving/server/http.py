"""Requests and answers, as endpoints see them: no sockets, no framework."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final

from fieldwise.serving.server.problem import ProblemError, shown

__all__ = [
    "JSON",
    "Answer",
    "Receive",
    "Request",
    "Scope",
    "Send",
    "json_answer",
    "parse_object",
    "wrong_type",
]

JSON = "application/json"

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


@final
@dataclass(frozen=True)
class Answer:
    """What is sent back.

    Args:
        body: of the answer.
        content_type: of the body.
        status: of the answer.
        headers: beside the type.
    """

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass
class Request:
    """What a client sent, and what is noted of it for the log.

    Args:
        method: GET, POST, ...
        path: decoded.
        headers: by name in small letters; of repeated ones the last.
        request_id: names the request in the answer and in the log.
        receive: gives the body.
        noted: of the request, for the log.
    """

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    request_id: str
    receive: Receive
    noted: dict[str, Any] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """Of the body, without parameters, in small letters."""
        text = self.headers.get(b"content-type", b"").decode("latin-1")
        return text.partition(";")[0].strip().lower()

    @property
    def accepts(self) -> str:
        """What the client says it reads."""
        return self.headers.get(b"accept", b"").decode("latin-1").lower()

    async def body(self, *, max_bytes: int, seconds: float) -> bytes:
        """Read the body.

        Args:
            max_bytes: more are refused, before they are read where they are announced.
            seconds: in which all of it must come.

        Returns:
            The body.

        Raises:
            ProblemError: if it is too large or too slow, or the client is gone.
        """
        announced = self.headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > max_bytes:
            raise _too_large(max_bytes)
        try:
            async with asyncio.timeout(seconds):
                return await self._read(max_bytes)
        except TimeoutError:
            message = f"the body must come in {seconds:g} s. Send it in smaller parts."
            raise ProblemError(408, "slow-client", message, headers=_CLOSE) from None

    async def _read(self, max_bytes: int) -> bytes:
        parts, size = [], 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ProblemError(400, "client-gone", "the client must stay.")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > max_bytes:
                raise _too_large(max_bytes)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)


_CLOSE = {"Connection": "close"}


def _too_large(max_bytes: int) -> ProblemError:
    message = f"the body must have at most {max_bytes} bytes. Send several requests."
    return ProblemError(413, "too-large", message, headers=_CLOSE)


def wrong_type(found: str, known: list[str]) -> ProblemError:
    """The problem of a body of a type that is not read.

    Args:
        found: type of the body.
        known: types that are.

    Returns:
        The problem.
    """
    message = f"Content-Type must be one of {known}, got {shown(found)}."
    return ProblemError(415, "unknown-content-type", message)


def _parse(content: bytes) -> Any:  # noqa: ANN401
    """Read JSON as its standard has it.

    Args:
        content: of a body.

    Returns:
        The value; integers of any size are exact.

    Raises:
        ProblemError: if it is no JSON.
    """
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        # Decoding errors are ValueErrors, and so are numbers of thousands of digits.
        reason = str(error) or type(error).__name__
        message = f"the body must be JSON in UTF-8: {reason[:200]}."
        raise ProblemError(400, "broken-json", message) from None


def parse_object(content: bytes) -> dict[str, Any]:
    """Read JSON that is an object.

    Args:
        content: of a body.

    Returns:
        The object.

    Raises:
        ProblemError: if it is no JSON, or no object.
    """
    found = _parse(content)
    if type(found) is not dict:
        message = f"the body must be a JSON object, got {shown(found)}."
        raise ProblemError(422, "invalid-request", message)
    return found


def _refuse_constant(name: str) -> Any:  # noqa: ANN401
    message = f"{name} is no JSON; send null for a missing number"
    raise ValueError(message)


def json_answer(value: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Answer with JSON.

    Args:
        value: JSON types.
        status: of the answer.

    Returns:
        The answer.
    """
    return Answer(json.dumps(value, allow_nan=False).encode(), status=status)
