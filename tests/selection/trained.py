"""A small model of the planted tables, trained once for all tests of a process."""

from functools import cache

from torch import nn

from fieldwise.selection import RankingData
from fieldwise.selection.full_model import train_full_model
from fieldwise.training import FitSettings
from tests.selection.planted import planted

SMALL = {"embedding_dim": 4, "hidden_dims": (16,), "num_cross_layers": 1}


def small_model(data: RankingData, *, seed: int = 0, num_epochs: int = 5) -> nn.Module:
    """Train a small cross network."""
    recipe = {"seed": seed, "batch_size": 128, "num_epochs": num_epochs}
    settings = FitSettings(
        model="dcnv2",
        model_arguments=SMALL,
        recipe={**recipe, "learning_rate": 5e-3, "precision": "float32"},
    )
    return train_full_model(data, settings=settings)


@cache
def planted_model(seed: int = 0) -> tuple[RankingData, nn.Module]:
    """The planted table, and a model that was trained on it."""
    data = planted(seed, num_rows=10_000)
    return data, small_model(data, seed=seed)
