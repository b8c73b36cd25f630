"""Orders that every method must beat: random, by cardinality, and its own reversed."""

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from fieldwise.importance import Importance
from fieldwise.selection import RankingData

__all__ = ["CardinalityOrder", "RandomOrder", "reversed_order"]

COUNTED_ROWS = 100_000
"""Of the training rows; the distinct numbers of a numeric field are counted in them."""


@final
@dataclass(frozen=True)
class RandomOrder:
    """Fields in an order drawn by chance."""

    def rank(self, data: RankingData, *, seed: int = 0) -> Importance:
        """Draw an order.

        Args:
            data: its schema has the fields.
            seed: of the order.

        Returns:
            A random score for each field.
        """
        names = data.schema.names
        return Importance(
            unit="field",
            names=names,
            scores=np.random.default_rng(seed).random(len(names)),
            meaning="a random number",
            method="random order",
            data_fingerprint=data.fingerprint,
            seed=seed,
        )


@final
@dataclass(frozen=True)
class CardinalityOrder:
    """Fields with many values first: what careless methods really measure."""

    def rank(self, data: RankingData, *, seed: int = 0) -> Importance:  # noqa: ARG002
        """Count the values of each field.

        Args:
            data: its training rows are counted.
            seed: nothing is random.

        Returns:
            Rows in the shared table; of a numeric field, distinct values among the
            first training rows; of a vector, its length.
        """
        schema, train = data.schema, data.train
        counts = {
            field.name: size
            for field, size in zip(
                (*schema.index_fields, *schema.sequence_fields),
                schema.table_sizes,
                strict=True,
            )
        }
        numbers = train.rows[:COUNTED_ROWS, train.layout.numbers]
        for place, number in enumerate(schema.number_fields):
            counts[number.name] = len(np.unique(numbers[:, place]))
        counts |= {field.name: field.vector_dim or 0 for field in schema.vector_fields}
        return Importance(
            unit="field",
            names=schema.names,
            scores=np.array([counts[name] for name in schema.names], dtype=np.float64),
            meaning="distinct values",
            method="cardinality",
            data_fingerprint=data.fingerprint,
        )


def reversed_order(importance: Importance) -> Importance:
    """Turn an order around; a method that knows something is then clearly bad.

    Examples:
        >>> scores = np.array([0.5, 0.5, 0.1])
        >>> found = Importance("field", ("a", "b", "c"), scores, "share", "by hand")
        >>> found.ranked, reversed_order(found).ranked
        (('a', 'b', 'c'), ('c', 'b', 'a'))

    Args:
        importance: scores of fields.

    Returns:
        The place of each field as its score: the last one has the highest.
    """
    places = {name: place for place, name in enumerate(importance.ranked)}
    return replace(
        importance,
        scores=np.array([places[name] for name in importance.names], dtype=np.float64),
        meaning="place in the order",
        method=f"reversed {importance.method}",
        details={},
    )
