"""Gates behind the embeddings of ordinary models."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from fieldwise.errors import ConfigError
from fieldwise.models import MODELS, build_model
from fieldwise.nn.gates.gumbel_gate import GumbelGate
from fieldwise.selection.gated_model import Backbone, GatedModel
from fieldwise.training import Recipe
from tests.contracts.small_models import make_model
from tests.selection.planted import planted


class Factors(nn.Module):
    """Multiplies each field by a number of its own."""

    def __init__(self, factors):
        super().__init__()
        self.factors = nn.Parameter(torch.tensor(factors))

    def forward(self, x):
        return x * self.factors.unsqueeze(1)


@pytest.mark.parametrize(
    "name", ["dnn", "fm", "deepfm", "dcnv2", "autoint", "finalmlp"]
)
def test_gates_of_one_change_nothing(name, categorical_schema, categorical_batch):
    torch.manual_seed(0)
    model = make_model(name, categorical_schema).eval()
    torch.nn.init.normal_(model.embedding.table)
    plain = model(categorical_batch)

    gated = GatedModel(model, Factors([1.0, 1.0, 1.0])).eval()

    assert torch.equal(gated(categorical_batch), plain)


def test_a_shut_gate_hides_a_field(categorical_schema, categorical_batch):
    torch.manual_seed(0)
    model = build_model("dnn", categorical_schema).eval()
    torch.nn.init.normal_(model.embedding.table)
    gated = GatedModel(model, Factors([1.0, 0.0, 1.0])).eval()
    others = replace(categorical_batch, indices=categorical_batch.indices.clone())
    others.indices[:, 1] = 5

    assert torch.equal(gated(categorical_batch), gated(others))
    others.indices[:, 0] = 0
    assert not torch.equal(gated(categorical_batch), gated(others))


def test_both_are_trained(categorical_schema, categorical_batch):
    gated = GatedModel(build_model("dnn", categorical_schema), Factors([1.0] * 3))
    torch.nn.init.normal_(gated.model.embedding.table)

    gated(categorical_batch).sum().backward()

    assert all(parameter.grad is not None for parameter in gated.parameters())
    assert gated.gate.factors.grad.abs().min() > 0
    assert {name.split(".")[0] for name in gated.state_dict()} == {"model", "gate"}


def test_the_call_may_see_the_rows(categorical_schema, categorical_batch):
    seen = []

    def between(layer, batch, x):
        seen.append((layer, batch, x.shape))
        return x

    model = build_model("dnn", categorical_schema)
    GatedModel(model, nn.Identity(), between)(categorical_batch)

    assert seen == [(model.embedding, categorical_batch, (8, 3, 16))]


def test_a_model_without_such_embeddings(categorical_schema):
    with pytest.raises(ConfigError, match=r"layer 'embedding' .*got LR.* 'dnn'"):
        GatedModel(build_model("lr", categorical_schema), nn.Identity())


def test_sizes_of_the_backbone():
    assert Backbone(model="fm").all_arguments() == {"embedding_dim": 8}
    changed = Backbone(arguments={"hidden_dims": (4,)}).all_arguments()
    assert changed == {"embedding_dim": 8, "hidden_dims": (4,)}


def test_recipe_of_the_backbone():
    train = planted(num_rows=500).train
    recipe = Backbone().full_recipe(train, seed=3)
    own = Backbone(recipe=Recipe(batch_size=7, seed=9, average_epochs=0.5))

    assert (recipe.seed, recipe.average_epochs, recipe.monitor) == (3, 0.0, "logloss")
    assert own.full_recipe(train, seed=4) == Recipe(batch_size=7, seed=4)


def test_the_seed_decides_the_weights(categorical_schema, random_batch):
    train = planted(num_rows=500).train
    tables = []
    for seed in (0, 0, 1):
        before = torch.random.get_rng_state()
        gated, gate = Backbone().build(
            train, lambda e: GumbelGate(e.num_fields), seed=seed
        )
        assert torch.equal(torch.random.get_rng_state(), before)
        assert gated.gate is gate
        assert len(gate.logits) == 20
        tables.append(gated.model.embedding.table)

    assert torch.equal(tables[0], tables[1])
    assert not torch.equal(tables[0], tables[2])


def test_every_model_with_one_embedding_can_be_gated(categorical_schema):
    refused = set()
    for name in MODELS:
        try:
            GatedModel(make_model(name, categorical_schema), nn.Identity())
        except ConfigError:
            refused.add(name)

    assert refused == {"lr"}
