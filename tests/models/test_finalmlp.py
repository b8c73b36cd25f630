"""FinalMLP: its equation, its public sizes, and what gates with a context are for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.planted.finding import measure_auc, train
from fieldwise.data.dataset import Dataset
from fieldwise.errors import SchemaError
from fieldwise.models.finalmlp import FinalMLP
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe
from tests.models.by_loop import randomise

SIZES = {
    "embedding_dim": 2,
    "hidden_dims": (5, 4),
    "second_hidden_dims": (6,),
    "gate_hidden_dims": (3,),
    "num_heads": 2,
}


def schema_of(*sizes):
    fields = (
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    return Schema(tuple(fields), (Label("click", "binary", positive=1),))


def tower_by_loop(tower, x):
    for layer in tower.layers:
        if isinstance(layer, nn.Linear):
            x = (layer.weight @ x + layer.bias).clamp(min=0)
    return x


def score_by_loop(model, row, contexts):
    """Equation of one row: gates, streams, and the fusion head by head."""
    outputs = []
    towers = (model.first, model.second)
    for gate, tower, context in zip(model.gates, towers, contexts, strict=True):
        hidden = tower_by_loop(gate.hidden, context)
        share = torch.sigmoid(gate.linear.weight @ hidden + gate.linear.bias)
        outputs.append(tower_by_loop(tower, 2 * share * row))
    first, second = outputs
    head = model.head
    logit = head.first.linear.weight[0] @ first + head.first.linear.bias[0]
    logit = logit + head.second.linear.weight[0] @ second + head.second.linear.bias[0]
    for matrix, x, y in zip(
        head.weight[0], first.chunk(2), second.chunk(2), strict=True
    ):
        logit = logit + x @ matrix @ y
    return logit


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = FinalMLP(mixed_schema, context_fields=["site", "age"], **SIZES)
    randomise(model.double())
    batch = to_double(mixed_batch)
    first, second = model.gates

    logits = model(batch)

    rows = model.embedding(batch).flatten(1)
    contexts = first.embedding(batch).flatten(1)
    expected = [
        score_by_loop(model, row, (context, second.context))
        for row, context in zip(rows, contexts, strict=True)
    ]
    torch.testing.assert_close(logits, torch.stack(expected), rtol=1e-10, atol=1e-10)


def test_streams_may_be_swapped(categorical_schema, categorical_batch, to_double):
    swapped = SIZES | {"hidden_dims": (6,), "second_hidden_dims": (5, 4)}
    model = FinalMLP(categorical_schema, context_fields=["site"], **SIZES)
    other = FinalMLP(categorical_schema, second_context_fields=["site"], **swapped)
    randomise(model.double())
    other.double()
    pairs = (
        (other.embedding, model.embedding),
        (other.gates[0], model.gates[1]),
        (other.gates[1], model.gates[0]),
        (other.first, model.second),
        (other.second, model.first),
        (other.head.first, model.head.second),
        (other.head.second, model.head.first),
    )
    for module, source in pairs:
        module.load_state_dict(source.state_dict())
    with torch.no_grad():
        other.head.weight.copy_(model.head.weight.transpose(2, 3))

    batch = to_double(categorical_batch)

    torch.testing.assert_close(other(batch), model(batch), rtol=0, atol=1e-10)


def test_without_gates_both_streams_see_the_embeddings(
    categorical_schema, categorical_batch
):
    model = randomise(FinalMLP(categorical_schema, gated=False, **SIZES))
    gated = FinalMLP(categorical_schema, **SIZES)
    missing = gated.load_state_dict(model.state_dict(), strict=False).missing_keys

    # Fresh gates without a context let everything through as it is.
    assert {name.partition(".")[0] for name in missing} == {"gates"}
    assert torch.equal(gated(categorical_batch), model(categorical_batch))


def test_gates_of_a_fit_without_context_fold_into_the_first_layers(
    categorical_schema, categorical_batch
):
    model = randomise(FinalMLP(categorical_schema, **SIZES))
    folded = FinalMLP(categorical_schema, gated=False, **SIZES)
    folded.load_state_dict(model.state_dict(), strict=False)
    with torch.no_grad():
        for tower, gate in zip((folded.first, folded.second), model.gates, strict=True):
            tower.layers[0].weight.mul_(2 * gate.gate(categorical_batch))

    torch.testing.assert_close(folded(categorical_batch), model(categorical_batch))


def test_second_dropout_is_the_first_unless_it_is_said(categorical_schema):
    def shares(**settings):
        model = FinalMLP(categorical_schema, **SIZES, **settings)
        return [tower.layers[-1].share for tower in (model.first, model.second)]

    assert shares(dropout=0.2) == [0.2, 0.2]
    assert shares(dropout=0.2, second_dropout=0.1) == [0.2, 0.1]


def test_size_of_the_published_frappe_model():
    # Two rows a field beside its values, as the run that was published had.
    schema = schema_of(956, 4084, 9, 9, 4, 5, 4, 11, 82, 235)
    model = FinalMLP(
        schema,
        embedding_dim=10,
        hidden_dims=(400,),
        second_hidden_dims=(100,),
        batch_norm=True,
        context_fields=["field0"],
        second_context_fields=["field1"],
        gate_hidden_dims=(400,),
        num_heads=5,
    )

    # 53,990 of the table, 50,400 of the contexts' tables; gates 2 * 44,500; streams
    # 40,400 + 800 and 10,100 + 200; the fusion 401 + 101 + 400 * 100 / 5.
    assert sum(p.numel() for p in model.parameters()) == 253_392


def test_size_of_the_published_criteo_model():
    # Without memory behind its weights: the table alone would take 58 MB.
    with torch.device("meta"):
        model = FinalMLP(
            schema_of(910_709, *[1] * 38),
            hidden_dims=(1000,) * 5,
            second_hidden_dims=(500,),
            gated=False,
            num_heads=50,
        )

    # 14,571,952 of the table; streams 4,629,000 and 312,500; the fusion 1,001 + 501 +
    # 1000 * 500 / 50.
    assert sum(p.numel() for p in model.parameters()) == 19_524_954


def selected_pairs(num_rows):
    """The first field says which of two pairs decides: ``4 c c'``.

    The code of a value is its parity.
    """
    random = np.random.default_rng(0)
    values = random.integers(0, 20, (num_rows, 5))
    codes = 1 - 2 * (values % 2)
    first = codes[:, 1] * codes[:, 2]
    second = codes[:, 3] * codes[:, 4]
    logits = 4.0 * np.where(values[:, 0] < 10, first, second)
    labels = random.random(num_rows) < 1 / (1 + np.exp(-logits))
    schema = schema_of(*[21] * 5)
    indices = values + 1 + np.array(schema.table_offsets)
    bits = labels.astype(np.float32).view(np.int32)
    rows = np.column_stack([indices, bits]).astype(np.int32)
    cut = num_rows * 5 // 6
    return Dataset(schema, rows[:cut]), Dataset(schema, rows[cut:])


def test_a_context_that_chooses_the_pair_helps():
    rows, test = selected_pairs(24_000)
    found = []
    for context in ((), ["field0"]):
        torch.manual_seed(1)
        # Too small to tell the pairs apart by itself.
        model = FinalMLP(
            rows.schema,
            embedding_dim=2,
            hidden_dims=(2,),
            second_hidden_dims=(2,),
            context_fields=context,
            second_context_fields=context,
            gate_hidden_dims=(16,),
        )
        recipe = Recipe(learning_rate=1e-2, batch_size=512, num_epochs=4, seed=1)
        found.append(measure_auc(train(model, rows, recipe), test))

    without, with_context = found
    assert with_context > without + 0.02


def test_each_label_has_a_fusion_of_its_own(categorical_schema, categorical_batch):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    model = randomise(FinalMLP(replace(categorical_schema, labels=labels), **SIZES))

    logits = model(categorical_batch)

    with torch.no_grad():
        model.head.weight[1] += 1.0
    changed = model(categorical_batch)
    assert torch.equal(changed[:, 0], logits[:, 0])
    assert not torch.isclose(changed[:, 1], logits[:, 1]).all()


def test_heads_must_divide_the_widths(categorical_schema):
    with pytest.raises(ValueError, match="num_heads must divide both widths, 4 and 6"):
        FinalMLP(categorical_schema, **SIZES | {"num_heads": 3})


def test_context_must_be_fields(categorical_schema):
    with pytest.raises(SchemaError, match=r"must be fields .*, got \['user'\]"):
        FinalMLP(categorical_schema, second_context_fields=["user"])
