"""Counts and samples of one pass, whatever the chunks."""

from collections import Counter
from contextlib import closing
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _spilled_counts, counting
from fieldwise.data.counting import (
    NumberSample,
    ValueCounter,
    make_vocabularies,
    spill_largest,
)
from fieldwise.errors import SchemaError
from fieldwise.schema import CategoricalField, SequenceField

NAN = float("nan")


def count(field, column, chunk_rows=3):
    frame = column.alias(field.name).to_frame()
    counter = ValueCounter(field, frame.schema[field.name])
    for start in range(0, len(frame), chunk_rows):
        counter.add(counter.plan(frame.slice(start, chunk_rows).lazy()).collect())
    return make_vocabularies({"x": counter})["x"]


@pytest.mark.parametrize(
    ("values", "dtype", "value_type", "kept"),
    [
        (["b", "a", "b", None], pl.String, "string", ["b", "a", None]),
        (["b", "a", "b", None], pl.Categorical, "string", ["b", "a", None]),
        (["b", "a", "b", None], pl.Enum(["b", "a"]), "string", ["b", "a", None]),
        ([2, 1, 2, None], pl.Int8, "int", [2, 1, None]),
        ([2, 1, 2, None], pl.UInt16, "uint", [2, 1, None]),
        ([2.0, 1.0, 2.0, None], pl.Float64, "int", [2, 1, None]),
        ([2.0, 1.5, 2.0, None], pl.Float64, "float", [2.0, 1.5, None]),
        ([0.2, 0.1, 0.2, None], pl.Float32, "float", [0.2, 0.1, None]),
        ([1e300, 1.0, 1e300, None], pl.Float64, "float", [1e300, 1.0, None]),
        ([NAN, 1.0, NAN, None], pl.Float64, "int", [None, 1]),
        ([float("inf"), 1.0], pl.Float64, "float", [1.0, float("inf")]),
        ([2, 1, 2, None], pl.Decimal(9, 2), "int", [2, 1, None]),
        ([Decimal("2.5"), Decimal(1)], pl.Decimal(9, 2), "float", [1.0, 2.5]),
        ([10**25, 1], pl.Decimal(38, 0), "string", ["1", str(10**25)]),
        ([10**25, 10**25 + 1], pl.Int128, "string", [str(10**25), str(10**25 + 1)]),
        ([3, 1, 3], pl.Int128, "int", [3, 1]),
        ([True, False, True, None], pl.Boolean, "bool", [True, False, None]),
        ([None, None], pl.Null, "string", [None]),
        ([NAN, None], pl.Float64, "int", [None]),
    ],
)
@pytest.mark.parametrize("chunk_rows", [1, 100])
def test_types_of_values(values, dtype, value_type, kept, chunk_rows):
    field = CategoricalField("x", min_count=1)
    vocabulary = count(field, pl.Series("x", values, dtype=dtype), chunk_rows)
    assert vocabulary.value_type == value_type
    assert vocabulary.values.to_list() == kept


def test_nan_and_null_are_one_value():
    field = CategoricalField("x", min_count=3)
    vocabulary = count(field, pl.Series([NAN, None, NAN, 0.5, 0.5]))
    assert vocabulary.values.to_list() == [None]
    assert vocabulary.counts.tolist() == [2, 3]


def test_moments_in_any_unit_are_one_value():
    stamps = pl.Series(["2024-05-01 00:00", "2024-05-01 10:30"]).str.to_datetime()
    vocabulary = count(
        CategoricalField("x", min_count=1), stamps.cast(pl.Datetime("ns"))
    )
    assert vocabulary.values.to_list() == ["2024-05-01", "2024-05-01 10:30:00"]


@pytest.mark.parametrize("merge_rows", [1, 5, 10**6])
@pytest.mark.parametrize("chunk_rows", [1, 7, 1000])
def test_counts_same_as_a_loop(monkeypatch, merge_rows, chunk_rows):
    monkeypatch.setattr(counting, "MERGE_ROWS", merge_rows)
    values = np.random.default_rng(0).geometric(0.05, 300).tolist()
    expected = Counter(values)
    vocabulary = count(
        CategoricalField("x", min_count=4), pl.Series(values), chunk_rows
    )
    kept = sorted(
        (value for value in expected if expected[value] >= 4),
        key=lambda value: (-expected[value], value),
    )
    counts = [expected[value] for value in kept]
    assert vocabulary.values.to_list() == kept
    assert vocabulary.counts.tolist() == [len(values) - sum(counts), *counts]


