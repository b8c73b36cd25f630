"""A client that asks without waiting for answers, as many clients together do.

Requests are sent at times that are fixed beforehand. A latency counts from the time a
request should have been sent: a server that stalls makes all those late that were due
in the meantime, not only the one that waited (the "coordinated omission" of a client
that asks again only after an answer).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

__all__ = ["Connection", "Load", "closed_loop", "open_loop"]


@final
@dataclass
class Load:
    """What came of some requests.

    Args:
        seconds: of the measurement.
        milliseconds: latencies of answers with status 200.
        errors: how many had another status or none, by what it was.
    """

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """A percentile of the latencies.

        Args:
            share: in [0, 100].

        Returns:
            Milliseconds; NaN without answers.
        """
        return float(np.percentile(self.milliseconds or [np.nan], share))

    def note(self, status: str, milliseconds: float) -> None:
        """Count an answer.

        Args:
            status: of the answer.
            milliseconds: it took.
        """
        if status == "200":
            self.milliseconds.append(milliseconds)
        else:
            self.errors[status] = self.errors.get(status, 0) + 1


@final
class Connection:
    """One connection that is kept open.

    Args:
        host: of the server.
        port: of the server.
    """

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> tuple[str, bytes]:
        """Send JSON and read the answer.

        Args:
            path: to ask at.
            body: to send.

        Returns:
            Status and body of the answer.
        """
        if self._streams is not None and self._streams[0].at_eof():
            self.close()  # the server hangs up on those that are silent for long
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._place)
        reader, writer = self._streams
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._place[0]}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        status = answer.split(b" ", 2)[1].decode()
        lengths = answer.lower().partition(b"content-length:")[2]
        return status, await reader.readexactly(int(lengths.split(b"\r\n", 1)[0]))

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def open_loop(
    host: str,
    port: int,
    path: str,
    bodies: Sequence[bytes],
    *,
    rate: float,
    seconds: float,
) -> Load:
    """Ask at a steady rate, however long answers take.

    Args:
        host: of the server.
        port: of the server.
        path: to ask at.
        bodies: sent one after the other, again and again.
        rate: requests per second.
        seconds: how long.

    Returns:
        Latencies from the time each request was due.
    """
    load, free, tasks = Load(), list[Connection](), set[asyncio.Task[None]]()
    clock = time.perf_counter
    started = clock() + 0.1

    async def ask(number: int, due: float) -> None:
        connection = free.pop() if free else Connection(host, port)
        try:
            status, _ = await connection.post(path, bodies[number % len(bodies)])
        except (OSError, asyncio.IncompleteReadError) as error:
            connection.close()
            load.note(type(error).__name__, 0.0)
            return
        load.note(status, 1e3 * (clock() - due))
        free.append(connection)

    for number in range(int(rate * seconds)):
        due = started + number / rate
        if (pause := due - clock()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(ask(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    load.seconds = clock() - started
    for connection in free:
        connection.close()
    return load


async def closed_loop(
    host: str,
    port: int,
    path: str,
    bodies: Sequence[bytes],
    *,
    clients: int,
    seconds: float,
) -> Load:
    """Ask again as soon as there is an answer: what a server can do at most.

    Args:
        host: of the server.
        port: of the server.
        path: to ask at.
        bodies: sent one after the other, again and again.
        clients: that ask at a time.
        seconds: how long.

    Returns:
        Latencies, which here mean little, and by their number the throughput.
    """
    load = Load()
    clock = time.perf_counter
    started = clock()

    async def ask(first: int) -> None:
        connection, number = Connection(host, port), first
        while clock() - started < seconds:
            sent = clock()
            status, _ = await connection.post(path, bodies[number % len(bodies)])
            load.note(status, 1e3 * (clock() - sent))
            number += clients
        connection.close()

    await asyncio.gather(*(ask(first) for first in range(clients)))
    load.seconds = clock() - started
    return load
