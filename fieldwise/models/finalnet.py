"""Towers of factorized interactions, which teach themselves what both say together.

Source: Zhu et al., "FINAL: Factorized Interaction Layer for CTR Prediction", SIGIR
2023, https://doi.org/10.1145/3539618.3591988, figure 2.
Differences from the paper: products stand beside the linear half of a layer, as in the
authors' code, and are not added to it.
"""

from collections.abc import Sequence
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.branches import BranchLogits
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.factorized_interaction import FactorizedInteraction
from fieldwise.nn.interactions.field_scaling import FieldScaling
from fieldwise.nn.mlp import MLP
from fieldwise.schema import Schema

__all__ = ["FinalNet"]


@final
class FinalNet(nn.Module):
    r"""One or two blocks whose layers multiply; the mean of their logits.

    $$z = \tfrac12 (z_1 + z_2), \quad z_s = w_s^\top \mathrm{block}_s(e) + b_s, \quad
    L = \ell(z, y) + \ell(z_1, \hat y) + \ell(z_2, \hat y)$$

    A block is a tower whose linear maps also multiply (``FactorizedInteraction``).
    Each is trained on what both predict together, ``y^``, from which it learns
    nothing back. Parameters: ``V * embedding_dim``, blocks and heads as in ``DNN``, and
    ``F ** 2 + F`` of the scaled fields, which double the input of the first block.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = FinalNet(
        ...     Schema((field,)), embedding_dim=2, hidden_dims=(4,), num_blocks=1
        ... )
        >>> sum(weight.numel() for weight in model.parameters())
        41

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_blocks: one block, or two that teach themselves.
        hidden_dims: even widths of the layers of the first block.
        second_hidden_dims: even widths of the layers of the second block.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation.
        scaled_fields: show the first block every embedding scaled by all, too.
    """

    branch_loss = "distillation"

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_blocks: Literal[1, 2] = 2,
        hidden_dims: Sequence[int] = (400, 400, 400),
        second_hidden_dims: Sequence[int] = (400,),
        dropout: float = 0.0,
        batch_norm: bool = True,
        scaled_fields: bool = True,
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        if num_blocks not in (1, 2):
            message = f"num_blocks must be 1 or 2, got {num_blocks}."
            raise ValueError(message)
        named = {"hidden_dims": hidden_dims, "second_hidden_dims": second_hidden_dims}
        for name, dims in named.items():
            if any(width % 2 for width in dims):
                message = f"{name} must be even, got {tuple(dims)}."
                raise ValueError(message)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
        self.scaling = (
            FieldScaling(self.embedding.num_fields) if scaled_fields else nn.Identity()
        )
        widths = (width * (2 if scaled_fields else 1), width)
        blocks = [
            MLP(
                in_features,
                hidden_dims=dims,
                dropout=dropout,
                batch_norm=batch_norm,
                make_layer=FactorizedInteraction,
            )
            for in_features, dims in zip(
                widths[:num_blocks], named.values(), strict=False
            )
        ]
        self.blocks = nn.ModuleList(blocks)
        self.heads = nn.ModuleList(
            LinearHead(block.out_features, num_tasks=schema.num_tasks)
            for block in blocks
        )

    def forward_branches(self, batch: Batch) -> BranchLogits:
        """Score each row by each block, and by all of them.

        Args:
            batch: encoded rows.

        Returns:
            The mean of the logits; and those of each block, where there are two.
        """
        x = self.embedding(batch)
        views = (self.scaling(x), x)
        parts = [
            head(block(view.flatten(start_dim=1)))
            for view, block, head in zip(views, self.blocks, self.heads, strict=False)
        ]
        mean = torch.stack(parts).mean(dim=0)
        return BranchLogits(mean, tuple(parts) if len(parts) > 1 else ())

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        return self.forward_branches(batch).logits
