"""The held-out rows that all systems are compared on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.comparison.segment_fields import segment_fields
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder

__all__ = ["MeasuredRows"]

META = "fieldwise"
WEIGHT, GROUP = "weight", "group"


@final
@dataclass(frozen=True, eq=False)
class MeasuredRows:
    """What happened in each row; the same for every system.

    Args:
        labels: 0 or 1, or values in the unit of a real label, ``(row, task)``; NaN
            means not observed.
        kinds: of the labels, ``binary`` or ``real``.
        names: of the labels.
        weights: of the rows, ``(row,)``, or None.
        groups: number of each row's group, ``(row,)``, or None.
        segments: value of each row in some fields, by field; see ``segment_fields``.
    """

    labels: NDArray[np.float64]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    weights: NDArray[np.float64] | None = None
    groups: NDArray[np.int64] | None = None
    segments: Mapping[str, pl.Series] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def observed(self, task: int) -> NDArray[np.bool_]:
        """Rows that count for a label: those with a label and a weight.

        Args:
            task: number of the label.

        Returns:
            Whether each row counts, ``(row,)``.
        """
        counts = ~np.isnan(self.labels[:, task])
        return counts if self.weights is None else counts & (self.weights > 0)

    @classmethod
    def of(cls, dataset: Dataset, encoder: Encoder | None = None) -> "MeasuredRows":
        """Take labels, weights and groups from encoded rows.

        Args:
            dataset: labelled rows.
            encoder: knows the values of segments; None takes none.

        Returns:
            The rows.
        """
        known = dataset.schema.labels
        labels = dataset.labels.astype(np.float64)
        for task, label in enumerate(known):
            if label.kind == "real":
                labels[:, task] = labels[:, task] * label.scale + label.center
        weights, groups = dataset.weights, dataset.groups
        return cls(
            labels=labels,
            kinds=tuple("real" if x.kind == "real" else "binary" for x in known),
            names=dataset.schema.label_names,
            weights=None if weights is None else weights.astype(np.float64),
            groups=None if groups is None else groups.astype(np.int64),
            segments={} if encoder is None else segment_fields(encoder, dataset),
        )

    def write(self, path: Path) -> None:
        """Write the rows as Parquet.

        Args:
            path: the file.
        """
        columns = {f"label {t}": self.labels[:, t] for t in range(len(self.names))}
        frame = pl.DataFrame(columns)
        for name, values in ((WEIGHT, self.weights), (GROUP, self.groups)):
            if values is not None:
                frame = frame.with_columns(pl.Series(name, values))
        told = [
            values.alias(f"segment {place}").cast(pl.Categorical)
            for place, values in enumerate(self.segments.values())
        ]
        frame = frame.with_columns(told)
        about = json.dumps(
            {"kinds": self.kinds, "names": self.names, "segments": [*self.segments]}
        )
        frame.write_parquet(path, metadata={META: about})

    @classmethod
    def read(cls, path: Path) -> "MeasuredRows":
        """Read what ``write`` wrote.

        Args:
            path: the file.

        Returns:
            The rows.
        """
        about = json.loads(pl.read_parquet_metadata(path)[META])
        frame = pl.read_parquet(path)
        columns = [f"label {task}" for task in range(len(about["names"]))]
        known = frame.columns
        weights = frame[WEIGHT].to_numpy() if WEIGHT in known else None
        groups = frame[GROUP].to_numpy() if GROUP in known else None
        return cls(
            labels=frame.select(columns).to_numpy(),
            kinds=tuple(about["kinds"]),
            names=tuple(about["names"]),
            weights=weights,
            groups=groups,
            segments={
                name: frame[f"segment {place}"].cast(pl.String)
                for place, name in enumerate(about.get("segments", ()))
            },
        )
