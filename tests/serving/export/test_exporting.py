"""From a ranker to a file, or to a clear no."""

import sys

import numpy as np
import polars as pl
import pytest

from fieldwise.errors import DataError, MissingExtraError, SchemaError
from fieldwise.serving.export import export_ranker
from fieldwise.serving.export.exporting import NUM_SYNTHETIC
from fieldwise.serving.export.onnx_file import OnnxFile


def test_int8_with_labels(dcnv2, rows, tmp_path):
    path = tmp_path / "small.onnx"

    found = export_ranker(dcnv2, path, rows=rows, embeddings="int8")

    assert found.path == path
    assert found.num_bytes == path.stat().st_size
    assert found.stored == ("embedding.table",)
    assert found.verification.num_rows == len(rows)
    assert found.verification.max_difference <= 1e-5
    # Rounding shows, unlike in a file of float32, and is what the file does.
    assert 1e-5 < found.rounding.max_difference < 0.1
    values, _ = OnnxFile(path, dcnv2.encoder).score(rows)
    apart = np.abs(values - dcnv2.predict(rows)) / [1, 1, dcnv2.schema.labels[2].scale]
    assert apart.max() == pytest.approx(found.rounding.max_difference, abs=1e-5)
    before, after = found.metrics
    assert before == dcnv2.evaluate(rows)
    assert after["click"]["auc"] != before["click"]["auc"]


def test_program_on_drawn_rows(dcnv2, tmp_path):
    found = export_ranker(dcnv2, tmp_path / "model.pt2")

    assert found.verification.num_rows == NUM_SYNTHETIC
    assert found.verification.max_difference <= 1e-5
    assert found.rounding is None
    assert found.metrics is None


def test_a_file_that_differs_is_not_written(dcnv2, rows, tmp_path):
    with pytest.raises(DataError, match="must agree with the ranker within 1e-12"):
        export_ranker(dcnv2, tmp_path / "model.onnx", rows=rows, tolerance=1e-12)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("model", {}, "the ending of path must be one of '.onnx', '.pt2', got ''"),
        ("m.onnx", {"embeddings": "int4"}, "embeddings must be one of"),
        (
            "m.pt2",
            {"embeddings": "int8"},
            "of a .pt2 file must be 'float32', got 'int8'",
        ),
        ("m.onnx", {"tolerance": 0}, "tolerance must be positive, got 0"),
        ("m.onnx", {"rows": []}, "rows must hold at least one row"),
        ("no/m.onnx", {}, "must be in a folder that exists"),
    ],
)
def test_wrong_arguments(dcnv2, tmp_path, name, settings, message):
    with pytest.raises(ValueError, match=message):
        export_ranker(dcnv2, tmp_path / name, **settings)


def test_rows_without_a_column(dcnv2, rows, tmp_path):
    with pytest.raises(SchemaError, match="column 'site' is missing"):
        export_ranker(dcnv2, tmp_path / "m.onnx", rows=rows.drop("site"))


def test_missing_extra(dcnv2, rows, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "fieldwise.serving.export.onnx_file")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[serve\]'"):
        export_ranker(dcnv2, tmp_path / "m.onnx", rows=pl.DataFrame(rows))
    assert list(tmp_path.iterdir()) == []
