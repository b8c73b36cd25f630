"""A longer log from a shorter one."""

import polars as pl

from benchmarks.outrank.tables import RARE, resampled


def test_rare_names_differ_from_copy_to_copy():
    rows = pl.DataFrame(
        {
            "split": "train",
            "label": [0, 1] * 20,
            "I1": [1, None] * 20,
            "C1": [7] * 20 + list(range(100, 120)),
            "C2": [None, 3] * 20,
        }
    )

    found = resampled(rows, 400)

    assert found.columns == ["label", "I1", "C1", "C2"]
    assert len(found) == 400
    names = found["C1"].value_counts().sort("count", descending=True)
    assert names["C1"][0] == "c7"
    # Each of the rare names comes 10 times in 400 rows, as one of 10 others.
    assert names["count"][1:].max() < RARE
    assert 100 < len(names) <= 201
    assert found["C2"].unique().sort().to_list() == [None, "c3"]
    assert found.equals(resampled(rows, 400))
