"""Encoded parts are found again when, and only when, all behind them is the same."""

import json
import logging
from dataclasses import MISSING, fields, replace
from typing import get_args, get_type_hints

import numpy as np
import polars as pl
import pytest

from fieldwise.data import encoded_parts
from fieldwise.data.cache import Cache
from fieldwise.data.encoded_parts import encode_parts, encoded_key
from fieldwise.data.parts import divide
from fieldwise.data.splits import RandomSplit
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.schema.field import FIELD_KINDS, NUMERIC_ENCODINGS

SCHEMA = Schema(
    (
        CategoricalField("site", min_count=1),
        NumericField("price"),
        NumericField("depth", "quantile", num_buckets=3),
        SequenceField("tags", min_count=1),
        VectorField("text"),
    ),
    labels=(Label("click"), Label("rating")),
    weight="weight",
    group="query",
)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    num_rows = 120
    return pl.DataFrame(
        {
            "site": rng.choice(["a", "b", None, "c"], num_rows).tolist(),
            "price": [None, *rng.exponential(3, num_rows - 1)],
            "depth": rng.integers(0, 9, num_rows),
            "tags": [["x", "y", "z"][: k % 4] for k in range(num_rows)],
            "text": rng.normal(size=(num_rows, 2)).tolist(),
            "weight": rng.uniform(1, 2, num_rows),
            "query": rng.integers(0, 20, num_rows),
            "click": rng.choice(["no", "yes"], num_rows).tolist(),
            "rating": rng.normal(size=num_rows),
        }
    ).lazy()


@pytest.fixture
def parts(table):
    return divide(table, RandomSplit(valid=0.2, test=0.2, seed=1))


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def encode(parts, tmp_path, cache):
    """Encode with the cache, each time as a run of its own."""

    def encode(schema=SCHEMA, **settings):
        given = {"fingerprint": "data", "cache": cache, "progress": False} | settings
        return encode_parts(parts, schema, tmp_path / "unused", **given)

    return encode


def assert_equal(found, expected):
    assert found.encoder.schema == expected.encoder.schema
    assert list(found.encoder.vocabularies) == list(expected.encoder.vocabularies)
    for name, vocabulary in expected.encoder.vocabularies.items():
        assert found.encoder.vocabularies[name].to_frame().equals(vocabulary.to_frame())
    assert json.dumps(found.unknown_shares) == json.dumps(expected.unknown_shares)
    assert found.fingerprints() == expected.fingerprints()
    assert list(found.datasets) == list(expected.datasets)
    for name, dataset in expected.datasets.items():
        other = found.datasets[name]
        assert other.schema == dataset.schema
        assert other.layout == dataset.layout
        assert len(other) == len(dataset)
        # equal to the bit: NaN stands for what is missing
        ours, theirs = (item.batch(slice(None)) for item in (other, dataset))
        for part in fields(ours):
            a, b = getattr(ours, part.name), getattr(theirs, part.name)
            assert type(a) is type(b)
            pairs = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
            for one, two in pairs:
                assert one is two is None or one.numpy().tobytes() == (
                    two.numpy().tobytes()
                )


def test_a_hit_is_what_a_miss_is_and_what_no_cache_gives(encode, caplog):
    with caplog.at_level(logging.INFO, logger="fieldwise"):
        plain = encode(cache=None)
        miss = encode()
        hit = encode()

    assert (plain.lease, miss.lease.is_new, hit.lease.is_new) == (None, True, False)
    assert_equal(miss, plain)
    assert_equal(hit, plain)
    key = hit.lease.folder.name
    said = [record.getMessage() for record in caplog.records]
    assert said.count(f"encoded rows: from the cache, {key[:12]}") == 1
    assert said.count(f"encoded rows: kept in the cache, {key[:12]}") == 1
    # without the cache, and for the miss
    assert sum(text.startswith("encoder: ") for text in said) == 2


def test_a_hit_reads_no_row(encode, parts, cache, tmp_path):
    encode()

    def refuse(frame):
        raise AssertionError

    blind = pl.LazyFrame({"x": [1]}).map_batches(refuse)
    unread = replace(parts, train=blind, valid=blind, test=blind)
    found = encode_parts(unread, SCHEMA, tmp_path, fingerprint="data", cache=cache)

    assert not found.lease.is_new
    assert list(tmp_path.iterdir()) == [cache.root]


def test_the_entry_tells_what_it_is(encode, cache):
    encode(table="clicks.parquet")

    (entry,) = cache.entries()
    assert entry.num_rows == 120
    assert entry.made_from == (
        "clicks.parquet: 5 fields, label 'click', 'rating', "
        "RandomSplit(valid=0.2, test=0.2, seed=1)"
    )


def test_without_a_fingerprint_nothing_is_kept(encode, cache, tmp_path):
    encode(fingerprint="")

    assert cache.entries() == []
    assert (tmp_path / "unused" / "train").is_dir()


def test_datasets_stay_while_they_are_used(encode, cache):
    with encode() as encoded:
        (entry,) = cache.entries()
        assert not cache.remove(entry)
        assert encoded.datasets["train"].batch(slice(0, 2)).indices.shape == (2, 2)

    assert cache.remove(entry)
    with encode(cache=None) as plain:
        assert plain.lease is None


