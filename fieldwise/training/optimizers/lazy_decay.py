r"""Weight decay of whole embedding tables that visits only the rows in use.

$$w_r \leftarrow (1 - \eta_t \lambda) \, w_r$$

at the end of every step $t$, for *every* row $r$. A row that nothing looks up for $k$
steps is multiplied $k$ times, which is one multiplication with the product of the
factors, and nobody sees the weight in between: so it is enough to multiply when the row
is next looked up. The result is the same, also when the learning rate $\eta$ changes in
between, and a step costs as much as its batch.

The sum of $\log(1 - \eta_t \lambda)$ over all steps is one number; each row remembers
what that sum was when it was last multiplied, in float64, and the difference is what it
still owes. Rows in use at every step owe less than a float32 weight can show where
$\eta \lambda$ is small: $w (1 - 10^{-8})$ rounds to $w$, for ever. Here a row waits
until it owes enough to be worth a rounding (8 units in the last place, about
$10^{-6}$ of the weight), which then rounds off a sixteenth of it at most.

Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019,
https://arxiv.org/abs/1711.05101; the wait until a row is needed as in Carpenter, "Lazy
Sparse Stochastic Gradient Descent for Regularized Multinomial Logistic Regression",
2008.
Differences from the sources: weights decay after the step of the optimizer, not
before.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.optim import Optimizer

from fieldwise._checks import check_positive
from fieldwise.training.optimizers._lazy_optimizer import loss_of

__all__ = ["LazyDecay", "catch_up"]

LEAST_ULPS = 8
"""Decay of fewer units in the last place waits for more."""


@final
class LazyDecay(Optimizer):
    """Decays tables whose rows are moved by ``LazyAdam`` or ``RowwiseAdagrad``.

    Call ``catch_up`` with the rows of a batch before the model looks them up, ``step``
    after the other optimizer's, and ``catch_up`` without rows before anything else
    reads the table.

    Examples:
        >>> table = torch.nn.Parameter(torch.ones(3, 1))
        >>> decay = LazyDecay([table], lr=0.5, decay=0.2)
        >>> for _ in range(2):
        ...     decay.step()
        >>> decay.catch_up(torch.tensor([1]))
        >>> [round(weight, 4) for weight in table.flatten().tolist()]
        [1.0, 0.81, 1.0]
        >>> decay.catch_up()
        >>> [round(weight, 4) for weight in table.flatten().tolist()]
        [0.81, 0.81, 0.81]

    Args:
        params: tables, ``(row, dim)``, or groups of them.
        lr: learning rate.
        decay: share of its length, times the learning rate, that a row loses in each
            step; ``lr * decay`` must be below 1 at every step.

    Raises:
        ValueError: if a setting is not positive.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        *,
        lr: float = 1e-3,
        decay: float,
    ) -> None:
        check_positive("lr", lr)
        check_positive("decay", decay)
        super().__init__(params, {"lr": lr, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Let every row owe one more multiplication.

        Args:
            closure: computes the loss again; rarely needed.

        Returns:
            The loss where there is a closure.
        """
        loss = loss_of(closure)
        for group in self.param_groups:
            owed = math.log1p(-group["lr"] * group["decay"])
            for table in group["params"]:
                state = self.state[table]
                if not state:
                    # Apple's GPUs have no float64.
                    is_mps = table.device.type == "mps"
                    dtype = torch.float32 if is_mps else torch.float64
                    state["total"] = 0.0
                    state["applied"] = table.new_zeros(len(table), dtype=dtype)
                state["total"] += owed
        return loss

    @torch.no_grad()
    def catch_up(
        self, rows: Tensor | None = None, tables: Sequence[Tensor] | None = None
    ) -> None:
        """Multiply rows with what they owe; the device is asked for nothing.

        Args:
            rows: row numbers ``(row,)``, which may repeat; None for all.
            tables: of these tables; None for all.
        """
        own = [table for group in self.param_groups for table in group["params"]]
        # Tensors compare element by element, so membership goes by identity.
        wanted = {id(table) for table in (own if tables is None else tables)}
        for table in own:
            if id(table) in wanted:
                self._multiply(table, rows)

    @torch.no_grad()
    def catch_up_touched(self) -> None:
        """Multiply the rows of sparse gradients, before an optimizer moves them."""
        for group in self.param_groups:
            for table in group["params"]:
                if table.grad is not None and table.grad.is_sparse:
                    self._multiply(table, table.grad._indices()[0])

    def _multiply(self, table: Tensor, rows: Tensor | None) -> None:
        state = self.state[table]
        if not state:
            return
        applied = state["applied"]
        before = applied if rows is None else applied.index_select(0, rows)
        owed = state["total"] - before
        least = LEAST_ULPS * torch.finfo(table.dtype).eps
        owed.masked_fill_(owed > -least, 0.0)
        # As exp(owed) - 1, the small share that is lost keeps all its digits.
        lost = torch.expm1(owed).to(table.dtype).unsqueeze(1)
        if rows is None:
            applied += owed
            table.addcmul_(table, lost)
        else:
            # A row that repeats is written several times with the same bits.
            applied.index_copy_(0, rows, before + owed)
            kept = table.index_select(0, rows)
            table.index_copy_(0, rows, kept.addcmul_(kept, lost))


def catch_up(optimizers: Sequence[Optimizer]) -> None:
    """Give every row the weights it has by now, where that was put off.

    To be called before anything but a training step reads the model.

    Args:
        optimizers: of one training run.
    """
    for optimizer in optimizers:
        if isinstance(optimizer, LazyDecay):
            optimizer.catch_up()
