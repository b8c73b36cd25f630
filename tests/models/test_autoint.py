"""AutoInt against a loop, its size, and what it shows and learns on planted tables."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.planted.finding import measure_auc, train
from benchmarks.planted.sets import distractors, pair
from fieldwise.data.dataset import Dataset
from fieldwise.models.autoint import AutoInt
from fieldwise.training import Recipe
from tests.models.by_loop import randomise
from tests.nn.interactions.attention_by_loop import layer_by_loop

SMALL = {"embedding_dim": 8, "num_layers": 2, "num_heads": 2, "head_dim": 4}
RECIPE = Recipe(learning_rate=1e-2, batch_size=1024, num_epochs=3)


def score_by_loop(model, fields, **settings):
    """w vec(X_L) + b of one row."""
    for layer in model.attention.stack.layers:
        fields = layer_by_loop(layer, fields, **settings)
    flat = [value for field in fields for value in field]
    weight = model.attention.head.linear.weight[0].tolist()
    bias = model.attention.head.linear.bias.item()
    return sum(w * value for w, value in zip(weight, flat, strict=True)) + bias


@pytest.mark.parametrize(
    "variant", [{}, {"residual": "identity", "scaled": True, "layer_norm": True}]
)
def test_equals_the_loop(mixed_schema, mixed_batch, to_double, variant):
    sizes = {"num_heads": 2, "head_dim": 2}
    model = AutoInt(mixed_schema, embedding_dim=3, num_layers=2, **sizes, **variant)
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    scaled = variant.get("scaled", False)
    expected = [
        score_by_loop(model, fields, **sizes, scaled=scaled)
        for fields in model.embedding(batch).tolist()
    ]
    torch.testing.assert_close(logits.tolist(), expected, rtol=1e-12, atol=1e-10)


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    sizes = {"num_layers": 1, "num_heads": 1, "head_dim": 1}
    model = AutoInt(schema, embedding_dim=1, **sizes)
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
        # Without queries every field sees the mean of the values, 2 e each; residual e.
        weights = torch.tensor([[0.0], [1.0], [2.0], [1.0]])
        model.attention.stack.layers[0].project.weight.copy_(weights)
        model.attention.head.linear.weight.copy_(torch.tensor([[1.0, -1.0]]))
        model.attention.head.linear.bias.fill_(100.0)
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # The mean value is (6 + 12) / 2 = 9; the fields become 9 + 3 and 9 + 6.
    assert model(batch).tolist() == [12 - 15 + 100]


def test_without_layers_it_is_linear_in_the_embeddings(
    mixed_schema, mixed_batch, to_double
):
    model = randomise(AutoInt(mixed_schema, embedding_dim=3, num_layers=0).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    linear = model.attention.head.linear
    flat = model.embedding(batch).flatten(start_dim=1)
    torch.testing.assert_close(logits, flat @ linear.weight[0] + linear.bias)


def test_places_of_fields_matter_to_the_head_alone(
    categorical_schema, categorical_batch, to_double
):
    model = randomise(AutoInt(categorical_schema, **SMALL).double())
    x = model.embedding(to_double(categorical_batch))
    order = [2, 0, 1]
    weight = model.attention.head.linear.weight.detach().unflatten(1, (3, -1))
    moved = x[:, order]

    def score(x, weight):
        attended = model.attention.stack(x).flatten(start_dim=1)
        return attended @ weight.flatten() + model.attention.head.linear.bias

    expected = score(x, weight)
    torch.testing.assert_close(score(moved, weight[:, order]), expected)
    assert (score(moved, weight) - expected).abs().max() > 0.1


def test_size_of_the_papers_model(frappe_schema):
    model = AutoInt(frappe_schema)

    # The table, 4 (16 * 64) of the first layer, 4 (64 * 64) of each other, the head.
    expected = 5_389 * 16 + 4_096 + 2 * 16_384 + 10 * 64 + 1
    assert sum(p.numel() for p in model.parameters()) == expected


def test_attention_points_at_the_planted_pair():
    planted = distractors(36_000, num_values=10)
    torch.manual_seed(0)
    model = train(AutoInt(planted.train.schema, **SMALL), planted.train, RECIPE)

    with torch.inference_mode():
        x = model.gate(model.embedding(planted.test.batch(slice(0, 2000))))
        maps = torch.stack(model.attention.attention(x)).mean(dim=(0, 1, 2))

    both = (maps + maps.t()).numpy()
    pairs = both[np.triu_indices(20, k=1)]
    first, second = planted.fields
    # Among the first tenth of the 190 pairs.
    assert (pairs > both[first, second]).sum() < 19


def test_learns_five_hundred_rows_by_heart():
    rows = pair(615, num_values=10).train
    matrix = np.array(rows.rows)[:512]
    coins = np.random.default_rng(1).integers(0, 2, 512).astype(np.float32)
    matrix[:, -1] = coins.view(np.int32)
    table = Dataset(rows.schema, matrix)
    torch.manual_seed(0)

    model = train(
        AutoInt(table.schema, **SMALL),
        table,
        replace(RECIPE, batch_size=512, num_epochs=150),
    )

    assert measure_auc(model, table) > 0.999


def test_gaussian_gate_does_not_hurt():
    planted = pair(24_000, num_values=10)
    aucs = {}
    for gaussian_gate in (False, True):
        torch.manual_seed(0)
        model = AutoInt(planted.train.schema, **SMALL, gaussian_gate=gaussian_gate)
        train(model, planted.train, RECIPE)
        aucs[gaussian_gate] = measure_auc(model, planted.test)

    assert aucs[True] > aucs[False] - 0.005


def test_gaussian_gate_scales_the_embeddings(
    categorical_schema, categorical_batch, to_double
):
    model = AutoInt(categorical_schema, **SMALL, gaussian_gate=True)
    randomise(model.double())
    batch = to_double(categorical_batch)
    x = model.embedding(batch)

    logits = model(batch)

    gated = 3 * model.gate.weights(x).unsqueeze(-1) * x
    expected = model.attention(gated)
    torch.testing.assert_close(logits, expected)


def test_depth_may_be_zero_but_not_less(categorical_schema):
    with pytest.raises(ValueError, match="num_layers must be zero or positive, got -1"):
        AutoInt(categorical_schema, num_layers=-1)
