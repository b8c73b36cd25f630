"""One training run: epochs, evaluations, the best weights, and how it ends."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, final

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError, TrainingDivergedError
from fieldwise.nn.branches import BranchedModel
from fieldwise.schema import Label
from fieldwise.training._average_weights import AverageWeights
from fieldwise.training._best_weights import BestWeights
from fieldwise.training._branch_objective import BranchObjective
from fieldwise.training._evaluation import Evaluation
from fieldwise.training._pass import TrainingPass
from fieldwise.training._precision import isolated_random_state
from fieldwise.training._ranks import Ranks
from fieldwise.training._run_state import RunState
from fieldwise.training._shared_objective import SharedObjective
from fieldwise.training._step import TrainingStep
from fieldwise.training.checkpoint import Checkpoint
from fieldwise.training.history import EpochRecord, History
from fieldwise.training.monitor import Monitor
from fieldwise.training.optimizers._build import build_optimizers, set_learning_rate
from fieldwise.training.optimizers.lazy_decay import catch_up
from fieldwise.training.parameter_groups import ParameterGroups
from fieldwise.training.progress import TrainingProgress
from fieldwise.training.recipe import Recipe

__all__ = ["TrainingRun"]

ASK_EVERY = 20
"""Batches after which several processes agree on a checkpoint: asking takes time."""


@final
class TrainingRun:
    """The state that lives as long as one call of ``Trainer.fit``.

    Args:
        model: the model, on the device of ``fabric``.
        groups: its parameters.
        recipe: how to train.
        fabric: device and precision.
        train: labelled rows to learn from.
        valid: labelled rows that choose the best epoch.
        num_workers: processes that gather batches.
        checkpoint: where the state is kept, if anywhere.
        after_step: called when the weights have moved.
    """

    def __init__(
        self,
        model: nn.Module,
        groups: ParameterGroups,
        recipe: Recipe,
        fabric: Fabric,
        train: Dataset,
        valid: Dataset | None,
        num_workers: int,
        checkpoint: Checkpoint | None = None,
        after_step: Callable[[], None] | None = None,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self._parameters = groups.trainable
        ranks = self._ranks = Ranks(fabric)
        ranks.copy_first(model)
        self._loader = Loader(
            train,
            batch_size=recipe.batch_size,
            shuffle=recipe.shuffle,
            seed=recipe.seed,
            num_workers=num_workers,
            rank=ranks.rank,
            num_ranks=ranks.count,
        )
        self._optimizers = build_optimizers(groups, recipe)
        self._after_step = after_step
        self._average: AverageWeights | None = None
        if recipe.average_epochs:
            horizon = max(1, round(recipe.average_epochs * len(self._loader)))
            self._average = AverageWeights(model, horizon=horizon)
        self._step = TrainingStep(
            model,
            groups,
            self._optimizers,
            recipe,
            _objective_of(model, train.schema.labels, ranks),
            fabric,
            ranks=ranks,
            after_step=self._follow,
        )
        self._evaluation: Evaluation | None = None
        if valid is not None:
            self._evaluation = Evaluation(
                valid, monitor=recipe.monitor, num_workers=num_workers, ranks=ranks
            )
        self._monitor = _open_monitor(recipe, self._evaluation)
        self._best = BestWeights(model)
        self._device = fabric.device
        self._checkpoint = checkpoint
        self._records: list[EpochRecord] = []
        self._state = RunState(
            model,
            self._optimizers,
            self._monitor,
            self._best,
            self._average,
            fabric.device,
            ranks,
        )

    def fit(
        self,
        progress: bool | None,
        on_epoch_end: Callable[[EpochRecord], None] | None,
        log: Callable[[str], None] | None,
    ) -> tuple[EpochRecord, ...]:
        """Train to the end, and leave the model with its best weights in eval mode.

        Args:
            progress: show a progress bar; None where stderr is a terminal.
            on_epoch_end: called after each epoch.
            log: called after each epoch with a line of text.

        Returns:
            All epochs.
        """
        bar = TrainingProgress(
            enabled=progress,
            num_epochs=self.recipe.num_epochs,
            num_rows=len(self._loader.dataset),
        )
        try:
            current = self._resume(log)
            with bar:
                while not self._is_over:
                    record = self._run_epoch(current, bar)
                    current = None
                    self._records.append(record)
                    self._keep(None)
                    bar.finish_epoch(record)
                    # What a caller draws here must not change the epochs to come.
                    with isolated_random_state(self._device):
                        if log is not None:
                            log(record.describe())
                        if on_epoch_end is not None:
                            on_epoch_end(record)
            if self._evaluation is None and self._average is not None:
                self._average.install()
        finally:
            # Also after Ctrl-C and divergence: a model is never left worse than its
            # best epoch.
            catch_up(self._optimizers)
            self._best.restore()
            self.model.eval()
            self.model.zero_grad(set_to_none=True)
        return tuple(self._records)

    def history(self, precision: str) -> History:
        """Tell how the run went.

        Args:
            precision: that layers were computed in.

        Returns:
            What happened.
        """
        evaluation, epochs = self._evaluation, tuple(self._records)
        return History(
            epochs=epochs,
            best_epoch=self._monitor.best_epoch if evaluation else len(epochs),
            stopped_early=len(epochs) < self.recipe.num_epochs,
            precision=precision,
            monitor=evaluation.monitor if evaluation else None,
            notes=evaluation.notes if evaluation else (),
        )

    @property
    def _is_over(self) -> bool:
        if self._evaluation is not None and self._monitor.should_stop:
            return True
        return len(self._records) >= self.recipe.num_epochs

    def _resume(self, log: Callable[[str], None] | None) -> TrainingPass | None:
        """Go on where a killed process stopped, in the middle of an epoch or not."""
        snapshot = self._checkpoint.load() if self._checkpoint else None
        if self._ranks.from_first(snapshot is None) != (snapshot is None):
            message = (
                "checkpoints must be in a folder all processes share, got one that "
                f"process {self._ranks.rank} sees otherwise than process 0."
            )
            raise DataError(message)
        if snapshot is None:
            return None
        self._records, current = self._state.adopt(snapshot, TrainingPass(self._step))
        if log is not None:
            done = current.num_rows if current else 0
            log(
                f"resumed in epoch {len(self._records) + 1} after {done:,} of "
                f"{len(self._loader.dataset):,} rows"
            )
        return current

    def _keep(self, current: TrainingPass | None) -> None:
        """Write a checkpoint when it is time; between epochs when all is over."""
        if self._checkpoint is None or not self._is_time(current, self._checkpoint):
            return
        snapshot = self._state.snapshot(self._records, current)
        if self._ranks.rank == 0:
            self._checkpoint.save(snapshot)

    def _is_time(self, current: TrainingPass | None, checkpoint: Checkpoint) -> bool:
        if current is None and self._is_over:
            return True
        if self._ranks.count > 1 and current and current.num_batches % ASK_EVERY:
            return False
        return bool(self._ranks.from_first(checkpoint.is_due))

    def _run_epoch(
        self, resumed: TrainingPass | None, bar: TrainingProgress
    ) -> EpochRecord:
        start = time.perf_counter()
        epoch = len(self._records) + 1
        learning_rate = self._monitor.learning_rate
        set_learning_rate(self._optimizers, learning_rate)
        self.model.train()
        done = resumed or TrainingPass(self._step)
        bar.start_epoch(epoch, done.num_rows)
        batches = self._loader.epoch(epoch, skip=done.num_batches)
        sizes = self._loader.sizes(skip=done.num_batches)
        done.run(batches, sizes, bar, lambda: self._keep(done))
        catch_up(self._optimizers)
        self._check_finite(epoch, done.loss)
        metrics, improved = self._evaluate()
        return EpochRecord(
            epoch=epoch,
            train_loss=done.loss,
            valid_metrics=metrics,
            learning_rate=learning_rate,
            seconds=time.perf_counter() - start,
            rows_per_second=done.rows_per_second,
            improved=improved,
        )

    def _follow(self) -> None:
        """Let the caller have the step, and take the weights into their mean."""
        if self._after_step is not None:
            self._after_step()
        if self._average is not None and self._average.count_step():
            catch_up(self._optimizers)
            self._average.update()

    def _evaluate(self) -> tuple[dict[str, float], bool]:
        """Measure the weights that would be kept, and keep them if they are best."""
        if self._evaluation is None:
            return {}, False
        # Batch normalisation has seen other rows in every process.
        self._ranks.copy_first(self.model, buffers_only=True)
        average = nullcontext() if self._average is None else self._average.installed()
        with average:
            # Whatever a model draws in eval mode must not change the epochs to come.
            with isolated_random_state(self._device):
                metrics = self._evaluation.measure(self.model)
            improved = self._monitor.update(metrics[self._evaluation.monitor])
            if improved:
                self._best.keep()
        return metrics, improved

    def _check_finite(self, epoch: int, loss: float) -> None:
        weights = [parameter.detach() for parameter in self._parameters]
        # The loss was taken before the last step, the weights after it.
        finite = torch.isfinite(get_total_norm(weights)) & torch.isfinite(
            torch.tensor(loss)
        )
        if finite:
            return
        recipe = self.recipe
        remedies = [f"Lower learning_rate, now {recipe.learning_rate}"]
        if recipe.clip_norm is None:
            remedies.append("set clip_norm, for example to 10")
        if recipe.precision != "float32":
            remedies.append("set precision='float32'")
        remedies.append("look for extreme numbers and labels in the training rows")
        message = (
            f"loss and weights must stay finite, got loss {loss} in epoch {epoch}. "
            f"{'; '.join(remedies)}."
        )
        raise TrainingDivergedError(message)


def _objective_of(
    model: nn.Module, labels: Sequence[Label], ranks: Ranks
) -> Callable[[Any, Batch], Tensor]:
    shared = SharedObjective(labels, ranks)
    if isinstance(model, BranchedModel):
        return BranchObjective(shared, model.branch_loss, labels, ranks)
    return shared


def _open_monitor(recipe: Recipe, evaluation: Evaluation | None) -> Monitor:
    return Monitor(
        higher_is_better=evaluation is not None and evaluation.higher_is_better,
        learning_rate=recipe.learning_rate,
        patience=recipe.patience,
        min_delta=recipe.min_delta,
        plateau_factor=recipe.plateau_factor,
    )
