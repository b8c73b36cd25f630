"""One configuration for several models: ``[model.NAME]`` holds for one of them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fieldwise.cli.config import check_config
from fieldwise.cli.draft import Draft, Keys
from fieldwise.cli.sections import did_you_mean
from fieldwise.errors import ConfigError

if TYPE_CHECKING:
    from fieldwise.cli.config import RunConfig

__all__ = ["check_configs"]

MODEL = "model"


def check_configs(draft: Draft, models: Sequence[str]) -> dict[str, "RunConfig"]:
    """Check all settings of the fits of several models.

    Args:
        draft: what was said. The arguments of a model stand in ``model.NAME``, or in
            ``model`` beside its ``name``, as in the configuration of a run; the latter
            are passed over where the model is not compared.
        models: names in ``MODELS``.

    Returns:
        The configuration of each model.

    Raises:
        ConfigError: listing everything that is wrong at once.
    """
    # What is wrong beside the models is told once, and not per model.
    check_config(_draft_of(draft, models[0], with_arguments=False))
    problems = [*_problems(draft, models)]
    found = {}
    for model in models:
        try:
            found[model] = check_config(_draft_of(draft, model))
        except ConfigError as error:
            problems.append(f"model {model}: {error}")
    if problems:
        raise ConfigError(" ".join(problems))
    return found


def _problems(draft: Draft, models: Sequence[str]) -> Iterator[str]:
    """Settings that belong to no model."""
    from fieldwise.models import MODELS

    section = draft.section(MODEL)
    for key, value in section.items():
        origin = draft.origin((MODEL, key))
        if key in MODELS and key not in models:
            yield f"{origin}: model.{key} is set, but {key!r} is not compared."
        elif isinstance(value, dict) and key not in MODELS:
            hint = did_you_mean(key, sorted(MODELS))
            yield f"{origin}: model.{key} must name a model. {hint}"
        elif key not in MODELS and "name" not in section:
            yield f"{origin}: model.{key} must be model.NAME.{key}, for one model."


def _draft_of(draft: Draft, model: str, *, with_arguments: bool = True) -> Draft:
    """The settings of one model, as ``fieldwise fit`` would get them."""
    one = Draft()
    one.add((MODEL, "name"), model, "command line")
    named = draft.section(MODEL).get("name")
    for keys, value, origin in draft.leaves():
        if keys[0] != MODEL:
            one.add(keys, value, origin)
        elif with_arguments and (own := _own_keys(keys, value, model, named)):
            one.add(own, value, origin)
    return one


def _own_keys(keys: Keys, value: object, model: str, named: object) -> Keys | None:
    """The path a setting of ``model`` has where there is one model; None: not its."""
    if len(keys) > 2:
        return (MODEL, *keys[2:]) if keys[1] == model else None
    is_plain = len(keys) == 2 and keys[1] != "name" and not isinstance(value, dict)
    return keys if is_plain and named == model else None
