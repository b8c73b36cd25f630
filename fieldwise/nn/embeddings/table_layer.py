"""What training needs to know of a layer that looks rows up in a table."""

from typing import Protocol, runtime_checkable

from jaxtyping import Int
from torch import Tensor, nn

from fieldwise.batch import Batch

__all__ = ["TableLayer"]


@runtime_checkable
class TableLayer(Protocol):
    """A layer with a table of many rows, of which a batch reads few.

    Training finds every such layer of a model by itself: its optimizers then move the
    rows of a batch only, and penalties on embeddings reach the table.

    Attributes:
        table: one row per feature, ``(feature, dim)``.
        sparse_gradients: whether the gradient of the table holds the rows of the batch
            only; the trainer sets it to suit its optimizer.
        fields: names of what is looked up; layers of one class with the same names
            look the same rows up.
    """

    table: nn.Parameter
    sparse_gradients: bool
    fields: tuple[str, ...]

    def rows_of(self, batch: Batch) -> Int[Tensor, " row"]:
        """Every row of the table that ``forward`` may look up for a batch.

        Args:
            batch: encoded rows.

        Returns:
            Row numbers, which may repeat.
        """
        ...  # pragma: no cover
