"""The model that sensitivities are measured on: a small one, decided by the seed."""

from dataclasses import replace

import torch

from fieldwise.models import DeepFM
from fieldwise.selection.full_model import train_full_model
from fieldwise.training import Trainer
from fieldwise.training.small_fit import small_recipe
from tests.selection.planted import planted
from tests.selection.trained import small_model


def weights_of(model):
    return torch.cat([weight.flatten() for weight in model.parameters()])


def test_the_default_is_a_small_model_and_a_few_passes(monkeypatch):
    recipes = []
    monkeypatch.setattr(Trainer, "fit", lambda self, *_: recipes.append(self.recipe))
    data = planted(num_rows=60)

    model = train_full_model(data, seed=3)

    assert isinstance(model, DeepFM)
    assert model.embedding.embedding_dim == 8
    expected = small_recipe(
        "deepfm", num_rows=36, num_features=data.schema.num_features
    )
    assert recipes == [replace(expected, seed=3)]


def test_the_seed_decides_the_weights_and_leaves_others_alone():
    data = planted(num_rows=200)
    torch.manual_seed(5)
    before = torch.get_rng_state()

    found = [
        weights_of(small_model(data, seed=seed, num_epochs=1)) for seed in (0, 0, 1)
    ]

    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert torch.equal(torch.get_rng_state(), before)
