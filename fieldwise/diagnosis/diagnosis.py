"""What is known of a fitted ranker beside its metrics, and the file it is kept in."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from fieldwise.errors import DataError
from fieldwise.importance import Importance

__all__ = ["DIAGNOSIS", "Diagnosis"]

DIAGNOSIS = "diagnosis.json"
FORMAT_VERSION = 1


@final
@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Measurements on held-out rows, as plain JSON types.

    Args:
        part: the rows it was measured on, ``test`` or ``valid``.
        num_rows: how many they are.
        reliability: what ``reliability_of`` found, by binary label.
        calibrators: name of the calibrator, by binary label.
        segments: of a field and a label, what ``measure_segments`` found.
        fields: what ``field_facts`` found, by field.
        latency: what ``measure_latency`` found.
        importance: of the fields, by permutation; None where it is not defined.
        parameters: numbers of the model that were learned.
    """

    part: str
    num_rows: int
    reliability: Mapping[str, Any]
    calibrators: Mapping[str, str]
    segments: list[dict[str, Any]]
    fields: Mapping[str, Any]
    latency: Mapping[str, Any]
    importance: Importance | None
    parameters: int

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as plain JSON types."""
        found = self.importance
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["importance"] = None if found is None else found.to_dict()
        return {"format_version": FORMAT_VERSION, **plain}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Diagnosis":
        """Read what ``to_dict`` wrote.

        Args:
            data: plain JSON types.

        Returns:
            The diagnosis.

        Raises:
            DataError: if it is none, or of another format.
        """
        try:
            version = data["format_version"]
            parts = {name: data[name] for name in cls.__dataclass_fields__}
        except (KeyError, TypeError) as error:
            message = f"data must be a diagnosis as to_dict writes it: {error!r}."
            raise DataError(message) from error
        if version != FORMAT_VERSION:
            message = (
                f"a diagnosis must have format {FORMAT_VERSION}, got {version!r}. "
                "Upgrade fieldwise."
            )
            raise DataError(message)
        found = parts["importance"]
        parts["importance"] = None if found is None else Importance.from_dict(found)
        return cls(**parts)

    def save(self, folder: str | Path) -> None:
        """Write ``diagnosis.json`` into the folder of a run, whole or not at all.

        Args:
            folder: of the run.
        """
        path = Path(folder) / DIAGNOSIS
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)
        partial.write_text(text, "utf-8")
        partial.replace(path)

    @classmethod
    def load(cls, folder: str | Path) -> "Diagnosis":
        """Read ``diagnosis.json`` from the folder of a run.

        Args:
            folder: of the run.

        Returns:
            The diagnosis.

        Raises:
            DataError: if the file is missing or damaged.
        """
        path = Path(folder) / DIAGNOSIS
        try:
            data = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            message = f"{path} must be a diagnosis: {error}. Fit the ranker again."
            raise DataError(message) from error
        if not isinstance(data, dict):
            message = f"{path} must be a diagnosis, got a {type(data).__name__}."
            raise DataError(message)
        return cls.from_dict(data)
