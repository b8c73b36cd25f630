"""Results as JSON lines, each on disk before the next measurement starts."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.child import Outcome
from benchmarks.peers.machine import QUIET_CORES
from benchmarks.peers.plan import Job

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True)
class Entry:
    """One finished measurement.

    Args:
        key: of its job.
        kind: of measurement.
        contender: name of the library.
        model: name of the model, or nothing.
        scale: times the rows.
        values: numbers by name.
        quiet: whether nobody else used the machine.
        error: why it failed, or nothing.
    """

    key: str
    kind: str
    contender: str
    model: str
    scale: int
    values: dict[str, float]
    quiet: bool
    error: str

    @classmethod
    def of(cls, job: Job, outcome: Outcome) -> "Entry":
        """What to note of a job."""
        return cls(
            key=job.key,
            kind=job.kind,
            contender=job.contender.name,
            model=job.model,
            scale=job.scale,
            values={
                **(outcome.result or {}),
                "wall_s": outcome.wall_seconds,
                "peak_mb": outcome.peak_megabytes,
                "foreign_cores": outcome.foreign_cores,
            },
            quiet=outcome.foreign_cores < QUIET_CORES,
            error=outcome.error,
        )


class Journal:
    """What was measured already; a benchmark that was killed goes on from here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        for line in path.read_text("utf-8").splitlines() if path.exists() else []:
            entry = _parsed(line)
            if entry is not None:
                self.entries[entry.key] = entry

    def has(self, job: Job) -> bool:
        """Whether a job is done; one that failed is not."""
        found = self.entries.get(job.key)
        return found is not None and not found.error

    def add(self, entry: Entry) -> None:
        """Write one entry, at once."""
        self.entries[entry.key] = entry
        with self.path.open("a", encoding="utf-8") as file:
            # A new line first: a kill may have cut the last one off.
            file.write("\n" + json.dumps(asdict(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _parsed(line: str) -> Entry | None:
    try:
        content: dict[str, Any] = json.loads(line)
        return Entry(**content)
    except (ValueError, TypeError):  # the line a kill cut off
        return None
