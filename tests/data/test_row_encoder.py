"""Plain rows give the batch a frame would give, bit by bit, or are declined."""

import datetime
import decimal
import random

import numpy as np
import polars as pl
import pytest

from fieldwise.data.columns import check_columns
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_frame
from fieldwise.data.row_encoder import RowEncoder
from fieldwise.errors import FieldwiseError
from fieldwise.ranker.rows import read_rows
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

NUM_ROWS = 18
COLUMNS = {
    "text": ["a", "b", "12", "1.5", "", "true", "é", "1", None] * 2,
    "whole": [1, 2, -1, -2, 0, 12, 2**62, -(2**63), 2**63 - 1] * 2,
    "natural": pl.Series([1, 2, 0, 2**64 - 1, 2**63, None] * 3, dtype=pl.UInt64),
    "real": [0.5, -0.0, 1.0, 2.0, 1e300, 0.1, 12.0, -1.0, None] * 2,
    "gapped": [1.0, 2.0, None] * 6,
    "flag": [True, False, None] * 6,
    "day": [datetime.date(2020, 1, 1 + k % 3) for k in range(NUM_ROWS)],
    "at": [datetime.datetime(2020, 1, 1, k % 3, 0, 0, k % 2) for k in range(NUM_ROWS)],
    "standard": [float(k) for k in range(NUM_ROWS)],
    "ple": [0.1 * k for k in range(NUM_ROWS)],
    "periodic": [1.0, None, 3.0] * 6,
    "quantile": [float(k % 5) for k in range(NUM_ROWS)],
    "quantile_null": [1.0, 2.0, None] * 6,
    "log_square": [float(k * 10 % 70 - 5) for k in range(NUM_ROWS)],
    "log_square_null": [None, 3.0, 4.0] * 6,
    "tags": [["a", "b"], ["a"], [], None, ["c", "a", None], ["b"]] * 3,
    "items": [[1, 2], [-1], [], [1, -2], [2**40], [2]] * 3,
    "scores": [[1.5, 2.0], [0.5]] * 9,
    "vector": [[0.5, 1.0, 2.0]] * NUM_ROWS,
}
LISTS = ("tags", "items", "scores")
ODD = [
    *(None, 1, 0, 2, -1, -2, 12, 2**53 + 1, 2**62, -(2**63), 2**63 - 1, 2**61 - 1),
    *(2**63, 2**64 - 1, 2**64, 2**70, -(2**63) - 1),
    *(0.0, -0.0, 1.0, 1.5, -1.0, 0.1, 12.0, 1e300, -1e300, 2.0**63, 5e-324, 1e-7),
    *(float("nan"), float("inf"), float("-inf"), True, False),
    *("a", "b", "", "12", "-1", "007", "-0", "+5", " 5", "5.0", "1e3", "nan", "true"),
    *("TRUE", "1", "é", "new", "9" * 19, "1_000", "2020-01-01", "\x00", "\ud800"),
    *(b"a", datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)),
    *(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), datetime.timedelta(1)),
    *(
        decimal.Decimal(1),
        decimal.Decimal("0.5"),
        1j,
        {"a": 1},
        {1},
        [1],
        [],
        (),
        [None],
    ),
    *(np.float64(1.5), np.float32(0.1), np.int64(1), np.uint64(2**63), np.str_("a")),
    *(np.bool_(True), np.float64("nan"), np.datetime64("2020-01-01"), object()),
]
ITEMS = [
    ["a", "b", "c", None, "new"],
    [1, 2, -1, -2, 2**40, None],
    [1.5, 0.5, 2.0, None, float("nan")],
    ["1", "2", "x"],
    [True, False],
]
ENTRIES = [
    [1.5, 0.1, -1e300, float("inf"), None, 1e38, 3.5e38],
    [1, 2**53 + 1, -5, None, 2**24 + 1, 2**62],
    [1.5, 2, 0.25],
    [0.5, float("nan")],
]


@pytest.fixture(scope="module")
def encoder():
    """Every kind of field, type of value and encoding of numbers, in a mixed order."""
    named = [
        CategoricalField(name, min_count=1)
        for name in ("text", "whole", "natural", "real", "gapped", "flag", "day", "at")
    ]
    numbers = [
        NumericField(name, name.removesuffix("_null"), num_buckets=4)
        for name in COLUMNS
        if name.removesuffix("_null")
        in ("standard", "ple", "periodic", "quantile", "log_square")
    ]
    lists = [
        SequenceField(name, min_count=1, max_length=length)
        for name, length in zip(LISTS, (3, 100, 2), strict=True)
    ]
    fields = [*named, *numbers, *lists, VectorField("vector")]
    random.Random(0).shuffle(fields)
    assert sorted(field.name for field in fields) == sorted(COLUMNS)
    frame = pl.LazyFrame(COLUMNS).with_columns(label=pl.Series([0, 1] * 9))
    return Encoder.fit(frame, Schema(tuple(fields), (Label("label"),)))


