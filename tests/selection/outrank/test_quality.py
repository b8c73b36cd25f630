import polars as pl
import pytest

from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.selection.outrank.quality import Quality
from fieldwise.selection.outrank.raw_columns import RawColumns

TABLE = pl.DataFrame(
    {
        "site": ["a", "b", "a", "c", None, "", "a", "b"],
        "twin": ["a", "b", "a", "c", None, "", "a", "b"],
        "same": [7] * 8,
        "none": pl.Series([None] * 8, dtype=pl.String),
        "gaps": ["x", None] * 4,
        "click": [0, 1] * 4,
    }
)
SCHEMA = Schema((CategoricalField("site"),), labels=(Label("click", "binary"),))


@pytest.fixture(params=[1, 3, 8])
def report(request):
    """The same report for any size of chunks."""
    columns = RawColumns(TABLE.lazy(), SCHEMA)
    quality = Quality(columns)
    for chunk in TABLE.iter_slices(request.param):
        quality.add(chunk, columns.look(chunk))
    return quality.report([])


def test_columns_are_counted(report):
    site = report["site"]

    assert report.num_rows == 8
    assert site.coverage == 6 / 8
    # a, b, c, and the empty text; c and the empty text were seen once.
    assert (site.num_values, site.is_exact) == (4, True)
    assert site.rare_share == 2 / 4
    assert site.repeated == (2, 0, 0, 0, 0, 0)
    assert (report["none"].coverage, report["none"].num_values) == (0.0, 0)


def test_constants_and_copies_are_found(report):
    found = {(finding.kind, finding.columns) for finding in report.findings}

    assert found == {
        ("constant", ("same",)),
        ("constant", ("none",)),
        ("copy", ("site", "twin")),
    }
