"""The log: one JSON object a line, written by a thread of its own.

A terminal or a pipe may be slow; no request waits for it. Lines that find no place are
counted, and the next line that does says so.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping
from io import TextIOBase
from queue import Full, Queue
from threading import Thread
from typing import Any, TextIO, final

__all__ = ["JsonLog"]

MAX_WAITING = 10_000


@final
class JsonLog(logging.Handler):
    """Writes what requests and the package say.

    Args:
        stream: to write to.
    """

    def __init__(self, stream: TextIOBase | None = None) -> None:
        super().__init__(logging.INFO)
        self._stream: TextIO | TextIOBase = stream or sys.stdout
        self._lines: Queue[Mapping[str, Any]] = Queue(MAX_WAITING)
        self._lost = 0
        Thread(target=self._write, name="fieldwise-log", daemon=True).start()

    def attach(self, *loggers: str) -> None:
        """Take over what some loggers say.

        Args:
            *loggers: their names.
        """
        for name in loggers:
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [self], False
            logger.setLevel(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a logger was told.

        Args:
            record: of the logger; its ``told`` holds what belongs to the message.
        """
        told = {"level": record.levelname.lower(), "message": record.getMessage()}
        told |= getattr(record, "told", {})
        if record.exc_info:
            told["traceback"] = logging.Formatter().formatException(record.exc_info)
        self.say(told)

    def say(self, told: Mapping[str, Any]) -> None:
        """Write a line, later.

        Args:
            told: JSON types.
        """
        try:
            self._lines.put_nowait({"time": _now(), **told})
        except Full:
            self._lost += 1

    def flush(self) -> None:
        """Wait until all lines are written."""
        self._lines.join()

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if self._lost:
                line = {**line, "lost_lines": self._lost}
                self._lost = 0
            try:
                self._stream.write(json.dumps(line, default=str) + "\n")
                if self._lines.empty():
                    self._stream.flush()
            except (OSError, ValueError):
                self._lost += 1  # the reader is gone; serving goes on
            self._lines.task_done()


def _now() -> str:
    seconds = time.time()
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{clock}.{int(seconds % 1 * 1000):03d}Z"