def test_items_of_lists_count_and_only_the_last_ones():
    lists = pl.Series([[9, 1, 2], [], None, [None, 2], [2]])
    vocabulary = count(SequenceField("x", min_count=1, max_length=2), lists)
    # Items: 1 2 | null | null | null 2 | 2
    assert vocabulary.values.to_list() == [2, None, 1]
    assert vocabulary.counts.tolist() == [0, 3, 3, 1]


@pytest.mark.parametrize("dtype", [pl.Null, pl.List(pl.Null)])
def test_lists_of_nothing(dtype):
    lists = pl.Series([None, None], dtype=dtype)
    vocabulary = count(SequenceField("x", min_count=1), lists)
    assert vocabulary.values.to_list() == [None]
    assert vocabulary.value_type == "string"


def sample(values, *, max_rows, chunk_rows):
    frame = pl.DataFrame({"x": values})
    found = NumberSample(["x"], max_rows=max_rows)
    for start in range(0, len(frame), chunk_rows):
        found.add(frame.slice(start, chunk_rows))
    return found


@pytest.mark.parametrize("chunk_rows", [1, 3, 64, 1000])
@pytest.mark.parametrize("max_rows", [1, 10, 100, 1000])
def test_sample_is_every_so_many_th_row(chunk_rows, max_rows):
    found = sample(list(range(257)), max_rows=max_rows, chunk_rows=chunk_rows)
    # The smallest power of two that leaves at most max_rows of 257 rows.
    step = next(2**k for k in range(20) if -(-257 // 2**k) <= max_rows)
    assert found.numbers("x").tolist() == list(range(0, 257, step))


def test_nulls_outside_the_sample_are_seen():
    values = [1.0, NAN, 2.0, 3.0]
    found = sample(values, max_rows=2, chunk_rows=1)
    assert found.numbers("x").tolist() == [1, 2]
    assert found.has_nulls == {"x": True}
    assert not sample([1.0, 2.0], max_rows=2, chunk_rows=1).has_nulls["x"]


def test_text_outside_the_sample_is_seen():
    with pytest.raises(SchemaError, match="'x' must hold numbers, got 'old'"):
        sample(["1", "old", "2"], max_rows=1, chunk_rows=3)


def test_samples_of_many_columns_are_smaller(monkeypatch):
    monkeypatch.setattr(counting, "SAMPLE_CELLS", 4000)
    frame = pl.DataFrame({"a": range(3000), "b": range(3000)})
    found = NumberSample(["a", "b"])
    found.add(frame)
    # 4000 cells for two columns: 2000 rows, so every second one.
    assert found.numbers("b").tolist() == list(range(0, 3000, 2))


def test_sample_of_nothing():
    assert NumberSample(["x"]).numbers("x").shape == (0,)


def reference(values, min_count, max_size):
    """Kept values and their counts, and the occurrences of all others, by a loop."""
    counts = Counter(None if value != value else value for value in values)  # noqa: PLR0124
    ordered = sorted(
        counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or 0)
    )
    kept = [pair for pair in ordered if pair[1] >= min_count][:max_size]
    return kept, len(values) - sum(count for _, count in kept)


def spilled(field, column, chunk_rows, max_bytes):
    """The vocabulary, and how many counts were ever in memory."""
    frame = column.alias(field.name).to_frame()
    counter = ValueCounter(field, frame.schema[field.name])
    with closing(counter):
        for start in range(0, len(frame), chunk_rows):
            chunk = frame.slice(start, chunk_rows).lazy()
            counter.add(counter.plan(chunk).collect())
            spill_largest([counter], max_bytes=max_bytes)
            assert counter.nbytes <= max_bytes or max_bytes == 0
        assert counter.is_spilled
        return make_vocabularies({"x": counter})["x"]


@pytest.mark.parametrize(
    "make",
    [
        lambda numbers: [
            None if n == 3 else f"a name of some length: {n}" for n in numbers
        ],
        lambda numbers: [None if n == 3 else n for n in numbers],
        lambda numbers: [None if n == 3 else NAN if n == 4 else n / 1 for n in numbers],
        lambda numbers: [None if n == 3 else NAN if n == 4 else n / 4 for n in numbers],
    ],
    ids=["text", "integers", "whole floats", "floats"],
)
@pytest.mark.parametrize(("min_count", "max_size"), [(1, None), (3, None), (2, 5)])
@pytest.mark.parametrize("max_bytes", [0, 500])
@pytest.mark.parametrize("range_rows", [40, 10**6])
def test_spilled_counts_give_the_same_vocabulary(
    monkeypatch, make, min_count, max_size, max_bytes, range_rows
):
    monkeypatch.setattr(_spilled_counts, "RANGE_ROWS", range_rows)
    monkeypatch.setattr(_spilled_counts, "PREFIX_BITS", 4)
    monkeypatch.setattr(counting, "MERGE_ROWS", 30)
    monkeypatch.setattr(counting, "SPILL_ROWS", 20)
    numbers = (np.random.default_rng(0).random(200) ** 3 * 60).astype(int).tolist()
    values = make(numbers)
    field = CategoricalField("x", min_count=min_count, max_size=max_size)
    column = pl.Series("x", values)

    found = spilled(field, column, 50, max_bytes)

    kept, rest = reference(values, min_count, max_size)
    assert found.values.to_list() == [value for value, _ in kept]
    assert found.counts.tolist() == [rest, *(count for _, count in kept)]
    in_memory = count(field, column)
    assert found.to_frame().equals(in_memory.to_frame())
    assert found.value_type == in_memory.value_type


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["b", "a", "b", None], dtype=pl.Categorical),
        pl.Series(["b", "a", "b", None], dtype=pl.Enum(["b", "a"])),
        pl.Series([10**25, 1, 10**25], dtype=pl.Int128),
        pl.Series([Decimal("2.5"), Decimal(1)], dtype=pl.Decimal(9, 2)),
        pl.Series([True, False, True, None]),
        pl.Series([None, None]),
        pl.Series([0.1, 0.2, NAN], dtype=pl.Float32),
    ],
    ids=lambda column: str(column.dtype),
)
def test_every_type_may_spill(column):
    field = CategoricalField("x", min_count=1)
    found = spilled(field, column, 2, max_bytes=0)
    in_memory = count(field, column)
    assert found.to_frame().equals(in_memory.to_frame())
    assert found.value_type == in_memory.value_type


