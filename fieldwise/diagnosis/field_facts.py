"""What the training rows hold in each field, as the encoder has seen it."""

from typing import Any

import numpy as np

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.schema import CategoricalField, Field, SequenceField

__all__ = ["field_facts"]

SAMPLE_ROWS = 200_000


def field_facts(encoder: Encoder, dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Describe each field.

    Args:
        encoder: fitted on the training rows.
        dataset: encoded training rows.

    Returns:
        By field: ``num_values`` that are kept, null not counted; ``coverage``, the
        share of values that are not null; ``rare_share``, the share of values that
        share the unknown row. None where a field does not tell.
    """
    rows = slice(0, min(len(dataset), SAMPLE_ROWS))
    numbers = dataset.batch(rows).numbers.numpy()
    names = [field.name for field in dataset.schema.number_fields]
    missing = dict(zip(names, np.isnan(numbers).mean(axis=0), strict=True))
    facts = {}
    for field in encoder.schema:
        facts[field.name] = _of_names(encoder, field)
        if field.name in missing:
            facts[field.name]["coverage"] = 1.0 - float(missing[field.name])
    return facts


def _of_names(encoder: Encoder, field: Field) -> dict[str, Any]:
    if not isinstance(field, CategoricalField | SequenceField):
        return {"num_values": None, "coverage": None, "rare_share": None}
    vocabulary = encoder.vocabularies[field.name]
    is_null = vocabulary.values.is_null().to_numpy()
    counts = vocabulary.counts
    total = max(1, int(counts.sum()))
    return {
        "num_values": int(np.count_nonzero(~is_null)),
        "coverage": 1.0 - float(counts[1:][is_null].sum()) / total,
        "rare_share": vocabulary.unknown_count / total,
    }
