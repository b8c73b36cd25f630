"""Labels, weights and groups of encoded rows."""

import math
from datetime import date

import numpy as np
import polars as pl
import pytest

from fieldwise.data import encoding
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame, encode_to_folder
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import CategoricalField, Label, Schema

NAN = float("nan")
FIELDS = (CategoricalField("site"),)


@pytest.mark.parametrize("chunk_rows", [1, 5, 1000])
@pytest.mark.parametrize(
    "groups",
    [
        ["b", "a", "b", None, "a"],
        [3, 1, 3, None, 1],
        [2.5, 1.5, 2.5, None, 1.5],
        [True, False, True, None, False],
        [date(2024, 5, 2), date(2024, 5, 1), date(2024, 5, 2), None, date(2024, 5, 1)],
    ],
)
def test_groups_are_numbered_in_order_of_value(
    monkeypatch, tmp_path, groups, chunk_rows
):
    monkeypatch.setattr(encoding, "CHUNK_ROWS", chunk_rows)
    frame = pl.DataFrame({"site": ["x"] * 5, "query": groups})
    encoder = Encoder.fit(frame.lazy(), Schema(FIELDS, group="query"))
    found = encode_to_folder(encoder, frame.lazy(), tmp_path / "rows", labelled=True)
    assert found.groups.tolist() == [1, 0, 1, 2, 0]
    turned = encode_frame(encoder, frame.reverse(), labelled=True)
    assert turned.groups.tolist() == [0, 2, 1, 0, 1]


def test_groups_of_nan_are_one_group():
    frame = pl.DataFrame({"site": ["x"] * 4, "query": [NAN, 1.0, NAN, None]})
    encoder = Encoder.fit(frame.lazy(), Schema(FIELDS, group="query"))
    groups = encode_frame(encoder, frame, labelled=True).groups.tolist()
    assert groups == [1, 0, 1, 2]


def weighted(weights):
    frame = pl.DataFrame({"site": ["x"] * len(weights), "w": weights})
    return Encoder.fit(frame.lazy(), Schema(FIELDS, weight="w")), frame


@pytest.mark.parametrize("weight", [-0.5, NAN, None, math.inf, 1e300])
def test_weights_are_checked(weight):
    encoder, frame = weighted([1.0, 2.0, weight])
    with pytest.raises(DataError, match=r"weight 'w' must be finite .* \(1 rows\)"):
        encode_frame(encoder, frame, labelled=True)
    encode_frame(encoder, frame, labelled=False)


@pytest.mark.parametrize("weights", [[0, 2, 1], [0.0, 2.0, 1.0], ["0", "2", "1"]])
def test_weights_may_be_zero_whole_or_text(weights):
    encoder, frame = weighted(weights)
    assert encode_frame(encoder, frame, labelled=True).weights.tolist() == [0, 2, 1]


def test_text_that_is_no_weight():
    encoder, frame = weighted(["1", "heavy"])
    with pytest.raises(SchemaError, match="column 'w' must hold numbers, got 'heavy'"):
        encode_frame(encoder, frame, labelled=True)


@pytest.mark.parametrize(
    ("fitted", "encoded"),
    [
        (["no", "yes"], ["no", "yes"]),
        ([False, True], [0, 1]),
        ([False, True], ["false", "True"]),
        ([0, 1], [0.0, 1.0]),
        ([0, 1], ["0", "1"]),
        ([0.0, 1.0], [0, 1]),
        (["0", "1"], [0, 1]),
        ([-1, 1], [-1.0, 1.0]),
    ],
)
def test_binary_labels_in_another_type_than_at_fit(fitted, encoded):
    encoder = Encoder.fit(
        pl.LazyFrame({"x": ["a", "b"], "y": fitted}),
        Schema((CategoricalField("x"),), (Label("y"),)),
    )
    frame = pl.DataFrame({"x": ["a", "a", "b"], "y": [*encoded, None]})
    labels = encode_frame(encoder, frame, labelled=True).labels[:, 0]
    np.testing.assert_array_equal(labels, [0, 1, NAN])


def test_several_labels_keep_their_order_and_their_gaps():
    frame = pl.DataFrame(
        {
            "site": ["x"] * 4,
            "stars": [1.0, 5.0, None, 3.0],
            "click": [True, None, False, True],
            "buy": ["n", "y", None, "n"],
        }
    )
    schema = Schema(FIELDS, (Label("buy"), Label("stars"), Label("click")))
    encoder = Encoder.fit(frame.lazy(), schema)
    # Stars: mean 3, variance (4 + 4 + 0) / 3
    star = 2 / math.sqrt(8 / 3)
    expected = [[0, -star, 1], [1, star, NAN], [NAN, NAN, 0], [0, 0, 1]]
    labels = encode_frame(encoder, frame, labelled=True).labels
    np.testing.assert_allclose(labels, np.float32(expected), rtol=1e-6, atol=1e-7)
    batch = encode_frame(encoder, frame, labelled=True).batch(np.array([3, 0]))
    np.testing.assert_array_equal(batch.labels, labels[[3, 0]])


def test_infinite_labels_are_refused():
    frame = pl.DataFrame({"site": ["x"] * 3, "stars": [1.0, 2.0, 3.0]})
    encoder = Encoder.fit(frame.lazy(), Schema(FIELDS, (Label("stars"),)))
    broken = frame.with_columns(stars=pl.lit(math.inf))
    with pytest.raises(SchemaError, match="label 'stars' must be finite"):
        encode_frame(encoder, broken, labelled=True)
