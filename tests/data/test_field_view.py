"""Reduced rows are those that an encoder of the reduced schema writes."""

from itertools import combinations

import numpy as np
import pytest

from fieldwise.data import field_view
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_frame
from fieldwise.data.field_view import view_fields, view_parts
from fieldwise.errors import SchemaError
from tests.data.every_kind import SCHEMA, raw_table

NAMES = SCHEMA.names


@pytest.fixture(scope="module")
def table():
    return raw_table()


@pytest.fixture(scope="module")
def encoded(table):
    encoder = Encoder.fit(table.lazy(), SCHEMA)
    return encoder, encode_frame(encoder, table, labelled=True)


def check_same(found, expected):
    assert found.schema == expected.schema
    np.testing.assert_array_equal(found.rows, expected.rows)
    assert len(found.sequences) == len(expected.sequences)
    for one, other in zip(found.sequences, expected.sequences, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.offsets, other.offsets)


def subsets():
    """Each field alone, each left out, and some pairs and threes."""
    yield from ([name] for name in NAMES)
    yield from ([name for name in NAMES if name != left] for left in NAMES)
    some = [*combinations(NAMES, 2), *combinations(NAMES, 3)]
    yield from map(list, some[::17])


@pytest.mark.parametrize("names", list(subsets()), ids="-".join)
def test_equals_encoding_with_the_reduced_schema(table, encoded, names):
    reduced = Encoder.fit(table.lazy(), SCHEMA.select(names))
    expected = encode_frame(reduced, table, labelled=True)

    found = view_fields(encoded[1], names)

    check_same(found, expected)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.weights, expected.weights)
    np.testing.assert_array_equal(found.groups, expected.groups)


@pytest.mark.parametrize("block_rows", [7, 60, 1000])
def test_in_a_folder_as_in_memory(encoded, tmp_path, monkeypatch, block_rows):
    monkeypatch.setattr(field_view, "BLOCK_ROWS", block_rows)
    names = ["tags", "history", "price", "age", "image"]

    found = view_fields(encoded[1], names, folder=tmp_path / "rows")

    in_memory = view_fields(encoded[1], names)
    check_same(found, in_memory)
    assert found.fingerprint == in_memory.fingerprint
    check_same(Dataset.open(tmp_path / "rows"), in_memory)


def test_a_mapped_table_and_taken_rows(encoded, tmp_path):
    encoded[1].save(tmp_path / "all")
    mapped = Dataset.open(tmp_path / "all")
    rows = np.array([5, 3, 50])

    check_same(view_fields(mapped, ["tags"]), view_fields(encoded[1], ["tags"]))
    one = view_fields(mapped.take(rows), ["tags", "rank"])
    check_same(one, view_fields(mapped, ["tags", "rank"]).take(rows))


def test_rows_without_labels_and_no_rows(table, encoded):
    unlabelled = encode_frame(encoded[0], table, labelled=False)
    found = view_fields(unlabelled, ["site", "tags"])

    assert not found.labelled
    assert found.rows.shape == (60, 1)
    assert len(view_fields(unlabelled.take(np.arange(0)), ["tags"])) == 0


def test_all_fields_are_the_same_dataset(encoded):
    assert view_fields(encoded[1], NAMES[::-1]) is encoded[1]


def test_the_fingerprint_knows_the_fields(encoded):
    prints = {
        view_fields(encoded[1], names).fingerprint for names in (["site"], ["device"])
    }

    assert len(prints | {encoded[1].checksum()}) == 3


def test_unknown_fields_and_none(encoded):
    with pytest.raises(SchemaError, match=r"unknown \['city'\]"):
        view_fields(encoded[1], ["site", "city"])
    with pytest.raises(SchemaError, match="at least one field"):
        view_fields(encoded[1], [])


@pytest.mark.parametrize("in_memory", [0, 2**30])
def test_parts_and_their_encoder(table, encoded, tmp_path, monkeypatch, in_memory):
    monkeypatch.setattr(field_view, "IN_MEMORY", in_memory)
    encoder, dataset = encoded
    unknown = UnknownCounter()
    valid = encode_frame(encoder, table[:20], labelled=True, unknown=unknown)
    parts = {"train": dataset, "valid": valid}
    shares = {"train": unknown.shares(), "valid": unknown.shares()}
    names = ["device", "history", "price"]

    found = view_parts(EncodedParts(encoder, parts, shares), names, tmp_path / "view")

    expected = Encoder.fit(table.lazy(), SCHEMA.select(names))
    check_same(found.datasets["train"], encode_frame(expected, table, labelled=True))
    again = encode_frame(found.encoder, table[:20], labelled=True)
    check_same(found.datasets["valid"], again)
    np.testing.assert_array_equal(found.encoder.counts(), expected.counts())
    assert set(found.unknown_shares["valid"]) == set(names)
    assert (tmp_path / "view").exists() == (in_memory == 0)
