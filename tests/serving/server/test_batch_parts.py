"""Parts of a batch: the rows that were there, in their order."""

import numpy as np
import pytest

from fieldwise.serving.server.batch_parts import split_batch
from fieldwise.serving.server.columns import check_rows
from fieldwise.serving.server.scorer import Scorer


@pytest.mark.parametrize("num_parts", [1, 2, 3, 8])
def test_parts_are_the_rows(mixed_schema, random_batch, take_rows, num_parts):
    batch = random_batch(mixed_schema, 8)

    parts = split_batch(batch, num_parts)

    assert len(parts) == num_parts
    start = 0
    for part in parts:
        wanted = take_rows(batch, range(start, start + len(part)))
        for name in ("indices", "numbers", "sequence_indices", "sequence_offsets"):
            left, right = getattr(part, name).numpy(), getattr(wanted, name).numpy()
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        for left, right in zip(part.vectors, wanted.vectors, strict=True):
            np.testing.assert_array_equal(left.numpy(), right.numpy())
        start += len(part)
    assert start == 8


def test_threads_say_what_one_says(ranker, served, log):
    rows = log.drop("rating", "click").to_dicts()
    names = ("user", "price")
    context = {name: rows[0][name] for name in names}
    shared = [rule for rule in served.rules if rule.name in names]
    own = [rule for rule in served.rules if rule.name not in names]
    one = check_rows(shared, [context], max_rows=1)
    many = check_rows(own, rows, max_rows=1000)
    seen = []
    scorer = Scorer(ranker, threads=3)
    scorer.observe = lambda batch, values: seen.append((len(batch), len(values)))

    found = scorer.score_shared(one, many)

    wanted = ranker.predict([row | context for row in rows])
    np.testing.assert_allclose(found[:, 0], wanted, rtol=0, atol=1e-6)
    assert seen == [(300, 300)]
