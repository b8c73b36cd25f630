"""What an operator decides about a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

__all__ = ["Limits", "ServerSettings"]

MIB = 2**20


@final
@dataclass(frozen=True)
class Limits:
    """How much a client may ask for, and how long things may take.

    Args:
        json_bytes: of a body of JSON.
        arrow_bytes: of a body of Arrow.
        rows: per request of ``predict``.
        candidates: per request of ``rank``.
        explained: rows per request that are explained.
        waiting: requests that may wait for each of the threads that score.
        connections: open ones, per process.
        header_seconds: to send the head of a request.
        body_seconds: to send its body, and to take the answer.
        idle_seconds: that an open connection may stay without a request.
        request_seconds: from the whole request to its answer.
        drain_seconds: how long a server that was told to stop takes new requests, while
            ``/readyz`` already sends clients elsewhere.
    """

    json_bytes: int = 8 * MIB
    arrow_bytes: int = 64 * MIB
    rows: int = 100_000
    candidates: int = 5_000
    explained: int = 50
    waiting: int = 128
    connections: int = 1_000
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 75.0
    request_seconds: float = 30.0
    drain_seconds: float = 5.0


@final
@dataclass(frozen=True)
class ServerSettings:
    """What is served, where, and how.

    Args:
        rankers: folders by name; the first one is the default.
        host: address to listen at.
        port: 0 for any that is free.
        workers: processes.
        threads: of each process that share the work on a ranking.
        watch_seconds: between two looks for new versions; 0 for none.
        token: what clients must send; None lets everybody in.
        limits: of requests.
        backgrounds: files of rows to compare with, by name of the ranker; without one,
            rows are drawn by how often values came in training.
    """

    rankers: Mapping[str, Path]
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 2
    watch_seconds: float = 2.0
    token: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    backgrounds: Mapping[str, Path] = field(default_factory=dict)
