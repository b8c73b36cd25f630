"""One door to the explanation of a ranker's rows."""

from typing import Any

import polars as pl

from fieldwise.data.columns import check_columns
from fieldwise.errors import DataError
from fieldwise.explanation.background import Background, embed_frame, prepare_background
from fieldwise.explanation.explanation import Explanation
from fieldwise.explanation.integrated_gradients import integrated_gradients
from fieldwise.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.sensitivity import Embedded

__all__ = ["explain"]


def explain(
    ranker: Ranker,
    rows: Any,  # noqa: ANN401
    *,
    background: Any = None,  # noqa: ANN401
    label: str | None = None,
    seed: int = 0,
) -> Explanation:
    """Explain what a ranker says of some rows, field by field.

    Each row is compared with the same few rows, drawn from the background. What each
    field adds to the logit is found by integrated gradients, in any system; with the
    mean logit of those rows it adds up to the logit of the row. Pairs, counterfactuals
    and a check of faithfulness are there for the asking.

    Examples:
        ``fw.explain(ranker, "new.parquet", background="log.parquet")`` prints what
        matters over all rows; ``.row_text(3)`` tells why of one.

    Args:
        ranker: fitted or loaded.
        rows: a frame, file, Arrow table, dict or list of dicts; held in memory.
        background: rows to compare with, in any of these forms, best those the ranker
            was fitted on; or what ``prepare_background`` made of them, which makes
            single rows cheap. None draws them from the rows themselves.
        label: the label whose logit is explained, where there are several.
        seed: of the draw.

    Returns:
        The explanation.

    Raises:
        DataError: if a single row shall be compared with itself, or a prepared
            background is another ranker's.
        SchemaError: if columns are missing, or there is no such label.
    """
    batch = ranker.encode_plain(rows)
    values = _values(ranker, rows, is_plain=batch is not None)
    ready = _background(ranker, values, background, label, seed)
    if batch is None:
        parts = list(embed_frame(ranker, ready.model, values))
    else:
        parts = [ready.model.embed(batch)]
    return Explanation(
        contributions=integrated_gradients(ready.model, parts, seed=ready.seed),
        values=values,
        background=ready,
        rows=Embedded.join(parts),
    )


def _values(ranker: Ranker, rows: Any, *, is_plain: bool) -> pl.DataFrame:  # noqa: ANN401
    frame = read_rows(rows, ranker.schema)
    if is_plain:  # and known to hold all columns
        return frame.select(ranker.schema.names).collect()
    check_columns(ranker.schema, frame.collect_schema(), labelled=False)
    return frame.select(ranker.schema.names).collect(engine="streaming")


def _background(
    ranker: Ranker,
    values: pl.DataFrame,
    background: Any,  # noqa: ANN401
    label: str | None,
    seed: int,
) -> Background:
    if isinstance(background, Background):
        if background.ranker is not ranker:
            message = "background must be prepared for this ranker, got another one's."
            raise DataError(message)
        return background
    if background is None:
        if len(values) == 1:
            message = (
                "background must be given to explain a single row: pass the rows it "
                "shall be compared with, such as the training table."
            )
            raise DataError(message)
        background = values
    return prepare_background(ranker, background, label=label, seed=seed)
