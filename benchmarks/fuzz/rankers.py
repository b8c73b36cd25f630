"""Real rankers to damage: every system, kind of field, kind of value and calibrator.

Their weights are fresh: what is damaged is the format, not what was learned.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from fieldwise.calibration import CALIBRATORS
from fieldwise.data.encoder import Encoder
from fieldwise.models import MODELS, build_model, model_arguments
from fieldwise.ranker import Ranker
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

__all__ = ["SMALL", "raw_rows", "save_rankers"]

FIELDS = (
    CategoricalField("site", min_count=1),
    NumericField("depth", "ple", num_buckets=4),
    CategoricalField("device", min_count=2),
    SequenceField("history", min_count=1),
    NumericField("price", "quantile", num_buckets=4),
    CategoricalField("is_new", min_count=1),
    VectorField("text"),
    NumericField("age", "standard"),
    CategoricalField("ratio", min_count=1),
    SequenceField("tags", min_count=2, max_length=2),
    NumericField("hour", "periodic"),
    NumericField("rank", "log_square"),
    CategoricalField("big", min_count=1),
)
SCHEMA = Schema(FIELDS, labels=(Label("click"), Label("rating")), time="day")

SMALL = {
    "embedding_dim": 4,
    "hidden_dims": (8,),
    "second_hidden_dims": (4,),
    "deep_hidden_dims": (4,),
    "gate_hidden_dims": (4,),
    "num_cross_layers": 2,
    "num_neurons": 4,
    "num_heads": 2,
    "num_feature_maps": (4,),
    "num_channels": (3,),
    "kernel_size": 3,
    "head_dim": 2,
    "block_dim": 4,
    "token_dim": 4,
    "rank": 4,
}
"""Arguments that keep systems small, where they have them."""


def raw_rows() -> pl.DataFrame:
    """Sixty rows with nulls, empty lists and five types of values."""
    generator = np.random.default_rng(0)
    num_rows = 60

    def names(prefix: str, size: int) -> list[str]:
        return [f"{prefix}{code}" for code in generator.integers(0, size, num_rows)]

    def numbers() -> list[float | None]:
        drawn = generator.gamma(1, 2, num_rows)
        return [None if x > 5 else float(x) for x in drawn]

    def lists(size: int) -> list[list[int]]:
        lengths = generator.integers(0, 4, num_rows)
        return [generator.integers(0, size, length).tolist() for length in lengths]

    tags = [[f"t{code}" for code in codes] for codes in lists(5)]
    return pl.DataFrame(
        {
            "site": ["<b>", "../../etc/passwd", *names("s", 7)[2:]],
            "depth": numbers(),
            "device": generator.integers(-3, 3, num_rows),
            "history": lists(9),
            "price": numbers(),
            "is_new": generator.integers(0, 2, num_rows) == 1,
            "text": pl.Series(
                generator.normal(size=(num_rows, 3)).tolist(),
                dtype=pl.Array(pl.Float64, 3),
            ),
            "age": numbers(),
            "ratio": generator.integers(0, 4, num_rows) / 4,
            "tags": tags,
            "hour": numbers(),
            "rank": numbers(),
            "big": pl.Series(
                2**64 - 1 - generator.integers(0, 3, num_rows).astype(np.uint64)
            ),
            "click": generator.integers(0, 2, num_rows),
            "rating": generator.normal(size=num_rows),
            "day": [date(2024, 1, 1 + row // 3) for row in range(num_rows)],
        }
    )


def save_rankers(home: Path, models: Sequence[str] = tuple(MODELS)) -> None:
    """Write one ranker for each system.

    Args:
        home: gets their folders.
        models: names of the systems.
    """
    rows = raw_rows()
    encoder = Encoder.fit(rows.lazy(), SCHEMA)
    generator = np.random.default_rng(1)
    torch.manual_seed(0)
    for place, name in enumerate(models):
        known = model_arguments(name)
        arguments: dict[str, Any] = {k: v for k, v in SMALL.items() if k in known}
        calibrator = list(CALIBRATORS.values())[place % len(CALIBRATORS)]()
        calibrator.fit(generator.normal(size=60), rows["click"].to_numpy())
        ranker = Ranker(
            encoder,
            build_model(name, encoder.schema, **arguments),
            [calibrator, None],
            model_name=name,
            model_arguments=arguments,
            negative_rate=0.5 if place % 2 else 1.0,
            info={"metrics": {"valid": {"auc": 0.7}}, "recipe": {"num_epochs": 1}},
        )
        ranker.save(home / name)
