"""The state of a training run on disk: one file that is always whole.

A safetensors file holds the tensors, and in its metadata the rest as JSON: reading it
cannot run code. It is written under another name, flushed and renamed, so that a
process killed at any moment leaves the state before or after, never half of one.
"""

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from fieldwise._checks import check_non_negative

__all__ = ["Checkpoint", "Snapshot"]

_LOG = logging.getLogger("fieldwise")
SECONDS = 10.0
"""Between two checkpoints, at least."""
LARGEST_SHARE = 0.05
"""Of the time of a run that writing may take: large models are saved less often."""
VALUES = "values"


@final
@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a run at one moment.

    Args:
        tensors: by name.
        values: everything else, JSON types only.
    """

    tensors: Mapping[str, Tensor]
    values: Mapping[str, Any]


@final
class Checkpoint:
    """Where one training run keeps its state.

    The name of the file is the identity of the run, so runs with other settings or
    data never meet, even in one folder.

    Args:
        folder: is made when it is needed.
        identity: of the run, as a hexadecimal checksum.
        seconds: between two checkpoints, at least; 0 saves after every step.

    Raises:
        ValueError: if ``seconds`` is negative.
    """

    def __init__(
        self, folder: Path, identity: str, *, seconds: float = SECONDS
    ) -> None:
        check_non_negative("seconds", seconds)
        self.path = folder / f"{identity[:32]}.safetensors"
        self._identity = identity
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    @property
    def is_due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() >= self._next

    def save(self, snapshot: Snapshot) -> None:
        """Replace the file.

        Args:
            snapshot: the state to keep.
        """
        started = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        values = {"identity": self._identity, "values": snapshot.values}
        try:
            save_file(
                _separate(snapshot.tensors),
                partial,
                metadata={VALUES: json.dumps(values)},
            )
            with partial.open("rb") as handle:
                os.fsync(handle.fileno())
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)
        finished = time.monotonic()
        pause = (finished - started) * (1 / LARGEST_SHARE - 1) if self._seconds else 0.0
        self._next = finished + max(self._seconds, pause)

    def load(self) -> Snapshot | None:
        """Read the file.

        Returns:
            The state, its tensors on the CPU; None where there is no file, or none
            that can be read: the run then starts from the beginning.
        """
        if not self.path.is_file():
            return None
        try:
            with safe_open(self.path, framework="pt") as file:
                content = json.loads((file.metadata() or {})[VALUES])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if content["identity"] != self._identity:
                message = "it belongs to another run"
                raise ValueError(message)
            return Snapshot(tensors, content["values"])
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            _LOG.warning(
                "checkpoint %s cannot be read (%s): training starts from the beginning",
                self.path,
                error,
            )
            return None


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give tied weights memory of their own: the format knows no sharing."""
    seen: set[int] = set()
    separate = {}
    for name, tensor in tensors.items():
        kept = tensor.detach().cpu().contiguous()
        address = kept.untyped_storage().data_ptr()
        separate[name] = torch.clone(kept) if address in seen else kept
        seen.add(address)
    return separate
