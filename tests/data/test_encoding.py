"""Encoded rows against a loop, and in memory against streamed to a folder."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from fieldwise.data import chunks, encoding
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_frame, encode_to_folder
from fieldwise.data.numbers import bucket, standardise
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

NAN = float("nan")
NUM_ROWS = 60
SCHEMA = Schema(
    (
        NumericField("pay", encoding="ple"),
        CategoricalField("site", min_count=2),
        SequenceField("tags", min_count=2, max_length=2),
        NumericField("age", encoding="log_square"),
        VectorField("text"),
        CategoricalField("hour", min_count=2),
        SequenceField("seen", min_count=1),
        NumericField("size", encoding="quantile", num_buckets=4),
        NumericField("height", encoding="standard"),
    ),
    (Label("click"), Label("money", "real"), Label("bought", "binary", "yes")),
    weight="weight",
    group="query",
)


def some(random, values, num_rows=NUM_ROWS):
    return [values[i] for i in random.integers(0, len(values), num_rows)]


def table(seed=0, num_rows=NUM_ROWS):
    random = np.random.default_rng(seed)

    def lists(values):
        lengths = some(random, [None, 0, 1, 2, 5], num_rows)
        return [None if n is None else some(random, values, n) for n in lengths]

    columns = {
        "site": some(
            random, ["a", "b", "c", "ä", "", None, *map(str, range(20))], num_rows
        ),
        "hour": some(random, [1, 2, 3, None, 2**53, 2**53 + 1], num_rows),
        "age": some(random, [-2, 0, 1, 2, 3, 5, 9, 70, None], num_rows),
        "size": random.normal(size=num_rows).tolist(),
        "pay": some(random, [0.0, 0.5, 3.0, 1e6, NAN, None], num_rows),
        "height": random.normal(size=num_rows).tolist(),
        "tags": lists(["x", "y", "z", None, "rare"]),
        "seen": lists([1, 2, 3, None]),
        "text": some(random, [[1.0, 2.0], [0.5, None], None], num_rows),
        "click": some(random, [0, 1, None], num_rows),
        "money": some(random, [1.5, 2.5, 9.0, None], num_rows),
        "bought": some(random, ["yes", "no", None], num_rows),
        "weight": random.random(num_rows).tolist(),
        "query": some(random, ["q2", "q1", "q3", None], num_rows),
        "extra": [object() for _ in range(num_rows)],
    }
    lists_of = {"tags": pl.List(pl.String), "seen": pl.List(pl.Int64)}
    return pl.DataFrame(
        columns, schema_overrides=lists_of | {"text": pl.List(pl.Float64)}
    )


FRAME = table()
PLAIN = FRAME.drop("extra")
ENCODER = Encoder.fit(PLAIN.lazy(), SCHEMA)


def same(left, right):
    """Whether two datasets are equal bit by bit."""
    rows = np.arange(len(left))
    assert len(left) == len(right)
    assert left.layout == right.layout
    mine, theirs = left.batch(rows), right.batch(rows)
    for name in ("indices", "sequence_indices", "sequence_offsets", "groups"):
        one, two = getattr(mine, name), getattr(theirs, name)
        assert (one is None) == (two is None)
        assert one is None or one.equal(two)
    for name in ("numbers", "labels", "weights"):
        one, two = getattr(mine, name), getattr(theirs, name)
        assert (one is None) == (two is None)
        assert one is None or one.numpy().tobytes() == two.numpy().tobytes()
    for one, two in zip(mine.vectors, theirs.vectors, strict=True):
        assert one.numpy().tobytes() == two.numpy().tobytes()
    return True


def index_of(name, value):
    """Index of a value by looking through the vocabulary."""
    values = ENCODER.vocabularies[name].values.to_list()
    return 1 + values.index(value) if value in values else 0


def reference(frame):
    """Every part of the encoded rows, value by value."""
    schema = ENCODER.schema
    offset = dict(
        zip(
            ["site", "age", "hour", "size", "tags", "seen"],
            schema.table_offsets,
            strict=True,
        )
    )
    groups = [*sorted({q for q in frame["query"] if q is not None}), None]
    found = {name: [] for name in ("indices", "numbers", "tags", "seen", "labels")}
    found |= {"vectors": [], "groups": []}
    for row in frame.to_dicts():
        number = {
            name: np.array([NAN if row[name] is None else row[name]], dtype=float)
            for name in ("age", "size", "pay", "height")
        }
        found["indices"].append(
            [
                offset["site"] + index_of("site", row["site"]),
                offset["age"] + int(bucket(schema["age"], number["age"])[0]),
                offset["hour"] + index_of("hour", row["hour"]),
                offset["size"] + int(bucket(schema["size"], number["size"])[0]),
            ]
        )
        found["numbers"].append(
            [float(standardise(schema[n], number[n])[0]) for n in ("pay", "height")]
        )
        for name, last in (("tags", 2), ("seen", 100)):
            items = (row[name] or [None])[-last:]
            found[name].append([offset[name] + index_of(name, item) for item in items])
        found["vectors"].append(
            [NAN if x is None else x for x in row["text"] or [None, None]]
        )
        money = schema.labels[1]
        found["labels"].append(
            [
                NAN if row["click"] is None else row["click"],
                NAN
                if row["money"] is None
                else (row["money"] - money.center) / money.scale,
                NAN if row["bought"] is None else float(row["bought"] == "yes"),
            ]
        )
        found["groups"].append(groups.index(row["query"]))
    return found


@pytest.mark.parametrize("seed", [0, 1])
def test_same_as_a_loop(seed):
    frame = table(seed)
    expected = reference(frame.drop("extra"))

    dataset = encode_frame(ENCODER, frame, labelled=True)
    batch = dataset.batch(np.arange(NUM_ROWS))

    assert batch.indices.tolist() == expected["indices"]
    np.testing.assert_allclose(batch.numbers, expected["numbers"], rtol=1e-6)
    np.testing.assert_array_equal(batch.vectors[0], np.float32(expected["vectors"]))
    np.testing.assert_allclose(batch.labels, expected["labels"], rtol=1e-6)
    np.testing.assert_array_equal(batch.weights, np.float32(frame["weight"]))
    assert batch.groups.tolist() == expected["groups"]
    for ragged, name in zip(dataset.sequences, ("tags", "seen"), strict=True):
        bounds = ragged.offsets.tolist()
        rows = [ragged.values[a:b].tolist() for a, b in pairwise(bounds)]
        assert rows == expected[name]


@pytest.mark.parametrize("seed", range(3))
def test_ragged_rows_in_any_order(seed):
    dataset = encode_frame(ENCODER, FRAME, labelled=False)
    expected = reference(PLAIN)
    rows = np.random.default_rng(seed).integers(0, NUM_ROWS, 30)
    for ragged, name in zip(dataset.sequences, ("tags", "seen"), strict=True):
        items, lengths = ragged.take(rows)
        wanted = [expected[name][row] for row in rows]
        assert items.tolist() == [item for row in wanted for item in row]
        assert lengths.tolist() == [len(row) for row in wanted]


@pytest.mark.parametrize("chunk_rows", [1, 7, NUM_ROWS - 1, NUM_ROWS, 1000])
@pytest.mark.parametrize("labelled", [True, False])
def test_chunks_do_not_matter(monkeypatch, tmp_path, chunk_rows, labelled):
    in_memory = encode_frame(ENCODER, FRAME, labelled=labelled)
    monkeypatch.setattr(encoding, "CHUNK_ROWS", chunk_rows)
    found = encode_to_folder(
        ENCODER, PLAIN.lazy(), tmp_path / "rows", labelled=labelled, fingerprint="abc"
    )
    assert same(found, in_memory)
    assert found.fingerprint == "abc"
    assert same(Dataset.open(tmp_path / "rows"), in_memory)


@pytest.mark.parametrize("chunk_rows", [7, 1000])
def test_parquet_and_csv_files_are_encoded_lazily(monkeypatch, tmp_path, chunk_rows):
    monkeypatch.setattr(encoding, "CHUNK_ROWS", chunk_rows)
    PLAIN.write_parquet(tmp_path / "rows.parquet", row_group_size=13)
    flat = PLAIN.drop("tags", "seen", "text")
    flat.write_csv(tmp_path / "rows.csv")

    parquet = pl.scan_parquet(tmp_path / "rows.parquet")
    found = encode_to_folder(ENCODER, parquet, tmp_path / "a", labelled=True)
    assert same(found, encode_frame(ENCODER, PLAIN, labelled=True))

    names = [name for name in SCHEMA.names if name in flat.columns]
    encoder = Encoder.fit(flat.lazy(), SCHEMA.select(names))
    csv = pl.scan_csv(tmp_path / "rows.csv")
    found = encode_to_folder(encoder, csv, tmp_path / "b", labelled=True)
    assert same(found, encode_frame(encoder, flat, labelled=True))


def test_rows_for_prediction_need_no_roles():
    roles = ["click", "money", "bought", "weight", "query"]
    found = encode_frame(ENCODER, FRAME.drop(roles), labelled=False)
    batch = found.batch(np.arange(NUM_ROWS))
    assert (batch.labels, batch.weights, batch.groups) == (None, None, None)
    labelled = encode_frame(ENCODER, FRAME, labelled=True).batch(np.arange(NUM_ROWS))
    assert batch.indices.equal(labelled.indices)


def test_no_rows(tmp_path):
    for labelled in (True, False):
        found = encode_frame(ENCODER, FRAME.head(0), labelled=labelled)
        folder = tmp_path / f"rows{labelled}"
        streamed = encode_to_folder(
            ENCODER, PLAIN.head(0).lazy(), folder, labelled=labelled
        )
        assert len(found) == len(streamed) == 0
        assert same(found, streamed)


def test_columns_of_nulls_and_of_other_types():
    frame = PLAIN.with_columns(
        pl.lit(None).alias(name)
        for name in ("site", "hour", "age", "pay", "tags", "text")
    )
    batch = encode_frame(ENCODER, frame, labelled=False).batch(np.arange(NUM_ROWS))
    assert batch.vectors[0].isnan().all()
    assert batch.numbers[:, 0].isnan().all()
    offsets = ENCODER.schema.table_offsets
    for position, name in ((0, "site"), (2, "hour")):
        expected = offsets[position] + index_of(name, None)
        assert (batch.indices[:, position] == expected).all()
    assert (
        batch.indices[:, 1] == offsets[1] + ENCODER.schema["age"].num_features - 1
    ).all()

    text = FRAME.with_columns(pl.col("hour", "age", "pay").cast(pl.String))
    assert same(
        encode_frame(ENCODER, text, labelled=True),
        encode_frame(ENCODER, FRAME, labelled=True),
    )


def test_columns_may_stand_in_any_order():
    turned = FRAME.select(FRAME.columns[::-1])
    assert same(
        encode_frame(ENCODER, turned, labelled=True),
        encode_frame(ENCODER, FRAME, labelled=True),
    )


def test_a_slice_of_a_table():
    part = encode_frame(ENCODER, FRAME.slice(11, 20), labelled=False)
    copied = FRAME.slice(11, 20).clone().rechunk()
    assert same(part, encode_frame(ENCODER, copied, labelled=False))
    joined = pl.concat([FRAME.slice(11, 3), FRAME.slice(14, 17)], rechunk=False)
    assert same(part, encode_frame(ENCODER, joined, labelled=False))


def test_unknown_shares(monkeypatch, tmp_path):
    frame = pl.DataFrame(
        {
            "site": ["a", "a", "b", "b", None],
            "age": [1, 1, 2, 2, 5],
            "tags": [["x"], ["x", "x"], [], ["y"], None],
        }
    )
    schema = Schema(
        (
            CategoricalField("site"),
            NumericField("age", encoding="log_square"),
            SequenceField("tags"),
        )
    )
    encoder = Encoder.fit(frame.lazy(), schema)
    monkeypatch.setattr(encoding, "CHUNK_ROWS", 2)
    unknown, progress = UnknownCounter(), []

    encode_to_folder(
        encoder,
        frame.lazy(),
        tmp_path / "rows",
        labelled=False,
        unknown=unknown,
        progress=progress.append,
    )

    # One null site, one code of 5, one "y" among six items.
    assert unknown.shares() == {"site": 1 / 5, "age": 1 / 5, "tags": 1 / 6}
    assert progress == [2, 2, 1]
    whole = UnknownCounter()
    encode_frame(encoder, frame, labelled=False, unknown=whole)
    assert whole == unknown


def test_unknown_shares_of_nothing():
    unknown = UnknownCounter()
    encode_frame(ENCODER, FRAME.head(0), labelled=False, unknown=unknown)
    assert unknown.shares() == dict.fromkeys(unknown.num_values, 0)
    assert len(unknown.num_values) == 6


def test_missing_columns_are_listed_together(tmp_path):
    frame = FRAME.drop("site", "click").rename({"age": "ages"})
    wanted = (
        r"'site' is missing.*'age' is missing \(did you mean 'ages'\?\)"
        r".*'click' is missing"
    )
    with pytest.raises(SchemaError, match=wanted):
        encode_frame(ENCODER, frame, labelled=True)
    with pytest.raises(SchemaError, match=wanted):
        encode_to_folder(
            ENCODER, frame.drop("extra").lazy(), tmp_path / "rows", labelled=True
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    with pytest.raises(DataError, match="folder must not exist yet"):
        encode_to_folder(ENCODER, PLAIN.lazy(), folder, labelled=True)
    assert list(folder.iterdir()) == []


def broken_late():
    """A table whose last row cannot be encoded."""
    text = [[1.0, 2.0]] * (NUM_ROWS - 1) + [[1.0]]
    return PLAIN.with_columns(text=pl.Series(text))


def test_an_interrupted_encoding_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(encoding, "CHUNK_ROWS", 7)
    folder = tmp_path / "deep" / "rows"
    finished = []
    with pytest.raises(SchemaError, match="column 'text' must hold lists of length 2"):
        encode_to_folder(
            ENCODER,
            broken_late().lazy(),
            folder,
            labelled=True,
            progress=finished.append,
        )
    assert len(finished) == 8
    assert list(folder.parent.iterdir()) == []

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_to_folder(ENCODER, PLAIN.lazy(), folder, labelled=True, progress=stop)
    assert list(folder.parent.iterdir()) == []

    encode_to_folder(ENCODER, PLAIN.lazy(), folder, labelled=True)
    assert [path.name for path in folder.parent.iterdir()] == ["rows"]


def test_wide_rows_are_read_in_smaller_chunks(monkeypatch, tmp_path):
    monkeypatch.setattr(chunks, "CHUNK_CELLS", 10 * 13)
    seen, rows = [], tmp_path / "rows"
    encode_to_folder(ENCODER, PLAIN.lazy(), rows, labelled=True, progress=seen.append)
    # 4 indices, 2 numbers, 2 of a vector, 3 labels, weight and group: 13 per row.
    assert seen == [10] * 6
