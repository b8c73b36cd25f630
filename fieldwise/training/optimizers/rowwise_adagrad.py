r"""Adagrad with one accumulator per row of an embedding table.

$$a_r \leftarrow a_r + \frac{1}{d} \sum_j g_{rj}^2, \quad
w_r \leftarrow w_r - \eta \, \frac{g_r}{\sqrt{a_r} + \epsilon}$$

for the rows $r$ of the batch. Its state is one number per row where Adam keeps two
tables: a third of the memory for the same table.

Source: Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and
Stochastic Optimization", JMLR 2011; the mean over a row as in Mudigere et al.,
"Software-Hardware Co-design for Fast and Scalable Training of Deep Learning
Recommendation Models", ISCA 2022, https://arxiv.org/abs/2104.05158.
"""

from collections.abc import Iterable
from typing import Any, final

from torch import Tensor

from fieldwise._checks import check_positive
from fieldwise.training.optimizers._lazy_optimizer import LazyOptimizer

__all__ = ["RowwiseAdagrad"]


@final
class RowwiseAdagrad(LazyOptimizer):
    """Row-wise Adagrad for tables with sparse gradients.

    Args:
        params: tables, ``(row, dim)``, or groups of them.
        lr: learning rate.
        eps: added to the root of the accumulator.

    Raises:
        ValueError: if a setting is not positive.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        *,
        lr: float = 1e-2,
        eps: float = 1e-8,
    ) -> None:
        check_positive("lr", lr)
        check_positive("eps", eps)
        super().__init__(params, {"lr": lr, "eps": eps})

    def _move(
        self, table: Tensor, rows: Tensor, gradients: Tensor, settings: dict[str, Any]
    ) -> None:
        state = self.state[table]
        if not state:
            state["sum"] = table.new_zeros(len(table))
        accumulated = state["sum"].index_select(0, rows)
        accumulated += gradients.square().mean(dim=1)
        state["sum"].index_copy_(0, rows, accumulated)
        denominator = accumulated.sqrt().add_(settings["eps"]).unsqueeze(1)
        moved = table.index_select(0, rows)
        moved.addcdiv_(gradients, denominator, value=-settings["lr"])
        table.index_copy_(0, rows, moved)
