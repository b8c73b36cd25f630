"""Encoder, model and calibrators in one ONNX model."""

from collections.abc import Mapping, Sequence
from typing import Any

import onnx
from onnx import TensorProto, helper

from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.encoder_graph import Encoded, add_encoder
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.inputs import (
    FieldInput,
    describe,
    describe_fields,
    new_name,
)
from fieldwise.serving.export.model_graph import OPSET

__all__ = ["IR_VERSION", "assemble"]

IR_VERSION = 10
"""Of the file; onnxruntime reads it since 1.19."""
ML_OPSET = 4
"""Of ``ai.onnx.ml``, the first whose look-ups take tensors of any type."""

_TYPES = {
    "string": TensorProto.STRING,
    "int64": TensorProto.INT64,
    "uint64": TensorProto.UINT64,
    "double": TensorProto.DOUBLE,
    "float": TensorProto.FLOAT,
}


def assemble(
    ranker: Ranker, scoring: onnx.GraphProto, details: Mapping[str, Any]
) -> onnx.ModelProto:
    """Put everything a ranker does into one model.

    Args:
        ranker: fitted.
        scoring: what ``model_graph`` made of it; it is changed.
        details: more facts for the metadata.

    Returns:
        The model: raw values in, probabilities (or values) and logits out.
    """
    inputs = describe_fields(ranker.encoder)
    taken = {name for field in inputs for name in field.names}
    values, logits = _output_names(ranker, taken)
    graph = GraphBuilder(sorted(taken))
    _connect(scoring, add_encoder(graph, ranker.encoder, inputs), [*values, *logits])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["batch"])
        for name in (*values, *logits)
    ]
    whole = helper.make_graph(
        nodes=[*graph.nodes, *scoring.node],
        name="ranker",
        inputs=[info for field in inputs for info in _value_infos(field)],
        outputs=outputs,
        doc_string=f"fieldwise ranker, system {ranker.model_name}",
    )
    whole.initializer.extend(graph.constants)
    whole.initializer.extend(scoring.initializer)
    model = helper.make_model(
        whole,
        producer_name="fieldwise",
        ir_version=IR_VERSION,
        opset_imports=[
            helper.make_opsetid("", OPSET),
            helper.make_opsetid("ai.onnx.ml", ML_OPSET),
        ],
    )
    about = describe(
        inputs, ranker.schema, values=values, logits=logits, details=details
    )
    helper.set_model_props(model, about)
    return model


def _output_names(ranker: Ranker, taken: set[str]) -> tuple[list[str], list[str]]:
    labels = ranker.schema.labels
    words = ["value" if label.kind == "real" else "probability" for label in labels]
    ends = [f".{label.name}" if len(labels) > 1 else "" for label in labels]
    values = [
        new_name(word + end, taken) for word, end in zip(words, ends, strict=True)
    ]
    return values, [new_name(f"logit{end}", taken) for end in ends]


def _value_infos(field: FieldInput) -> list[onnx.ValueInfoProto]:
    """Types and shapes; the items of two sequences are not as many."""
    first = f"{field.input}.items" if field.lengths else "batch"
    shape: list[str | int] = [first] if field.width is None else [first, field.width]
    infos = [helper.make_tensor_value_info(field.input, _TYPES[field.type], shape)]
    if field.is_null:
        infos.append(
            helper.make_tensor_value_info(field.is_null, TensorProto.BOOL, [first])
        )
    if field.lengths:
        infos.append(
            helper.make_tensor_value_info(field.lengths, TensorProto.INT64, ["batch"])
        )
    return infos


def _connect(
    scoring: onnx.GraphProto, encoded: Encoded, outputs: Sequence[str]
) -> None:
    """Let the model read what the encoder gives, and give the outputs their names."""
    sources = (*encoded[:-1], *encoded.vectors)
    names = {
        info.name: source
        for info, source in zip(scoring.input, sources, strict=True)
        if source
    }
    names |= {
        info.name: output for info, output in zip(scoring.output, outputs, strict=True)
    }
    for node in scoring.node:
        for ends in (node.input, node.output):
            for place, name in enumerate(ends):
                ends[place] = names.get(name, name)
