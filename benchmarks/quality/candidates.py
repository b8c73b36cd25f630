"""Candidate recipes of the defaults study."""

from collections.abc import Callable, Mapping
from typing import Any

from fieldwise.training import Recipe, default_arguments, default_recipe

__all__ = ["CANDIDATES"]

Candidate = Callable[[str, int, int], tuple[Recipe, Mapping[str, Any]]]


def _batch(num_rows: int, steps: int = 200) -> int:
    size = 128
    while size < 4096 and size * 2 * steps <= num_rows:
        size *= 2
    return size


def _arguments(model: str, dim: int, **deep: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {} if model == "lr" else {"embedding_dim": dim}
    if model in ("dnn", "deepfm", "dcnv2"):
        arguments |= deep
    return arguments


def _make(
    *,
    dim: int = 16,
    deep: Mapping[str, Any],
    recipe: Mapping[str, Any],
    l2_per_share: float | None = None,
) -> Candidate:
    def candidate(
        model: str, num_rows: int, num_features: int
    ) -> tuple[Recipe, Mapping[str, Any]]:
        settings = {
            "batch_size": _batch(num_rows),
            "monitor": "logloss",
            "precision": "auto",
            **recipe,
        }
        if l2_per_share is not None:
            share = min(1.0, num_features / num_rows)
            settings["embedding_l2"] = l2_per_share * share
        return Recipe(**settings), _arguments(model, dim, **deep)

    return candidate


_PLAIN = {"hidden_dims": (400, 400, 400), "dropout": 0.2}
_NORMED = {"hidden_dims": (400, 400, 400), "dropout": 0.2, "batch_norm": True}


def _default(
    model: str, num_rows: int, num_features: int
) -> tuple[Recipe, Mapping[str, Any]]:
    recipe = default_recipe(model, num_rows=num_rows, num_features=num_features)
    return recipe, default_arguments(model)


CANDIDATES: dict[str, Candidate] = {
    "default": _default,
    "none": _make(deep=_PLAIN, recipe={}),
    "l2_1e-6": _make(deep=_PLAIN, recipe={"embedding_l2": 1e-6}),
    "l2_1e-5": _make(deep=_PLAIN, recipe={"embedding_l2": 1e-5}),
    "l2_1e-4": _make(deep=_PLAIN, recipe={"embedding_l2": 1e-4}),
    "l2_1e-3": _make(deep=_PLAIN, recipe={"embedding_l2": 1e-3}),
    "lr_5e-4": _make(deep=_PLAIN, recipe={"embedding_l2": 1e-5, "learning_rate": 5e-4}),
    "dim_8": _make(dim=8, deep=_PLAIN, recipe={"embedding_l2": 1e-5}),
    "drop_0.4": _make(deep=_PLAIN | {"dropout": 0.4}, recipe={"embedding_l2": 1e-5}),
    "l2_3e-4": _make(deep=_PLAIN, recipe={"embedding_l2": 3e-4, "learning_rate": 5e-4}),
    "auto_l2": _make(deep=_PLAIN, recipe={}, l2_per_share=2e-3),
    "patience_3": _make(deep=_PLAIN, recipe={"patience": 3}, l2_per_share=2e-3),
    "plateau_0.3": _make(
        deep=_PLAIN,
        recipe={"patience": 3, "plateau_factor": 0.3},
        l2_per_share=2e-3,
    ),
    "small_tower": _make(
        deep=_PLAIN | {"hidden_dims": (256, 128)}, recipe={}, l2_per_share=2e-3
    ),
    "no_drop": _make(deep=_PLAIN | {"dropout": 0.0}, recipe={}, l2_per_share=2e-3),
    "gentle_l2x3": _make(
        deep=_PLAIN,
        recipe={"patience": 3, "plateau_factor": 0.3},
        l2_per_share=6e-3,
    ),
    "gentle_drop_0.4": _make(
        deep=_PLAIN | {"dropout": 0.4},
        recipe={"patience": 3, "plateau_factor": 0.3},
        l2_per_share=2e-3,
    ),
    "mean_2": _make(
        deep=_PLAIN,
        recipe={"patience": 3, "plateau_factor": 0.3, "average_epochs": 0.5},
        l2_per_share=0.002,
    ),
    "mean_4": _make(
        deep=_PLAIN,
        recipe={"patience": 3, "plateau_factor": 0.3, "average_epochs": 0.5},
        l2_per_share=0.004,
    ),
    "mean_4_long": _make(
        deep=_PLAIN,
        recipe={"patience": 3, "plateau_factor": 0.3, "average_epochs": 1.0},
        l2_per_share=0.004,
    ),
    "bn_none": _make(deep=_NORMED, recipe={}),
    "bn_1e-5": _make(deep=_NORMED, recipe={"embedding_l2": 1e-5}),
    "bn_1e-3": _make(deep=_NORMED, recipe={"embedding_l2": 1e-3}),
    "bn_5e-2": _make(deep=_NORMED, recipe={"embedding_l2": 5e-2}),
    "lazy": _make(deep=_PLAIN, recipe={"optimizer": "lazy_adam"}),
}
