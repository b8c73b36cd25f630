"""All that the folder of a run tells, in one place; what it does not tell is empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, final

import polars as pl

from fieldwise.importance import Importance
from fieldwise.report.cloud_files import Cloud

__all__ = ["Diagnosed", "RunContents"]


@final
@dataclass(frozen=True)
class Diagnosed:
    """Measurements on held-out rows, as ``diagnosis.json`` has them.

    Args:
        part: the rows.
        reliability: bins by label.
        segments: lines by field and label.
        fields: facts by field.
        latency: milliseconds and rows per second.
        calibrators: names by label.
        subject: which model they are about.
    """

    part: str
    reliability: Mapping[str, Any] = field(default_factory=dict)
    segments: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    latency: Mapping[str, Any] = field(default_factory=dict)
    calibrators: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""


@final
@dataclass(frozen=True, eq=False)
class RunContents:
    """What a report is written from.

    Args:
        folder: of the run.
        kind: the command that made it.
        data: name of the table, if it is known.
        schema: as ``Schema.to_dict`` gives it.
        split: as ``Parts.to_dict`` gives it.
        fingerprint: of the data.
        part: the rows that everything was measured on.
        model: name of the model; of a comparison the best one.
        metrics: of the model on these rows, by label and name.
        uncalibrated: the same before calibration.
        unknown_shares: share of unknown values by part and field.
        histories: epochs by name of the fit.
        parameters: numbers that were learned.
        seconds: the fit took.
        num_bytes: size of the ranker on disk.
        diagnosed: reliability and segments.
        leaderboard: one row per model.
        measure: that orders them.
        curve: one row per method.
        points: one row per method, seed and number of fields.
        importances: all that were found.
        clouds: of interaction scores in many models.
        warnings: what looked wrong when the run was made.
        environment: versions and machine.
        settings: everything that was set, as text.
        seeds: of everything random.
    """

    folder: Path
    kind: Literal["fit", "compare", "curve"]
    data: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    part: str = "valid"
    model: str = ""
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    uncalibrated: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unknown_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    histories: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: int | None = None
    seconds: float | None = None
    num_bytes: int | None = None
    diagnosed: Diagnosed | None = None
    leaderboard: pl.DataFrame | None = None
    measure: str = "auc"
    curve: pl.DataFrame | None = None
    points: pl.DataFrame | None = None
    importances: Sequence[Importance] = ()
    clouds: Sequence[Cloud] = ()
    warnings: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    seeds: Sequence[int] = ()

    @property
    def place(self) -> str:
        """The folder as a command names it; of an absolute path, only its name."""
        folder = self.folder
        return folder.name if folder.is_absolute() else folder.as_posix()

    @property
    def labels(self) -> list[str]:
        """Names of the labels."""
        return [str(label["name"]) for label in self.schema.get("labels", ())]

    @property
    def fields(self) -> list[Mapping[str, Any]]:
        """The fields, in the order of the schema."""
        return list(self.schema.get("fields", ()))

    @property
    def rows(self) -> dict[str, int]:
        """Rows by part."""
        counts = self.split.get("rows", {})
        return {str(part): int(number) for part, number in counts.items() if number}

    def of_unit(self, unit: str) -> list[Importance]:
        """The importances of one unit.

        Args:
            unit: such as ``field`` or ``pair``.

        Returns:
            Those that have units.
        """
        return [one for one in self.importances if one.unit == unit and len(one)]
