"""How a model learns: the recipe, the trainer and the history it leaves."""

from fieldwise.training.defaults import default_arguments, default_recipe
from fieldwise.training.fit_settings import FitSettings
from fieldwise.training.history import EpochRecord, History
from fieldwise.training.recipe import Recipe
from fieldwise.training.stages import Trained, train_in_stages
from fieldwise.training.trainer import Trainer
from fieldwise.training.unknown_rows import fill_unknown_rows

__all__ = [
    "EpochRecord",
    "FitSettings",
    "History",
    "Recipe",
    "Trained",
    "Trainer",
    "default_arguments",
    "default_recipe",
    "fill_unknown_rows",
    "train_in_stages",
]
