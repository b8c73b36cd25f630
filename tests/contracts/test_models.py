"""What every model promises; each entry of ``MODELS`` runs through all of it."""

from dataclasses import replace

import jaxtyping
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from sklearn.metrics import roc_auc_score

from fieldwise.batch import Batch
from fieldwise.errors import SchemaError
from fieldwise.models import MODELS, build_model, model_arguments
from fieldwise.schema import CategoricalField, Label, Schema

EMBEDDING_DIM = 4
HIDDEN_DIMS = (8, 6)
NUM_CROSS_LAYERS = 3
"""The default of the paper's model, spelled out for the formulas below."""

ADDITIVE = {"lr"}
"""Models that cannot learn what only a pair of fields tells."""

MEMORISING = {"dnn", "deepfm", "dcnv2"}
"""Models large enough to learn any small table by heart."""


def make_model(name, schema, *, seed=0, **wanted):
    """A small model; settings a model does not have are left out."""
    torch.manual_seed(seed)
    settings = {"embedding_dim": EMBEDDING_DIM, "hidden_dims": HIDDEN_DIMS, **wanted}
    known = model_arguments(name)
    return build_model(
        name, schema, **{k: v for k, v in settings.items() if k in known}
    )


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def model(name, mixed_schema):
    return make_model(name, mixed_schema).eval()


# One row does not know the others.


@pytest.mark.parametrize("num_rows", [0, 1, 8])
def test_one_logit_per_row(model, mixed_schema, random_batch, num_rows):
    logits = model(random_batch(mixed_schema, num_rows))

    assert logits.shape == (num_rows,)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


@pytest.mark.parametrize("num_rows", [0, 1, 8])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_one_logit_per_row_in_training(
    name, mixed_schema, random_batch, num_rows, batch_norm
):
    model = make_model(name, mixed_schema, batch_norm=batch_norm, dropout=0.5).train()

    logits = model(random_batch(mixed_schema, num_rows))

    assert logits.shape == (num_rows,)
    assert logits.isfinite().all()


def test_order_of_rows_is_the_order_of_logits(model, mixed_batch, take_rows):
    order = [3, 0, 7, 1, 6, 2, 5, 4]

    shuffled = model(take_rows(mixed_batch, order))

    torch.testing.assert_close(shuffled, model(mixed_batch)[order])


def test_a_row_alone_gets_the_logit_it_gets_in_a_batch(model, mixed_batch, take_rows):
    alone = [model(take_rows(mixed_batch, [row])) for row in range(len(mixed_batch))]

    torch.testing.assert_close(torch.cat(alone), model(mixed_batch))


def test_eval_mode_repeats_itself(name, mixed_schema, mixed_batch):
    model = make_model(name, mixed_schema, dropout=0.5, batch_norm=True).eval()

    assert torch.equal(model(mixed_batch), model(mixed_batch))


def test_input_is_left_alone(model, mixed_batch, take_rows):
    before = take_rows(mixed_batch, range(len(mixed_batch)))

    model(mixed_batch)

    for slot in ("indices", "numbers", "sequence_indices", "sequence_offsets"):
        given, now = getattr(before, slot), getattr(mixed_batch, slot)
        torch.testing.assert_close(now, given, rtol=0, atol=0, equal_nan=True)


# Parameters.


def test_gradient_reaches_every_parameter(name, mixed_schema, mixed_batch):
    model = make_model(name, mixed_schema)

    model(mixed_batch).square().sum().backward()

    gradients = {key: p.grad for key, p in model.named_parameters()}
    assert [key for key, g in gradients.items() if g is None] == []
    assert [key for key, g in gradients.items() if not g.isfinite().all()] == []
    assert [key for key, g in gradients.items() if not g.any()] == []


def test_seed_repeats_the_weights(name, mixed_schema):
    first, second = (make_model(name, mixed_schema, seed=5) for _ in range(2))

    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def count_embedding(schema, dim):
    """Parameters of a ``FieldEmbedding``, from the schema alone."""
    encodings = [field.encoding for field in schema.number_fields]
    pieces = [
        max(1, len(field.edges) - 1)
        for field in schema.number_fields
        if field.encoding == "ple"
    ]
    waves = 16
    return (
        schema.num_features * dim
        # a slope, and a vector for missing numbers
        + encodings.count("standard") * 2 * dim
        # a slope, a bias, a missing vector, and the pieces of the longest curve
        + len(pieces) * dim * (3 + max(pieces))
        # the frequencies; then a cosine and a sine of each, a bias, a missing vector
        + encodings.count("periodic") * (waves + dim * (2 * waves + 2))
        # a linear map with a bias, and a missing vector
        + sum(dim * (field.vector_dim + 2) for field in schema.vector_fields)
    )


