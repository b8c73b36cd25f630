"""A tower beside a cross network, or on top of one, and the head over both.

Source: Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021,
https://arxiv.org/abs/2008.13535, figure 1 (stacked and parallel structure).
"""

from collections.abc import Sequence
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_choice
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.mlp import MLP

__all__ = ["CrossedTower", "Structure"]

Structure = Literal["parallel", "stacked"]


@final
class CrossedTower(nn.Module):
    r"""From embeddings and their crosses to logits.

    $$z = w^\top [x_L \,\|\, \mathrm{MLP}(x_0)] + b \ \text{(parallel)}, \quad
    z = w^\top \mathrm{MLP}(x_L) + b \ \text{(stacked)}$$

    Shape:
        - x, crossed: ``(batch, in_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> tower = CrossedTower(4, (3,))
        >>> tower(torch.zeros(2, 4), torch.ones(2, 4)).shape
        torch.Size([2])

    Args:
        in_features: width of the embeddings and of their crosses.
        hidden_dims: width of each layer of the tower.
        num_tasks: logits per row.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
        structure: the tower reads the embeddings (``parallel``) or what the cross
            network made of them (``stacked``).

    Raises:
        ValueError: if a width is not positive, ``dropout`` is not a share, or there is
            no such structure.
    """

    def __init__(
        self,
        in_features: int,
        hidden_dims: Sequence[int],
        num_tasks: int = 1,
        *,
        dropout: float = 0.0,
        batch_norm: bool = False,
        structure: Structure = "parallel",
    ) -> None:
        check_choice("structure", structure, ("parallel", "stacked"))
        super().__init__()
        self.is_stacked = structure == "stacked"
        self.deep = MLP(
            in_features, hidden_dims=hidden_dims, dropout=dropout, batch_norm=batch_norm
        )
        beside = 0 if self.is_stacked else in_features
        self.head = LinearHead(self.deep.out_features + beside, num_tasks=num_tasks)

    def forward(
        self, x: Float[Tensor, "batch width"], crossed: Float[Tensor, "batch width"]
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: concatenated field embeddings.
            crossed: what a cross network made of them.

        Returns:
            Logits.
        """
        if self.is_stacked:
            read = self.deep(crossed)
        else:
            read = torch.cat([crossed, self.deep(x)], dim=-1)
        logits: Tensor = self.head(read)
        return logits
