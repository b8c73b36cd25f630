"""What the rows of a ranker are compared with: prepared once, used for many rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import polars as pl

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.data.columns import check_columns
from fieldwise.data.encoding import encode_frame
from fieldwise.errors import DataError, SchemaError
from fieldwise.explanation.baselines import NUM_BASELINES, BaselineModel
from fieldwise.explanation.unknown_values import unknown_text
from fieldwise.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.sensitivity import Embedded

__all__ = ["Background", "drawn_rows", "embed_frame", "prepare_background", "rows_at"]

NUM_CANDIDATES = 32
"""Rows whose values a counterfactual may take."""
PLACE = "_fieldwise_row"
ROWS = 8192
"""Rows that are encoded at a time."""


@final
@dataclass(frozen=True, eq=False)
class Background:
    """A ranker's model with rows to compare with, and rows to borrow values from.

    Args:
        ranker: whose rows are explained.
        model: its model, with baselines.
        candidates: rows to borrow values from, embedded.
        values: the same rows as they were in the table.
        label: name of the label whose logit is explained.
        seed: of the draw.
    """

    ranker: Ranker
    model: BaselineModel
    candidates: Embedded
    values: pl.DataFrame
    label: str
    seed: int

    @property
    def warning(self) -> str:
        """Which fields say unknown values in the rows to compare with, if any do."""
        return unknown_text(self.ranker.schema, self.model.baselines)


def prepare_background(
    ranker: Ranker,
    data: Any,  # noqa: ANN401
    *,
    label: str | None = None,
    num_baselines: int = NUM_BASELINES,
    seed: int = 0,
) -> Background:
    """Draw the rows that a ranker's rows are compared with.

    Args:
        ranker: fitted or loaded.
        data: a frame, file, Arrow table, dict or list of dicts; best the rows it was
            fitted on, or a slice that others shall be compared with.
        label: the label whose logit is explained; None for the only one.
        num_baselines: rows to compare with.
        seed: of the draw.

    Returns:
        What ``explain`` takes as its ``background``.

    Raises:
        DataError: if there is no row.
        SchemaError: if columns are missing, or there is no such label.
        ValueError: if the number is not positive.
    """
    check_positive("num_baselines", num_baselines)
    task = _task(ranker, label)
    count = max(num_baselines, NUM_CANDIDATES)
    frame = drawn_rows(ranker, data, num_rows=count, seed=seed)
    if not len(frame):
        message = "background must hold at least one row to compare with, got none."
        raise DataError(message)
    rows = _encoded(ranker, frame)
    model = BaselineModel(ranker.model, ranker.schema, rows, task=task)
    return Background(
        ranker=ranker,
        model=model.first(num_baselines),
        candidates=model.baselines.take(slice(0, NUM_CANDIDATES)),
        values=frame.head(NUM_CANDIDATES),
        label=ranker.schema.label_names[task],
        seed=seed,
    )


def drawn_rows(
    ranker: Ranker,
    data: Any,  # noqa: ANN401
    *,
    num_rows: int,
    seed: int,
) -> pl.DataFrame:
    """Draw rows of a table that need not fit into memory, in a random order.

    Args:
        ranker: its fields are read.
        data: a frame, file, Arrow table, dict or list of dicts.
        num_rows: how many; of fewer all.
        seed: of the draw.

    Returns:
        The rows, with the fields only.

    Raises:
        SchemaError: if columns are missing.
    """
    frame = _fields_of(ranker, data)
    is_in_memory = isinstance(data, pl.DataFrame)
    total = (
        len(data)
        if is_in_memory
        else frame.select(pl.len()).collect(engine="streaming").item()
    )
    random = np.random.default_rng(seed)
    places = random.choice(total, min(num_rows, total), replace=False)
    if is_in_memory:
        # Picked, not read through: the table may have millions of rows.
        picked: pl.DataFrame = data.select(ranker.schema.names)[places]
        return picked
    chosen = pl.Series("row", np.sort(places), dtype=pl.UInt32)
    found = (
        frame.with_row_index(PLACE)
        .filter(pl.col(PLACE).is_in(chosen.implode()))
        .drop(PLACE)
        .collect(engine="streaming")
    )
    return found[np.argsort(np.argsort(places))] if len(found) else found


def rows_at(
    ranker: Ranker,
    data: Any,  # noqa: ANN401
    numbers: Sequence[int],
) -> pl.DataFrame:
    """Read some rows of a table that need not fit into memory.

    Args:
        ranker: its fields are read.
        data: a frame, file, Arrow table, dict or list of dicts.
        numbers: of the rows, the first one is 0.

    Returns:
        The rows in this order, with the fields only.

    Raises:
        DataError: if there is no such row.
        SchemaError: if columns are missing.
    """
    frame = _fields_of(ranker, data).with_row_index(PLACE)
    wanted = pl.Series("row", sorted(set(numbers)), dtype=pl.UInt32)
    found = frame.filter(pl.col(PLACE).is_in(wanted.implode())).collect(
        engine="streaming"
    )
    places = {row: place for place, row in enumerate(found[PLACE].to_list())}
    if missing := [row for row in numbers if row not in places]:
        message = f"row must be one of the table, got {missing}."
        raise DataError(message)
    return found.drop(PLACE)[[places[row] for row in numbers]]


def embed_frame(
    ranker: Ranker, model: BaselineModel, frame: pl.DataFrame
) -> Iterator[Embedded]:
    """Embed raw rows, in parts.

    Args:
        ranker: encodes them.
        model: its model.
        frame: raw rows.

    Yields:
        The rows, in order.
    """
    dataset = encode_frame(ranker.encoder, frame, labelled=False)
    for start in range(0, max(1, len(frame)), ROWS):
        yield model.embed(dataset.batch(slice(start, start + ROWS)))


def _encoded(ranker: Ranker, frame: pl.DataFrame) -> Batch:
    batch = ranker.encode_plain(frame.to_dicts())
    if batch is None:
        return encode_frame(ranker.encoder, frame, labelled=False).batch(slice(None))
    return batch


def _fields_of(ranker: Ranker, data: Any) -> pl.LazyFrame:  # noqa: ANN401
    frame = read_rows(data, ranker.schema)
    check_columns(ranker.schema, frame.collect_schema(), labelled=False)
    return frame.select(ranker.schema.names)


def _task(ranker: Ranker, label: str | None) -> int:
    names = ranker.schema.label_names
    if label is None and len(names) == 1:
        return 0
    if label not in names:
        message = f"label must be one of {list(names)}, got {label!r}."
        raise SchemaError(message)
    return names.index(label)
