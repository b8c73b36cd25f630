"""Interaction scores of many models, as the folder of a run may hold them.

``clouds/NAME.json`` has the arrays of a swarm and of halos::

    names       pairs of fields, [[a, b], ...], or three fields each
    scores      of each pair in each of its models, one list per pair
    added       loss of these models over that of the reference, alike
    directions  share of the loss of each field in these models, negative where it is
                softer, one list per model
    references  scores in the reference model, one per pair
    loss        of the reference model
    epsilon     loss that a model may have beyond it

Without ``directions`` there is no halo.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fieldwise.explanation.interaction_cloud import InteractionCloud

__all__ = ["CLOUDS", "Cloud", "read_clouds", "save_cloud"]

CLOUDS = "clouds"

_LOG = logging.getLogger("fieldwise")

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Cloud:
    """Scores of pairs of fields, or of three fields each, in many models.

    Args:
        title: name of the file.
        names: of the pairs.
        scores: of each pair in each of its models, ``(pair, model)``.
        added: loss of these models over that of the reference, ``(pair, model)``.
        directions: of these models in a halo, ``(model, 2)`` or ``(model, 3)``; empty
            without one.
        references: scores in the reference model, ``(pair,)``.
        loss: of the reference model.
        epsilon: loss that a model may have beyond it.
    """

    title: str
    names: tuple[tuple[str, ...], ...]
    scores: Array
    added: Array
    directions: Array
    references: Array
    loss: float
    epsilon: float


def save_cloud(cloud: "InteractionCloud", run: str | Path, name: str) -> Path:
    """Put a cloud into the folder of a run, where the report finds it.

    Args:
        cloud: what ``fieldwise.explanation.interaction_cloud`` found.
        run: folder of the run.
        name: of the file, without its ending.

    Returns:
        The path of the file.
    """
    arrays = ("scores", "added", "directions", "references")
    content: dict[str, Any] = {key: getattr(cloud, key).tolist() for key in arrays}
    content |= {"names": cloud.names, "loss": cloud.loss, "epsilon": cloud.epsilon}
    path = Path(run) / CLOUDS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(content, allow_nan=False), "utf-8")
    partial.replace(path)
    return path


def read_clouds(folder: Path) -> list[Cloud]:
    """Read the clouds of a run; what cannot be read is told in the log.

    Args:
        folder: of the run.

    Returns:
        The clouds, in the order of their names.
    """
    found = []
    for path in sorted((folder / CLOUDS).glob("*.json")):
        try:
            found.append(_cloud(path.stem, json.loads(path.read_bytes())))
        except (OSError, KeyError, TypeError, ValueError) as error:
            _LOG.warning(f"{path} is left out of the report: {error!r}")
    return found


def _cloud(title: str, data: Mapping[str, Any]) -> Cloud:
    names = tuple(tuple(map(str, fields)) for fields in data["names"])
    scores, added, directions, references = (
        np.array(data.get(key, ()), dtype=np.float64)
        for key in ("scores", "added", "directions", "references")
    )
    if len(sizes := {len(fields) for fields in names}) > 1 or sizes - {2, 3}:
        message = f"names must be of two or of three fields each, got {sizes}."
        raise ValueError(message)
    wanted = (len(names), scores.shape[-1])
    shapes = (scores.shape, added.shape, references.shape)
    if not names or shapes != (wanted, wanted, wanted[:1]):
        message = f"arrays must be {wanted}, {wanted}, {wanted[:1]}, got {shapes}."
        raise ValueError(message)
    if directions.shape not in ((0,), (wanted[1], *sizes)):
        message = (
            f"directions must be {(wanted[1], *sizes)} or none, got {directions.shape}."
        )
        raise ValueError(message)
    loss, epsilon = float(data["loss"]), float(data["epsilon"])
    return Cloud(title, names, scores, added, directions, references, loss, epsilon)
