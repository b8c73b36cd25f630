"""The settings of a training run, as plain data that can be saved beside the result.

The defaults are the protocol behind most public CTR numbers: Adam at 1e-3, gradient
norm at most 10, learning rate times 0.1 at each evaluation without improvement, stop
after two of them in a row, best epoch restored.

Source: Zhu et al., "BARS: Towards Open Benchmarking for Recommender Systems", SIGIR
2022, https://arxiv.org/abs/2205.09626, and its configuration files.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, final

from fieldwise._checks import check_choice, check_non_negative, check_positive
from fieldwise.errors import ConfigError

__all__ = ["Recipe"]

_CHOICES = {
    "optimizer": ("adam", "lazy_adam", "rowwise_adagrad"),
    "l2_scope": ("table", "touched"),
    "shuffle": ("auto", "full", "block"),
    "monitor": ("auc", "logloss"),
    "precision": ("float32", "bf16", "auto"),
}
_INTEGERS = {"batch_size", "num_epochs", "patience", "seed"}
_POSITIVE = {
    "learning_rate",
    "batch_size",
    "num_epochs",
    "clip_norm",
    "patience",
    "plateau_factor",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train a model.

    Examples:
        >>> Recipe(embedding_l2=0.05, seed=7).to_dict()["embedding_l2"]
        0.05
        >>> Recipe.from_dict({"sead": 5})
        Traceback (most recent call last):
        fieldwise.errors.ConfigError: recipe has no setting 'sead'. Did you mean 'seed'?

    Args:
        optimizer: what moves the embedding tables: ``adam`` moves every row at every
            step, as published numbers do; ``lazy_adam`` and ``rowwise_adagrad`` move
            only the rows of the batch. Everything else is always moved by Adam.
        learning_rate: of all optimizers, at the start.
        batch_size: rows per step.
        num_epochs: epochs at most, and exactly so many without validation rows.
        embedding_l2: strength ``l2`` of the penalty ``l2 / 2 * sum(weight ** 2)``
            on embeddings; its gradient ``l2 * weight`` is added before clipping.
        l2_scope: rows of a table that feel ``embedding_l2`` in a step: the whole
            ``table``, as published numbers do, or those ``touched`` by the batch,
            once each, which is a much weaker penalty.
        embedding_decay: share of its length, times the learning rate, that every row
            of an embedding table loses in each step, in the batch or not; only with
            the lazy optimizers. It is no gradient: neither Adam's moments nor
            clipping see it, so its strength is not that of ``embedding_l2``.
        network_l2: the strength of ``embedding_l2`` on all other weight matrices.
        clip_norm: longest gradient, all parameters together; None for no limit.
        monitor: what decides which epoch is best; for real labels it is always the
            squared error.
        patience: evaluations in a row without improvement before training stops.
        min_delta: an improvement must be larger than this.
        plateau_factor: times the learning rate at each evaluation without
            improvement, in (0, 1]; 1 keeps the learning rate.
        average_epochs: evaluate and keep a running mean of the weights that forgets
            within this many epochs (0.5 is half an epoch) instead of the weights
            themselves; 0 keeps the weights.
        shuffle: order of the training rows: ``full`` draws any order; ``block``
            shuffles windows of blocks, for tables larger than memory; ``auto`` is
            ``full`` where the encoded rows fit in half of the memory.
        precision: ``bf16`` computes layers in bfloat16 on float32 weights;
            ``auto`` does so where the hardware has instructions for it.
        seed: of the order of rows and of every random layer.

    Raises:
        ConfigError: listing everything that is wrong at once.
    """

    optimizer: Literal["adam", "lazy_adam", "rowwise_adagrad"] = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 4096
    num_epochs: int = 100
    embedding_l2: float = 0.0
    l2_scope: Literal["table", "touched"] = "table"
    embedding_decay: float = 0.0
    network_l2: float = 0.0
    clip_norm: float | None = 10.0
    monitor: Literal["auc", "logloss"] = "auc"
    patience: int = 2
    min_delta: float = 1e-6
    plateau_factor: float = 0.1
    average_epochs: float = 0.0
    shuffle: Literal["auto", "full", "block"] = "auto"
    precision: Literal["float32", "bf16", "auto"] = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        # Settings are compared with each other only where each is sound by itself.
        problems = _problems_of(self.to_dict()) or self._contradictions()
        if problems:
            raise ConfigError(" ".join(problems))

    def _contradictions(self) -> list[str]:
        problems = []
        if self.plateau_factor > 1:
            problems.append(
                f"plateau_factor must be at most 1, got {self.plateau_factor}."
            )
        if (
            self.optimizer != "adam"
            and self.embedding_l2 > 0
            and self.l2_scope == "table"
        ):
            problems.append(
                f"l2_scope must be 'touched' with optimizer {self.optimizer!r}, got "
                "'table': a penalty on the whole table moves every row at every step. "
                "Set l2_scope='touched', embedding_decay instead of embedding_l2, or "
                "optimizer='adam'."
            )
        if self.embedding_decay > 0 and self.optimizer == "adam":
            problems.append(
                "optimizer must be 'lazy_adam' or 'rowwise_adagrad' with "
                "embedding_decay, got 'adam'. Set embedding_l2 instead."
            )
        if self.learning_rate * self.embedding_decay >= 1:
            problems.append(
                "learning_rate * embedding_decay must be below 1, got "
                f"{self.learning_rate} * {self.embedding_decay}."
            )
        return problems

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Recipe":
        """Read settings; those left out keep their defaults.

        Args:
            data: plain JSON types.

        Returns:
            The recipe.

        Raises:
            ConfigError: listing unknown names, wrong types and impossible values.
        """
        known = [slot.name for slot in fields(cls)]
        unknown = [_unknown_setting(name, known) for name in data if name not in known]
        settings = {name: data[name] for name in known if name in data}
        problems = unknown + _problems_of(settings)
        if problems:
            raise ConfigError(" ".join(problems))
        # A file says 1 where it means 1.0.
        numbers = {
            name: float(value)
            for name, value in settings.items()
            if name not in _INTEGERS and isinstance(value, int)
        }
        return cls(**(settings | numbers))


def _problems_of(settings: Mapping[str, object]) -> list[str]:
    found = [_problem_of(name, value) for name, value in settings.items()]
    return [problem for problem in found if problem]


def _problem_of(name: str, value: object) -> str | None:
    try:
        if name in _CHOICES:
            check_choice(name, str(value), _CHOICES[name])
        elif name == "clip_norm" and value is None:
            return None
        elif isinstance(value, bool) or not isinstance(
            value, int if name in _INTEGERS else int | float
        ):
            kind = "an integer" if name in _INTEGERS else "a number"
            return f"{name} must be {kind}, got {value!r}."
        elif not math.isfinite(value):
            return f"{name} must be finite, got {value}."
        else:
            (check_positive if name in _POSITIVE else check_non_negative)(name, value)
    except ValueError as error:
        return str(error)
    return None


def _unknown_setting(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(known)}."
    return f"recipe has no setting {name!r}. {hint}"
