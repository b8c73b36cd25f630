"""Rows encoded by the hashes noted in counting, against rows looked up by value."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data import counting, encoding
from fieldwise.data import encoder as encoder_module
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_to_folder
from fieldwise.data.kept_hashes import KeptHashes
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import DataError
from fieldwise.schema import CategoricalField, Label, Schema, SequenceField

WORDS = [
    "a",
    "b",
    "ä",
    "",
    None,
    "a longer text than twelve bytes",
    *map(str, range(9)),
]
SCHEMA = Schema(
    (
        CategoricalField("site", min_count=3),
        CategoricalField("hour", min_count=1),
        CategoricalField("price", min_count=1),
        CategoricalField("kind", min_count=1, max_size=2),
        SequenceField("tags", min_count=1),
    ),
    (Label("click", "binary", 1),),
)


def table(num_rows=500, seed=0):
    random = np.random.default_rng(seed)

    def some(values):
        return [values[i] for i in random.integers(0, len(values), num_rows)]

    return pl.DataFrame(
        {
            "site": [*some([*WORDS, *map(str, range(9))])[:-2], "rare", "rarer"],
            "hour": some([1, 2, 3, None, 2**60]),
            "price": some([0.5, 1.0, None, float("nan")]),
            "kind": pl.Series(some(["x", "y", "z", None]), dtype=pl.Categorical),
            "tags": some([["x", "y"], [], None, ["z"]]),
            "click": some([0, 1]),
        }
    )


def encoded(frame, folder, *, hashes=None):
    encoder = Encoder.fit(frame.lazy(), SCHEMA, hashes=hashes)
    unknown = UnknownCounter()
    dataset = encode_to_folder(
        encoder,
        frame.lazy(),
        folder,
        labelled=True,
        unknown=unknown,
        hashes=hashes,
    )
    return encoder, dataset, unknown.shares()


@pytest.mark.parametrize("sizes", [(64, 64), (64, 100), (100, 64), (1000, 7)])
def test_rows_are_those_that_are_looked_up_by_value(tmp_path, monkeypatch, sizes):
    frame = table()
    _, wanted, shares = encoded(frame, tmp_path / "by value")
    monkeypatch.setattr(encoder_module, "CHUNK_ROWS", sizes[0])
    monkeypatch.setattr(encoding, "CHUNK_ROWS", sizes[1])

    with KeptHashes(tmp_path) as hashes:
        _, found, found_shares = encoded(frame, tmp_path / "by hash", hashes=hashes)

    # What 12.0 is compared by is not known before all rows are; lists are not hashed.
    assert hashes.names == ("site", "hour", "kind")
    np.testing.assert_array_equal(found.rows, wanted.rows)
    assert found_shares == shares
    assert shares["site"] > 0


def test_vocabularies_are_the_same(tmp_path):
    frame = table()
    wanted, *_ = encoded(frame, tmp_path / "by value")
    with KeptHashes(tmp_path) as hashes:
        found, *_ = encoded(frame, tmp_path / "by hash", hashes=hashes)

    for name, vocabulary in wanted.vocabularies.items():
        assert found.vocabularies[name].to_frame().equals(vocabulary.to_frame())


def test_a_column_whose_hashes_meet_is_looked_up_by_value(tmp_path, monkeypatch):
    frame = table()
    _, wanted, _ = encoded(frame, tmp_path / "by value")
    monkeypatch.setattr(
        Vocabulary, "tells_apart", lambda vocabulary, _: len(vocabulary.values) > 4
    )

    with KeptHashes(tmp_path) as hashes:
        _, found, _ = encoded(frame, tmp_path / "by hash", hashes=hashes)

    assert hashes.names == ("site", "hour")
    np.testing.assert_array_equal(found.rows, wanted.rows)


def test_a_column_that_went_to_disk_is_looked_up_by_value(tmp_path, monkeypatch):
    frame = table()
    _, wanted, _ = encoded(frame, tmp_path / "by value")
    monkeypatch.setattr(encoder_module, "MAX_COUNT_BYTES", 0)

    with KeptHashes(tmp_path) as hashes:
        _, found, _ = encoded(frame, tmp_path / "by hash", hashes=hashes)

    assert hashes.names == ()
    np.testing.assert_array_equal(found.rows, wanted.rows)


def test_a_field_that_is_the_group_is_read_again(tmp_path):
    frame = table().lazy()
    schema = Schema(SCHEMA.fields, SCHEMA.labels, group="site")

    with KeptHashes(tmp_path) as hashes:
        encoder = Encoder.fit(frame, schema, hashes=hashes)
        found, wanted = (
            encode_to_folder(
                encoder, frame, tmp_path / name, labelled=True, hashes=noted
            )
            for name, noted in (("by hash", hashes), ("by value", None))
        )

    assert hashes.names == ("hour", "kind")
    np.testing.assert_array_equal(found.rows, wanted.rows)


def test_fields_alone_need_a_column_to_count_rows(tmp_path):
    frame = table().select("hour")
    schema = Schema((CategoricalField("hour", min_count=1),))
    with KeptHashes(tmp_path) as hashes:
        encoder = Encoder.fit(frame.lazy(), schema, hashes=hashes)
        dataset = encode_to_folder(
            encoder, frame.lazy(), tmp_path / "rows", labelled=False, hashes=hashes
        )

    wanted = encoder.vocabularies["hour"].encode(frame["hour"])
    np.testing.assert_array_equal(dataset.rows[:, 0], wanted)


@pytest.mark.parametrize("num_rows", [400, 600])
def test_a_table_that_changes_is_refused(tmp_path, num_rows):
    with KeptHashes(tmp_path) as hashes:
        encoder = Encoder.fit(table().lazy(), SCHEMA, hashes=hashes)

        with pytest.raises(DataError, match="must keep its 500 rows"):
            encode_to_folder(
                encoder,
                table(num_rows).lazy(),
                tmp_path / "rows",
                labelled=True,
                hashes=hashes,
            )
    assert list(tmp_path.iterdir()) == []


def test_rare_values_that_share_the_hash_of_a_kept_one_are_noticed(monkeypatch):
    values = pl.Series(["a", "b", "rare"])
    counts = pl.DataFrame({"value": values, "count": [3, 3, 1]})
    vocabulary = Vocabulary.from_counts(counts, "string", min_count=2)
    assert vocabulary.tells_apart(values)

    hashes = values.hash()
    hashes[2] = hashes[0]
    monkeypatch.setattr(pl.Series, "hash", lambda *_: hashes)

    assert not vocabulary.tells_apart(values)


def test_hashes_with_a_seed_are_not_those_that_were_noted():
    counts = pl.DataFrame({"value": ["a", "b"], "count": [3, 3]})
    vocabulary = Vocabulary.from_counts(counts, "string", min_count=1)
    vocabulary._index.seed = 1

    assert not vocabulary.tells_apart(counts["value"])


def test_an_empty_vocabulary_knows_no_hash():
    none = pl.DataFrame(schema={"value": pl.String, "count": pl.Int64})
    vocabulary = Vocabulary.from_counts(none, "string", min_count=1)

    assert vocabulary.encode_hashes(np.arange(3, dtype=np.uint64)).tolist() == [0, 0, 0]
    assert counting.make_vocabularies({}) == {}
