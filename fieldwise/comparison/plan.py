"""Which fits a comparison consists of, and how each is made."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from fieldwise._checks import check_positive
from fieldwise.errors import ConfigError
from fieldwise.models import MODELS
from fieldwise.training import FitSettings, Recipe

__all__ = ["ALL", "Job", "Plan", "choose_models", "with_seed"]

ALL = "all"


@final
@dataclass(frozen=True, slots=True, order=True)
class Job:
    """One fit.

    Args:
        seed: of everything random in it.
        model: name in ``MODELS``.
    """

    seed: int
    model: str

    def __str__(self) -> str:
        return f"{self.model}, seed {self.seed}"


@final
@dataclass(frozen=True)
class Plan:
    """The models, the seeds, and what was set.

    Args:
        settings: by model; the seed of their recipes is the first one.
        num_seeds: fits per model.

    Raises:
        ValueError: if ``num_seeds`` is not positive.
    """

    settings: Mapping[str, FitSettings]
    num_seeds: int

    def __post_init__(self) -> None:
        check_positive("seeds", self.num_seeds)

    @property
    def models(self) -> tuple[str, ...]:
        """Names in ``MODELS``, in the order they are fitted."""
        return tuple(self.settings)

    @property
    def first_seed(self) -> int:
        """The seed of the first fit of each model, and of the division of the rows."""
        return next(iter(self.settings.values())).seed

    @property
    def jobs(self) -> list[Job]:
        """All fits: every model once before any model again.

        So the first results of all systems are there early, and the time each of them
        takes is known for the rest.
        """
        seeds = range(self.first_seed, self.first_seed + self.num_seeds)
        return [Job(seed, model) for seed in seeds for model in self.models]

    def problems(self) -> list[str]:
        """Check the settings of every model.

        Returns:
            What is impossible, in words; what several models share stands once.
        """
        found = [text for one in self.settings.values() for text in one.problems()]
        return list(dict.fromkeys(found))

    def settings_of(self, job: Job) -> FitSettings:
        """The settings of one fit.

        Args:
            job: the fit.

        Returns:
            Those of its model, with its seed.
        """
        return with_seed(self.settings[job.model], job.seed)


def with_seed(settings: FitSettings, seed: int) -> FitSettings:
    """Change the seed of a fit.

    Examples:
        >>> with_seed(FitSettings(model="fm", recipe={"num_epochs": 2}), 3).recipe
        {'num_epochs': 2, 'seed': 3}

    Args:
        settings: of the fit.
        seed: of everything random in it.

    Returns:
        The settings with this seed.
    """
    if isinstance(settings.recipe, Recipe):
        recipe: Recipe | dict[str, Any] = replace(settings.recipe, seed=seed)
    else:
        recipe = {**(settings.recipe or {}), "seed": seed}
    return replace(settings, recipe=recipe)


def choose_models(models: str | Sequence[str]) -> tuple[str, ...]:
    """Read the names of models.

    Examples:
        >>> choose_models("fm, dcnv2"), len(choose_models("all")) == len(MODELS)
        (('fm', 'dcnv2'), True)
        >>> choose_models("fm,dcnv")
        Traceback (most recent call last):
        fieldwise.errors.ConfigError: models must be ... got 'dcnv'. Did you mean ...

    Args:
        models: names, in a list or with commas between them, or ``all``.

    Returns:
        Each name once, in the order given.

    Raises:
        ConfigError: listing all names that are no model.
    """
    given = models.split(",") if isinstance(models, str) else list(models)
    names = [name.strip() for name in given if name.strip()]
    if names == [ALL]:
        return tuple(MODELS)
    problems = []
    for name in (name for name in names if name not in MODELS):
        close = difflib.get_close_matches(name.lower(), [*MODELS, ALL], n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        problems.append(
            f"models must be 'all' or among {', '.join(MODELS)}, got {name!r}.{hint}"
        )
    if not names:
        problems.append("models must name at least one model, got none.")
    if problems:
        raise ConfigError(" ".join(problems))
    return tuple(dict.fromkeys(names))
