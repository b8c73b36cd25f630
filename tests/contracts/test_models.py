"""What every model promises; each entry of ``MODELS`` runs through all of it."""

from dataclasses import replace

import jaxtyping
import pytest
import torch
from safetensors.torch import load_file, save_file

from fieldwise.errors import SchemaError
from fieldwise.models import MODELS, build_model, model_arguments
from fieldwise.schema import CategoricalField, Label, Schema
from tests.contracts.small_models import make_model


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
    # Some weights start at zero, and let nothing through until they have moved.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))

    model(mixed_batch).square().sum().backward()

    gradients = {key: p.grad for key, p in model.named_parameters()}
    assert [key for key, g in gradients.items() if g is None] == []
    assert [key for key, g in gradients.items() if not g.isfinite().all()] == []
    assert [key for key, g in gradients.items() if not g.any()] == []


def test_seed_repeats_the_weights(name, mixed_schema):
    first, second = (make_model(name, mixed_schema, seed=5) for _ in range(2))

    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


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


FREE = {
    ("autoint", "num_layers"),
    ("autointplus", "num_layers"),
    ("finalnet", "num_blocks"),
}
"""Whole numbers with a rule of their own; the tests of these models know it."""


def wrong_settings():
    """A wrong value for each argument whose name and default tell its rule."""
    for name in MODELS:
        for argument, default in model_arguments(name).items():
            if argument.endswith("hidden_dims"):
                yield (
                    name,
                    argument,
                    (4, 0),
                    "hidden_dims must be positive",
                )
            elif argument.endswith("dropout"):
                yield (
                    name,
                    argument,
                    1.5,
                    "dropout must be a share in",
                )
            elif type(default) is int and (name, argument) not in FREE:
                yield name, argument, 0, f"{argument} must be positive, got 0"


@pytest.mark.parametrize(
    ("name", "argument", "value", "message"), list(wrong_settings())
)
def test_settings_are_checked(categorical_schema, name, argument, value, message):
    with pytest.raises(ValueError, match=message):
        build_model(name, categorical_schema, **{argument: value})


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
