"""Which crosses a model with exponential neurons builds, and of which fields.

Source: Cai et al., "ARM-Net: Adaptive Relation Modeling Network for Structured Data",
SIGMOD 2021, https://arxiv.org/abs/2107.01830, "Interpretability".
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import ShapeError
from fieldwise.explanation.layer_inputs import find_layer, show_inputs
from fieldwise.importance import Importance
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons

__all__ = ["cross_features", "field_importance", "row_fields"]

METHOD = "exponential neurons"


def cross_features(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    num_crosses: int | None = 100,
    data_fingerprint: str = "",
) -> Importance:
    """Count the crosses that the neurons of a model build.

    The fields whose gate is open are the cross that a neuron builds of a row. A cross
    scores the share of rows and neurons that build it, and no other one: the scores of
    all crosses add up to 1. For a single row, give a batch of this row only.

    Args:
        model: has a layer of exponential neurons, as ``ARMNet`` and ``ARMNetPlus`` do.
        batches: the rows.
        names: of the fields, in the order of the schema.
        num_crosses: keep so many, the most frequent ones; None keeps all.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of crosses, the most frequent first. A name holds the fields in
        the order of the schema, which may be one only; the detail ``order`` counts
        them, ``count`` the rows and neurons.

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no such layer.
    """
    neurons = _neurons_of(model, names)
    counts: Counter[bytes] = Counter()

    def count(x: Float[Tensor, "row field dim"]) -> None:
        counts.update(_count_rows((neurons.gates(x) > 0).flatten(end_dim=1)))

    show_inputs(model, neurons, batches, count)
    crosses = {_fields_of(code, len(names)): number for code, number in counts.items()}
    # By falling count, equal ones by their fields.
    kept = sorted(crosses, key=lambda fields: (-crosses[fields], fields))[:num_crosses]
    numbers = np.array([crosses[fields] for fields in kept], dtype=np.float64)
    return Importance(
        unit="cross",
        names=tuple(tuple(names[place] for place in fields) for fields in kept),
        scores=numbers / counts.total(),
        meaning="share of rows and neurons that multiply exactly these fields",
        method=METHOD,
        data_fingerprint=data_fingerprint,
        details={
            "order": np.array([len(fields) for fields in kept], dtype=np.float64),
            "count": numbers,
        },
    )


def field_importance(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Add up the powers that the neurons of a model raise each field to.

    Args:
        model: has a layer of exponential neurons, as ``ARMNet`` and ``ARMNetPlus`` do.
        batches: the rows.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of fields; the detail ``signed`` adds powers with their signs.

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no such layer.
    """
    neurons = _neurons_of(model, names)
    sums = np.zeros((2, len(names)))
    num_rows = 0

    def add(x: Float[Tensor, "row field dim"]) -> None:
        nonlocal sums, num_rows
        powers = neurons.powers(x)
        both = torch.stack([powers.abs(), powers]).sum(dim=(1, 2), dtype=torch.float64)
        sums += both.cpu().numpy()
        num_rows += len(x)

    show_inputs(model, neurons, batches, add)
    scores, signed = sums / num_rows
    return Importance(
        unit="field",
        names=tuple(names),
        scores=scores,
        meaning="sum of its absolute powers in all neurons, mean over rows",
        method=METHOD,
        data_fingerprint=data_fingerprint,
        details={"signed": signed},
    )


def row_fields(
    model: nn.Module, batch: Batch, row: int, names: Sequence[str]
) -> Importance:
    """Add up the powers that the neurons of a model raise the fields of one row to.

    Args:
        model: has a layer of exponential neurons, as ``ARMNet`` and ``ARMNetPlus`` do.
        batch: rows, of which one is explained.
        row: its place in the batch.
        names: of the fields, in the order of the schema.

    Returns:
        An importance of fields; the detail ``signed`` adds powers with their signs.

    Raises:
        IndexError: if there is no such row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no such layer.
    """
    neurons = _neurons_of(model, names)
    found: list[Tensor] = []
    show_inputs(model, neurons, [batch], lambda x: found.append(neurons.powers(x)[row]))
    powers = found[0].double().cpu().numpy()
    return Importance(
        unit="field",
        names=tuple(names),
        scores=np.abs(powers).sum(axis=0),
        meaning="sum of its absolute powers in all neurons, in one row",
        method=METHOD,
        details={"signed": powers.sum(axis=0)},
    )


def _neurons_of(model: nn.Module, names: Sequence[str]) -> ExponentialNeurons:
    neurons = find_layer(model, ExponentialNeurons)
    if len(names) != neurons.num_fields:
        message = f"names must be {neurons.num_fields} fields, got {len(names)}."
        raise ShapeError(message)
    return neurons


def _count_rows(is_open: Bool[Tensor, "row field"]) -> dict[bytes, int]:
    """How often each row of booleans occurs, eight of them a byte."""
    packed = np.packbits(is_open.cpu().numpy(), axis=1)
    num_bytes = packed.shape[1]
    # Whole numbers are sorted many times faster than strings of bytes.
    width = 8 if num_bytes <= 8 else num_bytes
    padded = np.zeros((len(packed), width), dtype=np.uint8)
    padded[:, :num_bytes] = packed
    codes = padded.view(np.uint64 if width == 8 else f"V{width}")[:, 0]
    _, places, counts = np.unique(codes, return_index=True, return_counts=True)
    pairs = zip(packed[places], counts.tolist(), strict=True)
    return {row.tobytes(): count for row, count in pairs}


def _fields_of(code: bytes, num_fields: int) -> tuple[int, ...]:
    bits = np.unpackbits(np.frombuffer(code, dtype=np.uint8), count=num_fields)
    return tuple(np.flatnonzero(bits).tolist())
