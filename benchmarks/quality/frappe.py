"""Frappe with the published configurations, against the published figures.

Configurations and figures: Zhu et al., "BARS: Towards Open Benchmarking for Recommender
Systems", SIGIR 2022, leaderboard Frappe_x1 (embedding 10, batch 4096, Adam 1e-3, whole-
table L2, learning rate times 0.1 and stop by validation AUC).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe

__all__ = ["PUBLISHED", "Published", "schema_of"]

_TOWER = {"embedding_dim": 10, "hidden_dims": (400, 400, 400), "batch_norm": True}


@dataclass(frozen=True)
class Published:
    """A configuration and what it reached on the official files."""

    model: str
    auc: float
    log_loss: float
    arguments: Mapping[str, Any]
    recipe: Recipe


def _published(
    model: str, auc: float, log_loss: float, l2: float, **arguments: Any
) -> Published:
    recipe = Recipe(
        embedding_l2=l2, monitor="auc", batch_size=4096, precision="float32"
    )
    return Published(model, auc, log_loss, arguments, recipe)


PUBLISHED: dict[str, Published] = {
    "LR": _published("lr", 0.9356, 0.3076, 1e-5),
    "FM": _published("fm", 0.9671, 0.2065, 5e-6, embedding_dim=10),
    "DNN": _published("dnn", 0.9833, 0.1622, 0.05, dropout=0.2, **_TOWER),
    "DeepFM": _published("deepfm", 0.9842, 0.1482, 0.05, dropout=0.2, **_TOWER),
    "DCNv2": _published(
        "dcnv2", 0.9845, 0.1491, 0.05, dropout=0.4, num_cross_layers=4, **_TOWER
    ),
}


def schema_of(columns: list[str]) -> Schema:
    """Every column but the label and the split is categorical, no value is dropped."""
    fields = tuple(
        CategoricalField(name, min_count=1)
        for name in columns
        if name not in ("label", "split")
    )
    return Schema(fields, labels=(Label("label"),))


def with_seed(published: Published, seed: int) -> Recipe:
    """The published recipe with another seed."""
    return replace(published.recipe, seed=seed)
