"""The parameters of an estimator, as arguments of ``fieldwise.fit``."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from fieldwise.errors import ConfigError

__all__ = ["joined_recipe", "seed_of"]


def seed_of(random_state: Any) -> int:
    """The one seed that decides everything random in a fit.

    Examples:
        >>> seed_of(7)
        7

    Args:
        random_state: a seed; a generator, or None for the global one, gives another
            seed each time.

    Returns:
        The seed.
    """
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def joined_recipe(recipe: Any, **own: float | int | None) -> dict[str, Any]:
    """Settings of training that are parameters of their own, and all others.

    Examples:
        >>> joined_recipe({"batch_size": 512}, learning_rate=0.01, num_epochs=None)
        {'batch_size': 512, 'learning_rate': 0.01}

    Args:
        recipe: settings of ``Recipe``.
        **own: settings that have a parameter; None keeps the default.

    Returns:
        The settings that differ from the default recipe.

    Raises:
        ConfigError: if it is no mapping, or a setting in it has a parameter.
    """
    if recipe is not None and not isinstance(recipe, Mapping):
        message = f"recipe must be a mapping of settings, got {recipe!r}."
        raise ConfigError(message)
    settings = dict(recipe or {})
    if doubled := sorted(set(settings) & {*own, "seed"}):
        message = (
            f"recipe must hold settings without a parameter of their own, got "
            f"{doubled}. Set the parameter; that of seed is random_state."
        )
        raise ConfigError(message)
    return settings | {name: value for name, value in own.items() if value is not None}
