"""What the package logs while a command runs, shown to people and kept in a file."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

from rich.console import Console

from fieldwise.cli.tables import show_text

__all__ = ["logged_to_file", "only_shown", "shown_log", "silent_log"]

_LOG = logging.getLogger("fieldwise")
_LINE = "%(asctime)s %(levelname)s %(message)s"


@final
class _Screen(logging.Handler):
    """Prints to the standard error: warnings always, progress where no bar is drawn."""

    def __init__(self) -> None:
        # A progress bar tells a terminal how far a command is; a file has these lines.
        super().__init__(
            logging.WARNING if Console(stderr=True).is_terminal else logging.INFO
        )
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING:
            show_text(record.getMessage(), stderr=True)
            return
        # Rows are scored chunk by chunk: the same warning of every chunk is said once.
        template = str(record.msg)
        if template not in self._said:
            self._said.add(template)
            text = f"warning: {record.getMessage()}"
            show_text(text, style="yellow", stderr=True)


@contextmanager
def shown_log() -> Iterator[None]:
    """Show what the package logs.

    Yields:
        Nothing; the log is as before afterwards.
    """
    with _attached(_Screen()):
        yield


@contextmanager
def only_shown(*rooms: str) -> Iterator[None]:
    """Show what some rooms say, and warnings; files still get everything.

    Args:
        *rooms: names of their loggers.

    Yields:
        Nothing; everything is shown as before afterwards.
    """

    def is_wanted(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.name in rooms

    screens = [handler for handler in _LOG.handlers if isinstance(handler, _Screen)]
    for screen in screens:
        screen.addFilter(is_wanted)
    try:
        yield
    finally:
        for screen in screens:
            screen.removeFilter(is_wanted)


@contextmanager
def logged_to_file(path: Path, *, append: bool = False) -> Iterator[None]:
    """Keep all that the package logs.

    Args:
        path: the file to write.
        append: keep what is in it.

    Yields:
        Nothing; the file is closed afterwards.
    """
    mode = "a" if append else "w"
    handler = logging.FileHandler(path, mode=mode, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_LINE))
    try:
        with _attached(handler):
            yield
    finally:
        handler.close()


@contextmanager
def silent_log() -> Iterator[None]:
    """Say nothing: another process does the same work and tells of it.

    Yields:
        Nothing; the log is as before afterwards.
    """
    before = _LOG.level
    _LOG.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _LOG.setLevel(before)


@contextmanager
def _attached(handler: logging.Handler) -> Iterator[None]:
    before = _LOG.level
    _LOG.setLevel(logging.INFO)
    _LOG.addHandler(handler)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        _LOG.setLevel(before)
