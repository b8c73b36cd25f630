"""Rows that share values: the batch of complete rows, whatever is shared."""

import numpy as np
import pytest
import torch

from fieldwise.data.encoding import encode_frame
from fieldwise.serving.server.columns import Columns, check_rows
from fieldwise.serving.server.shared_rows import encode_shared

FIELDS = ["site", "user", "mobile", "price", "hour", "tags", "text"]


def encoded(served, columns):
    rows = encode_frame(served.ranker.encoder, columns.frame(), labelled=False)
    return rows.batch(slice(None))


@pytest.mark.parametrize(
    "shared",
    [[], FIELDS, *([name] for name in FIELDS), ["user", "hour", "tags"], FIELDS[1:]],
    ids=str,
)
def test_the_batch_is_that_of_complete_rows(served, rows, shared):
    context = {name: rows[3][name] for name in shared}
    whole = check_rows(served.rules, [row | context for row in rows], max_rows=100)
    own = {n: column for n, column in whole.values.items() if n not in shared}
    rules = [rule for rule in served.rules if rule.name not in shared]
    first = check_rows(served.rules, [rows[0] | context], max_rows=1)

    found = encode_shared(
        served.ranker.encoder, encoded(served, first), Columns(len(rows), own, rules)
    )

    wanted = encoded(served, whole)
    for name in ("indices", "numbers", "sequence_indices", "sequence_offsets"):
        left, right = getattr(found, name), getattr(wanted, name)
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left.numpy(), right.numpy())
    assert len(found.vectors) == 1
    assert torch.equal(found.vectors[0].nan_to_num(7), wanted.vectors[0].nan_to_num(7))