def count_tower(width):
    total = 0
    for out in HIDDEN_DIMS:
        total += width * out + out
        width = out
    return total


def count_lr(schema):
    return count_embedding(schema, 1) + 1


def count_fm(schema):
    return count_lr(schema) + count_embedding(schema, EMBEDDING_DIM)


def count_dnn(schema):
    width = len(schema) * EMBEDDING_DIM
    head = HIDDEN_DIMS[-1] + 1
    return count_embedding(schema, EMBEDDING_DIM) + count_tower(width) + head


def count_deepfm(schema):
    return count_dnn(schema) + count_embedding(schema, 1)


def count_dcnv2(schema):
    width = len(schema) * EMBEDDING_DIM
    return count_dnn(schema) + NUM_CROSS_LAYERS * (width**2 + width) + width


COUNTS = {
    "lr": count_lr,
    "fm": count_fm,
    "dnn": count_dnn,
    "deepfm": count_deepfm,
    "dcnv2": count_dcnv2,
}


def test_number_of_parameters(name, model, mixed_schema):
    count = sum(parameter.numel() for parameter in model.parameters())

    assert count == COUNTS[name](mixed_schema)


# Saving.


def test_state_dict_round_trip_is_bit_equal(name, model, mixed_schema, mixed_batch):
    other = make_model(name, mixed_schema, seed=1).eval()
    assert not torch.equal(other(mixed_batch), model(mixed_batch))

    other.load_state_dict(model.state_dict())

    assert torch.equal(other(mixed_batch), model(mixed_batch))


def test_safetensors_round_trip_is_bit_equal(name, mixed_schema, mixed_batch, tmp_path):
    model = make_model(name, mixed_schema, batch_norm=True)
    model(mixed_batch)  # moves the running statistics
    save_file(model.state_dict(), tmp_path / "weights.safetensors")

    other = make_model(name, mixed_schema, seed=1, batch_norm=True)
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))

    assert torch.equal(other.eval()(mixed_batch), model.eval()(mixed_batch))


# Kinds of input.


def test_unknown_everywhere(model, mixed_schema, mixed_batch):
    starts = torch.tensor(mixed_schema.table_offsets, dtype=torch.int32)
    count = len(mixed_schema.index_fields)
    rows = len(mixed_batch)
    bags = torch.arange(len(starts[count:]) * rows + 1, dtype=torch.int32)
    batch = replace(
        mixed_batch,
        indices=starts[:count].repeat(rows, 1),
        # One item per bag; the bags of a field are neighbours.
        sequence_indices=starts[count:].repeat_interleave(rows),
        sequence_offsets=bags,
        numbers=torch.full_like(mixed_batch.numbers, torch.nan),
        vectors=tuple(torch.full_like(v, torch.nan) for v in mixed_batch.vectors),
    )

    logits = model(batch)

    assert logits.isfinite().all()
    # Rows that say the same get the same.
    torch.testing.assert_close(logits, logits[:1].expand(rows))


def test_every_field_matters(name, mixed_schema, mixed_batch, take_rows):
    model = make_model(name, mixed_schema).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    last = take_rows(mixed_batch, range(len(mixed_batch) - 1, -1, -1))
    parts = {
        slot: [with_column_of(last, mixed_batch, slot, place) for place in range(width)]
        for slot, width in (
            ("indices", len(mixed_schema.index_fields)),
            ("numbers", len(mixed_schema.number_fields)),
            ("vectors", len(mixed_schema.vector_fields)),
        )
    }
    before = model(mixed_batch)

    blind = [
        (slot, place)
        for slot, batches in parts.items()
        for place, batch in enumerate(batches)
        if torch.allclose(model(batch), before)
    ]

    assert blind == []


def with_column_of(other, batch, slot, place):
    """The batch with one column of one part taken from another batch."""
    if slot == "vectors":
        vectors = list(batch.vectors)
        vectors[place] = other.vectors[place]
        return replace(batch, vectors=tuple(vectors))
    columns = getattr(batch, slot).clone()
    columns[:, place] = getattr(other, slot)[:, place]
    return replace(batch, **{slot: columns})


