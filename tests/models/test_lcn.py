"""LCN: masked crosses whose degree grows by one; its layers equal a loop elsewhere."""

import pytest
import torch

from benchmarks.planted.finding import measure_auc, train
from benchmarks.planted.sets import pair
from fieldwise.models.ecn import ECN
from fieldwise.models.lcn import LCN
from fieldwise.training import Recipe
from tests.models.by_loop import randomise


def twins(schema, num_cross_layers):
    """LCN and ECN with the same weights."""
    linear, exponential = (
        model(schema, embedding_dim=4, num_cross_layers=num_cross_layers).double()
        for model in (LCN, ECN)
    )
    exponential.load_state_dict(randomise(linear).state_dict())
    return linear, exponential


def test_equals_the_equation(mixed_schema, mixed_batch, to_double):
    model, _ = twins(mixed_schema, 3)
    batch = to_double(mixed_batch)

    logits = model(batch)

    halves = model.embedding(batch).chunk(2, dim=-1)
    x0 = x = torch.cat([half.flatten(start_dim=1) for half in halves], dim=1)
    for layer in model.branch.cross.layers:
        c = x @ layer.linear.weight.T
        mask = layer.mask_norm(c).clamp(min=0)
        x = x0 * (torch.cat([c, c * mask], dim=1) + layer.bias) + x
    expected = x @ model.branch.head.linear.weight[0] + model.branch.head.linear.bias
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_only_the_first_layer_is_that_of_ecn(mixed_schema, mixed_batch, to_double):
    batch = to_double(mixed_batch)
    one, its_twin = twins(mixed_schema, 1)
    two, other_twin = twins(mixed_schema, 2)

    assert torch.equal(one(batch), its_twin(batch))
    assert not torch.allclose(two(batch), other_twin(batch))


def test_one_layer_finds_a_pair():
    torch.manual_seed(0)
    planted = pair(24_000, num_values=10)
    model = LCN(planted.train.schema, embedding_dim=8, num_cross_layers=1)
    recipe = Recipe(learning_rate=1e-2, batch_size=1024, num_epochs=4)

    train(model, planted.train, recipe)

    # The codes themselves would score 0.98.
    assert measure_auc(model, planted.test) > 0.95


def test_length_must_be_even(categorical_schema):
    with pytest.raises(ValueError, match=r"embedding_dim must be even, got 5\."):
        LCN(categorical_schema, embedding_dim=5)
