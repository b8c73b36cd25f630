"""The model whose sensitivity ranks fields: a small one, trained on all fields."""

import torch
from torch import nn

from fieldwise.models import build_model
from fieldwise.selection.ranking_data import RankingData
from fieldwise.training import FitSettings, Trainer
from fieldwise.training.small_fit import SMALL_MODEL

__all__ = ["train_full_model"]


def train_full_model(
    data: RankingData, *, seed: int = 0, settings: FitSettings | None = None
) -> nn.Module:
    """Train a model on all fields.

    Several rankings of the same rows can share it.

    Args:
        data: the training rows, and the rows that choose the best epoch.
        seed: of weights and order of rows; those of the settings hold where given.
        settings: model, its arguments and recipe; None for a small model and a few
            passes.

    Returns:
        The model with the weights of its best epoch, in eval mode.
    """
    settings = settings or FitSettings(
        model=SMALL_MODEL, recipe={"seed": seed}, small=True
    )
    schema = data.schema
    recipe = settings.full_recipe(
        num_rows=len(data.train), num_features=schema.num_features
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = build_model(settings.model, schema, **settings.all_arguments())
    Trainer(recipe, progress=False).fit(model, data.train, data.stop)
    return model