def test_two_labels_give_two_logits(name, mixed_schema, random_batch):
    labels = (*mixed_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(mixed_schema, labels=labels)
    model = make_model(name, schema).eval()

    logits = [model(random_batch(schema, num_rows)) for num_rows in (0, 1, 8)]

    assert [out.shape for out in logits] == [(0, 2), (1, 2), (8, 2)]
    assert not torch.equal(logits[-1][:, 0], logits[-1][:, 1])


def test_runs_in_float64(model, mixed_batch, to_double):
    single = model(mixed_batch)

    double = model.double()(to_double(mixed_batch))

    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, rtol=1e-4, atol=1e-5)


def test_unfitted_schema_is_refused(name):
    schema = Schema((CategoricalField("site"),))
    with pytest.raises(SchemaError, match=r"must be fitted, got fields \['site'\]"):
        build_model(name, schema)


def test_exports_with_a_dynamic_batch(
    name, categorical_schema, random_batch, monkeypatch
):
    # The checks of shapes in this test run would pin the number of rows.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    model = make_model(name, categorical_schema, batch_norm=True).eval()
    batch = replace(random_batch(categorical_schema, 5), labels=None)
    shapes = torch.export.ShapesCollection()
    for part in (batch.indices, batch.numbers):
        shapes[part] = {0: torch.export.Dim.DYNAMIC}

    program = torch.export.export(model, (batch,), dynamic_shapes=shapes)

    for num_rows in (0, 1, 2, 17):
        other = replace(random_batch(categorical_schema, num_rows), labels=None)
        torch.testing.assert_close(program.module()(other), model(other))


# Learning.


def planted_pair(num_rows, *, num_values=10, num_fields=10):
    """Ten fields; a hidden sign of two of them decides: logit = 4 c_a c_b.

    Half of the values of a field have each sign, so no field says anything alone.
    """
    random = np.random.default_rng(0)
    values = random.integers(0, num_values, (num_rows, num_fields))
    signs = np.array([random.permutation([-1, 1] * (num_values // 2)) for _ in "ab"])
    logits = 4 * signs[0][values[:, 3]] * signs[1][values[:, 7]]
    labels = random.random(num_rows) < 1 / (1 + np.exp(-logits))
    schema = Schema(
        tuple(
            CategoricalField(f"field{i}", num_features=num_values, value_type="int")
            for i in range(num_fields)
        ),
        (Label("click", "binary", positive=1),),
    )
    return schema, to_batch(values + np.array(schema.table_offsets), labels)


def to_batch(indices, labels):
    return Batch(
        torch.tensor(indices, dtype=torch.int32),
        torch.empty(len(indices), 0),
        torch.empty(0, dtype=torch.int32),
        torch.zeros(1, dtype=torch.int32),
        labels=torch.tensor(labels, dtype=torch.float32).unsqueeze(1),
    )


def train(model, batch, *, num_epochs, batch_size, lr=1e-2):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    for _ in range(num_epochs):
        for rows in torch.randperm(len(batch)).split(batch_size):
            some = to_batch(batch.indices[rows].numpy(), batch.labels[rows, 0].numpy())
            loss = F.binary_cross_entropy_with_logits(model(some), some.labels[:, 0])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


@torch.no_grad()
def measure_auc(model, batch):
    return roc_auc_score(batch.labels[:, 0].numpy(), model(batch).numpy())


def test_planted_pair_is_found_by_all_but_the_additive(name):
    schema, rows = planted_pair(30_000)
    known = to_batch(rows.indices[:20_000].numpy(), rows.labels[:20_000, 0].numpy())
    held_out = to_batch(rows.indices[20_000:].numpy(), rows.labels[20_000:, 0].numpy())
    model = make_model(name, schema, embedding_dim=8, hidden_dims=(64, 32))

    train(model, known, num_epochs=3, batch_size=1024)

    auc = measure_auc(model, held_out)
    if name in ADDITIVE:
        # Chance. Over 10,000 rows its standard deviation is 0.006.
        assert auc == pytest.approx(0.5, abs=0.02)
    else:
        # The signs themselves would score 0.98.
        assert auc > 0.95


@pytest.mark.parametrize("name", sorted(MEMORISING))
def test_learns_a_small_table_by_heart(name):
    schema, rows = planted_pair(512)
    coins = np.random.default_rng(1).integers(0, 2, 512)
    table = to_batch(rows.indices.numpy(), coins)
    model = make_model(name, schema, embedding_dim=8, hidden_dims=(64, 32))

    train(model, table, num_epochs=60, batch_size=512)

    assert measure_auc(model, table) > 0.999
