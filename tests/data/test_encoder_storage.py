"""A saved encoder: equal after reading, equal bytes, refused when damaged."""

import json

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.encoder_storage import FORMAT_VERSION, read_encoder, write_encoder
from fieldwise.errors import DataError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

SCHEMA = Schema(
    (
        CategoricalField("../site", min_count=1),
        NumericField("price"),
        NumericField("depth", "quantile", num_buckets=3),
        CategoricalField("user", min_count=2),
        SequenceField("tags", min_count=1),
        VectorField("text"),
        CategoricalField("paid", min_count=1),
        CategoricalField("share", min_count=1),
    ),
    labels=(Label("click"), Label("rating")),
)
FILES = ["schema.json", *(f"vocabulary/{number}.parquet" for number in range(5))]


@pytest.fixture(scope="module")
def encoder():
    rng = np.random.default_rng(0)
    num_rows = 60
    table = pl.DataFrame(
        {
            "../site": rng.choice(["a", "é", "", None], num_rows).tolist(),
            "price": rng.exponential(3, num_rows),
            "depth": rng.integers(0, 9, num_rows),
            "user": 2**60 + rng.integers(0, 20, num_rows),
            "tags": [["x", "y", "z"][: k % 4] for k in range(num_rows)],
            "text": rng.normal(size=(num_rows, 2)).tolist(),
            "paid": rng.random(num_rows) < 0.5,
            "share": rng.integers(0, 4, num_rows) / 3,
            "click": rng.choice(["no", "yes"], num_rows).tolist(),
            "rating": rng.normal(size=num_rows),
        }
    )
    return Encoder.fit(table.lazy(), SCHEMA)


@pytest.fixture
def folder(encoder, tmp_path):
    write_encoder(encoder, tmp_path / "encoder")
    return tmp_path / "encoder"


def content_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_read_is_what_was_written(encoder, folder):
    found = read_encoder(folder)

    assert found.schema == encoder.schema
    assert json.dumps(found.schema.to_dict()) == json.dumps(encoder.schema.to_dict())
    assert list(found.vocabularies) == list(encoder.vocabularies)
    for name, vocabulary in encoder.vocabularies.items():
        assert found.vocabularies[name].to_frame().equals(vocabulary.to_frame())
    assert found.counts().tolist() == encoder.counts().tolist()


def test_the_folder_holds_what_the_format_says(folder):
    assert list(content_of(folder)) == FILES
    assert json.loads((folder / "schema.json").read_text("utf-8"))[
        "format_version"
    ] == (FORMAT_VERSION)


def test_equal_encoders_give_equal_bytes(encoder, folder, tmp_path):
    write_encoder(read_encoder(folder), tmp_path / "again")
    # Vocabularies in another order and another number of chunks are the same ones.
    turned = Encoder(
        encoder.schema, dict(reversed(list(read_encoder(folder).vocabularies.items())))
    )
    write_encoder(turned, tmp_path / "turned")

    assert content_of(tmp_path / "again") == content_of(folder)
    assert content_of(tmp_path / "turned") == content_of(folder)


def test_the_files_tell_nothing_of_the_time_or_machine(folder):
    for path in (folder / "vocabulary").iterdir():
        file = pq.ParquetFile(path)
        assert file.metadata.metadata is None
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_no_vocabulary(tmp_path):
    table = pl.LazyFrame({"x": [1.0, 2.0, 3.0], "click": [0, 1, 1]})
    encoder = Encoder.fit(table, Schema((NumericField("x"),), (Label("click"),)))

    write_encoder(encoder, tmp_path / "encoder")

    assert read_encoder(tmp_path / "encoder").schema == encoder.schema


@pytest.mark.parametrize("file", FILES)
def test_removed(folder, file):
    (folder / file).unlink()

    with pytest.raises(DataError, match=file):
        read_encoder(folder)


@pytest.mark.parametrize("file", FILES)
def test_truncated(folder, file):
    content = (folder / file).read_bytes()
    for place in (0, 1, len(content) // 2, len(content) - 1):
        (folder / file).write_bytes(content[:place])

        with pytest.raises(DataError, match=f"^{file} cannot be used: "):
            read_encoder(folder)


@pytest.mark.parametrize("file", FILES[1:])
def test_a_flipped_bit(folder, file):
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 3] ^= 4
    (folder / file).write_bytes(content)

    with pytest.raises(DataError, match=rf"^{file} cannot be used: .*checksum"):
        read_encoder(folder)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("format_version", FORMAT_VERSION + 1, "must be 1, got 2. Upgrade fieldwise"),
        ("format_version", None, "must be 1, got None"),
        ("schema", {}, "schema.json cannot be used"),
        ("schema", SCHEMA.to_dict(), "schema.json cannot be used: its schema must"),
        ("sha256", [], "vocabulary/0.parquet cannot be used"),
        ("sha256", 3, "schema.json cannot be used"),
    ],
)
def test_an_impossible_schema_file(folder, key, value, text):
    content = json.loads((folder / "schema.json").read_text("utf-8"))
    (folder / "schema.json").write_text(json.dumps(content | {key: value}), "utf-8")

    with pytest.raises(DataError, match=text):
        read_encoder(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_junk_instead_of_the_schema(folder, content):
    (folder / "schema.json").write_bytes(content)

    with pytest.raises(DataError, match=r"^schema\.json cannot be used: "):
        read_encoder(folder)


def test_no_encoder(tmp_path):
    with pytest.raises(DataError, match=r"must hold schema\.json"):
        read_encoder(tmp_path)
