"""Tables whose answer is known: 4 strong, 4 weak and 12 fields of noise."""

import numpy as np

from fieldwise.data.dataset import Dataset
from fieldwise.importance import Importance
from fieldwise.metrics import auc
from fieldwise.schema import CategoricalField, Label, NumericField, Schema
from fieldwise.selection import RankingData

STRONG = tuple(f"strong{number}" for number in range(4))
WEAK = tuple(f"weak{number}" for number in range(4))
NOISE = tuple(f"noise{number}" for number in range(12))

EFFECTS = dict.fromkeys(STRONG, 1.0) | dict.fromkeys(WEAK, 0.25)
"""Standard deviation of what the values of a field add to the logit."""

NUM_VALUES = dict(
    zip(NOISE, (2, 3, 5, 10, 20, 20, 20, 50, 100, 300, 1000, 3000), strict=True)
)
"""Of the fields of noise; all others have as many as ``planted`` says."""


def planted(
    seed: int = 0, *, num_rows: int = 20_000, num_values: int = 20
) -> RankingData:
    """Categorical fields in an order the seed decides, and a binary label.

    Each value of a strong or weak field adds its own number to the logit.
    """
    random = np.random.default_rng(seed)
    names = [str(name) for name in random.permutation([*STRONG, *WEAK, *NOISE])]
    sizes = [NUM_VALUES.get(name, num_values) for name in names]
    values = np.column_stack([random.integers(0, size, num_rows) for size in sizes])
    logits = np.zeros(num_rows)
    for place, name in enumerate(names):
        effects = random.normal(size=sizes[place])
        effects = (effects - effects.mean()) / effects.std()
        logits += EFFECTS.get(name, 0.0) * effects[values[:, place]]
    labels = random.random(num_rows) < 1 / (1 + np.exp(-logits))
    return ranking_data(dict(zip(names, values.T, strict=True)), labels, seed=seed)


def planted_numbers(seed: int = 0, *, num_rows: int = 20_000) -> RankingData:
    """Numeric fields in an order the seed decides, and a binary label.

    Strong fields have a number in common, so that they are known by each other, too.
    """
    random = np.random.default_rng(seed)
    names = [str(name) for name in random.permutation([*STRONG, *WEAK, *NOISE])]
    columns = dict(zip(names, random.normal(size=(20, num_rows)), strict=True))
    shared = random.normal(size=num_rows)
    for name in STRONG:
        columns[name] = 0.8 * shared + 0.6 * columns[name]
    logits = sum(EFFECTS[name] * columns[name] for name in (*STRONG, *WEAK))
    labels = random.random(num_rows) < 1 / (1 + np.exp(-logits))
    return ranking_data(columns, labels, seed=seed)


def ranking_data(columns, labels, *, kind="binary", seed: int = 0) -> RankingData:
    """Rows of columns by name; whole numbers are categories, other ones numbers.

    Three in five rows are for training; the other ones are halved.
    """
    # Row 0 of each field is the unknown row, which no value of these tables has.
    fields = tuple(
        CategoricalField(name, num_features=int(column.max()) + 2, value_type="int")
        if column.dtype.kind == "i"
        else NumericField(name, "standard", center=0.0, scale=1.0, low=-9.0, high=9.0)
        for name, column in columns.items()
    )
    schema = Schema(fields, (Label("click", kind, positive=1),))
    names = [field.name for field in schema.index_fields]
    indices = [
        columns[name] + 1 + offset
        for name, offset in zip(names, schema.table_offsets, strict=True)
    ]
    floats = [columns[field.name] for field in schema.number_fields] + [labels]
    bits = np.array(floats).astype(np.float32).view(np.int32)
    rows = np.column_stack([*indices, *bits]).astype(np.int32)
    first = len(rows) * 3 // 5
    parts = {"train": rows[:first], "valid": rows[first:]}
    return RankingData.of(
        {name: Dataset(schema, part.copy()) for name, part in parts.items()}, seed=seed
    )


def strong_before_noise(importance: Importance) -> float:
    """Area under the ROC of strong fields against fields of noise, by score."""
    scores = dict(zip(importance.names, importance.scores, strict=True))
    labels = [1.0] * len(STRONG) + [0.0] * len(NOISE)
    return auc(labels, [scores[name] for name in (*STRONG, *NOISE)])
