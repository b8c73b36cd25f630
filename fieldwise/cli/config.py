"""From settings to the arguments of ``fieldwise.fit``, checked before anything is read.

A configuration has the sections ``[data]``, ``[fields.NAME]``, ``[selection]``,
``[model]``, ``[recipe]`` and ``[calibration]``. The names of rankings and models, the
arguments of models and the settings of a recipe are taken from the code itself, so a
new one can be set at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from fieldwise.cli.draft import Draft, Keys
from fieldwise.cli.sections import (
    NONE,
    CalibrationSection,
    DataSection,
    FieldSection,
    SelectionSection,
    did_you_mean,
    problems_of,
    section_of,
)
from fieldwise.cli.toml import dotted
from fieldwise.errors import ConfigError

__all__ = [
    "RunConfig",
    "check_columns",
    "check_config",
    "one_or_all",
    "refuse_selection",
]

SECTIONS = ("data", "fields", "selection", "model", "recipe", "calibration")
DEFAULT_MODEL = "dcnv2"

Problem = tuple[Keys, str]


@final
@dataclass(frozen=True)
class RunConfig:
    """A checked configuration.

    Args:
        data: the table, and the roles of its columns.
        overrides: settings by column that replace the guess.
        model: name in ``MODELS``.
        model_arguments: those that were given.
        recipe: the settings of training that were given.
        calibration: how logits become probabilities.
        selection: which fields are kept; None for all.
    """

    data: DataSection
    overrides: dict[str, dict[str, Any]]
    model: str
    model_arguments: dict[str, Any]
    recipe: dict[str, Any]
    calibration: CalibrationSection
    selection: SelectionSection | None = None

    def resolved(
        self, *, model_arguments: Mapping[str, object], recipe: Mapping[str, object]
    ) -> dict[str, Any]:
        """Write down every setting, so that a later default changes nothing.

        Args:
            model_arguments: those the model was built with.
            recipe: what it was trained with.

        Returns:
            The content of a configuration file that repeats the run from any folder.
        """
        known = section_of(_models()[self.model]).model_fields
        defaults = {name: setting.default for name, setting in known.items()}
        data = self.data.model_dump(exclude_defaults=True)
        for key in ("path", "valid"):
            data |= (
                {key: [_from_anywhere(path) for path in data[key]]}
                if key in data
                else {}
            )
        for key in ("path", "valid", "label"):
            data |= {key: one_or_all(data[key])} if key in data else {}
        table = {
            "data": data,
            "fields": self.overrides,
            "selection": self.selection.model_dump() if self.selection else {},
            "model": {"name": self.model, **defaults, **model_arguments},
            "recipe": recipe,
            "calibration": self.calibration.model_dump(),
        }
        return {
            name: _without_none(section) for name, section in table.items() if section
        }


def one_or_all(names: Sequence[str]) -> str | list[str]:
    """Give a single name as itself, for whom it differs from a list of one.

    Args:
        names: at least one.

    Returns:
        The name, or all of them.
    """
    return names[0] if len(names) == 1 else list(names)


def check_config(draft: Draft, *, default_model: str = DEFAULT_MODEL) -> RunConfig:
    """Check all settings of a run.

    Args:
        draft: what was said.
        default_model: where nothing was said of a model.

    Returns:
        The configuration.

    Raises:
        ConfigError: listing everything that is wrong at once.
    """
    problems = [*_column_problems(draft), *_missing(draft, "path", "label")]
    model, arguments = _model(draft, default_model)
    problems += [*_model_problems(model, arguments), *_recipe_problems(draft)]
    problems += _selection_problems(draft)
    calibration = draft.section("calibration")
    problems += problems_of(CalibrationSection, calibration, ("calibration",))
    _raise_all(draft, problems)
    model_section = section_of(_models()[model]).model_validate(arguments)
    selection = draft.section("selection")
    recipe_section = section_of(_recipe()).model_validate(draft.section("recipe"))
    return RunConfig(
        data=DataSection.model_validate(draft.section("data")),
        overrides=draft.section("fields"),
        model=model,
        model_arguments=model_section.model_dump(exclude_unset=True),
        recipe=recipe_section.model_dump(exclude_unset=True),
        calibration=CalibrationSection.model_validate(calibration),
        selection=SelectionSection.model_validate(selection) if selection else None,
    )


def refuse_selection(draft: Draft, command: str) -> None:
    """Raise where fields are chosen for a command that does not choose any.

    Args:
        draft: what was said.
        command: its name.

    Raises:
        ConfigError: if there is a section ``[selection]``.
    """
    if draft.section("selection"):
        message = (
            f"{draft.origin(('selection',))}: [selection] must be left out, "
            f"'fieldwise {command}' uses all fields."
        )
        raise ConfigError(message)


def check_columns(draft: Draft) -> tuple[DataSection, dict[str, dict[str, Any]]]:
    """Check only what is said about columns.

    Args:
        draft: what was said.

    Returns:
        The roles of columns, and settings by column that replace the guess.

    Raises:
        ConfigError: listing everything that is wrong at once.
    """
    _raise_all(draft, [*_column_problems(draft), *_missing(draft, "path")])
    return DataSection.model_validate(draft.section("data")), draft.section("fields")


def _raise_all(draft: Draft, problems: Sequence[Problem]) -> None:
    if problems:
        found = [f"{draft.origin(keys)}: {text}" for keys, text in problems]
        raise ConfigError(" ".join(found))


def _column_problems(draft: Draft) -> Iterator[Problem]:
    for name, value in draft.values.items():
        if name not in SECTIONS:
            hint = did_you_mean(name, [*SECTIONS])
            yield (name,), f"unknown key {dotted((name,))}. {hint}"
        elif not isinstance(value, dict):
            yield (name,), f"{name} must be a table [{name}], got {value!r}."
    yield from problems_of(DataSection, draft.section("data"), ("data",))
    for column, value in draft.section("fields").items():
        keys = ("fields", column)
        if isinstance(value, dict):
            yield from problems_of(FieldSection, value, keys)
        else:
            name = dotted(keys)
            yield keys, f"{name} must be a table [{name}], got {value!r}."


def _missing(draft: Draft, *names: str) -> Iterator[Problem]:
    for name in names:
        if not draft.section("data").get(name):
            text = f"data.{name} must be given, as an argument or in a TOML file."
            yield ("data", name), text


def _model_problems(model: object, arguments: dict[str, Any]) -> Iterator[Problem]:
    known = _models()
    if not isinstance(model, str) or model not in known:
        hint = did_you_mean(str(model), sorted(known))
        yield ("model", "name"), f"model.name must be a model, got {model!r}. {hint}"
    else:
        yield from problems_of(section_of(known[model]), arguments, ("model",))


def _recipe_problems(draft: Draft) -> Iterator[Problem]:
    recipe, values = _recipe(), draft.section("recipe")
    section = section_of(recipe)
    problems = [*problems_of(section, values, ("recipe",))]
    yield from problems
    # Ranges are checked by the recipe itself, once the types are right.
    if not problems:
        try:
            recipe(**section.model_validate(values).model_dump(exclude_unset=True))
        except ConfigError as error:
            yield ("recipe",), f"in [recipe] {error}"


def _selection_problems(draft: Draft) -> Iterator[Problem]:
    section = draft.section("selection")
    if not section:
        return
    yield from problems_of(SelectionSection, section, ("selection",))
    from fieldwise.selection.rankers import RANKERS

    method = section.get("method")
    if isinstance(method, str) and method not in RANKERS:
        known = ", ".join(RANKERS)
        text = f"selection.method must be one of {known}, got {method!r}."
        yield ("selection", "method"), text


def _model(draft: Draft, default: str) -> tuple[Any, dict[str, Any]]:
    arguments = draft.section("model")
    return arguments.pop("name", default), arguments


def _models() -> Mapping[str, Callable[..., object]]:
    from fieldwise.models import MODELS

    return MODELS


def _recipe() -> Callable[..., object]:
    from fieldwise.training import Recipe

    return Recipe


def _from_anywhere(path: str) -> str:
    return path if "://" in path else str(Path(path).expanduser().absolute())


def _without_none(section: Mapping[str, Any]) -> dict[str, Any]:
    return {key: NONE if item is None else item for key, item in section.items()}
