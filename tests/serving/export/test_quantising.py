"""Tables in fewer bits."""

import numpy as np
import pytest
import torch

from fieldwise.data.encoder import Encoder
from fieldwise.serving.export.quantising import SmallTable, quantise
from tests.serving.export.conftest import ONE_LABEL, drawn_ranker


def test_float32_is_the_ranker_itself(dcnv2):
    found, tables = quantise(dcnv2, "float32")

    assert found is dcnv2
    assert tables == {}


def test_int8_has_a_scale_per_row(dcnv2):
    before = dcnv2.model.embedding.table.detach().clone()
    with torch.no_grad():
        dcnv2.model.embedding.table[3] = 0.0

    rounded, tables = quantise(dcnv2, "int8")

    table = dcnv2.model.embedding.table.detach().numpy().copy()
    with torch.no_grad():
        dcnv2.model.embedding.table.copy_(before)
    small = tables["embedding.table"]
    assert small.numbers.dtype == np.int8
    assert np.abs(small.numbers).max() == 127
    scales = np.abs(table).max(axis=1) / 127
    scales[3] = 1.0
    np.testing.assert_allclose(small.scales[:, 0], scales, rtol=1e-6)
    restored = rounded.model.embedding.table.detach().numpy()
    np.testing.assert_array_equal(restored, small.restored())
    # Rounded to the nearest: half a step at most.
    assert (np.abs(restored - table) <= 0.5001 * scales[:, np.newaxis]).all()
    assert not restored[3].any()


def test_float16(dcnv2):
    rounded, tables = quantise(dcnv2, "float16")

    table = dcnv2.model.embedding.table.detach().numpy()
    wanted = table.astype(np.float16).astype(np.float32)
    restored = rounded.model.embedding.table.detach().numpy()
    np.testing.assert_array_equal(restored, wanted)
    assert tables["embedding.table"].num_bytes == table.nbytes / 2
    assert tables["embedding.table"].scales is None


def test_restored_by_hand():
    small = SmallTable(
        np.array([[2, -4]], dtype=np.int8), np.array([[0.5]], dtype=np.float32)
    )

    assert small.restored().tolist() == [[1.0, -2.0]]
    assert small.num_bytes == 2 + 4


@pytest.mark.parametrize("embeddings", ["int8", "float16"])
def test_a_row_of_one_number_needs_no_scale(rows, embeddings):
    encoder = Encoder.fit(rows.lazy(), ONE_LABEL)

    _, tables = quantise(drawn_ranker("lr", encoder), embeddings)

    # One byte and four of a scale are more than the four there are.
    assert ("linear.weights.table" in tables) == (embeddings == "float16")
