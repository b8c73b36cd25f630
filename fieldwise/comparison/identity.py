"""What makes two comparisons the same one, and in what they differ."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from fieldwise.comparison.plan import Plan
from fieldwise.data.divided_table import DividedTable
from fieldwise.training import FitSettings, Recipe

__all__ = ["differences", "identity_of"]

SHOWN = 6
"""Differences that are told one by one."""
LONG = 40
"""Values longer than this, such as checksums, are not shown."""


def identity_of(table: DividedTable, plan: Plan) -> dict[str, Any]:
    """Gather everything the result of a fit depends on, but its seed.

    Args:
        table: the divided table.
        plan: what is fitted to it.

    Returns:
        Plain JSON types; ``model`` has the arguments of each model, the rest holds for
        all of them.
    """
    first = next(iter(plan.settings.values()))
    found = {
        "data": table.fingerprint,
        "split": table.parts.to_dict(),
        "schema": table.schema.to_dict(),
        "recipe": _recipe(first),
        "calibration": first.calibration,
        "negative_rate": first.negative_rate,
        "versions": {name: version(name) for name in ("fieldwise", "torch")},
        "model": {
            name: dict(settings.model_arguments)
            for name, settings in plan.settings.items()
        },
    }
    # As it will be read again: JSON knows no tuples.
    return dict(json.loads(json.dumps(found)))


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Say in what two identities differ.

    Models that only one of them names are no difference: they can stand beside each
    other in one folder.

    Examples:
        >>> a = {"recipe": {"num_epochs": 2}, "model": {"fm": {}, "lr": {}}}
        >>> b = {"recipe": {"num_epochs": 3}, "model": {"fm": {"embedding_dim": 8}}}
        >>> for line in differences(a, b):
        ...     print(line)
        recipe.num_epochs: 2 there, 3 here
        model.fm.embedding_dim: default there, 8 here

    Args:
        there: what results were made with.
        here: what they shall be made with now.

    Returns:
        One line per setting, a few at most.
    """
    common = set(there["model"]) & set(here["model"])
    flat = [
        dict(_leaves({**side, "model": {name: side["model"][name] for name in common}}))
        for side in (there, here)
    ]
    keys = list(dict.fromkeys([*flat[0], *flat[1]]))
    lines = [
        _line(key, *(side.get(key, "default") for side in flat))
        for key in keys
        if flat[0].get(key, "default") != flat[1].get(key, "default")
    ]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f"and {len(lines) - SHOWN} more"]
    return lines


def _recipe(settings: FitSettings) -> dict[str, Any]:
    recipe = settings.recipe
    given = recipe.to_dict() if isinstance(recipe, Recipe) else dict(recipe or {})
    return {name: value for name, value in given.items() if name != "seed"}


def _line(key: str, there: object, here: object) -> str:
    if max(len(str(there)), len(str(here))) > LONG:
        return f"{key}: another one"
    return f"{key}: {there} there, {here} here"


def _leaves(value: object, above: str = "") -> Iterator[tuple[str, object]]:
    """Settings by their path; the fields of a schema by their names."""
    if isinstance(value, list) and value and all(_named(item) for item in value):
        yield f"{above}.order", [item["name"] for item in value]
        value = {item["name"]: item for item in value}
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{above}.{key}" if above else str(key))
    else:
        yield above, value


def _named(item: object) -> bool:
    return isinstance(item, Mapping) and "name" in item
