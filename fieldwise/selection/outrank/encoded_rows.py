"""Ranking the fields of encoded training rows, beside other methods."""

from collections.abc import Iterator

import numpy as np

from fieldwise.errors import SchemaError
from fieldwise.importance import Importance
from fieldwise.schema.field import SequenceField, VectorField
from fieldwise.selection.design_matrix import one_label
from fieldwise.selection.numeric_columns import numbers_of
from fieldwise.selection.outrank.column import Column, renumber
from fieldwise.selection.outrank.importances import Importances
from fieldwise.selection.outrank.number_column import number_column
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.scorer import Block, Scorer
from fieldwise.selection.ranking_data import RankingData

__all__ = ["rank_by_outrank"]


def rank_by_outrank(
    data: RankingData,
    *,
    seed: int = 0,
    heuristic: str = "corrected",
    redundancy: bool = False,
) -> Importance:
    """Rank fields by what each of them says about the label.

    Reads training rows only, in blocks. Values that the vocabulary does not know are
    one value; numbers are taken in up to 32 buckets of equal counts.

    Args:
        data: the rows; one label, categorical and numeric fields.
        seed: of the order of the rows of a block, and of the noise.
        heuristic: the score, a name of ``HEURISTICS``.
        redundancy: order fields by what each adds to those before it; the scores are
            then places from the end.

    Returns:
        An importance of fields, the median over the blocks. The detail ``plain`` is
        the mutual information as it is, ``noise`` the score of noise with about as many
        values. Of an order the detail is ``relevance``.

    Raises:
        DataError: if there is not one label, no row has it, or it does not suit the
            heuristic.
        SchemaError: if fields are of other kinds; all are listed.
        ValueError: if there is no such heuristic.
    """
    plan = Plan(heuristic=heuristic, redundancy=redundancy, seed=seed)
    schema = data.schema
    others = [f.name for f in schema if isinstance(f, SequenceField | VectorField)]
    if others:
        message = (
            f"fields must be categorical or numeric to be ranked so, got {others}. "
            "Rank the raw table with rank_table."
        )
        raise SchemaError(message)
    scores = Scorer(plan, len(schema)).run(_blocks(data, plan))
    found = Importances(scores, plan, schema.names, data.fingerprint)
    return found.order() or found.fields({})


def _blocks(data: RankingData, plan: Plan) -> Iterator[Block]:
    dataset, schema = data.train, data.schema
    label, labels = one_label(dataset)
    numbers = numbers_of(dataset)
    labelled = np.flatnonzero(~np.isnan(labels))
    for start in range(0, len(labelled), plan.block_rows):
        rows = labelled[start : start + plan.block_rows]
        columns: dict[str, Column] = {}
        for place, field in enumerate(schema.index_fields):
            codes = dataset.rows[rows, place] - schema.table_offsets[place]
            size = schema.table_sizes[place]
            columns[field.name] = renumber(codes.astype(np.intp), size)
        for place, number in enumerate(schema.number_fields):
            columns[number.name] = number_column(numbers[rows, place], plan.numbers)
        rule = "buckets" if label.kind == "real" else "values"
        yield Block(
            columns=tuple(columns[name] for name in schema.names),
            label=number_column(labels[rows], rule),
        )
