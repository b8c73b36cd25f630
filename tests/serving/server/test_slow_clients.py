"""Clients that send or read byte by byte: dropped, while others are answered."""

import socket
import threading

import httpx
import pytest
import uvicorn

from fieldwise.serving.server.app import Application, Route
from fieldwise.serving.server.http import Answer
from fieldwise.serving.server.log import JsonLog
from fieldwise.serving.server.metrics import RequestMetrics
from fieldwise.serving.server.protocol import LimitedProtocol
from fieldwise.serving.server.readiness import Readiness
from fieldwise.serving.server.settings import Limits

LIMITS = Limits(header_seconds=0.4, body_seconds=0.4, connections=20)
LARGE = b"x" * 2**24


@pytest.fixture(scope="module")
def port():
    """A server of this process without a ranker, and with little patience."""

    async def read(request):
        body = await request.body(max_bytes=100, seconds=LIMITS.body_seconds)
        return Answer(body)

    async def large(_):
        return Answer(LARGE)

    async def unread(_):
        return Answer(b"early")

    with open("/dev/null", "w", encoding="utf-8") as nowhere:
        application = Application(
            {
                "/read": Route("read", "POST", read),
                "/large": Route("large", "GET", large),
                "/unread": Route("unread", "POST", unread),
            },
            log=JsonLog(nowhere),
            metrics=RequestMetrics(),
            readiness=Readiness(),
            token=None,
        )
        config = uvicorn.Config(
            application,
            http=lambda **given: LimitedProtocol(limits=LIMITS, **given),
            lifespan="off",
            log_config=None,
        )
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def everything(stream):
    """All that comes until the server hangs up."""
    found = b""
    try:
        while part := stream.recv(2**16):
            found += part
    except ConnectionError:
        pass
    return found


def test_a_head_that_does_not_come(port):
    for sent in (b"", b"POST /read HTTP/1.1\r\nHost: h\r\n"):
        with connect(port) as stream:
            stream.sendall(sent)
            assert everything(stream).startswith(b"HTTP/1.1 408")


def test_a_second_head_that_does_not_come(port):
    with connect(port) as stream:
        stream.sendall(b"GET /none HTTP/1.1\r\nHost: h\r\n\r\n")
        assert stream.recv(2**16).startswith(b"HTTP/1.1 404")
        stream.sendall(b"GET /no")
        assert everything(stream).startswith(b"HTTP/1.1 408")


def test_a_body_that_does_not_come(port):
    with connect(port) as stream:
        stream.sendall(b"POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
        found = everything(stream)

    assert found.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in found.lower()
    assert b"urn:fieldwise:problem:slow-client" in found


def test_a_client_that_does_not_read(port):
    with connect(port) as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
        stream.sendall(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        threading.Event().wait(2 * LIMITS.body_seconds + 0.5)
        assert len(everything(stream)) < len(LARGE)


def test_a_client_that_reads_gets_everything(port):
    found = httpx.get(f"http://127.0.0.1:{port}/large")

    assert found.content == LARGE


def test_others_are_answered_meanwhile(port):
    slow = [connect(port) for _ in range(10)]
    for stream in slow:
        stream.sendall(b"POST /read HTTP/1.1\r\nContent-Length: 90\r\n\r\n")

    found = httpx.post(f"http://127.0.0.1:{port}/read", content=b"quick")

    assert found.content == b"quick"
    for stream in slow:
        stream.close()


def test_too_many_connections(port):
    streams = [connect(port) for _ in range(LIMITS.connections + 5)]

    found = [everything(stream)[:12] for stream in streams[-3:]]

    assert b"HTTP/1.1 429" in found
    for stream in streams:
        stream.close()


def test_an_expected_continue(port):
    with connect(port) as stream:
        stream.sendall(
            b"POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert stream.recv(2**16).startswith(b"HTTP/1.1 100")
        stream.sendall(b"ok")
        assert everything(stream).endswith(b"ok")
