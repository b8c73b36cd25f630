"""How one model is fitted: what the user said, and the defaults for the rest."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from fieldwise._checks import check_choice
from fieldwise.calibration import CALIBRATORS, down_sampling_logit_shift
from fieldwise.errors import ConfigError
from fieldwise.importance import Selection
from fieldwise.models import model_arguments as known_arguments
from fieldwise.training.defaults import default_arguments, default_recipe
from fieldwise.training.recipe import Recipe
from fieldwise.training.small_fit import small_arguments, small_recipe
from fieldwise.training.stages import selection_problems

__all__ = ["FitSettings"]

LEADING = ("num_epochs", "optimizer")
"""Settings of a recipe that other settings of the default depend on."""


@final
@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """The settings of a fit as they were given; nothing is checked yet.

    Examples:
        >>> settings = FitSettings(model="dcnv2", recipe={"seed": 3})
        >>> settings.seed, settings.all_arguments()
        (3, {'dropout': 0.2})
        >>> FitSettings(model="lr", calibration="plat").problems()
        ["calibration must be one of 'auto', ... got 'plat'."]

    Args:
        model: name in ``MODELS``.
        recipe: how to train, or changes of the default recipe.
        model_arguments: arguments of the model that differ from the defaults.
        calibration: a name in ``CALIBRATORS``, or ``auto``.
        negative_rate: share of negatives that were kept when the log was sampled.
        selection: of pairs of fields, for a model that would search for them.
        small: the defaults are those of ``fieldwise.training.small_fit``.
    """

    model: str
    recipe: Recipe | Mapping[str, Any] | None = None
    model_arguments: Mapping[str, Any] = field(default_factory=dict)
    calibration: str = "auto"
    negative_rate: float = 1.0
    selection: Selection | None = None
    small: bool = False

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self._changed(Recipe()).seed

    def problems(self) -> list[str]:
        """Check all settings.

        Returns:
            What is impossible, in words.
        """
        checks: tuple[Callable[[], object], ...] = (
            lambda: self._changed(Recipe()),
            self._check_model,
            lambda: json.dumps(self.model_arguments),
            lambda: check_choice(
                "calibration", self.calibration, ("auto", *CALIBRATORS)
            ),
            lambda: down_sampling_logit_shift(self.negative_rate),
        )
        problems = []
        for check in checks:
            try:
                check()
            except TypeError as error:
                problems.append(f"model_arguments must be plain JSON types: {error}.")
            except ValueError as error:
                problems.append(str(error))
        return problems + selection_problems(self.model, self.selection)

    def all_arguments(self) -> dict[str, Any]:
        """The arguments to build the model with.

        Returns:
            Those given on top of ``default_arguments``, and of small sizes.
        """
        sizes = small_arguments(self.model) if self.small else {}
        return default_arguments(self.model) | sizes | dict(self.model_arguments)

    def full_recipe(self, *, num_rows: int, num_features: int) -> Recipe:
        """Choose what was not said by the size of the table.

        Args:
            num_rows: training rows.
            num_features: rows of the shared table.

        Returns:
            The recipe to train by.
        """
        changes = {} if isinstance(self.recipe, Recipe) else dict(self.recipe or {})
        leading = {name: changes[name] for name in LEADING if name in changes}
        make = small_recipe if self.small else default_recipe
        default = make(
            self.model, num_rows=num_rows, num_features=num_features, **leading
        )
        return self._changed(default)

    def _changed(self, default: Recipe) -> Recipe:
        if isinstance(self.recipe, Recipe):
            return self.recipe
        return Recipe.from_dict(default.to_dict() | dict(self.recipe or {}))

    def _check_model(self) -> None:
        known = known_arguments(self.model)
        unknown = sorted(set(self.model_arguments) - set(known))
        if unknown:
            message = (
                f"model_arguments must be arguments of {self.model!r}, got {unknown}. "
                f"It has {sorted(known)}."
            )
            raise ConfigError(message)
