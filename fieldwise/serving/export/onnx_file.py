"""An exported ONNX file: how it is written, and how it scores rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import final

import numpy as np
import onnxruntime
import polars as pl

from fieldwise.data.encoder import Encoder
from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.assembling import assemble
from fieldwise.serving.export.feeds import feeds_of
from fieldwise.serving.export.inputs import describe_fields
from fieldwise.serving.export.model_graph import model_graph
from fieldwise.serving.export.quantising import SmallTable
from fieldwise.serving.export.saving import write_model
from fieldwise.serving.export.small_tables import store_small
from fieldwise.serving.export.verification import Array

__all__ = ["OnnxFile", "write_onnx"]


def write_onnx(
    ranker: Ranker, tables: Mapping[str, SmallTable], path: Path
) -> list[str]:
    """Write a ranker as one ONNX model.

    Args:
        ranker: fitted, with rounded tables.
        tables: those tables in fewer bits, by name of their parameter.
        path: of the file.

    Returns:
        Names of the tables that are stored in fewer bits.
    """
    graph = model_graph(ranker)
    stored = store_small(graph, tables)
    details = {"system": ranker.model_name, "small_tables": stored}
    write_model(assemble(ranker, graph, details), path)
    return stored


@final
class OnnxFile:
    """Scores raw rows with an exported file.

    Args:
        path: of the file.
        encoder: of the ranker it was made from.
    """

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._inputs = describe_fields(encoder)
        self._session = onnxruntime.InferenceSession(
            str(path), providers=["CPUExecutionProvider"]
        )

    def score(self, rows: pl.DataFrame) -> tuple[Array, Array]:
        """Score rows.

        Args:
            rows: raw rows with the columns of all fields.

        Returns:
            Values and logits, ``(row, task)`` each.
        """
        found = self._session.run(None, feeds_of(self._inputs, rows))
        columns = np.stack([np.asarray(column) for column in found], axis=1)
        num_tasks = columns.shape[1] // 2
        return columns[:, :num_tasks], columns[:, num_tasks:]
