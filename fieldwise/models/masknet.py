"""Layers whose input is multiplied by masks made of the whole row.

Source: Wang, She, Zhang, "MaskNet: Introducing Feature-Wise Multiplication to CTR
Ranking Models by Instance-Guided Mask", DLP-KDD 2021,
https://arxiv.org/abs/2102.07619, section 3.4.
Differences from the paper: none known.
"""

from collections.abc import Sequence
from itertools import pairwise, repeat
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_choice, check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.field_norm import FieldNorm
from fieldwise.nn.interactions.mask_block import MaskBlock
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["MaskNet"]


@final
class MaskNet(nn.Module):
    r"""Mask blocks side by side under a tower, or one after the other.

    $$h^{(u)} = \mathrm{ReLU}(\mathrm{LN}(W_u (m_u(e) \odot \mathrm{LN}(e)))), \quad
    z = w^\top \mathrm{MLP}([h^{(1)} \,\|\, \dots]) + b$$

    The masks ``m`` are always made of the embeddings as they are. Parameters: ``V *
    embedding_dim``, ``2 * N`` of the normalised embeddings (``N = F * embedding_dim``),
    those of the blocks (see ``MaskBlock``), and of the tower and head as in ``DNN``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"embedding_dim": 2, "num_blocks": 1, "block_dim": 3}
        >>> model = MaskNet(Schema((field,)), **sizes, mask_ratio=1.0, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        55

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        structure: ``parallel`` for blocks on the embeddings under a tower, ``serial``
            for a chain of blocks, each on the output of the one before.
        num_blocks: blocks side by side; a chain has one for each hidden width.
        block_dim: width of each block side by side.
        mask_ratio: hidden width of a mask, as a multiple of what it is applied to.
        hidden_dims: width of each layer of the tower, or of each block of the chain.
        dropout: share of activations dropped in training, in [0, 1).
        embedding_norm: normalise the embedding of each field for the blocks.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        structure: Literal["parallel", "serial"] = "parallel",
        num_blocks: int = 3,
        block_dim: int = 64,
        mask_ratio: float = 2.0,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        embedding_norm: bool = True,
    ) -> None:
        check_choice("structure", structure, ("parallel", "serial"))
        check_positive("num_blocks", num_blocks)
        check_positive("block_dim", block_dim)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.norm = (
            FieldNorm(self.embedding.num_fields, embedding_dim)
            if embedding_norm
            else nn.Identity()
        )
        width = self.embedding.out_features
        self.is_parallel = structure == "parallel"
        widths = (
            repeat((width, block_dim), num_blocks)
            if self.is_parallel
            else pairwise((width, *hidden_dims))
        )
        self.blocks = nn.ModuleList(
            MaskBlock(width, *sides, mask_ratio=mask_ratio, dropout=dropout)
            for sides in widths
        )
        self.tower = ScoringTower(
            num_blocks * block_dim if self.is_parallel else (width, *hidden_dims)[-1],
            hidden_dims if self.is_parallel else (),
            schema.num_tasks,
            dropout=dropout,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        embedded = self.embedding(batch)
        row = embedded.flatten(start_dim=1)
        x: Tensor = self.norm(embedded).flatten(start_dim=1)
        if self.is_parallel:
            x = torch.cat([block(x, row) for block in self.blocks], dim=-1)
        else:
            for block in self.blocks:
                x = block(x, row)
        logits: Tensor = self.tower(x)
        return logits
