"""Vocabularies against a loop over a dictionary."""

import copy
import pickle
from collections import Counter
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from fieldwise.data.values import POLARS_TYPES, canonical
from fieldwise.data.vocabulary import UNKNOWN, Vocabulary
from fieldwise.errors import DataError

VALUES = {
    "string": ["b", "a", "ä", "", "12"],
    "int": [2**53, 2**53 + 1, -1, 0, 2**31 + 1],
    "uint": [2**63 + 5, 2**63 + 6, 0, 1, 2**64 - 1],
    "float": [0.5, 1e300, -0.25, float("inf"), 0.1],
    "bool": [True, False],
}


def counted(values, value_type, **settings):
    """A vocabulary of some training rows, as the encoder makes it."""
    column = pl.Series("value", values, dtype=POLARS_TYPES[value_type])
    counts = column.to_frame().group_by("value").agg(count=pl.len())
    return Vocabulary.from_counts(counts, value_type, **{"min_count": 1} | settings)


def reference(values, min_count, max_size=None):
    """Value -> index and counts by index, by sorting in Python."""
    counts = Counter(values)
    # Most frequent first, ties by value, a null after all others of its count.
    order = sorted(
        counts,
        key=lambda value: (
            -counts[value],
            value is None,
            "" if value is None else value,
        ),
    )
    kept = [value for value in order if counts[value] >= min_count][:max_size]
    rest = len(values) - sum(counts[value] for value in kept)
    return {value: index for index, value in enumerate(kept, start=1)}, [
        rest,
        *(counts[value] for value in kept),
    ]


def test_order_by_hand():
    # a, null and c twice each, b three times, rare once: b is first, then a before c
    # and null last among equals; "rare" is below min_count and goes to the unknown row.
    values = ["b", "c", "a", None, "b", "c", "a", None, "b", "rare"]

    vocabulary = counted(values, "string", min_count=2)

    assert vocabulary.values.to_list() == ["b", "a", "c", None]
    assert vocabulary.counts.tolist() == [1, 3, 2, 2, 2]
    assert vocabulary.num_features == 5
    assert vocabulary.unknown_count == 1
    found = vocabulary.encode(pl.Series(["c", None, "rare", "never", "b"]))
    assert found.tolist() == [3, 4, UNKNOWN, UNKNOWN, 1]
    assert found.dtype == np.int32


@pytest.mark.parametrize("value_type", VALUES)
@pytest.mark.parametrize(("min_count", "max_size"), [(1, None), (3, None), (1, 2)])
def test_same_as_a_loop(value_type, min_count, max_size):
    random = np.random.default_rng(3)
    pool = [*VALUES[value_type], None]
    values = [pool[i] for i in random.integers(0, len(pool), 40) ** 2 % len(pool)]
    index_of, counts = reference(values, min_count, max_size)

    vocabulary = counted(values, value_type, min_count=min_count, max_size=max_size)

    assert vocabulary.values.to_list() == list(index_of)
    assert vocabulary.counts.tolist() == counts
    # Rows of training and one value more, looked up one by one.
    raw = pl.Series([*values, *pool], dtype=POLARS_TYPES[value_type])
    expected = [index_of.get(value, UNKNOWN) for value in raw.to_list()]
    assert vocabulary.encode(raw).tolist() == expected


@pytest.mark.parametrize("value_type", VALUES)
def test_order_of_rows_does_not_matter(value_type):
    values = [*VALUES[value_type], None] * 2
    first = counted(values, value_type)
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(len(values))
        other = counted([values[i] for i in shuffled], value_type)
        assert other.to_frame().equals(first.to_frame())


def test_max_size_keeps_the_most_frequent_and_counts_the_rest():
    vocabulary = counted(["a"] * 3 + ["b"] * 2 + ["c", None], "string", max_size=1)
    assert vocabulary.values.to_list() == ["a"]
    assert vocabulary.counts.tolist() == [4, 3]


def test_a_null_never_seen_is_unknown():
    vocabulary = counted(["a", "a"], "string")
    assert vocabulary.encode(pl.Series([None, "a"])).tolist() == [UNKNOWN, 1]


def test_a_rare_null_is_unknown():
    vocabulary = counted(["a", "a", None], "string", min_count=2)
    assert vocabulary.encode(pl.Series([None, "a"])).tolist() == [UNKNOWN, 1]
    assert vocabulary.counts.tolist() == [1, 2]


