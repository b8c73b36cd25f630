"""How long a ranker takes for one raw row, and for many encoded ones."""

import time
from typing import Any

import numpy as np

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.loader import Loader
from fieldwise.ranker import Ranker
from fieldwise.schema import CategoricalField, NumericField, SequenceField
from fieldwise.scoring import score_batches

__all__ = ["measure_latency", "typical_row"]

NUM_CALLS, WARM_UP_CALLS = 50, 5
MAX_ROWS = 50_000
BATCH_ROWS = 8192


def measure_latency(ranker: Ranker, dataset: Dataset) -> dict[str, Any]:
    """Time a ranker on this machine, with as many threads as it has now.

    Args:
        ranker: a fitted ranker.
        dataset: rows of its encoder.

    Returns:
        Milliseconds of one raw row, from a dictionary to a probability: ``median`` and
        ``p95`` of ``calls``; and encoded rows per second in large batches.
    """
    row = typical_row(ranker.encoder)
    spent = []
    for _ in range(WARM_UP_CALLS + NUM_CALLS):
        started = time.perf_counter()
        ranker.predict([row])
        spent.append(1000 * (time.perf_counter() - started))
    median, p95 = np.quantile(spent[WARM_UP_CALLS:], (0.5, 0.95)).tolist()
    rows = dataset.take(np.arange(min(len(dataset), MAX_ROWS)))
    batches = list(Loader(rows, batch_size=BATCH_ROWS).epoch(0))
    score_batches(ranker.model, batches[:1])
    started = time.perf_counter()
    score_batches(ranker.model, batches)
    seconds = max(1e-9, time.perf_counter() - started)
    return {
        "one_row_ms": {"median": median, "p95": p95, "calls": NUM_CALLS},
        "many_rows": {"rows": len(rows), "rows_per_second": len(rows) / seconds},
    }


def typical_row(encoder: Encoder) -> dict[str, Any]:
    """Make up a raw row of the most frequent names and mean numbers.

    Args:
        encoder: a fitted encoder.

    Returns:
        A value by field.
    """
    row: dict[str, Any] = {}
    for field in encoder.schema:
        if isinstance(field, CategoricalField | SequenceField):
            values = encoder.vocabularies[field.name].values
            value = values[0] if len(values) else None
            row[field.name] = value if isinstance(field, CategoricalField) else [value]
        elif isinstance(field, NumericField):
            row[field.name] = field.edges[0] if field.edges else field.center
        else:
            row[field.name] = [0.0] * (field.vector_dim or 0)
    return row
