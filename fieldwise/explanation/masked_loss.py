"""The loss of a model whose fields speak louder, softer, or in another row's place.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, section 3 (masks) and
equations 1 and 2 (shuffles).
Differences from the paper: a mask is a factor of the embedding of a field; shuffles are
drawn once and are the same for all models, so that models differ by themselves only;
of several fields each has a shuffle of its own (the released code shuffles only the
last one).
"""

from collections.abc import Sequence
from typing import Protocol, final, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from fieldwise._checks import check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.losses import binary_cross_entropy, squared_error
from fieldwise.sensitivity import Embedded, SplitModel

__all__ = ["EmbeddedLoss", "MaskedLoss"]


@runtime_checkable
class MaskedLoss(Protocol):
    """What the search for almost equal models needs to know of one model.

    Attributes:
        names: of the fields, in order.
        num_draws: shuffles of each field.
    """

    names: tuple[str, ...]
    num_draws: int

    def loss(
        self,
        factors: Float[np.ndarray, " field"],
        shuffled: Sequence[int] = (),
        draw: int = 0,
    ) -> float:
        """Mean loss over the rows.

        Args:
            factors: what each field is multiplied by; 1 leaves it as it is.
            shuffled: places of the fields that say what they say in other rows.
            draw: which of the shuffles.

        Returns:
            The loss; the same for the same arguments.
        """
        ...  # pragma: no cover


@final
class EmbeddedLoss:
    """The loss of a trained model on some rows, which are embedded once.

    Args:
        model: the trained model, of one logit.
        dataset: labelled rows, best ones it was not trained on.
        num_rows: rows that are drawn; of fewer all are taken.
        num_draws: shuffles of each field.
        seed: of rows and shuffles.

    Attributes:
        names: of the fields, in order.
        num_draws: the same.
        data_fingerprint: checksum of the rows.
        seed: the same.

    Raises:
        DataError: if there is no row, or not one label for each.
        ValueError: if a number is not positive.
    """

    def __init__(
        self,
        model: nn.Module,
        dataset: Dataset,
        *,
        num_rows: int = 5000,
        num_draws: int = 5,
        seed: int = 0,
    ) -> None:
        check_positive("num_rows", num_rows)
        check_positive("num_draws", num_draws)
        schema = dataset.schema
        if len(schema.labels) != 1 or not dataset.labelled or not len(dataset):
            message = "dataset must hold rows with one label, got others or none."
            raise DataError(message)
        self.names, self.num_draws, self.seed = schema.names, num_draws, seed
        self.data_fingerprint = dataset.checksum()
        random = np.random.default_rng(seed)
        count = min(num_rows, len(dataset))
        chosen = np.sort(random.choice(len(dataset), count, replace=False))
        batch = dataset.batch(chosen)
        self._split = SplitModel(model, schema)
        self._rows = self._split.embed(batch.to(self._split.device))
        self._labels = torch.from_numpy(dataset.labels[chosen, 0]).double()
        is_binary = schema.labels[0].kind == "binary"
        self._measure = binary_cross_entropy if is_binary else squared_error
        orders = random.permuted(
            np.tile(np.arange(count), (num_draws, len(schema), 1)), axis=-1
        )
        self._orders = torch.from_numpy(orders).to(self._split.device)

    def loss(
        self,
        factors: Float[np.ndarray, " field"],
        shuffled: Sequence[int] = (),
        draw: int = 0,
    ) -> float:
        """Mean loss over the rows, in nats (of a real label, its encoded unit squared).

        Args:
            factors: what each field is multiplied by; 1 leaves it as it is.
            shuffled: places of the fields that say what they say in other rows.
            draw: which of the shuffles.

        Returns:
            The loss.
        """
        rows = self._rows
        for place in shuffled:
            rows = self._with_shuffled(rows, place, draw)
        if (factors != 1).any():
            rows = self._split.scale(rows, torch.from_numpy(factors))
        with torch.no_grad():
            logits = self._split.forward_from_embeddings(rows)
        logits = logits.double().cpu().reshape(self._labels.shape)
        return self._measure(logits, self._labels).item()

    def _with_shuffled(self, rows: Embedded, place: int, draw: int) -> Embedded:
        is_other = torch.zeros(len(rows), len(self.names), dtype=torch.bool)
        is_other[:, place] = True
        order = self._orders[draw, place]
        others = self._rows.take(order)
        return self._split.mix(rows, others, is_other.to(order.device))
