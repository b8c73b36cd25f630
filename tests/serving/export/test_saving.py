"""Models on disk, in one file or two."""

import numpy as np
import onnx
import pytest

from fieldwise.errors import DataError
from fieldwise.serving.export import saving
from fieldwise.serving.export.files import companion
from fieldwise.serving.export.onnx_file import OnnxFile
from fieldwise.serving.export.saving import write_model


def test_a_large_model_has_a_companion(
    dcnv2_file, encoder, rows, tmp_path, monkeypatch
):
    monkeypatch.setattr(saving, "ONE_FILE_BYTES", 30_000)
    path = tmp_path / "large.onnx"

    write_model(onnx.load(dcnv2_file), path)

    assert companion(path).stat().st_size > 10_000
    assert path.stat().st_size < dcnv2_file.stat().st_size
    large, small = OnnxFile(path, encoder), OnnxFile(dcnv2_file, encoder)
    for found, wanted in zip(large.score(rows), small.score(rows), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_small_model_has_none(dcnv2_file, tmp_path):
    write_model(onnx.load(dcnv2_file), tmp_path / "small.onnx")

    assert [each.name for each in tmp_path.iterdir()] == ["small.onnx"]


def test_vocabularies_that_are_too_large(dcnv2_file, tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "ONE_FILE_BYTES", 100)

    with pytest.raises(DataError, match=r"at most 100 bytes together .* got \d+"):
        write_model(onnx.load(dcnv2_file), tmp_path / "large.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_none_is_refused(dcnv2_file, tmp_path):
    model = onnx.load(dcnv2_file)
    model.graph.node[-1].op_type = "Nonsense"

    with pytest.raises(onnx.checker.ValidationError, match="Nonsense"):
        write_model(model, tmp_path / "model.onnx")
