"""The model and its calibrators as an ONNX graph, traced by PyTorch."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import torch
from onnx import compose

from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.tracing import traced
from fieldwise.serving.export.translations import TRANSLATIONS

__all__ = ["OPSET", "PREFIX", "model_graph"]

OPSET = 18
PREFIX = "model/"
"""Before all names of the model's part, so that none is that of a field."""

_LOUD = ("torch.onnx", "onnxscript", "onnx_ir")


def model_graph(ranker: Ranker) -> onnx.GraphProto:
    """Turn the model and the calibrators of a ranker into a graph.

    Args:
        ranker: fitted.

    Returns:
        The graph. Its inputs are the tensors of a ``Batch`` that the schema fills,
        indices in 64 bits; its outputs the values of all labels, then their logits.
    """
    program = traced(ranker, torch.int64)
    with _quiet():
        exported: Any = torch.onnx.export(
            program,
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            custom_translation_table=TRANSLATIONS,
        )
    # In place: the tables may be as large as memory allows.
    graph: onnx.GraphProto = compose.add_prefix_graph(
        exported.model_proto.graph, PREFIX, inplace=True
    )
    return graph


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the tools of others say of their own parts from our users."""
    loggers = [logging.getLogger(name) for name in _LOUD]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
