"""Every system as an ONNX file says what its ranker says."""

import polars as pl
import pytest

from fieldwise.models import MODELS
from fieldwise.serving.export import export_ranker
from fieldwise.serving.export.synthetic_rows import synthetic_rows
from tests.serving.export.conftest import drawn_ranker


@pytest.mark.parametrize("name", MODELS)
def test_file_agrees_with_the_ranker(name, rows, encoder, tmp_path):
    ranker = drawn_ranker(name, encoder)
    drawn = synthetic_rows(encoder, num_rows=160)
    mixed = pl.concat(
        [rows.select(encoder.schema.names), drawn], how="vertical_relaxed"
    )
    shuffled = mixed.sample(fraction=1.0, shuffle=True, seed=3)

    found = export_ranker(ranker, tmp_path / "model.onnx", rows=shuffled)

    assert found.verification.num_rows == 400
    assert found.verification.max_difference <= 1e-5
