"""The log: one JSON object a line, written by a thread of its own.

A terminal or a pipe may be slow; no request waits for it. Lines that find no place are
counted, and the next line that does says so.
"""

import json
import logging
import sys
import time
from collections import deque
from collections.abc import Mapping
from io import TextIOBase
from threading import Lock, Thread
from typing import Any, TextIO, final

__all__ = ["JsonLog"]

MAX_WAITING = 10_000
WRITE_SECONDS = 0.1


@final
class JsonLog(logging.Handler):
    """Writes what requests and the package say.

    Args:
        stream: to write to.
    """

    def __init__(self, stream: TextIOBase | None = None) -> None:
        super().__init__(logging.INFO)
        self._stream: TextIO | TextIOBase = stream or sys.stdout
        self._lines: deque[Mapping[str, Any]] = deque()
        self._lost = 0
        self._writing = Lock()
        Thread(target=self._work, name="fieldwise-log", daemon=True).start()

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
        if len(self._lines) < MAX_WAITING:
            self._lines.append({"time": _now(), **told})
        else:
            self._lost += 1

    def flush(self) -> None:
        """Write all lines that wait."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if not lines:
                return
            if self._lost:
                lines[-1] = {**lines[-1], "lost_lines": self._lost}
                self._lost = 0
            text = "".join(f"{json.dumps(line, default=str)}\n" for line in lines)
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):
                self._lost += len(lines)  # the reader is gone; serving goes on

    def _work(self) -> None:
        # Many lines at a time: to wake for each would disturb who wrote it.
        while True:
            time.sleep(WRITE_SECONDS)
            self.flush()


def _now() -> str:
    seconds = time.time()
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{clock}.{int(seconds % 1 * 1000):03d}Z"
