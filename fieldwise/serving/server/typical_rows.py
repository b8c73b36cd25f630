"""Rows as the training rows were, field by field: what a ranker itself remembers.

A saved ranker holds no rows, only how often values came. Fields are drawn independently
of each other: each value is usual, their combination need not be.
"""

from typing import Any

import numpy as np

from fieldwise.data.encoder import Encoder
from fieldwise.diagnosis.value_texts import raw_numbers
from fieldwise.schema import NumericField, SequenceField, VectorField

__all__ = ["typical_rows"]

NUM_ITEMS = 3
"""Of each list: how long lists were is not known."""
SMALL_CODE = 2
"""Codes of ``log_square`` up to this are the number itself."""


def typical_rows(encoder: Encoder, num_rows: int, *, seed: int) -> list[dict[str, Any]]:
    """Draw rows.

    Args:
        encoder: the fitted encoder.
        num_rows: how many.
        seed: of the draw.

    Returns:
        Rows a ranker scores: names by how often they came, numbers from the edges of
        their buckets or of about their spread, vectors missing.
    """
    random = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {}
    for field in encoder.schema:
        if isinstance(field, NumericField):
            columns[field.name] = _numbers(field, num_rows, random)
        elif isinstance(field, VectorField):
            columns[field.name] = [None] * num_rows
        else:
            num_items = NUM_ITEMS if isinstance(field, SequenceField) else 1
            found = _names(encoder, field.name, num_rows * num_items, random)
            columns[field.name] = (
                [found[k : k + num_items] for k in range(0, len(found), num_items)]
                if isinstance(field, SequenceField)
                else found
            )
    names = list(columns)
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]


def _names(
    encoder: Encoder, name: str, num_values: int, random: np.random.Generator
) -> list[Any]:
    vocabulary = encoder.vocabularies[name]
    ends = np.cumsum(vocabulary.counts[1:])
    if not len(ends) or not ends[-1]:
        return [None] * num_values
    places = np.searchsorted(ends, random.integers(ends[-1], size=num_values), "right")
    values: list[Any] = vocabulary.values.gather(places).to_list()
    return values


def _numbers(
    field: NumericField, num_rows: int, random: np.random.Generator
) -> list[float]:
    if field.edges:
        chosen = random.choice(np.asarray(field.edges), num_rows)
        if field.encoding == "log_square":
            # 3 + floor(ln(x) ** 2), the other way round.
            is_small = chosen <= SMALL_CODE
            roots = np.sqrt(np.where(is_small, 0.0, chosen - 3))
            chosen = np.where(is_small, chosen, np.exp(roots))
    else:
        chosen = random.normal(size=num_rows)
    if not field.is_bucketed:
        raw = raw_numbers(field, np.asarray(chosen, dtype=np.float64))
        chosen = np.clip(raw, field.low, field.high)
    # Scaled back, 50 is 49.999999: the shortest number with the same float32.
    return [float(str(number)) for number in chosen.astype(np.float32)]
