"""The loss of a batch: which labels are classes, and which are numbers."""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.errors import SchemaError, ShapeError
from fieldwise.losses import binary_cross_entropy, squared_error
from fieldwise.schema import Label

__all__ = ["Objective"]


@final
class Objective:
    """Mean over the tasks of log loss (binary labels) or squared error (real ones).

    Args:
        labels: the fitted labels, in the order of the model's outputs.

    Raises:
        SchemaError: if there are none, or the kind of one is not known yet.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        unknown = [label.name for label in labels if label.kind is None]
        if unknown or not labels:
            message = (
                f"labels must have a kind, got {unknown or 'no label at all'}. Fit an "
                "Encoder on a schema with labels first."
            )
            raise SchemaError(message)
        self.num_tasks = len(labels)
        self.binary = [i for i, label in enumerate(labels) if label.kind == "binary"]
        self.real = [i for i, label in enumerate(labels) if label.kind == "real"]

    def __call__(self, logits: Float[Tensor, "..."], batch: Batch) -> Float[Tensor, ""]:
        """The loss.

        Args:
            logits: what the model returned for the batch.
            batch: the labelled rows.

        Returns:
            A scalar, in float32.

        Raises:
            ShapeError: if the logits do not fit the labels.
        """
        labels = batch.labels
        if labels is None:
            message = "batch must have labels, got None."
            raise ShapeError(message)
        if logits.ndim == 1 and self.num_tasks == 1:
            logits = logits.unsqueeze(1)
        if logits.shape != labels.shape:
            message = (
                f"logits must have shape {tuple(labels.shape)}, one per row and label, "
                f"got {tuple(logits.shape)}. Check what the model returns."
            )
            raise ShapeError(message)
        if not self.real:
            return binary_cross_entropy(logits, labels, batch.weights)
        if not self.binary:
            return squared_error(logits, labels, batch.weights)
        binary, real = self.binary, self.real
        log_losses = binary_cross_entropy(
            logits[:, binary], labels[:, binary], batch.weights
        )
        errors = squared_error(logits[:, real], labels[:, real], batch.weights)
        return (len(binary) * log_losses + len(real) * errors) / self.num_tasks
