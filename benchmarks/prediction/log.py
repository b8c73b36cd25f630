"""A log of raw rows, and rankers for it: 39 fields, a million features."""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import torch

from fieldwise.calibration import PlattCalibrator
from fieldwise.data.encoder import Encoder
from fieldwise.data.numbers import fit_numeric
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.models import build_model
from fieldwise.ranker import Ranker
from fieldwise.schema import CategoricalField, Label, NumericField, Schema

__all__ = ["draw_rows", "make_ranker", "write_log"]

NUM_NUMBERS = 13
SIZES = tuple(int(size) for size in np.geomspace(10, 350_000, 26))
"""Names of each categorical field, about a million together."""

EXPONENT = 1.05
"""Of Zipf's law, by which names are drawn."""

PART_ROWS = 2**18
"""Rows written at a time: a row group."""


@cache
def _names(field: int) -> pl.Series:
    """All names of a field, most frequent first, as eight hexadecimal digits."""
    codes = np.random.default_rng(field).permutation(2**20)[: SIZES[field]]
    return pl.Series([f"{code * 4093:08x}" for code in codes.tolist()])


@cache
def _limits(field: int) -> np.ndarray:
    mass = np.arange(1, SIZES[field] + 1) ** -EXPONENT
    return np.cumsum(mass / mass.sum())[:-1]


def draw_rows(num_rows: int, *, seed: int) -> pl.DataFrame:
    """Draw raw rows; what they say is of no interest.

    Args:
        num_rows: how many.
        seed: of the draw.

    Returns:
        Numbers, a tenth of them missing, names, and a number for each row.
    """
    random = np.random.default_rng(seed)
    columns: dict[str, pl.Series] = {"request": pl.Series(range(num_rows))}
    for field in range(NUM_NUMBERS):
        numbers = pl.Series(np.floor(random.exponential(50, num_rows)))
        is_missing = pl.Series(random.random(num_rows) < 0.1)
        columns[f"I{field}"] = numbers.set(is_missing, None)
    for field in range(len(SIZES)):
        places = np.searchsorted(_limits(field), random.random(num_rows))
        columns[f"C{field}"] = _names(field).gather(places)
    return pl.DataFrame(columns)


def write_log(path: Path, num_rows: int) -> None:
    """Write raw rows to a Parquet file.

    Args:
        path: the file.
        num_rows: how many.
    """
    writer = None
    for start in range(0, num_rows, PART_ROWS):
        part = draw_rows(min(PART_ROWS, num_rows - start), seed=start).to_arrow()
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


def make_ranker(model: str, folder: Path) -> None:
    """Save a ranker of the log that was never trained: that costs no less to call.

    Args:
        model: its name.
        folder: where to.
    """
    sample = draw_rows(10_000, seed=-1 % 2**32)
    numbers = [
        fit_numeric(
            NumericField(f"I{field}"),
            sample[f"I{field}"].fill_null(float("nan")).to_numpy(),
        )
        for field in range(NUM_NUMBERS)
    ]
    names = [
        CategoricalField(f"C{field}", num_features=size + 1, value_type="string")
        for field, size in enumerate(SIZES)
    ]
    schema = Schema((*numbers, *names), (Label("click", "binary", positive=1),))
    vocabularies = {
        f"C{field}": Vocabulary(_names(field), pl.Series([2] * size), "string")
        for field, size in enumerate(SIZES)
    }
    torch.manual_seed(0)
    calibrator = PlattCalibrator.from_dict(
        {"name": "platt", "slope": 1.1, "intercept": -0.1}
    )
    ranker = Ranker(
        Encoder(schema, vocabularies),
        build_model(model, schema),
        [calibrator],
        model_name=model,
        model_arguments={},
    )
    ranker.save(folder)
