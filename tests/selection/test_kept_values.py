"""Smaller vocabularies, rows and models that say what the large ones say."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from torch.nn import functional as F

from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.errors import ConfigError, ShapeError
from fieldwise.models import build_model
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)
from fieldwise.scoring import score_batches
from fieldwise.selection.kept_values import KeptValues
from fieldwise.training import Recipe, Trainer

NUM_ROWS = 400


@pytest.fixture(scope="module")
def log():
    """Names, lists of names and numbers; sites and tags have nulls."""
    random = np.random.default_rng(0)
    site = random.geometric(0.2, NUM_ROWS)
    return pl.DataFrame(
        {
            "site": [None if code == 4 else f"s{code}" for code in site],
            "user": random.integers(0, 60, NUM_ROWS),
            "depth": random.exponential(3, NUM_ROWS),
            "price": random.exponential(3, NUM_ROWS),
            "tags": [random.choice(["a", "b", "c"], k % 3).tolist() for k in site],
            "click": (random.random(NUM_ROWS) < 1 / (1 + site)).astype(int),
        }
    )


@pytest.fixture(scope="module")
def encoder(log):
    fields = (
        SequenceField("tags"),
        CategoricalField("site"),
        NumericField("price", "standard"),
        NumericField("depth", "quantile", num_buckets=4),
        CategoricalField("user"),
    )
    return Encoder.fit(log.lazy(), Schema(fields, (Label("click"),)))


@pytest.fixture
def kept(encoder):
    mask = np.random.default_rng(1).random(encoder.schema.num_features) < 0.4
    return KeptValues(encoder.schema, mask)


def loop(kept):
    """The small row of each large one, row by row."""
    rows, free = [], 0
    starts = set(kept.schema.table_offsets)
    for row, is_kept in enumerate(kept.mask.tolist()):
        if row in starts:
            unknown = free
        rows.append(free if is_kept else unknown)
        free += is_kept
    return rows


def test_rows_against_a_plain_loop(kept):
    assert kept.rows.tolist() == loop(kept)
    assert kept.rows.dtype == np.int32
    assert kept.rows.max() + 1 == kept.small_schema.num_features == kept.mask.sum()


def test_unknown_rows_and_buckets_are_always_kept(encoder):
    kept = KeptValues(encoder.schema, np.zeros(encoder.schema.num_features, dtype=bool))
    buckets = encoder.schema["depth"].num_features

    assert kept.per_field() == {
        "site": (1, encoder.schema["site"].num_features),
        "depth": (buckets, buckets),
        "user": (1, encoder.schema["user"].num_features),
        "tags": (1, encoder.schema["tags"].num_features),
    }
    assert kept.share == pytest.approx((3 + buckets) / encoder.schema.num_features)
    assert kept.part("price") == slice(0, 0)


def test_the_mask_of_the_caller_is_left_alone(encoder):
    mask = np.zeros(encoder.schema.num_features, dtype=bool)

    KeptValues(encoder.schema, mask)

    assert not mask.any()


def test_the_small_encoder_by_hand(encoder, kept):
    small = kept.encoder(encoder)

    for name, vocabulary in encoder.vocabularies.items():
        mask = kept.mask[kept.part(name)].tolist()
        counts = vocabulary.counts.tolist()
        values = [None, *vocabulary.values.to_list()]
        expected = [
            (value, count)
            for value, count, is_kept in zip(values, counts, mask, strict=True)
            if is_kept
        ][1:]
        found = small.vocabularies[name]
        assert list(zip(found.values, found.counts[1:], strict=True)) == expected
        # Nothing is lost: what was removed counts as unknown.
        assert found.counts.sum() == sum(counts)
    assert small.schema == kept.small_schema
    assert small.schema["price"] == encoder.schema["price"]


def test_rows_of_the_small_encoder_are_those_that_were_turned(log, encoder, kept):
    large = encode_frame(encoder, log, labelled=True)

    turned = kept.dataset(large)
    encoded = encode_frame(kept.encoder(encoder), log, labelled=True)

    np.testing.assert_array_equal(turned.rows, encoded.rows)
    for mine, theirs in zip(turned.sequences, encoded.sequences, strict=True):
        np.testing.assert_array_equal(mine.values, theirs.values)
        np.testing.assert_array_equal(mine.offsets, theirs.offsets)
    assert turned.schema == encoded.schema
    assert turned.fingerprint not in (large.checksum(), encoded.checksum())


def masked(batch, kept):
    """A batch of the large table in which removed values are unknown."""
    starts = np.repeat(kept.schema.table_offsets, kept.schema.table_sizes)
    rows = torch.from_numpy(np.where(kept.mask, np.arange(len(starts)), starts)).int()
    return replace(
        batch,
        indices=rows[batch.indices.long()],
        sequence_indices=rows[batch.sequence_indices.long()],
    )


@pytest.mark.parametrize("name", ["dnn", "deepfm", "dcnv2", "finalmlp", "ffm", "lr"])
def test_logits_are_those_of_the_masked_model(name, log, encoder, kept):
    torch.manual_seed(0)
    arguments = {"context_fields": ("site",)} if name == "finalmlp" else {}
    large = build_model(name, encoder.schema, **arguments).eval()
    for layer in large.modules():
        if hasattr(layer, "table"):
            torch.nn.init.normal_(layer.table)
    small = build_model(name, kept.small_schema, **arguments).eval()

    small.load_state_dict(kept.weights(large.state_dict(), small))

    raw = encode_frame(encoder, log, labelled=True).batch(slice(None))
    rows = encode_frame(kept.encoder(encoder), log, labelled=True).batch(slice(None))
    assert not torch.equal(large(raw), small(rows))
    assert torch.equal(large(masked(raw, kept)), small(rows))
    num_saved = sum(p.numel() for p in large.parameters())
    assert sum(p.numel() for p in small.parameters()) < num_saved


def test_training_the_small_model_is_training_the_masked_one(log, encoder, kept):
    torch.manual_seed(0)
    large = build_model("dnn", encoder.schema, embedding_dim=4, hidden_dims=(8,))
    small = build_model("dnn", kept.small_schema, embedding_dim=4, hidden_dims=(8,))
    small.load_state_dict(kept.weights(large.state_dict(), small))
    dataset = encode_frame(encoder, log, labelled=True)
    optimizer = torch.optim.Adam(large.parameters(), lr=0.01)
    recipe = Recipe(num_epochs=3, batch_size=NUM_ROWS, learning_rate=0.01)

    rows = kept.dataset(dataset)
    trainer = Trainer(
        replace(recipe, clip_norm=None), accelerator="cpu", progress=False
    )
    trainer.fit(small, rows)
    batch = masked(dataset.batch(slice(None)), kept)
    for _ in range(3):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(large(batch), batch.labels[:, 0]).backward()
        optimizer.step()

    scored = score_batches(small, [rows.batch(slice(None))])
    np.testing.assert_allclose(scored, large(batch).tolist(), rtol=1e-3, atol=1e-4)


def test_all_kept_is_what_there_was(log, encoder):
    kept = KeptValues(encoder.schema, np.ones(encoder.schema.num_features, dtype=bool))

    assert kept.small_schema == encoder.schema
    assert kept.share == 1.0
    rows = encode_frame(encoder, log, labelled=True)
    np.testing.assert_array_equal(kept.dataset(rows).rows, rows.rows)


def test_crosses_cannot_be_made_smaller(encoder, kept):
    arguments = {"choices": ["memorize"] * 3, "cross_sizes": [4] * 3}
    large = build_model("optinter", encoder.schema, **arguments)
    small = build_model("optinter", kept.small_schema, **arguments)

    with pytest.raises(ConfigError, match="got a layer CrossEmbedding"):
        kept.weights(large.state_dict(), small)


def test_a_mask_of_another_table(encoder):
    with pytest.raises(ShapeError, match=r"mask must have shape .* got \(3,\)"):
        KeptValues(encoder.schema, np.ones(3, dtype=bool))
