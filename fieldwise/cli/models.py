"""``fieldwise models``: the systems that can be fitted, and their arguments."""

import inspect
import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from fieldwise.cli.tables import Side, show_table, show_text

__all__ = ["HELP", "ORDERS", "argument_meanings", "models", "source_of"]

HELP = r"""
List the models, or the arguments of one of them.

[bold]Examples[/bold]

fieldwise models

fieldwise models dcnv2
"""

ORDERS: Mapping[str, str] = {
    "lr": "1",
    "fm": "1, 2",
    "dnn": "implicit",
    "deepfm": "1, 2, implicit",
    "dcnv2": "1 to num_cross_layers + 1, implicit",
}
"""How many fields each model multiplies with each other; ``implicit``: a tower."""

_ARGUMENT = re.compile(r"    (\w+): (.*(?:\n {8}.*)*)")
_SOURCE = re.compile(r'Source: (?P<authors>.*?), "(?P<title>.*?)", (?P<venue>[^,.]*)')


def models(
    name: Annotated[
        str | None,
        typer.Argument(help="Show the arguments of this model.", metavar="NAME"),
    ] = None,
) -> None:
    """Print the models, or the arguments of one."""
    from fieldwise.models import MODELS, model_arguments

    if name is None:
        rows = [_row(known, model) for known, model in MODELS.items()]
        headings = ("name", "idea", "interactions", "paper", "venue")
        wrapped = ("idea", "interactions", "paper")
        show_table(dict.fromkeys(headings, "left"), rows, wrapped=wrapped)
        show_text("fieldwise models NAME shows the arguments of one")
        return
    defaults = model_arguments(name)
    model = MODELS[name]
    show_text(f"{name}: {_idea(model)}", style="bold")
    show_text(_module_doc(model).partition("\n\n")[2].strip())
    show_text("")
    meanings = argument_meanings(model)
    rows = [[key, str(item), meanings.get(key, "")] for key, item in defaults.items()]
    if not rows:
        show_text("It has no arguments.")
        return
    columns: dict[str, Side] = dict.fromkeys(("argument", "default", "meaning"), "left")
    show_table(columns, rows, wrapped=("default", "meaning"))
    key, default = next(iter(defaults.items()))
    show_text(f"set one with --set model.{key}={default}")


def argument_meanings(model: type[Any]) -> dict[str, str]:
    """Read the section "Args" of a docstring.

    Args:
        model: a class with a docstring in Google's form.

    Returns:
        Meanings by argument, each on one line.
    """
    section = (inspect.getdoc(model) or "").partition("\nArgs:\n")[2]
    section = section.partition("\n\n")[0]
    return {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(section)}


def source_of(model: type[Any]) -> tuple[str, str]:
    """Read where a model was published from the top of its file.

    Args:
        model: a class whose module says "Source".

    Returns:
        Title, and venue with year.
    """
    match = _SOURCE.search(" ".join(_module_doc(model).split()))
    return (match["title"], match["venue"]) if match else ("-", "-")


def _row(name: str, model: type[Any]) -> list[str]:
    return [name, _idea(model), ORDERS.get(name, "-"), *source_of(model)]


def _idea(model: type[Any]) -> str:
    return _module_doc(model).partition("\n")[0]


def _module_doc(model: type[Any]) -> str:
    return inspect.getdoc(inspect.getmodule(model)) or ""
