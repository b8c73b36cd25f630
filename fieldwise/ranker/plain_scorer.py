"""The short way from a few plain rows to logits: no frame, no loader, no loop."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter
from fieldwise.data.row_encoder import RowEncoder

__all__ = ["PlainScorer"]


@final
class PlainScorer:
    """Encodes and scores a few rows of plain values. Read-only, so threads share it.

    Args:
        encoder: the fitted encoder.
        model: the trained model.
    """

    def __init__(self, encoder: Encoder, model: nn.Module) -> None:
        self._encoder = encoder
        self._model = model
        self._rows = RowEncoder(encoder)
        # A walk through the modules for each row would take as long as some models.
        self._modules = tuple(model.modules())
        self._anchor = next(model.parameters(), None)

    def serves(self, encoder: Encoder, model: nn.Module) -> bool:
        """Whether this scorer was made for an encoder and a model.

        Args:
            encoder: the fitted encoder.
            model: the trained model.

        Returns:
            Whether they are the same objects.
        """
        return self._encoder is encoder and self._model is model

    def encode(
        self, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[Batch, UnknownCounter] | None:
        """Encode rows.

        Args:
            rows: at least one.

        Returns:
            The rows, and how many of their values are unknown; None where a frame
            must decide.
        """
        return self._rows.encode(rows)

    def logits(self, batch: Batch) -> NDArray[np.float64] | None:
        """Score rows as ``score_batches`` does, in float32.

        Args:
            batch: encoded rows.

        Returns:
            Logits; None if a part of the model is in training mode or an autocast is
            on, which this way does not change.
        """
        device = torch.device("cpu") if self._anchor is None else self._anchor.device
        if any(module.training for module in self._modules):
            return None
        if torch.is_autocast_enabled(device.type):
            return None
        if device.type != "cpu":
            batch = batch.to(device)
        with torch.inference_mode():
            logits: Tensor = self._model(batch)
            return logits.cpu().double().numpy()
