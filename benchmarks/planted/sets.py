"""Generated tables with planted interactions; the best possible score is known.

Hidden codes are balanced: half of the values of a field have +1 and half -1, so that no
field of an interaction says anything alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.schema import CategoricalField, Field, Label, NumericField, Schema

__all__ = ["SETS", "Planted", "treatments"]

LABELS = (Label("click", "binary", positive=1),)


@dataclass(frozen=True)
class Planted:
    """Rows for training and rows held out.

    Args:
        train: the first rows.
        test: the other ones.
        fields: positions of the fields that decide.
        logits: the true logits of ``test``.
    """

    train: Dataset
    test: Dataset
    fields: tuple[int, ...]
    logits: NDArray[np.float64]


def pair(
    num_rows: int = 60_000, *, num_values: int = 20, num_fields: int = 10, seed: int = 0
) -> Planted:
    """P2: the product of two fields' codes, ``4 c_a c_b``."""
    random = np.random.default_rng(seed)
    values = random.integers(0, num_values, (num_rows, num_fields))
    fields = (num_fields // 3, num_fields - 3)
    a, b = (_codes(random, num_values)[values[:, field]] for field in fields)
    return _planted(random, values, [num_values] * num_fields, fields, 4.0 * a * b)


def distractors(
    num_rows: int = 60_000, *, num_values: int = 20, seed: int = 0
) -> Planted:
    """PD: P2 with ten more fields of noise."""
    return pair(num_rows, num_values=num_values, num_fields=20, seed=seed)


def triple(
    num_rows: int = 200_000,
    *,
    num_values: int = 20,
    num_fields: int = 10,
    seed: int = 0,
) -> Planted:
    """P3: the product of three codes and of two, ``3 c_a c_b c_c + c_a c_b``."""
    random = np.random.default_rng(seed)
    values = random.integers(0, num_values, (num_rows, num_fields))
    fields = (1, num_fields // 2, num_fields - 1)
    a, b, c = (_codes(random, num_values)[values[:, field]] for field in fields)
    logits = 3.0 * a * b * c + a * b
    return _planted(random, values, [num_values] * num_fields, fields, logits)


def memory(
    num_rows: int = 200_000, *, num_values: int = 50, num_fields: int = 5, seed: int = 0
) -> Planted:
    """PM: a table of pairs of values without structure, ``N(0, 4)`` a cell."""
    random = np.random.default_rng(seed)
    values = random.integers(0, num_values, (num_rows, num_fields))
    cells = random.normal(0.0, 2.0, (num_values, num_values))
    logits = cells[values[:, 0], values[:, 1]]
    return _planted(random, values, [num_values] * num_fields, (0, 1), logits)


def treatments(
    num_rows: int = 60_000,
    *,
    num_values: int = 40,
    num_products: int = 500,
    num_noise: int = 2,
    seed: int = 0,
) -> Planted:
    """PT: one pair of fields to memorize, one to factorize, and noise.

    The logit is a cell of a table without structure for the first two fields, which
    have few values, plus the product of two codes for the next two, which have so many
    values that hardly any pair of them is seen often.
    """
    random = np.random.default_rng(seed)
    sizes = [num_values] * 2 + [num_products] * 2 + [num_values] * num_noise
    values = np.column_stack([random.integers(0, size, num_rows) for size in sizes])
    cells = random.normal(0.0, 2.0, (num_values, num_values))
    logits = cells[values[:, 0], values[:, 1]]
    a, b = (_codes(random, num_products)[values[:, field]] for field in (2, 3))
    return _planted(random, values, sizes, (0, 1, 2, 3), logits + 3.0 * a * b)


def numbers(num_rows: int = 60_000, *, num_fields: int = 6, seed: int = 0) -> Planted:
    """PN: the product of two numbers, ``12 (x_a - 1/2) (x_b - 1/2)``."""
    random = np.random.default_rng(seed)
    values = 1.0 - random.random((num_rows, num_fields))
    logits = 12 * (values[:, 0] - 0.5) * (values[:, 1] - 0.5)
    scale = float(np.sqrt(1 / 12))
    scaled = {"center": 0.5, "scale": scale, "low": -2.0, "high": 2.0}
    fields: list[Field] = [
        NumericField(f"number{place}", "standard", **scaled)
        for place in range(num_fields)
    ]
    standard = ((values - 0.5) / scale).astype(np.float32).view(np.int32)
    return _divided(random, standard, Schema(tuple(fields), LABELS), (0, 1), logits)


SETS: dict[str, Callable[..., Planted]] = {
    "P2": pair,
    "P3": triple,
    "PM": memory,
    "PN": numbers,
    "PD": distractors,
}
"""Every set by the name it has in the literature of this project."""


def _codes(random: np.random.Generator, num_values: int) -> NDArray[np.int64]:
    return random.permutation([-1, 1] * (num_values // 2))


def _planted(
    random: np.random.Generator,
    values: NDArray[np.int64],
    sizes: Sequence[int],
    fields: tuple[int, ...],
    logits: NDArray[np.float64],
) -> Planted:
    # Row 0 of each field is the unknown row, which no value of these tables has.
    schema = Schema(
        tuple(
            CategoricalField(f"field{place}", num_features=size + 1, value_type="int")
            for place, size in enumerate(sizes)
        ),
        LABELS,
    )
    indices = (values + 1 + np.array(schema.table_offsets)).astype(np.int32)
    return _divided(random, indices, schema, fields, logits)


def _divided(
    random: np.random.Generator,
    columns: NDArray[np.int32],
    schema: Schema,
    fields: tuple[int, ...],
    logits: NDArray[np.float64],
) -> Planted:
    labels = random.random(len(logits)) < 1 / (1 + np.exp(-logits))
    bits = labels.astype(np.float32).view(np.int32)
    rows = np.column_stack([columns, bits]).astype(np.int32)
    first = len(rows) * 5 // 6
    return Planted(
        Dataset(schema, np.ascontiguousarray(rows[:first])),
        Dataset(schema, np.ascontiguousarray(rows[first:])),
        fields,
        logits[first:],
    )