@pytest.fixture(scope="module")
def plain(encoder):
    return RowEncoder(encoder)


def usual_rows():
    """Rows as people send them; integers beyond 64 bits with a sign are none."""
    names = list(COLUMNS)
    columns = [list(COLUMNS[name]) for name in names]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return [
        row
        | {"day": str(row["day"]), "at": str(row["at"])}
        | {"natural": min(row["natural"] or 0, 2**63 - 1)}
        for row in rows
    ]


def by_frame(encoder, data):
    """What the frames say: a batch and counts, or an error."""
    frame = read_rows(data, encoder.schema).collect()
    check_columns(encoder.schema, frame.schema, labelled=False)
    unknown = UnknownCounter()
    dataset = encode_frame(encoder, frame, labelled=False, unknown=unknown)
    return dataset.batch(slice(0, len(dataset))), unknown


def assert_same(found, wanted):
    batch, unknown = found
    expected, expected_unknown = wanted
    for name in ("indices", "numbers", "sequence_indices", "sequence_offsets"):
        left, right = getattr(batch, name), getattr(expected, name)
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left.numpy(), right.numpy(), err_msg=name)
    for left, right in zip(batch.vectors, expected.vectors, strict=True):
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left.numpy(), right.numpy())
    assert unknown == expected_unknown
    assert batch.labels is batch.weights is batch.groups is None


def odd_value(rng, name):
    if rng.random() < 0.3:
        return rng.choice(ODD)
    if name in LISTS:
        make, pool = rng.choice([list, tuple]), rng.choice(ITEMS)
        return make(rng.choice(pool) for _ in range(rng.randint(0, 5)))
    if name == "vector":
        make, pool = rng.choice([list, tuple, np.array]), rng.choice(ENTRIES)
        pool = [entry for entry in pool if make is not np.array or entry is not None]
        return make([rng.choice(pool) for _ in range(rng.choice([3, 3, 3, 2]))])
    draws = [
        lambda: rng.randint(-3, 20),
        lambda: float(rng.randint(-3, 20)),
        lambda: rng.gauss(0, 10),
        lambda: rng.gauss(0, 1) * 10.0 ** rng.randint(-300, 300),
        lambda: str(rng.randint(-3, 20)),
        lambda: rng.choice(["a", "b", "new", None]),
    ]
    return rng.choice(draws)()


def odd_row(rng, row):
    row = dict(row)
    for name in rng.sample(list(COLUMNS), rng.choice([0, 1, 1, 2, 4])):
        row[name] = odd_value(rng, name)
    if rng.random() < 0.05:
        del row[rng.choice(list(COLUMNS))]
    if rng.random() < 0.2:
        row["extra"] = rng.choice(ODD)
    return row


def test_usual_rows_are_never_declined(encoder, plain):
    rows = usual_rows()

    for some in (rows, *([row] for row in rows)):
        assert_same(plain.encode(some), by_frame(encoder, some))


@pytest.mark.parametrize("seed", range(6))
def test_odd_rows_are_the_frame_s_or_declined(encoder, plain, seed):
    rng = random.Random(seed)
    usual = usual_rows()
    num_same = 0
    for _ in range(250):
        rows = [
            odd_row(rng, rng.choice(usual)) for _ in range(rng.choice([1, 1, 2, 3]))
        ]
        found = plain.encode(rows)
        if found is None:
            continue
        is_one = len(rows) == 1 and rng.random() < 0.5
        assert_same(found, by_frame(encoder, rows[0] if is_one else rows))
        num_same += 1
    assert num_same > 50


@pytest.mark.parametrize("name", COLUMNS)
def test_each_odd_value_in_each_field(encoder, plain, name):
    row = usual_rows()[0]
    for value in ODD:
        found = plain.encode([row | {name: value}])
        if found is not None:
            assert_same(found, by_frame(encoder, [row | {name: value}]))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_key_is_declined(encoder, plain, name):
    row = usual_rows()[0]
    del row[name]

    assert plain.encode([row]) is None
    with pytest.raises(FieldwiseError, match=f"{name!r} is missing"):
        by_frame(encoder, row)


def test_schema_of_one_kind():
    frame = pl.LazyFrame(
        {"x": [1.0, 2.0, 4.0], "v": [[1.0], [2.0], [3.0]], "y": [0, 1, 0]}
    )
    for fields in ((NumericField("x"),), (VectorField("v"),)):
        encoder = Encoder.fit(frame, Schema(fields, (Label("y"),)))
        rows = [{"x": 3, "v": [0.5]}, {"x": None, "v": None}]

        assert_same(RowEncoder(encoder).encode(rows), by_frame(encoder, rows))
