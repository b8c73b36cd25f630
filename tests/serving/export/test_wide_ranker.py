"""A ranker in 64 bits."""

import numpy as np
import torch

from fieldwise.serving.export.wide_ranker import in_double, with_model


def test_scores_are_almost_those_of_32_bits(dcnv2, rows):
    wide = in_double(dcnv2)

    found, wanted = wide.score(rows), dcnv2.score(rows)

    np.testing.assert_allclose(found.logits, wanted.logits, atol=1e-4)
    assert (found.logits != wanted.logits).any()
    # More digits than 32 bits have.
    assert (found.logits != found.logits.astype(np.float32)).any()
    assert dcnv2.model.embedding.table.dtype == torch.float32


def test_all_but_the_model_stays(dcnv2):
    model = torch.nn.Identity()

    found = with_model(dcnv2, model)

    assert found.model is model
    assert found.encoder is dcnv2.encoder
    assert found.calibrators == dcnv2.calibrators
    assert found.negative_rate == dcnv2.negative_rate
