"""Names of a few rows: one search for categorical fields and sequences."""

import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.plain_columns import UnsureError
from fieldwise.data.plain_names import PlainNames
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import CategoricalField, NumericField, Schema, SequenceField


@pytest.fixture
def names():
    """Rows 0 to 3 are site's, 4 and 5 hour's buckets, 6 to 8 user's, 9 to 11 tags'."""

    def vocabulary(values, value_type):
        counts = pl.DataFrame({"value": values, "count": [9] * len(values)})
        return Vocabulary.from_counts(counts, value_type, min_count=1)

    fields = (
        CategoricalField("site", num_features=4, value_type="string"),
        SequenceField("tags", num_features=3, value_type="string", max_length=2),
        NumericField("hour", "quantile", edges=(), num_features=2),
        CategoricalField("user", num_features=3, value_type="int"),
    )
    vocabularies = {
        "site": vocabulary(["a", "b", None], "string"),
        "user": vocabulary([7, 8], "int"),
        "tags": vocabulary(["x", "y"], "string"),
    }
    return PlainNames(Encoder(Schema(fields), vocabularies))


def test_by_hand(names):
    rows = [
        {"site": "b", "user": 7, "tags": ["z", "x", "y"]},
        {"site": None, "user": None, "tags": []},
    ]

    found, lengths = names.find(rows)

    # site, then user, then the last two tags; no tag at all is one null, here unknown
    assert found == [2, 3, 7, 6, 10, 11, 9]
    assert lengths == [2, 1]


def test_values_in_other_forms(names):
    found, _ = names.find([{"site": 5, "user": "8", "tags": None}])
    assert found == [0, 8, 9]

    found, _ = names.find([{"site": "a", "user": 7.0, "tags": ("x",)}])
    assert found == [1, 7, 10]


@pytest.mark.parametrize(
    "change",
    [
        {"site": 0.5},
        {"site": b"a"},
        {"site": ["a"]},
        {"site": "\ud800"},
        {"user": "5.5"},
        {"user": 2**63},
        {"tags": "x"},
        {"tags": [["x"]]},
        {"tags": ["x", 1]},
        {"tags": ["\ud800"]},
    ],
    ids=repr,
)
def test_what_a_frame_must_decide(names, change):
    with pytest.raises(UnsureError):
        names.find([{"site": "a", "user": 7, "tags": ["x"]} | change])


@pytest.mark.parametrize("name", ["site", "user", "tags"])
def test_a_missing_column(names, name):
    row = {"site": "a", "user": 7, "tags": ["x"]}
    del row[name]

    with pytest.raises(UnsureError):
        names.find([row])


def test_text_that_is_not_ascii(names):
    found, _ = names.find([{"site": "é", "user": 7, "tags": ["ü"]}])

    assert found == [0, 7, 9]
