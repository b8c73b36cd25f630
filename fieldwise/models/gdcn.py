"""GDCN: crosses that pass a gate of the row, and a deep tower beside or on top.

Source: Wang et al., "Towards Deeper, Lighter and Interpretable Cross Network for CTR
Prediction", CIKM 2023, https://arxiv.org/abs/2311.04635, equation 1 and figure 1.
Differences from the paper: one embedding length for all fields (no field-level
dimension optimisation); biases of cross layers start at zero, as in ``DCNv2``.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.crossed_tower import CrossedTower, Structure
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.gated_cross_network import GatedCrossNetwork
from fieldwise.schema import Schema

__all__ = ["GDCN"]


@final
class GDCN(nn.Module):
    r"""Gated Deep Cross Network.

    $$z = w^\top [x_L \,\|\, \mathrm{MLP}(x_0)] + b \ \text{(parallel)}, \quad
    z = w^\top \mathrm{MLP}(x_L) + b \ \text{(stacked)}$$
    $$x_{l+1} = x_0 \odot (W_l x_l + b_l) \odot \sigma(V_l x_l) + x_l$$

    Parameters: ``V * embedding_dim``, ``L * (2 * N ** 2 + N)`` of ``L`` cross layers of
    width ``N = F * embedding_dim``, the tower's as in ``DNN``, and ``N + out + 1``;
    ``N`` fewer where stacked.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> schema = Schema((field,))
        >>> model = GDCN(schema, embedding_dim=2, num_cross_layers=1, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        35

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_cross_layers: depth of the cross network.
        structure: the tower stands beside the cross network (``parallel``, GDCN-P) or
            on top of it (``stacked``, GDCN-S).
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_cross_layers: int = 3,
        structure: Structure = "parallel",
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        check_positive("num_cross_layers", num_cross_layers)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
        self.cross = GatedCrossNetwork(width, num_layers=num_cross_layers)
        self.tower = CrossedTower(
            width,
            hidden_dims,
            schema.num_tasks,
            dropout=dropout,
            batch_norm=batch_norm,
            structure=structure,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch).flatten(start_dim=1)
        logits: Tensor = self.tower(x, self.cross(x))
        return logits

    def gate_values(self, batch: Batch) -> Float[Tensor, "batch layer field dim"]:
        """How much of every cross each layer lets through.

        Args:
            batch: encoded rows.

        Returns:
            Gates, in [0, 1]: the importance, in this row, of crosses with each
            dimension of each field.
        """
        x = self.embedding(batch)
        gates = self.cross.gate_values(x.flatten(start_dim=1))
        return gates.reshape(*gates.shape[:-1], *x.shape[1:])
