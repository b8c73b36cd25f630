"""The sections of a configuration file, and what is wrong with one, in words."""

import difflib
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)

from fieldwise.cli.toml import dotted

__all__ = [
    "NONE",
    "CalibrationSection",
    "DataSection",
    "FieldSection",
    "SelectionSection",
    "did_you_mean",
    "problems_of",
    "section_of",
]

NONE = "none"
"""How a setting is switched off: there is no null in TOML."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Names = Annotated[list[str], BeforeValidator(_as_list)]
_STRICT = ConfigDict(extra="forbid", strict=True, protected_namespaces=())


class DataSection(BaseModel):
    """The table, and the roles of its columns."""

    model_config = _STRICT
    path: _Names = []
    label: _Names = []
    weight: str | None = None
    group: str | None = None
    time: str | None = None
    ignore: _Names = []
    split: str | None = None
    valid: _Names | None = None

    @property
    def hidden(self) -> list[str]:
        """Columns that must not become fields."""
        return [*self.ignore, *([] if self.split is None else [self.split])]


class FieldSection(BaseModel):
    """What a column is, in place of the guess."""

    model_config = _STRICT
    kind: Literal["categorical", "numeric", "sequence", "vector", "ignored"] | None = (
        None
    )
    encoding: (
        Literal["standard", "ple", "periodic", "quantile", "log_square"] | None
    ) = None
    num_buckets: int | None = None
    min_count: int | None = None
    max_size: int | None = None
    max_length: int | None = None
    vector_dim: int | None = None


class SelectionSection(BaseModel):
    """Which fields are kept: the first ones of a ranking."""

    model_config = _STRICT
    method: str
    fields: Annotated[int, Field(gt=0)]


class CalibrationSection(BaseModel):
    """How logits become probabilities."""

    model_config = _STRICT
    method: Literal["auto", "beta", "identity", "isotonic", "platt"] = "auto"
    negative_rate: float = 1.0


def section_of(function: Callable[..., object]) -> type[BaseModel]:
    """Make a section of the keyword arguments of a class or function.

    Args:
        function: a model, or ``Recipe``.

    Returns:
        A section with the same names, types and defaults.
    """
    fields: dict[str, Any] = {
        parameter.name: (_or_none(parameter.annotation), parameter.default)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return create_model("Section", __config__=_STRICT, **fields)


def problems_of(
    section: type[BaseModel], values: Mapping[str, object], keys: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Say what is wrong with the values of a section.

    Args:
        section: what is allowed.
        values: what was given.
        keys: path of the section.

    Yields:
        The path of a key, and what is wrong with it.
    """
    try:
        section.model_validate(values)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            path = (*keys, *(str(key) for key in problem["loc"]))
            yield path, _in_words(section, path, dict(problem))


def did_you_mean(name: str, known: list[str]) -> str:
    """Hint at what somebody may have wanted to write.

    Args:
        name: what was written.
        known: what could have been.

    Returns:
        One sentence.
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"Known are {', '.join(known)}."


def _or_none(annotation: Any) -> Any:  # noqa: ANN401  a type is what it is
    """Let a setting that may be None be written as ``none``."""
    if NoneType not in get_args(annotation):
        return annotation
    return Annotated[annotation, BeforeValidator(lambda v: None if v == NONE else v)]


def _in_words(
    section: type[BaseModel], path: tuple[str, ...], problem: Mapping[str, Any]
) -> str:
    name = dotted(path)
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(path[-1], list(section.model_fields))
        return f"unknown key {name}. {hint}"
    if problem["type"] == "missing":
        return f"{name} must be given, too."
    rule = str(problem["msg"]).removeprefix("Input should be ")
    return f"{name} must be {rule}, got {problem['input']!r}."
