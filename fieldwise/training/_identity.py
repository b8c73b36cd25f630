"""What makes two training runs the same run."""

import hashlib
import json

from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.nn.arithmetic import current_backend
from fieldwise.training.processes import num_processes
from fieldwise.training.recipe import Recipe

__all__ = ["run_identity"]


def run_identity(
    model: nn.Module, recipe: Recipe, train: Dataset, valid: Dataset | None
) -> str:
    """Identify a training run by all that decides its weights.

    Args:
        model: as it will be trained; its structure counts, not its weights: these come
            from the seed.
        recipe: how it will be trained.
        train: rows to learn from.
        valid: rows that choose the best epoch.

    Returns:
        A sha256 in hexadecimal; the same in another process.
    """
    behind = {
        # Printed, a model tells its layers and their settings, such as dropout.
        "model": str(model),
        "tensors": [
            (name, tuple(value.shape), str(value.dtype))
            for name, value in model.state_dict().items()
        ],
        "recipe": recipe.to_dict(),
        "train": train.checksum(),
        # Two libraries do not round alike.
        "products": current_backend(),
        "processes": num_processes(),
        "valid": None if valid is None else valid.checksum(),
    }
    return hashlib.sha256(json.dumps(behind, sort_keys=True).encode()).hexdigest()
