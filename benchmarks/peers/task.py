"""One measurement as plain data, and the line that carries its result back."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["MARK", "Task", "answer", "read_result"]

MARK = "PEERS-RESULT "
"""Starts the line of a runner's output that holds its result."""


@dataclass(frozen=True)
class Task:
    """What a runner is asked to do.

    Args:
        kind: ``encode``, ``train``, ``raw`` or ``start``.
        table: folder of the raw files.
        encoded: folder of this library's encoded rows.
        saved: folder for trained models.
        file_type: of the raw files: ``parquet`` or ``csv``.
        model: ``deepfm``, ``dcnv2``, ``autoint``, ``finalmlp`` or ``lightgbm``.
        variant: way of training, where a library has several.
        seed: of everything random.
        part: training rows to use: ``train``, or ``train_small`` for the first
            ``small_rows`` of them.
        small_rows: rows of the smaller training part.
        fuxictr: folder of the FuxiCTR repository.
    """

    kind: str
    table: str
    encoded: str
    saved: str
    file_type: str = "parquet"
    model: str = ""
    variant: str = ""
    seed: int = 0
    part: str = "train"
    small_rows: int = 0
    fuxictr: str = ""

    def raw(self, part: str) -> Path:
        """File of raw rows."""
        return Path(self.table) / f"{part}.{self.file_type}"

    def to_json(self) -> str:
        """As the argument of a runner."""
        return json.dumps(asdict(self))


def answer(handlers: Mapping[str, Callable[[Task], dict[str, Any]]]) -> None:
    """Do the task named on the command line and print its result."""
    task = Task(**json.loads(sys.argv[1]))
    result = handlers[task.kind](task)
    sys.stderr.flush()
    # One write: whatever a library still prints must not land inside the line.
    os.write(1, f"\n{MARK}{json.dumps(result)}\n".encode())


def read_result(output: str) -> dict[str, Any] | None:
    """The result in a runner's output, if it came that far."""
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    return json.loads(lines[-1].removeprefix(MARK)) if lines else None
