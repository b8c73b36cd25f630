"""What a model of several branches says: one logit to serve, and each branch's own.

Some systems train their branches on the label too, not only on what they say together.
Such a model has a method ``forward_branches`` that returns ``BranchLogits``, and an
attribute ``branch_loss`` that names in ``losses.BRANCH_LOSSES`` how they are trained.
Its ``forward`` returns the logits to serve, like that of any model.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from fieldwise.batch import Batch

__all__ = ["BranchLogits", "BranchedModel"]


class BranchLogits(NamedTuple):
    """Logits of one batch; all have the shape ``(batch,)`` or ``(batch, task)``.

    Args:
        logits: what the model as a whole says.
        branches: what each branch says by itself.
    """

    logits: Float[Tensor, " batch *task"]
    branches: tuple[Float[Tensor, " batch *task"], ...]


@runtime_checkable
class BranchedModel(Protocol):
    """A model whose branches are trained, too.

    Attributes:
        branch_loss: a name in ``losses.BRANCH_LOSSES``.
    """

    branch_loss: str

    def forward_branches(self, batch: Batch) -> BranchLogits:
        """Score each row by every branch.

        Args:
            batch: encoded rows.

        Returns:
            All logits.
        """
        ...  # pragma: no cover
