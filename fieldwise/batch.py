"""Some encoded rows as tensors: the only object that crosses from data to models."""

from dataclasses import dataclass, fields, replace
from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["Batch"]


@final
@dataclass(frozen=True)
class Batch:
    """Encoded rows.

    Offsets into the shared table are already added to every index, so a lookup needs no
    arithmetic. Sequences are ragged: the bag of sequence field ``s`` and row ``b`` is
    ``sequence_indices[offsets[k]:offsets[k + 1]]`` with ``k = s * batch + b``, which is
    the layout ``torch.nn.functional.embedding_bag`` reads.

    Args:
        indices: table rows, one per index field, ``(batch, field)``, 32-bit.
        numbers: standardised numbers, ``(batch, number)``; NaN means missing.
        sequence_indices: table rows of all bags, one after the other, 32-bit.
        sequence_offsets: start of each bag and the end of the last, 32-bit,
            ``(num_sequences * batch + 1,)``.
        vectors: one ``(batch, vector_dim)`` tensor per vector field; NaN = missing.
        labels: ``(batch, task)``; NaN means not observed.
        weights: row weights, ``(batch,)``.
        groups: group number of each row, ``(batch,)``.
    """

    indices: Int[Tensor, "batch field"]
    numbers: Float[Tensor, "batch number"]
    sequence_indices: Int[Tensor, " item"]
    sequence_offsets: Int[Tensor, " bag"]
    vectors: tuple[Float[Tensor, "batch _"], ...] = ()
    labels: Float[Tensor, "batch task"] | None = None
    weights: Float[Tensor, " batch"] | None = None
    groups: Int[Tensor, " batch"] | None = None

    def __len__(self) -> int:
        return self.indices.shape[0]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> "Batch":
        """Copy every tensor to a device.

        Args:
            device: where to.
            non_blocking: let the copy overlap with computation (pinned memory).

        Returns:
            The batch on that device.
        """
        moved: dict[str, Tensor | tuple[Tensor, ...]] = {}
        for slot in fields(self):
            value = getattr(self, slot.name)
            if isinstance(value, Tensor):
                moved[slot.name] = value.to(device, non_blocking=non_blocking)
            elif isinstance(value, tuple):
                moved[slot.name] = tuple(
                    item.to(device, non_blocking=non_blocking) for item in value
                )
        return replace(self, **moved)  # type: ignore[arg-type]


# A batch is then an argument that ``torch.export`` can trace through.
torch.export.register_dataclass(Batch, serialized_type_name="fieldwise.Batch")
