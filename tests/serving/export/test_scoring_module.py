"""Model and calibrators as one module."""

import numpy as np
import torch

from fieldwise.data.encoding import encode_frame
from fieldwise.serving.export.scoring_module import ScoringModule, example_inputs


def test_values_and_logits_are_those_of_the_ranker(dcnv2, rows):
    batch = encode_frame(dcnv2.encoder, rows, labelled=False).batch(slice(None))

    with torch.inference_mode():
        values, logits = ScoringModule(dcnv2)(
            batch.indices,
            batch.numbers,
            batch.sequence_indices,
            batch.sequence_offsets,
            batch.vectors,
        )

    wanted = dcnv2.score(rows)
    np.testing.assert_allclose(torch.stack(values, 1), wanted.values, rtol=1e-5)
    np.testing.assert_allclose(torch.stack(logits, 1), wanted.logits, atol=1e-5)
    assert values[0].dtype == torch.float64


def test_example_is_a_batch(dcnv2):
    indices, numbers, items, ends, vectors = example_inputs(dcnv2.schema, torch.int32)

    assert indices.dtype == items.dtype == ends.dtype == torch.int32
    # The unknown row of every field, in three rows; two items in each bag.
    first = list(dcnv2.schema.table_offsets)
    num_fields = len(dcnv2.schema.index_fields)
    assert indices.tolist() == [first[:num_fields]] * 3
    assert items.tolist() == [row for row in first[num_fields:] for _ in range(6)]
    assert ends.tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert numbers.shape == (3, 3)
    assert [vector.shape for vector in vectors] == [(3, 3)]
