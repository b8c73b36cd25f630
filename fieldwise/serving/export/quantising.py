"""Tables of embeddings in fewer bits: float16, or int8 with a scale per row."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.wide_ranker import with_model

__all__ = ["EMBEDDINGS", "SmallTable", "quantise"]

EMBEDDINGS = ("float32", "float16", "int8")
"""What a number of a table of embeddings may be stored in."""

LARGEST_INT8 = 127


@final
@dataclass(frozen=True, slots=True)
class SmallTable:
    """A table in fewer bits.

    Args:
        numbers: ``(feature, dim)``, float16 or int8.
        scales: what to multiply the numbers of each row by, ``(feature, 1)``, float32;
            None for float16.
    """

    numbers: NDArray[Any]
    scales: NDArray[np.float32] | None

    @property
    def num_bytes(self) -> int:
        """What it takes to store."""
        return self.numbers.nbytes + (0 if self.scales is None else self.scales.nbytes)

    def restored(self) -> NDArray[np.float32]:
        """The table as the model computes with it."""
        numbers = self.numbers.astype(np.float32)
        return numbers if self.scales is None else numbers * self.scales


def quantise(ranker: Ranker, embeddings: str) -> tuple[Ranker, dict[str, SmallTable]]:
    """Round the tables of a ranker.

    Args:
        ranker: fitted; stays as it is.
        embeddings: one of ``EMBEDDINGS``.

    Returns:
        The ranker with rounded tables, and those by name of their parameter; a table
        that would not become smaller stays as it is. With float32, the ranker itself.
    """
    if embeddings == "float32":
        return ranker, {}
    model = deepcopy(ranker.model)
    tables = {}
    with torch.no_grad():
        for name, table in _tables(model):
            numbers = table.detach().cpu().numpy()
            small = _shrink(numbers, embeddings)
            if small.num_bytes >= numbers.nbytes:
                # A row of one number is no smaller with a scale of its own.
                continue
            tables[name] = small
            table.copy_(torch.from_numpy(small.restored()))
    return with_model(ranker, model), tables


def _tables(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    for name, module in model.named_modules():
        if isinstance(module, TableLayer):
            yield f"{name}.table" if name else "table", module.table


def _shrink(table: NDArray[np.float32], embeddings: str) -> SmallTable:
    if embeddings == "float16":
        largest = np.finfo(np.float16).max
        return SmallTable(np.clip(table, -largest, largest).astype(np.float16), None)
    largest = np.abs(table).max(axis=1, keepdims=True, initial=0.0)
    # A row of zeros stays one, whatever its scale.
    scales = np.where(largest > 0, largest / LARGEST_INT8, 1.0).astype(np.float32)
    numbers = np.clip(np.rint(table / scales), -LARGEST_INT8, LARGEST_INT8)
    return SmallTable(numbers.astype(np.int8), scales)