@pytest.mark.parametrize(
    "file",
    [
        "train/rows.i32",
        "valid/dataset.json",
        "test/sequence_0.offsets.i64",
        "encoder/schema.json",
        "encoder/vocabulary/0.parquet",
        "unknown_shares.json",
        "manifest.json",
    ],
)
@pytest.mark.parametrize("way", ["truncated", "removed"])
def test_a_damaged_entry_is_encoded_again(encode, caplog, file, way):
    before = encode()
    path = before.lease.folder / file
    content = path.read_bytes()
    path.unlink()
    if way == "truncated":
        path.write_bytes(content[: len(content) // 2])

    after = encode()

    assert after.lease.is_new
    assert_equal(after, encode(cache=None))
    assert "is damaged and made again" in caplog.text


@pytest.mark.parametrize(
    "file", ["unknown_shares.json", "encoder/vocabulary/1.parquet", "test/dataset.json"]
)
def test_other_bytes_of_the_same_size_are_noticed(encode, caplog, file):
    path = encode().lease.folder / file
    path.write_bytes(bytes(path.stat().st_size))

    assert encode().lease.is_new
    assert "is damaged and made again" in caplog.text


# The key


def other_values(kind, name):
    """Values of a setting that are not its default, for any setting there will be."""
    default = next(slot.default for slot in fields(kind) if slot.name == name)
    hint = get_type_hints(kind)[name]
    known = {"encoding": NUMERIC_ENCODINGS, "kind": ("binary", "real")}
    if name in known:
        return [value for value in known[name] if value != default]
    if hint == tuple[float, ...]:
        return [(1.0, 2.0), (1.0, 3.0)]
    options = {hint, *get_args(hint)}
    values = []
    for option in options:
        values += {int: [3, 4], float: [0.5, 0.25], str: ["other"], bool: [True]}.get(
            option, []
        )
        values += [item for item in get_args(option) if isinstance(item, str)]
    return [value for value in values if default is MISSING or value != default]


SETTINGS = [
    (kind, slot.name)
    for kind in (*FIELD_KINDS.values(), Label)
    for slot in fields(kind)
]


def key_of(schema, data="data", split="split"):
    return encoded_key(schema, data=data, split=split)


def with_setting(kind, settings):
    first = CategoricalField("first")
    if kind is Label:
        return Schema((first,), labels=(Label(**{"name": "x"} | settings),))
    return Schema((first, kind(**{"name": "x"} | settings)), labels=(Label("y"),))


@pytest.mark.parametrize(
    ("kind", "name"), SETTINGS, ids=[f"{k.__name__}.{n}" for k, n in SETTINGS]
)
def test_any_setting_changes_the_key(kind, name):
    values = other_values(kind, name)
    schemas = [with_setting(kind, {name: value}) for value in values]

    keys = {key_of(schema) for schema in [with_setting(kind, {}), *schemas]}

    assert values, f"say in other_values how {kind.__name__}.{name} may differ"
    assert len(keys) == len(values) + 1


def test_any_part_of_the_schema_changes_the_key():
    a, b = CategoricalField("a"), CategoricalField("b")
    schemas = [
        Schema((a, b)),
        Schema((b, a)),
        Schema((a,)),
        Schema((a, SequenceField("b"))),
        *(Schema((a, b), (Label(name),)) for name in "xy"),
        *(Schema((a, b), (Label(x), Label(y))) for x, y in ("xy", "yx")),
        *(Schema((a, b), **{role: "x"}) for role in ("weight", "group", "time")),
    ]
    # every attribute of a schema is among those that differ above
    assert {slot.name for slot in fields(Schema)} == {
        *("fields", "labels", "weight", "group", "time")
    }

    assert len({key_of(schema) for schema in schemas}) == len(schemas)


def test_data_split_and_versions_change_the_key(monkeypatch):
    keys = {key_of(SCHEMA), key_of(SCHEMA, data="x"), key_of(SCHEMA, split="x")}
    for name in ("ENCODING_VERSION", "DATASET_FORMAT", "ENCODER_FORMAT"):
        with monkeypatch.context() as patch:
            patch.setattr(encoded_parts, name, 99)
            keys.add(key_of(SCHEMA))
    for name in ("version", "pl.__version__"):
        with monkeypatch.context() as patch:
            value = (lambda _: "99") if name == "version" else "99"
            patch.setattr(f"fieldwise.data.encoded_parts.{name}", value)
            keys.add(key_of(SCHEMA))

    assert len(keys) == 8


def test_the_key_does_not_depend_on_the_order_of_json(monkeypatch):
    plain = Schema.to_dict

    def turned(entry):
        if isinstance(entry, dict):
            return {key: turned(entry[key]) for key in reversed(entry)}
        return [turned(item) for item in entry] if isinstance(entry, list) else entry

    expected = key_of(SCHEMA)
    monkeypatch.setattr(Schema, "to_dict", lambda schema: turned(plain(schema)))

    assert key_of(SCHEMA) == expected


def test_a_changed_setting_is_encoded_anew_and_nothing_is_mixed(encode, cache):
    first = encode()
    changed = replace(SCHEMA, fields=(NumericField("price", "standard"),))

    second = encode(changed)

    assert second.lease.is_new
    assert len(cache.entries()) == 2
    assert second.encoder.schema.names == ("price",)
    assert not encode().lease.is_new
    assert_equal(encode(), first)
