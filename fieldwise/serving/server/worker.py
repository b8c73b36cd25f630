"""One process that answers requests, from its first to its last."""

import asyncio
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import cast, final

import torch
import uvicorn

from fieldwise.serving.server.about import About
from fieldwise.serving.server.app import Application
from fieldwise.serving.server.endpoints import Endpoints
from fieldwise.serving.server.log import JsonLog
from fieldwise.serving.server.metrics import RequestMetrics
from fieldwise.serving.server.protocol import LimitedProtocol
from fieldwise.serving.server.readiness import Readiness
from fieldwise.serving.server.routes import routes_of
from fieldwise.serving.server.settings import ServerSettings
from fieldwise.serving.server.shelf import Shelf
from fieldwise.serving.server.traffic_metrics import TrafficMetrics

__all__ = ["run_worker"]

SWITCH_SECONDS = 0.0005
"""A thread that computes in Python hands over to the one that talks to clients."""
DOOR_SECONDS = 0.1


@final
class _Server(uvicorn.Server):
    """Goes on answering for a while after it was told to stop."""

    def __init__(
        self,
        config: uvicorn.Config,
        readiness: Readiness,
        drain_seconds: float,
        *,
        is_supervised: bool,
    ) -> None:
        super().__init__(config)
        self._parent = os.getppid() if is_supervised else None
        self._readiness = readiness
        self._drain_seconds = drain_seconds
        self._stops_at = float("inf")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        if self._readiness.is_draining or sig == signal.SIGINT:
            self.should_exit = True  # asked twice, or by somebody at a keyboard
        self._readiness.is_draining = True
        self._stops_at = time.monotonic() + self._drain_seconds

    async def on_tick(self, counter: int) -> bool:
        is_orphan = self._parent is not None and os.getppid() != self._parent
        if is_orphan or time.monotonic() >= self._stops_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Whoever connects from now on tries again and is refused; whoever has already
        # connected is taken before the door closes.
        for listener in sockets or []:
            listener.listen(0)
        await asyncio.sleep(DOOR_SECONDS)
        await super().shutdown(sockets)


def run_worker(
    settings: ServerSettings,
    listener: socket.socket,
    *,
    ready: Callable[[], object] | None = None,
) -> None:
    """Load the rankers and answer until told to stop.

    Args:
        settings: of the server.
        listener: bound; may be shared with other processes.
        ready: called when the rankers are loaded, if this process has a supervisor;
            it ends when that one does.

    Raises:
        RankerFormatError: if a ranker cannot be loaded.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(SWITCH_SECONDS)
    # Half a million objects of imported modules: looking through them again and again
    # for garbage would hold up requests.
    gc.freeze()
    log = JsonLog()
    log.attach("fieldwise", "uvicorn.error")
    shelf = Shelf(settings.rankers, settings.backgrounds, threads=settings.threads)
    shelf.load()
    limits, metrics, readiness = settings.limits, RequestMetrics(), Readiness()
    traffic = TrafficMetrics(shelf)
    metrics.registry.register(traffic)
    traffic.start()
    about = About(settings, shelf, metrics, readiness)
    application = Application(
        routes_of(shelf, Endpoints(limits), about),
        log=log,
        metrics=metrics,
        readiness=readiness,
        token=settings.token,
    )
    config = uvicorn.Config(
        application,
        http=cast("type[asyncio.Protocol]", partial(LimitedProtocol, limits=limits)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=int(limits.request_seconds) + 1,
    )
    server = _Server(
        config, readiness, limits.drain_seconds, is_supervised=ready is not None
    )
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: shelf.look())
    shelf.watch(settings.watch_seconds)
    host, port = listener.getsockname()[:2]
    versions = {name: shelf.get(name).version for name in shelf.names}
    told = {"level": "info", "message": "ready", "host": host, "port": port}
    log.say({**told, "rankers": versions, "pid": os.getpid()})
    if ready is not None:
        ready()
    server.run([listener])
    log.say({"level": "info", "message": "stopped", "pid": os.getpid()})
    log.flush()
