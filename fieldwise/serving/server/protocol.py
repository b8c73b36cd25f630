"""HTTP on a socket, for clients that are slow, broken or hostile.

uvicorn waits without end for the head of a request, and for a client that does not read
its answer, and takes headers of any size. Here each of these has an end.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fieldwise.serving.server.problem import CONTENT_TYPE, ProblemError, problem_body
from fieldwise.serving.server.settings import Limits

__all__ = ["LimitedProtocol"]

MAX_HEAD_BYTES = 2**16
_AT_ONCE = struct.pack("ii", 1, 0)
SPARE_SECONDS = 2.0
"""The application says that a body is late; this is for bodies it does not read."""
LAST_SECONDS = 0.5
"""For the first request on a connection that was made when the server stopped."""


@final
class LimitedProtocol(HttpToolsProtocol):
    """One connection.

    Args:
        limits: of requests.
        **given: what uvicorn gives every protocol.
    """

    def __init__(self, *, limits: Limits, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._is_last = False

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """Wait for the head of a request, or refuse the connection."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(429, "too-many-connections", "connect again later.")
            return
        self._wait(self._limits.header_seconds, self._refuse_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as a head is not too long."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(431, "head-too-large", "send fewer and shorter headers.")

    def on_message_begin(self) -> None:
        """Start the clock for a head."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._wait(self._limits.header_seconds, self._refuse_late)

    def on_headers_complete(self) -> None:
        """Start the clock for a body."""
        self._in_head = False
        self._wait(self._limits.body_seconds + SPARE_SECONDS, self._hang_up)
        super().on_headers_complete()
        if self._is_last and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Stop the clock."""
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give the client time to take the answer."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._wait(self._limits.body_seconds, self._drop_unread)

    def shutdown(self) -> None:
        """Take no more requests than the one that may be on its way."""
        if self.cycle is None and not self.transport.is_closing():
            self._is_last = True
            self._wait(LAST_SECONDS, self._hang_up)
        else:
            super().shutdown()

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        body = problem_body(ProblemError(status, kind, detail), "")
        head = (
            f"HTTP/1.1 {status} {kind}\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nRetry-After: 1\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, then)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse_late(self) -> None:
        if self.transport.get_write_buffer_size():
            self._hang_up()
        else:
            self._refuse(408, "slow-client", "send a request at once.")

    def _drop_unread(self) -> None:
        if self.transport.get_write_buffer_size():
            self._hang_up()

    def _hang_up(self) -> None:
        """Drop the connection with all that the client has not taken yet."""
        # Without this the kernel keeps the rest for as long as the client lives.
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()
