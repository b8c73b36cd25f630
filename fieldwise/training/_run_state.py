"""All that decides how a training run goes on, gathered and put back.

Nothing else does: with the same data, the same batches follow, and the same weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from fieldwise.training._average_weights import AverageWeights
from fieldwise.training._best_weights import BestWeights
from fieldwise.training._pass import TrainingPass
from fieldwise.training._random_state import random_state, set_random_state
from fieldwise.training._ranks import Ranks
from fieldwise.training.checkpoint import Snapshot
from fieldwise.training.history import EpochRecord
from fieldwise.training.monitor import Monitor
from fieldwise.training.optimizers._state import (
    adopt_optimizers,
    optimizer_numbers,
    optimizer_tensors,
)

__all__ = ["RunState"]


@final
@dataclass(frozen=True, slots=True)
class RunState:
    """The parts of a training run that change while it goes on.

    Args:
        model: its weights and buffers.
        optimizers: their moments and counts.
        monitor: learning rate, best value, failures in a row.
        best: the weights of the best epoch.
        average: the running mean of the weights, where the recipe asks for one.
        device: of training; its random numbers belong to the state.
        ranks: the processes; each has random numbers of its own.
    """

    model: nn.Module
    optimizers: Sequence[Optimizer]
    monitor: Monitor
    best: BestWeights
    average: AverageWeights | None
    device: torch.device
    ranks: Ranks

    def snapshot(
        self, records: Sequence[EpochRecord], current: TrainingPass | None
    ) -> Snapshot:
        """Gather the state; tensors are shared with the run, not copied.

        Args:
            records: finished epochs.
            current: the pass that is under way; None between epochs.

        Returns:
            The state.
        """
        state = self.model.state_dict()
        parts = {
            "model": {n: v for n, v in state.items() if isinstance(v, Tensor)},
            "optimizer": optimizer_tensors(self.optimizers),
            "best": self.best.tensors(),
            "average": {} if self.average is None else self.average.tensors(),
            "random": self._random_states(),
            "pass": {} if current is None else current.tensors(),
        }
        tensors = {
            f"{part}/{name}": value
            for part, values in parts.items()
            for name, value in values.items()
        }
        return Snapshot(
            tensors,
            {
                "records": [asdict(record) for record in records],
                "optimizer": optimizer_numbers(self.optimizers),
                "monitor": self.monitor.to_dict(),
                "average": self.average.num_steps if self.average else 0,
                "pass": None if current is None else current.to_dict(),
            },
        )

    def adopt(
        self, snapshot: Snapshot, current: TrainingPass
    ) -> tuple[list[EpochRecord], TrainingPass | None]:
        """Put a state back.

        Args:
            snapshot: of the same run, in an earlier process.
            current: a pass without steps, to go on with.

        Returns:
            The finished epochs, and the pass that was under way, if any.
        """
        tensors, values = snapshot.tensors, snapshot.values
        self.model.load_state_dict(
            {**self.model.state_dict(), **_part(tensors, "model")}
        )
        adopt_optimizers(
            self.optimizers, _part(tensors, "optimizer"), values["optimizer"]
        )
        self.monitor.restore(values["monitor"])
        self.best.adopt(_part(tensors, "best"))
        if self.average is not None:
            self.average.adopt(_part(tensors, "average"), values["average"])
        set_random_state(_part(tensors, f"random/{self.ranks.rank}"), self.device)
        records = [EpochRecord(**record) for record in values["records"]]
        if values["pass"] is None:
            return records, None
        current.adopt(_part(tensors, "pass"), values["pass"])
        return records, current

    def _random_states(self) -> dict[str, Tensor]:
        states: dict[str, Tensor] = {}
        for kind, state in random_state(self.device).items():
            parts = self.ranks.gather(state.to(self.device))
            states |= {f"{rank}/{kind}": part for rank, part in enumerate(parts)}
        return states


def _part(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{part}/"): value
        for name, value in tensors.items()
        if name.startswith(f"{part}/")
    }
