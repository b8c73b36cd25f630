"""The files of a saved ranker, each read as if it came from a stranger.

Every function refuses what it does not understand with some exception or other;
``read_ranker`` adds the name of the file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from safetensors.torch import load as load_tensors
from torch import nn

from fieldwise.calibration import (
    Calibrator,
    down_sampling_logit_shift,
    load_calibrator,
)
from fieldwise.errors import RankerFormatError
from fieldwise.models import build_model
from fieldwise.ranker.sketch import TensorKind, kinds, sketch_tensors
from fieldwise.schema import Label, Schema

__all__ = [
    "FORMAT_VERSION",
    "Manifest",
    "parse_calibrators",
    "parse_manifest",
    "parse_model",
]

FORMAT_VERSION = 1


@final
@dataclass(frozen=True)
class Manifest:
    """What ``ranker.json`` says.

    Args:
        schema: the fitted schema.
        model_name: name in ``MODELS``.
        model_arguments: what the model was built with, beside the schema.
        negative_rate: share of negatives kept in the log it was fitted on.
        info: metrics, recipe, fingerprints, environment.
        checksums: sha256 of every other file, by its path in the folder.
        tensors: shape and type of each of the model's tensors, by name.
    """

    schema: Schema
    model_name: str
    model_arguments: dict[str, Any]
    negative_rate: float
    info: dict[str, Any]
    checksums: dict[str, str]
    tensors: dict[str, TensorKind]

    @property
    def max_weight_bytes(self) -> int:
        """Most bytes that a file of the tensors takes, with what it says of each."""
        sizes = (shape.numel() * kind.itemsize for shape, kind in self.tensors.values())
        return 2**16 + sum(256 + 6 * len(name) for name in self.tensors) + sum(sizes)


def parse_manifest(content: bytes, *, weight_bytes: int) -> Manifest:
    """Read ``ranker.json``.

    Args:
        content: of the file.
        weight_bytes: size of the file of weights, which bounds the model.

    Returns:
        The manifest; its schema is fitted and has a label, and its model exists.

    Raises:
        RankerFormatError: if the format is another one, or the schema is not fitted.
    """
    entries = json.loads(content)
    if entries["format_version"] != FORMAT_VERSION:
        message = (
            f"its format must be {FORMAT_VERSION}, got {entries['format_version']!r}. "
            "Upgrade fieldwise, or fit the ranker again"
        )
        raise RankerFormatError(message)
    schema = Schema.from_dict(entries["schema"])
    parts = (*schema.fields, *schema.labels)
    unfitted = [part.name for part in parts if not part.is_fitted]
    if unfitted or not schema.labels:
        message = f"its schema must be fitted and have labels, got {unfitted} unfitted"
        raise RankerFormatError(message)
    negative_rate = float(entries["negative_rate"])
    down_sampling_logit_shift(negative_rate)  # refuses what is no share
    name, arguments = entries["model"]["name"], _object(entries["model"], "arguments")
    return Manifest(
        schema=schema,
        model_name=name,
        model_arguments=arguments,
        negative_rate=negative_rate,
        info=_object(entries, "info"),
        checksums=_object(entries, "sha256"),
        tensors=sketch_tensors(name, schema, arguments, weight_bytes=weight_bytes),
    )


def _object(entries: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = entries[key]
    if not isinstance(value, dict):
        message = f"its {key!r} must be an object, got {type(value).__name__}"
        raise RankerFormatError(message)
    return value


def parse_calibrators(
    content: bytes, labels: Sequence[Label]
) -> list[Calibrator | None]:
    """Read the calibrators.

    Args:
        content: of their JSON file.
        labels: of the schema.

    Returns:
        One per label; None for real labels.

    Raises:
        RankerFormatError: if they do not suit the labels.
    """
    states = json.loads(content)
    wanted = [label.kind == "real" for label in labels]
    if not isinstance(states, list) or [item is None for item in states] != wanted:
        message = "it must hold one calibrator per binary label, and null per real one"
        raise RankerFormatError(message)
    return [None if state is None else load_calibrator(state) for state in states]


def parse_model(content: bytes, manifest: Manifest) -> nn.Module:
    """Read the weights into a model.

    Args:
        content: of the safetensors file.
        manifest: says which model it is.

    Returns:
        The model, in eval mode.

    Raises:
        RankerFormatError: if names, shapes or types of the tensors are not the
            model's.
    """
    weights = load_tensors(content)
    found, wanted = kinds(weights), manifest.tensors
    if found != wanted:
        names = {*wanted, *found}
        wrong = sorted(name for name in names if wanted.get(name) != found.get(name))
        message = (
            f"it must hold the tensors of {manifest.model_name!r}, got others at "
            f"{wrong[:5]}. The folder mixes two rankers, or was edited"
        )
        raise RankerFormatError(message)
    infinite = [name for name, item in weights.items() if not item.isfinite().all()]
    if infinite:
        message = f"its tensors must be finite, got others in {infinite[:5]}"
        raise RankerFormatError(message)
    # The caller's random numbers must not notice that a ranker was loaded.
    with torch.random.fork_rng(devices=[]):
        model = build_model(
            manifest.model_name, manifest.schema, **manifest.model_arguments
        )
    model.load_state_dict(weights)
    return model.eval()