@pytest.mark.parametrize("values", [[], ["a"], [None]])
def test_no_value_or_only_one(values):
    vocabulary = counted(values, "string")
    assert vocabulary.num_features == 1 + len(values)
    found = vocabulary.encode(pl.Series(["a", None, "b"], dtype=pl.String))
    expected = {"a": int("a" in values), None: int(None in values), "b": UNKNOWN}
    assert found.tolist() == list(expected.values())


@pytest.mark.parametrize("value_type", VALUES)
def test_no_rows(value_type):
    vocabulary = counted(VALUES[value_type], value_type)
    assert vocabulary.encode(pl.Series([], dtype=POLARS_TYPES[value_type])).shape == (
        0,
    )
    assert vocabulary.encode(pl.Series([], dtype=pl.Null)).dtype == np.int32


def test_what_cannot_be_cast_is_unknown_and_not_missing():
    vocabulary = counted([12, None], "int")
    raw = pl.Series(["12", "abc", "12.7", "", None, "12.0"])
    assert vocabulary.encode(raw).tolist() == [1, 0, 0, 0, 2, 1]
    assert vocabulary.encode(pl.Series([12.0, 12.7, float("nan"), None])).tolist() == [
        1,
        0,
        2,
        2,
    ]
    assert vocabulary.encode(pl.Series([2**63 + 5], dtype=pl.UInt64)).tolist() == [0]


@pytest.mark.parametrize(
    ("value_type", "value", "other"),
    [
        ("int", 12, 13),
        ("uint", 12, 13),
        ("string", "12", "13"),
        ("float", 12.0, 12.5),
    ],
)
def test_any_column_type_finds_its_value(value_type, value, other):
    vocabulary = counted([value, value, other, None], value_type)
    columns = [
        pl.Series([12, None], dtype=dtype)
        for dtype in (pl.Int16, pl.Int64, pl.UInt8, pl.UInt64, pl.Float32, pl.Float64)
    ]
    columns += [
        pl.Series(["12", None], dtype=pl.Categorical),
        pl.Series(["12", None], dtype=pl.Enum(["12", "7"])),
        pl.Series([Decimal("12.00"), None], dtype=pl.Decimal(6, 2)),
    ]
    null_index = vocabulary.encode(pl.Series([None])).item()
    assert null_index == 3
    for column in columns:
        assert vocabulary.encode(column).tolist() == [1, null_index], column.dtype


def test_booleans_however_they_arrive():
    vocabulary = counted([True, True, False, None], "bool")
    for raw in ([True, False], [1, 0], [1.0, 0.0], ["true", "False"], ["1", "0"]):
        assert vocabulary.encode(pl.Series(raw)).tolist() == [1, 2]
    assert vocabulary.encode(pl.Series([2, None])).tolist() == [UNKNOWN, 3]
    assert vocabulary.encode(pl.Series(["maybe", None])).tolist() == [UNKNOWN, 3]


def test_dates_as_names():
    vocabulary = counted(["2024-05-01", "2024-05-02"], "string")
    days = pl.Series([date(2024, 5, 2), date(2024, 5, 3)])
    assert vocabulary.encode(days).tolist() == [2, UNKNOWN]
    assert vocabulary.encode(days.cast(pl.Datetime("ns"))).tolist() == [2, UNKNOWN]


def test_lookup_of_many_columns_in_one_query():
    vocabulary = counted(["a", "b", "b"], "string")
    frame = pl.DataFrame({"x": ["b", "a"], "y": ["?", "b"]})
    found = frame.select(
        vocabulary.lookup(pl.col(name), dtype) for name, dtype in frame.schema.items()
    )
    assert found.rows() == [(1, UNKNOWN), (2, 1)]


def test_counts_beyond_32_bits():
    counts = pl.DataFrame(
        {"value": ["a", "b", "c"], "count": [2**32 - 1, 2**32 - 2, 1]},
        schema={"value": pl.String, "count": pl.UInt32},
    )
    vocabulary = Vocabulary.from_counts(counts, "string", min_count=2**32 - 1)
    # b and c: 2**32 - 2 + 1
    assert vocabulary.counts.tolist() == [2**32 - 1, 2**32 - 1]


