"""An exported program of PyTorch: encoded tensors in, probabilities out."""

import warnings
from pathlib import Path
from typing import final

import polars as pl
import torch

from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.tracing import traced
from fieldwise.serving.export.verification import Array

__all__ = ["TorchFile", "write_torch"]


def write_torch(ranker: Ranker, path: Path) -> None:
    """Write model and calibrators of a ranker as a program of PyTorch.

    Args:
        ranker: fitted.
        path: of the file.
    """
    with warnings.catch_warnings():
        # PyTorch warns of its own parts.
        warnings.simplefilter("ignore")
        torch.export.save(traced(ranker, torch.int32), path)


@final
class TorchFile:
    """Scores rows with an exported program.

    Args:
        path: of the file.
        encoder: of the ranker it was made from.
    """

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._program = torch.export.load(path).module()

    def score(self, rows: pl.DataFrame) -> tuple[Array, Array]:
        """Score rows.

        Args:
            rows: raw rows with the columns of all fields.

        Returns:
            Values and logits, ``(row, task)`` each.
        """
        encoded = encode_frame(self._encoder, rows, labelled=False)
        batch = encoded.batch(slice(None))
        with torch.inference_mode():
            values, logits = self._program(
                batch.indices,
                batch.numbers,
                batch.sequence_indices,
                batch.sequence_offsets,
                list(batch.vectors),
            )
        return torch.stack(values, 1).numpy(), torch.stack(logits, 1).numpy()
