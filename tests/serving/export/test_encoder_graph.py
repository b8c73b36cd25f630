"""A batch from raw values, as the encoder makes it."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.encoding import encode_frame
from fieldwise.serving.export.encoder_graph import add_encoder
from fieldwise.serving.export.feeds import feeds_of
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.inputs import describe_fields
from fieldwise.serving.export.synthetic_rows import synthetic_rows
from tests.serving.export.conftest import run_graph


@pytest.mark.parametrize("num_rows", [400, 1, 0])
def test_every_tensor_is_that_of_the_encoder(encoder, rows, num_rows):
    parts = [synthetic_rows(encoder, num_rows=160), rows.select(encoder.schema.names)]
    table = pl.concat(parts, how="vertical_relaxed").head(num_rows)
    batch = encode_frame(encoder, table, labelled=False).batch(slice(None))
    inputs = describe_fields(encoder)
    graph = GraphBuilder([name for field in inputs for name in field.names])

    found = add_encoder(graph, encoder, inputs)

    feeds = feeds_of(inputs, table)
    for name in ("indices", "sequence_indices", "sequence_offsets"):
        tensor = run_graph(graph, feeds, getattr(found, name))
        np.testing.assert_array_equal(tensor, getattr(batch, name).numpy())
    numbers = run_graph(graph, feeds, found.numbers)
    np.testing.assert_allclose(numbers, batch.numbers.numpy(), rtol=2e-7, atol=1e-12)
    for name, vector in zip(found.vectors, batch.vectors, strict=True):
        np.testing.assert_array_equal(run_graph(graph, feeds, name), vector.numpy())
