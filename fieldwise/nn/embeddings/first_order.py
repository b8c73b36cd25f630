r"""The linear part: one weight per feature, as in logistic regression.

Source: Richardson, Dominowska, Ragno, "Predicting Clicks: Estimating the Click-Through
Rate for New Ads", WWW 2007, equation 1; the "wide" part of later systems.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["FirstOrder"]


@final
class FirstOrder(nn.Module):
    r"""Sum of one weight per feature of a row, for each task.

    $$\sum_f x_f w_f$$

    Without a bias: what it is added to has one. Parameters: ``V`` per task.

    Shape:
        - Input: a ``Batch``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> FirstOrder(Schema((field,))).weights.table.shape
        torch.Size([3, 1])

    Args:
        schema: a fitted schema.
    """

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.num_tasks = schema.num_tasks
        self.weights = FieldEmbedding(schema, embedding_dim=schema.num_tasks)

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Add the weights of each row.

        Args:
            batch: encoded rows.

        Returns:
            One number per row, or one per row and task.
        """
        total: Tensor = self.weights(batch).sum(dim=1)
        return total.squeeze(-1) if self.num_tasks == 1 else total
