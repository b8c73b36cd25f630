"""Rankers that are exported: every kind of field and of value, and drawn weights."""

import jaxtyping
import numpy as np
import onnx
import onnxruntime
import polars as pl
import pytest
import torch

from fieldwise.calibration import IsotonicCalibrator, PlattCalibrator
from fieldwise.data.encoder import Encoder
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.ranker import Ranker
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.serving.export.onnx_file import write_onnx
from tests.contracts.small_models import make_model

NUM_ROWS = 240
TABLE_STD = 0.1  # every row of a table shows in the logits, which stay moderate
FIELDS = (
    CategoricalField("site", min_count=1),
    NumericField("depth", "ple", num_buckets=4),
    CategoricalField("user", min_count=2),
    SequenceField("history", min_count=1, max_length=3),
    CategoricalField("device", min_count=1),
    NumericField("price", "quantile", num_buckets=5),
    CategoricalField("version", min_count=1),
    VectorField("text"),
    CategoricalField("is_new", min_count=1),
    NumericField("age", "standard"),
    NumericField("rank", "log_square"),
    SequenceField("tags", min_count=2, max_length=2),
    NumericField("hour", "periodic"),
    CategoricalField("day", min_count=1),
)
LABELS = (Label("click"), Label("paid"), Label("spent", kind="real"))
SCHEMA = Schema(FIELDS, labels=LABELS)
ONE_LABEL = Schema(FIELDS, labels=LABELS[:1])
USERS = [2**62 + 1, 2**62, -1, -2, 7, None]
FEW = ("site", "user", "price", "depth", "history", "text")
FEW_FIELDS = Schema(tuple(each for each in FIELDS if each.name in FEW), LABELS[:1])
WORDS = ["a", "", "\U0001f600", "é\u0301", " x", "null", "0", "a\tb", None]


def raw_rows(seed=0):
    """Names with emoji, 64-bit identifiers, dates, gaps in every column."""
    generator = np.random.default_rng(seed)

    def pick(values, size=NUM_ROWS):
        return [values[place] for place in generator.integers(0, len(values), size)]

    def lists(values):
        lengths = generator.integers(0, 6, NUM_ROWS)
        found = [pick(values, length) for length in lengths]
        return [None if len(row) == 5 else row for row in found]

    def numbers(scale):
        drawn = generator.gamma(1, scale, NUM_ROWS)
        return [None if x < 0.1 * scale else float(x) for x in drawn]

    whole = generator.integers(-5, 500, NUM_ROWS).astype(float)
    vectors = generator.normal(size=(NUM_ROWS, 3))
    return pl.DataFrame(
        {
            "site": pick(WORDS),
            "depth": numbers(2.0),
            "user": pl.Series(
                pick([2**62 + 1, 2**62, -1, -2, 7, None]), dtype=pl.Int64
            ),
            "history": pl.Series(
                lists([1, 2**53 + 1, 3, None]), dtype=pl.List(pl.Int64)
            ),
            "device": pl.Series(pick([2**64 - 1, 2**63, 1, None]), dtype=pl.UInt64),
            "price": numbers(30.0),
            "version": pick([0.1, 2.5, -0.0, 1e300, None]),
            "text": pl.Series(vectors, dtype=pl.Array(pl.Float64, 3)),
            "is_new": pick([True, True, False, None]),
            "age": whole,
            "rank": whole,
            "tags": pl.Series(lists([*WORDS[:3], None]), dtype=pl.List(pl.String)),
            "hour": numbers(5.0),
            "day": pl.Series(pick([19000, 19001, None])).cast(pl.Date),
            "click": generator.integers(0, 2, NUM_ROWS),
            "paid": generator.integers(0, 2, NUM_ROWS),
            "spent": generator.normal(40, 9, NUM_ROWS),
        }
    )


def drawn_ranker(name, encoder, *, negative_rate=0.3, **settings):
    """A ranker whose scores depend on every row of its tables."""
    model = make_model(name, encoder.schema, **settings)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, TableLayer):
                module.table.normal_(std=TABLE_STD, generator=generator)
    generator = np.random.default_rng(2)
    logits = generator.normal(size=99)
    labels = (generator.random(99) < 1 / (1 + np.exp(-logits))).astype(int)
    calibrators = [
        PlattCalibrator().fit(logits, labels),
        IsotonicCalibrator().fit(logits, labels),
        None,
    ]
    return Ranker(
        encoder,
        model,
        calibrators[: len(encoder.schema.labels)],
        model_name=name,
        model_arguments={},
        negative_rate=negative_rate,
    )


def run_graph(graph, feeds, output):
    """What onnxruntime makes of the nodes of a builder."""
    whole = onnx.helper.make_graph(
        graph.nodes,
        "test",
        [
            onnx.helper.make_tensor_value_info(
                name,
                onnx.TensorProto.STRING
                if array.dtype == object
                else onnx.helper.np_dtype_to_tensor_dtype(array.dtype),
                [None] * array.ndim,
            )
            for name, array in feeds.items()
        ],
        [onnx.ValueInfoProto(name=output)],
        graph.constants,
    )
    model = onnx.helper.make_model(
        whole,
        ir_version=10,
        opset_imports=[
            onnx.helper.make_opsetid("", 18),
            onnx.helper.make_opsetid("ai.onnx.ml", 4),
        ],
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run([output], feeds)[0]


@pytest.fixture(autouse=True)
def traceable(monkeypatch):
    """The checks of shapes in this test run would pin the number of rows."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture(scope="session")
def rows():
    return raw_rows()


@pytest.fixture(scope="session")
def encoder(rows):
    """Of three labels."""
    return Encoder.fit(rows.lazy(), SCHEMA)


@pytest.fixture(scope="session")
def dcnv2(encoder):
    return drawn_ranker("dcnv2", encoder)


@pytest.fixture(scope="session")
def dcnv2_file(dcnv2, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "model.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        write_onnx(dcnv2, {}, path)
    return path
