"""Serve rankers: the one door to the server."""

import os
import socket
from importlib import import_module

from fieldwise.errors import DataError, MissingExtraError
from fieldwise.serving.server.settings import ServerSettings

__all__ = ["serve"]

BACKLOG = 2048


def serve(settings: ServerSettings) -> None:
    """Answer requests until the process is told to stop.

    SIGTERM ends it when everything accepted has been answered, SIGHUP makes it look for
    new versions of the rankers.

    Args:
        settings: of the server.

    Raises:
        DataError: if the address cannot be used.
        MissingExtraError: if the extra ``serve`` is not installed.
        RankerFormatError: if a ranker cannot be loaded.
    """
    _check_extra()
    # Libraries read these when they are loaded, in this process or in others. A row is
    # too little work for two threads, and what is more work is divided by rows.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ.setdefault(name, "1")
    with _listener(settings.host, settings.port) as listener:
        if settings.workers > 1:
            from fieldwise.serving.server.supervisor import supervise

            supervise(settings, listener)
        else:
            from fieldwise.serving.server.worker import run_worker

            run_worker(settings, listener)


def _check_extra() -> None:
    try:
        for name in ("httptools", "prometheus_client", "uvicorn"):
            import_module(name)
    except ImportError as error:
        message = (
            f"the server needs {error.name}. Install it with: pip install "
            "'fieldwise[serve]'"
        )
        raise MissingExtraError(message) from error


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # From now on clients wait instead of being refused, also while rankers load.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        message = f"host and port must be free, got {host}:{port}: {error.strerror}."
        raise DataError(message) from error
    return listener
