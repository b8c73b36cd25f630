"""Single values are found where their vocabulary has them."""

import pickle
import subprocess
import sys

import polars as pl
import pytest

from fieldwise.data import value_index
from fieldwise.data.value_index import ValueIndex
from fieldwise.data.vocabulary import Vocabulary


def vocabulary(values, value_type):
    counts = pl.DataFrame(
        {"value": values, "count": range(len(values), 0, -1)},
        schema_overrides={"value": pl.UInt64} if value_type == "uint" else None,
    )
    return Vocabulary.from_counts(counts, value_type, min_count=1)


def test_by_hand():
    site = vocabulary(["a", "b", None], "string")
    hour = vocabulary([7, 8], "int")

    index = ValueIndex([site, hour], [0, 4])

    # site has rows 0 to 3, hour 4 to 6; the first of each is its unknown row
    assert index.find([0, 0, 1, 1, 1], ["b", "c", 7, 8, 9]) == [2, 0, 5, 6, 4]
    assert index.unknown_rows == [0, 4]
    assert index.missing_rows == [3, 4]


@pytest.mark.parametrize(
    ("value_type", "values"),
    [
        ("string", [str(number) for number in range(500)]),
        ("int", [*range(-50, 50), 2**63 - 1, -(2**63), 2**61 - 1, 2**61]),
        ("uint", [0, 1, 2**61 - 1, 2**63, 2**64 - 1]),
        ("float", [0.0, 0.5, -1.0, -2.0, 1e300, 5e-324]),
        ("bool", [True, False]),
    ],
)
def test_every_value_is_found(value_type, values):
    vocabularies = [vocabulary(values, value_type), vocabulary(values, value_type)]
    index = ValueIndex(vocabularies, [10, 1000])

    for place, offset in enumerate((10, 1000)):
        found = index.find([place] * len(values), values)

        assert found == [offset + 1 + number for number in range(len(values))]


def test_values_of_one_hash_are_told_apart():
    # Python's hash of -1 is that of -2, and that of 2 ** 61 - 1 is that of 0.
    values = [-1, -2, 0, 2**61 - 1]
    assert hash(-1) == hash(-2)
    assert hash(2**61 - 1) == hash(0)
    index = ValueIndex([vocabulary(values, "int")], [0])

    assert index.find([0] * 4, values) == [1, 2, 3, 4]
    assert ValueIndex([vocabulary([-1], "int")], [0]).find([0], [-2]) == [0]


def test_a_value_of_another_field_is_unknown():
    index = ValueIndex(
        [vocabulary(["a"], "string"), vocabulary(["b"], "string")], [0, 2]
    )

    assert index.find([0, 1], ["b", "a"]) == [0, 2]


def test_signed_zero():
    index = ValueIndex([vocabulary([0.0, 1.0], "float")], [0])

    assert index.find([0, 0], [0.0, -0.0]) == [1, 1]


def test_empty_vocabularies():
    empty = Vocabulary(
        pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.Int64), "string"
    )

    assert ValueIndex([empty, empty], [0, 1]).find([0, 1], ["a", "b"]) == [0, 1]
    assert ValueIndex([], []).find([], []) == []


def test_twelve_bytes_per_value(monkeypatch):
    monkeypatch.setattr(value_index, "SLICE_ROWS", 64)
    values = [f"v{number}" for number in range(1000)]

    index = ValueIndex([vocabulary(values, "string")], [0])

    assert index.nbytes == 12_000
    assert index.find([0] * 1000, values) == list(range(1, 1001))


def test_a_copy_in_another_process_has_its_own_hashes():
    # Hashes of text are seeded anew by each process.
    index = ValueIndex([vocabulary(["a", "b"], "string")], [0])
    script = (
        "import pickle, sys; index = pickle.load(sys.stdin.buffer); "
        "print(index.find([0, 0], ['b', 'c']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(index),
        capture_output=True,
        check=True,
    )

    assert done.stdout.split() == b"[2, 0]".split()
