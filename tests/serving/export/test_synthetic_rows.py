"""Drawn rows meet every part of an encoder."""

import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_frame
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.serving.export.synthetic_rows import synthetic_rows


@pytest.fixture(scope="module")
def drawn(encoder):
    return synthetic_rows(encoder, num_rows=600)


def test_every_column_has_gaps(encoder, drawn):
    assert drawn.columns == list(encoder.schema.names)
    shares = {name: drawn[name].null_count() / 600 for name in drawn.columns}
    assert all(0.05 < share < 0.5 for share in shares.values()), shares


def test_values_are_known_and_unknown(encoder, drawn):
    unknown = UnknownCounter()

    encode_frame(encoder, drawn, labelled=False, unknown=unknown)

    vocabularies = set(encoder.vocabularies) - {"is_new"}  # both booleans are known
    shares = unknown.shares()
    assert all(0.02 < shares[name] < 0.5 for name in vocabularies), shares


def test_numbers_lie_on_borders_and_beside_them(encoder, drawn):
    (edge, *_) = encoder.schema["price"].edges

    numbers = drawn["price"].drop_nulls()

    assert (numbers == edge).any()
    assert ((numbers < edge) & (numbers > edge - 1e-9)).any()
    assert (numbers > 1e6).any()


def test_some_lists_are_longer_than_what_counts(encoder, drawn):
    lengths = drawn["tags"].list.len().drop_nulls()

    assert lengths.min() == 0
    assert lengths.max() > encoder.schema["tags"].max_length


def test_a_seed_repeats(encoder, drawn):
    assert drawn.equals(synthetic_rows(encoder, num_rows=600))
    assert not drawn.equals(synthetic_rows(encoder, num_rows=600, seed=1))


def test_a_column_without_values():
    table = pl.DataFrame({"a": ["x", "y"], "b": [None, None], "click": [0, 1]})
    fields = CategoricalField("a", min_count=9), CategoricalField("b", min_count=1)
    encoder = Encoder.fit(table.lazy(), Schema(fields, (Label("click"),)))

    drawn = synthetic_rows(encoder, num_rows=20)

    assert len(drawn) == 20
    assert encode_frame(encoder, drawn, labelled=False).rows.shape == (20, 2)
