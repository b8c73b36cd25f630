r"""Adam that moves only the touched rows of an embedding table.

$$m_r \leftarrow \beta_1 m_r + (1 - \beta_1) g_r, \quad
v_r \leftarrow \beta_2 v_r + (1 - \beta_2) g_r^2, \quad
w_r \leftarrow w_r - \eta \,
\frac{m_r / (1 - \beta_1^t)}{\sqrt{v_r / (1 - \beta_2^t)} + \epsilon}$$

for the rows $r$ of the batch; the moments and weights of all other rows stay as they
are, where Adam would decay the moments and keep moving the weights.

The step $t$ of the bias correction counts all steps of the table, not those that
touched the row: a row first met late takes a step of $(1 - \beta_1) / \sqrt{1 -
\beta_2}$ learning rates, about three, instead of one. A count per row would cost one
more read and write per row; TensorFlow's ``LazyAdam`` makes the same choice.

Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015,
https://arxiv.org/abs/1412.6980, algorithm 1.
"""

from collections.abc import Iterable
from typing import Any, final

import torch
from torch import Tensor

from fieldwise._checks import check_positive, check_share
from fieldwise.training.optimizers._lazy_optimizer import LazyOptimizer

__all__ = ["LazyAdam"]


@final
class LazyAdam(LazyOptimizer):
    """Adam for tables with sparse gradients.

    On rows touched at every step it agrees with ``torch.optim.Adam``.

    Args:
        params: tables, ``(row, dim)``, or groups of them.
        lr: learning rate.
        betas: decay of the first and second moment, each in [0, 1).
        eps: added to the root of the second moment.

    Raises:
        ValueError: if a setting is out of range.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        check_positive("lr", lr)
        check_share("betas[0]", betas[0])
        check_share("betas[1]", betas[1])
        check_positive("eps", eps)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def _move(
        self, table: Tensor, rows: Tensor, gradients: Tensor, settings: dict[str, Any]
    ) -> None:
        state = self.state[table]
        if not state:
            state["step"] = 0
            state["exp_avg"] = torch.zeros_like(table)
            state["exp_avg_sq"] = torch.zeros_like(table)
        state["step"] += 1
        beta1, beta2 = settings["betas"]
        first = state["exp_avg"].index_select(0, rows)
        first.lerp_(gradients, 1 - beta1)
        second = state["exp_avg_sq"].index_select(0, rows)
        second.mul_(beta2).addcmul_(gradients, gradients, value=1 - beta2)
        state["exp_avg"].index_copy_(0, rows, first)
        state["exp_avg_sq"].index_copy_(0, rows, second)
        scale = (1 - beta2 ** state["step"]) ** 0.5
        denominator = second.sqrt_().div_(scale).add_(settings["eps"])
        rate = settings["lr"] / (1 - beta1 ** state["step"])
        moved = table.index_select(0, rows).addcdiv_(first, denominator, value=-rate)
        table.index_copy_(0, rows, moved)
