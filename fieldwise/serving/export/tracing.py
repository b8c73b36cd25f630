"""Model and calibrators as a program that PyTorch has traced."""

import warnings
from typing import Any

import torch

from fieldwise.ranker.ranker import Ranker
from fieldwise.schema import Schema
from fieldwise.serving.export.scoring_module import ScoringModule, example_inputs

__all__ = ["traced"]


def traced(ranker: Ranker, kind: torch.dtype) -> torch.export.ExportedProgram:
    """Trace the model and the calibrators of a ranker, for any number of rows.

    Args:
        ranker: fitted.
        kind: integer type of indices and offsets.

    Returns:
        The program; it takes the arguments of ``ScoringModule.forward``.
    """
    module = ScoringModule(ranker).eval()
    with torch.no_grad(), warnings.catch_warnings():
        # PyTorch warns of its own parts.
        warnings.simplefilter("ignore")
        return torch.export.export(
            module,
            example_inputs(ranker.schema, kind),
            dynamic_shapes=_dynamic(ranker.schema),
        )


def _dynamic(schema: Schema) -> tuple[Any, ...]:
    """Say which sizes may change; named from 0 on, so that no row is a batch, too."""
    rows = torch.export.Dim("batch", min=0)
    first = {0: rows}
    num_sequences = len(schema.sequence_fields)
    items, bags = None, None
    if num_sequences:
        items = {0: torch.export.Dim("item", min=0)}
        bags = {0: num_sequences * rows + 1}
    return first, first, items, bags, [first] * len(schema.vector_fields)
