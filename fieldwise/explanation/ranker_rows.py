"""Raw rows, encoded for the model of a ranker."""

from collections.abc import Iterator
from typing import Any

from fieldwise.batch import Batch
from fieldwise.data.columns import check_columns
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoding import encode_frame
from fieldwise.data.loader import Loader
from fieldwise.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.ranker.streaming import encoded_chunks

__all__ = ["labelled_rows", "ranker_rows"]


def ranker_rows(
    ranker: Ranker,
    data: Any,  # noqa: ANN401
    *,
    batch_size: int = 8192,
) -> Iterator[Batch]:
    """Encode raw rows as a ranker does, so that its model can be explained on them.

    Rows are read and encoded in chunks, so a file need not fit into memory.

    Examples:
        ``cross_features(ranker.model, ranker_rows(ranker, "log.parquet"),
        ranker.schema.names)`` lists the crosses of a fitted or loaded ``armnet``.

    Args:
        ranker: fitted or loaded.
        data: a frame, file, Arrow table, dict or list of dicts; encoded rows are taken
            as they are.
        batch_size: rows per batch.

    Returns:
        The batches, in row order, those of raw rows without labels.

    Raises:
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    if isinstance(data, Dataset):
        return Loader(data, batch_size=batch_size).epoch(0)
    frame = read_rows(data, ranker.schema)
    check_columns(ranker.schema, frame.collect_schema(), labelled=False)
    return (
        batch
        for chunk in encoded_chunks(ranker.encoder, frame, ())
        for batch in Loader(chunk.rows, batch_size=batch_size).epoch(0)
    )


def labelled_rows(ranker: Ranker, data: Any) -> Dataset:  # noqa: ANN401
    """Encode raw rows with their labels, as ``permute_fields`` wants them.

    Examples:
        ``permute_fields(ranker.model, labelled_rows(ranker, "test.parquet"))`` measures
        what each field is worth to a ranker.

    Args:
        ranker: fitted or loaded.
        data: a frame, file, Arrow table, dict or list of dicts, with labels. Encoded
            rows are held in memory.

    Returns:
        The rows.

    Raises:
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    frame = read_rows(data, ranker.schema).collect(engine="streaming")
    return encode_frame(ranker.encoder, frame, labelled=True)
