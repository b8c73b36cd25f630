"""Train a model on a planted table, and see what it found."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.planted.sets import Planted
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.explanation import permute_fields
from fieldwise.metrics import auc
from fieldwise.scoring import score_batches
from fieldwise.training import Recipe, Trainer

__all__ = ["measure_auc", "permuted_drops", "train"]


def train(model: nn.Module, rows: Dataset, recipe: Recipe) -> nn.Module:
    """Train for exactly ``recipe.num_epochs``."""
    Trainer(recipe, accelerator="cpu", progress=False).fit(model, rows)
    return model


def measure_auc(model: nn.Module, rows: Dataset) -> float:
    """AUC of the logits of some rows."""
    return float(auc(rows.labels[:, 0].astype(float), _logits(model, rows)))


def permuted_drops(
    model: nn.Module, planted: Planted, *, seed: int = 0
) -> NDArray[np.float64]:
    """AUC lost on held-out rows when the column of each field is permuted."""
    return permute_fields(model, planted.test, num_repeats=1, seed=seed).scores


def _logits(model: nn.Module, rows: Dataset) -> NDArray[np.float64]:
    model.eval()
    with torch.inference_mode():
        return score_batches(model, Loader(rows, batch_size=8192).epoch(0))
