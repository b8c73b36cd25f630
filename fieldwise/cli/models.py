"""``fieldwise models``: the systems that can be fitted, what they cost and take."""

import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.tables import Side, show_table, show_text
from fieldwise.errors import ConfigError

if TYPE_CHECKING:
    from fieldwise.models.cost import Cost
    from fieldwise.schema import Schema

__all__ = ["HELP", "ORDERS", "argument_meanings", "models", "source_of"]

TYPICAL_FIELDS, TYPICAL_VALUES = 39, 1000
"""The table of costs where none is given."""

HELP = r"""
List the models with their papers and costs, or explain one of them.

A cost needs a table: by default it is one of 39 categorical fields with 1,000 values
each, the shape of the Criteo log. Parameters are counted with and without the embedding
tables, multiply-adds for one row.

[bold]Examples[/bold]

fieldwise models

fieldwise models dcnv2

fieldwise models --data clicks.parquet --label click
"""

ORDERS: Mapping[str, str] = {
    "lr": "1",
    "fm": "1, 2",
    "dnn": "implicit",
    "deepfm": "1, 2, implicit",
    "dcnv2": "1 to num_cross_layers + 1, implicit",
    "dcn": "1 to num_cross_layers + 1, implicit",
    "dcnmix": "1 to num_cross_layers + 1, implicit",
    "gdcn": "1 to num_cross_layers + 1, implicit",
    "fcn": "1 to 2 ** num_exponential_layers",
    "lcn": "1 to num_cross_layers + 1",
    "ecn": "1 to 2 ** num_cross_layers",
    "autoint": "1 to 2 ** num_layers, chosen by row",
    "autointplus": "1 to 2 ** num_layers, chosen by row, implicit",
    "ipnn": "2, implicit",
    "xdeepfm": "1 to the number of layers + 1, implicit",
    "fibinet": "1, 2, implicit",
    "fgcnn": "2, implicit",
    "widedeep": "1, implicit",
    "ffm": "1, 2",
    "fwfm": "1, 2",
    "hiformer": "implicit",
    "finalmlp": "implicit, twice",
    "finalnet": "1 to 2 ** layers",
    "masknet": "implicit, times a mask",
    "eulernet": "learned, implicit",
    "afn": "learned, implicit",
    "afnplus": "learned, implicit",
    "armnet": "any, chosen by row, implicit",
    "armnetplus": "any, chosen by row, implicit",
    "optinter": "1, 2 (chosen pairs, learned by heart or multiplied), implicit",
}
"""How many fields each model multiplies with each other; ``implicit``: a tower."""

_ARGUMENT = re.compile(r"    (\w+): (.*(?:\n {8}.*)*)")
_SOURCE = re.compile(r'Source: (?P<authors>.*?), "(?P<title>.*?)", (?P<venue>[^,.]*)')


def models(
    name: Annotated[
        str | None,
        typer.Argument(help="Explain this model.", metavar="NAME"),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="Count costs for this table.", metavar="DATA"),
    ] = None,
    label: options.Label = None,
    json: options.Json = False,
) -> None:
    """Print the models, or explain one."""
    from fieldwise.models import MODELS, model_arguments

    if name is not None:
        model_arguments(name)  # refuses unknown names, and tells the nearest
    names = list(MODELS) if name is None else [name]
    schema = _typical_schema() if data is None else _schema_of(data, label)
    costs = {name: _cost(name, schema) for name in names}
    if json:
        print(json_text([_facts(name, MODELS[name], costs[name]) for name in names]))
        return
    on = (
        f"a table of {TYPICAL_FIELDS} fields with {TYPICAL_VALUES:,} values each"
        if data is None
        else f"{', '.join(data)}: {len(schema)} fields, "
        f"{schema.num_features:,} features"
    )
    if name is None:
        _show_all(costs)
        show_text(f"costs: {on}; parameters without tables, multiply-adds of one row")
        show_text("fieldwise models NAME explains one")
        return
    _explain(name, costs[name], on)


def _show_all(costs: Mapping[str, "Cost"]) -> None:
    from fieldwise.models import MODELS

    columns: dict[str, Side] = {
        "name": "left",
        "idea": "left",
        "interactions": "left",
        "parameters": "right",
        "multiply-adds": "right",
        "paper": "left",
        "venue": "left",
    }
    rows = []
    for name, cost in costs.items():
        facts = _facts(name, MODELS[name], cost)
        rows.append([facts[key] for key in ("name", "idea", "interactions")])
        rows[-1] += [short(cost.network), short(cost.multiply_adds)]
        rows[-1] += [facts["paper"], facts["venue"]]
    show_table(columns, rows, wrapped=("idea", "interactions", "paper"))


def _explain(name: str, cost: "Cost", on: str) -> None:
    from fieldwise.models import MODELS, model_arguments

    defaults = model_arguments(name)
    model = MODELS[name]
    show_text(f"{name}: {_idea(model)}", style="bold")
    show_text(_module_doc(model).partition("\n\n")[2].strip())
    show_text("")
    show_text(
        f"interactions: {ORDERS.get(name, '-')}\n"
        f"cost: {cost.network:,} parameters and {cost.table:,} in tables, "
        f"{cost.multiply_adds:,} multiply-adds a row\n"
        f"      ({on})\n"
    )
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


def short(count: int) -> str:
    """Write a large count in three digits.

    Examples:
        >>> short(417_891), short(1_764_674), short(950)
        ('418k', '1.76M', '950')

    Args:
        count: zero or more.

    Returns:
        The count, rounded.
    """
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            digits = f"{count / size:.3g}"
            return f"{'1000' if 'e' in digits else digits}{unit}"
    return str(count)


def _facts(name: str, model: type[Any], cost: "Cost") -> dict[str, Any]:
    paper, venue = source_of(model)
    return {
        "name": name,
        "idea": _idea(model),
        "interactions": ORDERS.get(name, "-"),
        "paper": paper,
        "venue": venue,
        "parameters": cost.parameters,
        "table_parameters": cost.table,
        "multiply_adds": cost.multiply_adds,
    }


def _cost(name: str, schema: "Schema") -> "Cost":
    from fieldwise.models import build_model
    from fieldwise.models.cost import cost_of

    return cost_of(build_model(name, schema), schema)


def _typical_schema() -> "Schema":
    from fieldwise.schema import CategoricalField, Label, Schema

    fields = (
        CategoricalField(
            f"field{number}", num_features=TYPICAL_VALUES, value_type="int"
        )
        for number in range(TYPICAL_FIELDS)
    )
    return Schema(tuple(fields), (Label("label", "binary", positive=1),))


def _schema_of(data: list[str], label: list[str] | None) -> "Schema":
    """Fit an encoder to a table: costs depend on how many values its fields have."""
    from fieldwise.data.encoder import Encoder
    from fieldwise.data.readers import read_table
    from fieldwise.schema import Schema

    if not label:
        message = "--label must name the column to predict where --data is given."
        raise ConfigError(message)
    frame = read_table(data)
    return Encoder.fit(frame, Schema.infer(frame, label=label)).schema


def _idea(model: type[Any]) -> str:
    return _module_doc(model).partition("\n")[0]


def _module_doc(model: type[Any]) -> str:
    return inspect.getdoc(inspect.getmodule(model)) or ""
