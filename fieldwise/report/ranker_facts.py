"""What the folder of a ranker tells about the ranker itself, read without a model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from fieldwise._bounded_read import read_bounded
from fieldwise.errors import DataError

__all__ = ["RankerFacts", "read_ranker_facts"]

MANIFEST, CALIBRATORS = "ranker.json", "calibrator.json"


@final
@dataclass(frozen=True)
class RankerFacts:
    """How a ranker was made.

    Args:
        arguments: of its model.
        recipe: it was trained by.
        negative_rate: share of negatives kept in the log it was fitted on.
        calibrators: names by label; None for a real label.
        best_epoch: its weights are from; None where it is not told.
        num_epochs: it was trained for.
    """

    arguments: Mapping[str, Any]
    recipe: Mapping[str, Any]
    negative_rate: float
    calibrators: Mapping[str, str | None]
    best_epoch: int | None
    num_epochs: int


def read_ranker_facts(folder: Path) -> RankerFacts:
    """Read the two JSON files of a ranker.

    Args:
        folder: of the ranker.

    Returns:
        What they tell.

    Raises:
        DataError: if it is no such folder, or a file in it is damaged.
    """
    try:
        manifest = json.loads(read_bounded(folder / MANIFEST))
        states = json.loads(read_bounded(folder / CALIBRATORS))
        info = manifest["info"]
        labels = [str(label["name"]) for label in manifest["schema"]["labels"]]
        names = [None if state is None else str(state["name"]) for state in states]
        history = info.get("history", {})
        return RankerFacts(
            arguments=dict(manifest["model"]["arguments"]),
            recipe=dict(info.get("recipe", {})),
            negative_rate=float(manifest["negative_rate"]),
            calibrators=dict(zip(labels, names, strict=True)),
            best_epoch=history.get("best_epoch"),
            num_epochs=len(history.get("epochs", ())),
        )
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        OSError,
        DataError,
    ) as error:
        message = (
            f"{folder} must be the folder of a ranker with {MANIFEST} and "
            f"{CALIBRATORS}, got {error!r}."
        )
        raise DataError(message) from error
