"""ARMNet against a loop, its published sizes, and the crosses it finds."""

import pytest
import torch

from benchmarks.planted.finding import train
from benchmarks.planted.sets import distractors
from fieldwise.data.loader import Loader
from fieldwise.explanation import cross_features, field_importance
from fieldwise.models.armnet import ARMNet
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe
from tests.models.by_loop import randomise
from tests.nn.interactions.exponential_by_loop import exponents_by_loop


def randomise_all(model):
    """Weights, and the statistics that eval mode normalises by."""
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            torch.nn.init.uniform_(buffer, 0.5, 2.0)
    return randomise(model).eval()


def normalise(norm, x):
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean) * scale + norm.bias


def crosses_by_loop(neurons, fields):
    """BN(exp(sum_j w_ij e_j)) of one row, ``(dim * neuron,)``."""
    exponents = exponents_by_loop(neurons, fields.tolist())
    crosses = torch.tensor(exponents, dtype=torch.float64).exp()
    return torch.stack([normalise(neurons.norm, column) for column in crosses.t()])


def tower_by_loop(tower, x):
    for layer in tower.deep.layers:
        if isinstance(layer, torch.nn.Linear):
            x = layer.weight @ x + layer.bias
        elif isinstance(layer, torch.nn.BatchNorm1d):
            x = normalise(layer, x)
        else:
            x = x.clamp(min=0)
    return (tower.head.linear.weight @ x + tower.head.linear.bias)[0]


@pytest.mark.parametrize("alpha", [1.5, 2.0])
def test_equals_the_loop(mixed_schema, mixed_batch, to_double, alpha):
    sizes = {"num_heads": 2, "num_neurons": 3, "hidden_dims": (5, 4)}
    model = ARMNet(mixed_schema, embedding_dim=2, alpha=alpha, **sizes)
    randomise_all(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    expected = [
        tower_by_loop(model.tower, crosses_by_loop(model.neurons, row).flatten())
        for row in model.embedding(batch)
    ]
    torch.testing.assert_close(logits, torch.stack(expected), rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize(("embedding_dim", "total"), [(10, 177_421), (100, 953_221)])
def test_sizes_of_the_published_one_head_models(embedding_dim, total):
    # The table of the authors' README: ten fields with 5,500 features in all.
    fields = (
        CategoricalField(f"field{place}", num_features=550, value_type="int")
        for place in range(10)
    )
    schema = Schema(tuple(fields), (Label("click", "binary", positive=1),))
    model = ARMNet(
        schema,
        embedding_dim=embedding_dim,
        num_heads=1,
        num_neurons=10,
        alpha=1.7,
        hidden_dims=(300, 300),
    )

    # 5,500 d of the table; the map d d, queries 10 d, value vectors 10 * 10, norms
    # 2 * 10; a tower of 300 and 300 on 10 d, normalised, with its head.
    assert sum(p.numel() for p in model.parameters()) == total


def test_without_layers_the_head_reads_the_crosses(categorical_schema):
    model = ARMNet(categorical_schema, hidden_dims=())

    assert model.tower.head.in_features == model.neurons.out_features


def fitted_on_distractors(seed):
    """Small, so that its two neurons must choose; the penalty empties what is noise."""
    planted = distractors(36_000, num_values=10)
    torch.manual_seed(seed)
    sizes = {"num_heads": 1, "num_neurons": 2, "hidden_dims": (32,)}
    model = ARMNet(planted.train.schema, embedding_dim=2, **sizes)
    recipe = Recipe(
        learning_rate=0.03, batch_size=1024, num_epochs=8, embedding_l2=1e-3, seed=seed
    )
    return train(model, planted.train, recipe), planted


def test_most_frequent_cross_is_the_planted_pair():
    hits, found = 0, []
    for seed in (0, 1, 2):
        model, planted = fitted_on_distractors(seed)
        names = planted.test.schema.names
        pair = {names[place] for place in planted.fields}
        rows = Loader(planted.test, batch_size=2048)

        crosses = cross_features(model, rows.epoch(0), names)
        fields = field_importance(model, rows.epoch(0), names)

        found.append((crosses.names[0], fields.ranked[:2]))
        # Of twenty fields, the pair and at most two by chance.
        hits += pair <= set(crosses.names[0]) and len(crosses.names[0]) <= 4
        assert set(fields.ranked[:2]) == pair
    # Gates are free to stay open, so one seed may miss.
    assert hits >= 2, found


def test_alpha_is_checked(categorical_schema):
    with pytest.raises(ValueError, match="alpha must be finite and at least 1, got"):
        ARMNet(categorical_schema, alpha=0.0)
