"""Every system as an ONNX file says what its ranker says.

One field of each kind: what more fields of a kind are turned into, is tested beside.
"""

import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.models import MODELS
from fieldwise.serving.export import export_ranker
from fieldwise.serving.export.synthetic_rows import synthetic_rows
from tests.serving.export.conftest import FEW_FIELDS, drawn_ranker


@pytest.fixture(scope="module")
def few(rows):
    return Encoder.fit(rows.lazy(), FEW_FIELDS)


@pytest.mark.parametrize("name", MODELS)
def test_file_agrees_with_the_ranker(name, rows, few, tmp_path):
    ranker = drawn_ranker(name, few, num_cross_layers=2)
    parts = rows.select(few.schema.names), synthetic_rows(few, num_rows=160)
    mixed = pl.concat(parts, how="vertical_relaxed")
    shuffled = mixed.sample(fraction=1.0, shuffle=True, seed=3)

    found = export_ranker(ranker, tmp_path / "model.onnx", rows=shuffled)

    assert found.verification.num_rows == 400
    assert found.verification.max_difference <= 1e-5
    # The scores are not all the same, which would be easy to agree on.
    assert ranker.predict(shuffled).std() > 0.001
