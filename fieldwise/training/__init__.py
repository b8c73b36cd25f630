"""How a model learns: the recipe, the trainer and the history it leaves."""

from fieldwise.training.defaults import default_arguments, default_recipe
from fieldwise.training.history import EpochRecord, History
from fieldwise.training.recipe import Recipe
from fieldwise.training.trainer import Trainer
from fieldwise.training.unknown_rows import fill_unknown_rows

__all__ = [
    "EpochRecord",
    "History",
    "Recipe",
    "Trainer",
    "default_arguments",
    "default_recipe",
    "fill_unknown_rows",
]