def test_lists_may_spill():
    field = SequenceField("x", min_count=2, max_length=2)
    column = pl.Series([["a", "b", "b"], None, [], ["b", "a"], ["c"]])
    found = spilled(field, column, 2, max_bytes=0)
    # The last two items of each: b twice; null twice; b, a; c.
    assert found.values.to_list() == ["b", None]
    assert found.counts.tolist() == [2, 3, 2]


def test_the_largest_counts_spill_first():
    few, many, none = (
        ValueCounter(CategoricalField("x"), pl.Int64()) for _ in range(3)
    )
    for counter, num_values in ((few, 10), (many, 100)):
        counter.add(
            pl.DataFrame({"value": range(num_values), "count": [1] * num_values})
        )
    # 16 bytes per count.
    assert (few.nbytes, many.nbytes, none.nbytes) == (160, 1600, 0)
    with closing(few), closing(many):
        spill_largest([few, many, none], max_bytes=1760)
        assert not many.is_spilled
        spill_largest([few, many, none], max_bytes=1759)
        assert (few.is_spilled, many.is_spilled) == (False, True)
        spill_largest([few, many, none], max_bytes=100)
        assert (few.is_spilled, none.is_spilled) == (True, False)


def test_counts_do_not_keep_the_text_of_their_chunk():
    field = CategoricalField("x")
    frame = pl.DataFrame({"x": [f"{'long ' * 20}{n % 3}" for n in range(10_000)]})
    counter = ValueCounter(field, pl.String())
    counter.add(counter.plan(frame.lazy()).collect())
    assert counter.nbytes < 1000
