"""The result of one fit as one file, which is there whole or not at all."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.comparison.plan import Job
from fieldwise.errors import DataError

__all__ = ["FinishedFit", "read_record"]

META = "fieldwise"


@final
@dataclass(frozen=True, eq=False)
class FinishedFit:
    """What a fit leaves for the leaderboard.

    Args:
        job: the fit.
        values: what the ranker says about the measured rows, ``(row, task)``:
            calibrated probabilities, or values of real labels.
        record: metrics, parameters, seconds, recipe and history, plain JSON types.
    """

    job: Job
    values: NDArray[np.float32]
    record: Mapping[str, Any]

    def write(self, path: Path) -> None:
        """Write the result under another name, and rename it.

        Args:
            path: the file, Parquet with the record in its metadata.
        """
        tasks = range(self.values.shape[1])
        frame = pl.DataFrame({f"value {task}": self.values[:, task] for task in tasks})
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            frame.write_parquet(partial, metadata={META: json.dumps(dict(self.record))})
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    @classmethod
    def read(cls, path: Path, job: Job) -> "FinishedFit":
        """Read what ``write`` wrote.

        Args:
            path: the file.
            job: the fit it is of.

        Returns:
            The result.

        Raises:
            DataError: if the file is damaged.
        """
        record = read_record(path)
        try:
            values = pl.read_parquet(path).to_numpy()
        except (OSError, pl.exceptions.PolarsError) as error:
            message = f"{path} must be the result of a fit: {error}."
            raise DataError(message) from error
        return cls(job, values, record)


def read_record(path: Path) -> dict[str, Any]:
    """Read the record of a result alone.

    Args:
        path: the file.

    Returns:
        Plain JSON types.

    Raises:
        DataError: if the file is damaged.
    """
    try:
        return dict(json.loads(pl.read_parquet_metadata(path)[META]))
    except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
        message = f"{path} must be the result of a fit: {error}."
        raise DataError(message) from error
