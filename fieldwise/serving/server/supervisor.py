"""Several processes that answer at one address, each replaced when it dies.

They accept from one and the same socket: while one of them is gone, whoever connects is
taken by another, or waits in the socket's queue.
"""

import os
import signal
import socket
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from types import FrameType
from typing import final

from fieldwise.errors import FieldwiseError
from fieldwise.serving.server.log import JsonLog
from fieldwise.serving.server.metrics import SHARED, forget_process
from fieldwise.serving.server.settings import ServerSettings

__all__ = ["supervise"]

LOOK_SECONDS = 0.2
HEALTHY_SECONDS = 10.0
"""A process that lived less is started again with a pause, twice as long each time."""
LONGEST_PAUSE = 30.0
SPARE_SECONDS = 5.0


@final
class _Place:
    """One of the processes, whichever lives at the time."""

    def __init__(self) -> None:
        self.process: SpawnProcess | None = None
        self.started = 0.0
        self.starts_at = 0.0
        self._pause = 0.0

    def died(self, now: float) -> None:
        self.process = None
        is_healthy = now - self.started > HEALTHY_SECONDS
        self._pause = 0.0 if is_healthy else min(2 * self._pause or 0.5, LONGEST_PAUSE)
        self.starts_at = now + self._pause


@final
class _Supervisor:
    def __init__(self, settings: ServerSettings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._log = JsonLog()
        self._context = get_context("spawn")
        self._was_ready: Event = self._context.Event()
        self._places = [_Place() for _ in range(settings.workers)]
        self._stops_at = float("inf")

    def run(self) -> None:
        handled = [signal.SIGTERM, signal.SIGINT]
        handled += [signal.SIGHUP] if hasattr(signal, "SIGHUP") else []
        before = {number: signal.signal(number, self._handle) for number in handled}
        try:
            while self._look():
                sentinels = [p.sentinel for p in self._processes()]
                if sentinels:
                    wait(sentinels, LOOK_SECONDS)
                else:
                    time.sleep(LOOK_SECONDS)
        finally:
            for process in self._processes():
                process.kill()
            for number, handler in before.items():
                signal.signal(number, handler)
            self._log.flush()

    def _processes(self) -> list[SpawnProcess]:
        return [p.process for p in self._places if p.process is not None]

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        for process in self._processes():
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, number)
        if number in (signal.SIGTERM, signal.SIGINT):
            # The workers hold it as long as they take requests, and nobody after them.
            self._listener.close()
            limits = self._settings.limits
            patience = limits.drain_seconds + limits.request_seconds + SPARE_SECONDS
            self._stops_at = min(self._stops_at, time.monotonic() + patience)

    def _look(self) -> bool:
        """Notice the dead, replace them; whether to go on."""
        now = time.monotonic()
        is_stopping = self._stops_at < float("inf")
        for place in self._places:
            process = place.process
            if process is not None and process.exitcode is not None:
                self._mourn(process, expected=is_stopping)
                place.died(now)
            if place.process is None and not is_stopping and place.starts_at <= now:
                place.process, place.started = self._start(), now
        return now < self._stops_at and (not is_stopping or bool(self._processes()))

    def _start(self) -> SpawnProcess:
        # Torch is loaded where it is used: this process stays small.
        process = self._context.Process(
            target=_work, args=(self._settings, self._listener, self._was_ready)
        )
        process.start()
        return process

    def _mourn(self, process: SpawnProcess, *, expected: bool) -> None:
        if process.pid is not None:
            forget_process(process.pid)
        if expected:
            return
        told = {"level": "error", "message": "a worker died", "pid": process.pid}
        self._log.say({**told, "exit_code": process.exitcode})
        if not self._was_ready.is_set():
            message = "no worker could start. The log says why."
            raise FieldwiseError(message)


def supervise(settings: ServerSettings, listener: socket.socket) -> None:
    """Keep as many processes running as were asked for, until told to stop.

    Args:
        settings: of the server.
        listener: bound; all of them accept from it.

    Raises:
        FieldwiseError: if none of them could start.
    """
    with tempfile.TemporaryDirectory(prefix="fieldwise-serve-") as folder:
        os.environ[SHARED] = folder
        try:
            _Supervisor(settings, listener).run()
        finally:
            del os.environ[SHARED]


def _work(settings: ServerSettings, listener: socket.socket, was_ready: Event) -> None:
    from fieldwise.serving.server.worker import run_worker

    # Whoever presses a key means the supervisor, which tells its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = JsonLog()
    try:
        run_worker(settings, listener, ready=was_ready.set)
    except FieldwiseError as error:
        log.say({"level": "error", "message": str(error), "pid": os.getpid()})
        log.flush()
        sys.exit(1)
