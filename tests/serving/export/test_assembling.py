"""One model of encoder, model and calibrators."""

import json

import onnx
import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.schema import CategoricalField, Label, Schema, SequenceField
from fieldwise.serving.export.assembling import IR_VERSION
from fieldwise.serving.export.inputs import describe_fields
from fieldwise.serving.export.onnx_file import OnnxFile, write_onnx
from fieldwise.serving.export.verification import verify
from tests.serving.export.conftest import drawn_ranker


def test_model_is_standard_onnx(dcnv2_file):
    model = onnx.load(dcnv2_file)

    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == IR_VERSION <= 13
    assert {each.domain for each in model.opset_import} == {"", "ai.onnx.ml"}
    assert {node.domain for node in model.graph.node} <= {"", "ai.onnx.ml"}
    assert not model.functions


def test_inputs_and_outputs(dcnv2_file, encoder):
    model = onnx.load(dcnv2_file)

    inputs = [each.name for each in model.graph.input]
    assert inputs == [n for field in describe_fields(encoder) for n in field.names]
    assert [each.name for each in model.graph.output] == [
        *("probability.click", "probability.paid", "value.spent"),
        *("logit.click", "logit.paid", "logit.spent"),
    ]
    sizes = {each.name: each.type.tensor_type.shape.dim for each in model.graph.input}
    assert {dims[0].dim_param for dims in sizes.values()} == {
        *("batch", "history.items", "tags.items")
    }
    assert sizes["text"][1].dim_value == 3


def test_metadata_tell_them(dcnv2_file):
    model = onnx.load(dcnv2_file)

    about = {each.key: json.loads(each.value) for each in model.metadata_props}

    assert about["fieldwise.system"] == "dcnv2"
    assert about["fieldwise.small_tables"] == []
    assert [each["value"] for each in about["fieldwise.outputs"]] == [
        *("probability.click", "probability.paid", "value.spent")
    ]
    assert len(about["fieldwise.inputs"]) == 14


@pytest.mark.parametrize(
    "fields",
    [
        (
            CategoricalField("probability", min_count=1),
            CategoricalField("", min_count=1),
        ),
        (SequenceField("tags", min_count=1, max_length=2),),
    ],
)
def test_odd_names_and_sequences_alone(fields, tmp_path):
    table = pl.DataFrame(
        {
            "probability": ["a", "b", None, "a"],
            "": [1, 2, 3, None],
            "tags": [["x"], [], ["x", "y", None], None],
            "click": [0, 1, 1, 0],
        }
    )
    encoder = Encoder.fit(table.lazy(), Schema(fields, (Label("click"),)))
    ranker = drawn_ranker("lr", encoder, negative_rate=1.0)

    write_onnx(ranker, {}, tmp_path / "model.onnx")

    scorer = OnnxFile(tmp_path / "model.onnx", encoder).score
    assert verify(ranker, scorer, table).max_difference < 1e-6
