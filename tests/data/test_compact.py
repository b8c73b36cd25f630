"""Copies of small pieces: equal, and small."""

import polars as pl
import pytest

from fieldwise.data._compact import compact


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["a", None, "a text that is too long to stand in its row"]),
        pl.Series([None, None], dtype=pl.String),
        pl.Series([b"a", None]),
        pl.Series([["a"], None, [], ["text longer than twelve bytes", None]]),
        pl.Series([[1, 2], None]),
        pl.Series([1, None]),
        pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
        pl.Series(["a", "b"], dtype=pl.Categorical),
        pl.Series([[1.0, 2.0]], dtype=pl.Array(pl.Float64, 2)),
        pl.Series([], dtype=pl.String),
    ],
)
def test_the_same_rows(column):
    frame = column.alias("x").to_frame()
    assert compact(frame).equals(frame)
    assert compact(frame).schema == frame.schema


def test_a_few_rows_do_not_keep_all_text():
    text = pl.DataFrame({"x": [f"{i:>100}" for i in range(10_000)]}).rechunk()

    def buffers(frame):
        arrow = frame["x"].to_arrow(compat_level=pl.CompatLevel.newest())
        return sum(buffer.size for buffer in arrow.buffers() if buffer is not None)

    few = text.filter(pl.int_range(pl.len()) % 1000 == 0)
    assert buffers(few) > 500_000
    # Ten texts of a hundred bytes, and what Arrow adds.
    assert buffers(compact(few)) < 5_000