@pytest.mark.parametrize("value_type", VALUES)
@pytest.mark.parametrize("with_null", [True, False])
def test_parquet_round_trip(value_type, with_null, tmp_path):
    values = VALUES[value_type] + [None] * with_null
    vocabulary = counted(values * 2 + values[:1], value_type)
    file = tmp_path / "vocabulary.parquet"

    vocabulary.to_frame().write_parquet(file)
    read = Vocabulary.from_frame(pl.read_parquet(file), value_type)

    assert read.to_frame().equals(vocabulary.to_frame())
    assert read.values.to_list() == vocabulary.values.to_list()
    assert read.counts.tolist() == vocabulary.counts.tolist()
    assert read.value_type == value_type
    raw = pl.Series([*values, None], dtype=POLARS_TYPES[value_type])
    assert read.encode(raw).tolist() == vocabulary.encode(raw).tolist()


def damaged(**columns):
    frame = counted(["a", "a", "b", None], "string").to_frame()
    return frame.with_columns(**columns)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (damaged().drop("count"), "columns value, count and index"),
        (damaged().select("index", "value", "count"), "columns value, count and index"),
        (damaged().head(0), "and 0 rows"),
        (damaged().tail(2), "run from 0 without gaps"),
        (damaged().reverse(), "run from 0 without gaps"),
        (damaged(index=pl.lit(None, pl.Int32)), "run from 0 without gaps"),
        (damaged(index=pl.col("index").cast(pl.Int64)), "run from 0 without gaps"),
        (damaged(count=pl.lit(None, pl.Int64)), "whole numbers"),
        (damaged(count=pl.col("count") + 0.5), "whole numbers"),
        (damaged(count=pl.col("count") - 2), "zero or positive"),
        (damaged(value=pl.lit("a")), "unknown row"),
        (damaged(value=pl.col("value").replace("b", "a")), "must differ"),
        (damaged(value=pl.col("index").cast(pl.Int64)), "unknown row"),
        (damaged(value=pl.lit(None, pl.Int64)), "must be string, got Int64"),
    ],
)
def test_damaged_frames_are_refused(frame, message):
    with pytest.raises(DataError, match=message):
        Vocabulary.from_frame(frame, "string")


def test_values_must_have_the_type():
    with pytest.raises(DataError, match="values must be int, got String"):
        Vocabulary(pl.Series(["a"]), pl.Series([1]), "int")
    with pytest.raises(DataError, match="one count each"):
        Vocabulary(pl.Series(["a"]), pl.Series([1, 2]), "string")
    with pytest.raises(DataError, match="zero or positive"):
        Vocabulary(pl.Series(["a"]), pl.Series([1]), "string", unknown_count=-1)


def test_occurrences_left_out_of_the_counts_are_unknown():
    counts = pl.DataFrame({"value": ["a", "b"], "count": [3, 1]})
    vocabulary = Vocabulary.from_counts(counts, "string", min_count=2, dropped=5)
    # 1 of b, and 5 that were never in the table.
    assert vocabulary.counts.tolist() == [6, 3]


def test_a_copy_finds_the_same():
    counts = pl.DataFrame({"value": ["a", None, "b"], "count": [3, 2, 1]})
    vocabulary = Vocabulary.from_counts(counts, "string", min_count=1)
    raw = pl.Series(["b", "new", None, "a"])
    expected = vocabulary.encode(raw).tolist()
    assert expected == [3, UNKNOWN, 2, 1]
    for copied in (pickle.loads(pickle.dumps(vocabulary)), copy.deepcopy(vocabulary)):
        assert "_index" not in vars(copied)
        assert copied.encode(raw).tolist() == expected


@pytest.mark.parametrize("value_type", list(POLARS_TYPES))
def test_encode_and_lookup_agree(value_type):
    texts = ["0", "1", "2", "true", "false", "x", None, "1.5"]
    values = pl.Series(texts)
    raw = pl.Series("raw", [*texts, "never", "1.0", ""])
    kept = values.to_frame("v").select(
        canonical(pl.col("v"), pl.String(), value_type).alias("v")
    )
    counts = kept.group_by(value="v").agg(count=pl.len())
    vocabulary = Vocabulary.from_counts(counts, value_type, min_count=1)
    for column in (raw, raw.cast(pl.Float64, strict=False), raw.cast(pl.Categorical)):
        looked_up = column.to_frame().select(
            vocabulary.lookup(pl.col("raw"), column.dtype)
        )
        assert vocabulary.encode(column).tolist() == looked_up.to_series().to_list()
