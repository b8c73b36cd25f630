"""The search among values: what it keeps, and what is left to train."""

import numpy as np
import polars as pl
import pytest
import torch

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.errors import SchemaError
from fieldwise.metrics import auc
from fieldwise.nn.gates.value_gate import ValueGate
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.scoring import score_batches
from fieldwise.selection import RankingData
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.optfs import fit_kept_values, rank_by_optfs, search_values
from fieldwise.training import Recipe
from tests.selection.planted import planted

QUICK = Backbone(
    recipe=Recipe(learning_rate=2e-2, batch_size=128, num_epochs=4, monitor="logloss"),
    arguments={"embedding_dim": 4, "hidden_dims": (16,)},
)


def valued(seed, num_rows=6000):
    """Of ``some``, 50 frequent values tell something and 450 rare ones nothing.

    All values of ``all`` tell something, and none of ``none``.
    """
    random = np.random.default_rng(seed)
    frequent = random.random(num_rows) < 0.8
    some = np.where(
        frequent,
        random.integers(0, 50, num_rows),
        random.integers(50, 500, num_rows),
    )
    columns = [
        some,
        random.integers(0, 50, num_rows),
        random.integers(0, 500, num_rows),
    ]
    logits = np.where(frequent, random.normal(0, 2, 50)[some % 50], 0.0)
    logits += random.normal(0, 2, 50)[columns[1]]
    labels = random.random(num_rows) < 1 / (1 + np.exp(-logits))
    sizes = {"some": 500, "all": 50, "none": 500}
    schema = Schema(
        tuple(
            CategoricalField(name, num_features=size + 1, value_type="int")
            for name, size in sizes.items()
        ),
        (Label("click", "binary", positive=1),),
    )
    indices = np.column_stack(columns) + 1 + np.array(schema.table_offsets)
    bits = labels.astype(np.float32).view(np.int32)
    rows = np.column_stack([indices, bits]).astype(np.int32)
    cuts = np.split(rows, [num_rows // 2, num_rows * 3 // 4])
    return RankingData(*(Dataset(schema, np.ascontiguousarray(part)) for part in cuts))


def search(data, **settings):
    return search_values(data, backbone=QUICK, **({"num_epochs": 6} | settings))


@pytest.fixture(scope="module")
def found():
    return [search(valued(seed), penalty=1.0, seed=seed) for seed in range(3)]


def test_values_that_tell_something_are_kept(found):
    def kept(result, field, values=slice(None)):
        return result.kept.mask[result.kept.part(field)][1:][values].mean()

    frequent = np.mean([kept(result, "some", slice(0, 50)) for result in found])
    rare = np.mean([kept(result, "some", slice(50, None)) for result in found])
    others = [
        np.mean([kept(result, name) for result in found]) for name in ("all", "none")
    ]
    assert frequent > rare + 0.3
    assert others[0] > others[1] + 0.3


def test_the_importance_is_the_share_kept(found):
    result = found[0]
    counts = np.bincount(
        valued(0).train.rows[:, :3].ravel(), minlength=len(result.logits)
    )

    importance = result.importance

    for place, name in enumerate(("some", "all", "none")):
        part = result.kept.part(name)
        times, logits = counts[part], result.logits[part]
        share = sum(times[logits > 0]) / sum(times)
        assert importance.scores[place] == pytest.approx(share)
        kept = importance.details["kept"][place], importance.details["values"][place]
        assert kept == result.kept.per_field()[name]
        mean = sum(times * logits.astype(float)) / sum(times)
        assert importance.details["logit"][place] == pytest.approx(mean)
    assert importance.unit == "field"
    assert importance.names == ("some", "all", "none")
    assert importance.data_fingerprint == valued(0).fingerprint


def test_the_stronger_the_penalty_the_less_is_kept():
    data = valued(0, 2000)
    shares = [
        search(data, penalty=penalty, num_epochs=10).kept.share
        for penalty in (0.0, 0.3, 3.0, 1000.0)
    ]

    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    # Three unknown rows are left.
    assert shares[-1] < 0.1


def test_the_weights_of_an_early_epoch_come_back_bit_for_bit():
    data = valued(0, 1000)
    found = search(data, rewind_epoch=0)
    at_start = build_like(data, seed=0)

    for name, value in found.early_weights.items():
        assert torch.equal(value, at_start[name]), name
    later = search(data, rewind_epoch=2).early_weights
    assert not torch.equal(later["embedding.table"], at_start["embedding.table"])


def build_like(data, seed):
    gated, _ = QUICK.build(data.train, lambda layer: ValueGate(layer.schema), seed=seed)
    return gated.model.state_dict()


def test_the_epochs_before_the_snapshot_do_not_know_the_ones_to_come():
    """With two epochs or six, the first is the same."""
    data = valued(0, 1000)
    short, long = (search(data, num_epochs=n).early_weights for n in (2, 6))

    for name, value in short.items():
        assert torch.equal(value, long[name]), name


def test_trained_again_it_is_as_good_with_fewer_values(found):
    data, result = valued(0), found[0]
    labels = data.gate.labels[:, 0].astype(float)

    scores = []
    for start in ("rewind", "scratch"):
        model, history = fit_kept_values(
            result, data, backbone=QUICK, recipe=QUICK.recipe, start=start
        )
        rows = result.kept.dataset(data.gate)
        scores.append(auc(labels, score_batches(model, [rows.batch(slice(None))])))
        table = model.embedding.table
        assert len(table) == result.kept.mask.sum() < 0.8 * len(result.kept.mask)
        assert history.monitor == "logloss"

    # A model of nothing has 0.5.
    assert min(scores) > 0.75


def test_the_seed_decides_everything():
    data = valued(0, 1000)
    logits = [search(data, seed=seed).logits for seed in (0, 0, 1)]

    np.testing.assert_array_equal(logits[0], logits[1])
    assert not np.array_equal(logits[0], logits[2])


def test_fields_of_the_planted_table():
    ranked = rank_by_optfs(planted(num_rows=4000), backbone=QUICK, num_epochs=3)

    assert len(ranked) == 20
    assert ranked.top(20).kept == ranked.names
    assert ranked.method == "OptFS"


def test_values_have_names():
    frame = pl.DataFrame(
        {"site": ["a", "b", None, "None"] * 20, "click": [0, 1, 1, 0] * 20}
    )
    encoder = Encoder.fit(
        frame.lazy(), Schema((CategoricalField("site"),), (Label("click"),))
    )
    rows = encode_frame(encoder, frame, labelled=True)
    found = search(RankingData(rows, rows, rows), num_epochs=2)

    values = found.values_of("site", encoder)

    assert values.unit == "value"
    written = {("site", "'a'"), ("site", "'b'"), ("site", "None"), ("site", "'None'")}
    assert set(values.names) == written
    assert values.scores.tolist() == found.logits[1:].tolist()
    kept = values.above(0.0)
    assert len(kept) == found.kept.mask[1:].sum()
    with pytest.raises(SchemaError, match=r"\['site'\], got 'price'"):
        found.values_of("price", encoder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_epochs": 1, "rewind_epoch": 0}, "num_epochs must be 2 at least"),
        ({"rewind_epoch": 6}, r"rewind_epoch must be in \[0, 6\), got 6"),
        ({"penalty": -1.0}, "penalty must be zero or positive"),
        ({"last_temperature": 0.0}, "last must be positive"),
    ],
)
def test_what_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        search(valued(0, 100), **settings)
