"""Arguments and options of the commands, with their meaning in ``--help``."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Config",
    "Data",
    "Group",
    "Ignore",
    "Json",
    "Keys",
    "Label",
    "Model",
    "NoCache",
    "NoReport",
    "NoRows",
    "Overwrite",
    "Ranker",
    "Rows",
    "RunFolder",
    "SchemaFile",
    "Settings",
    "Split",
    "ThrowAway",
    "Time",
    "Valid",
    "Weight",
]

Data = Annotated[
    list[str] | None,
    typer.Argument(help="The table: files, a folder or a 'glob'.", metavar="DATA"),
]
Rows = Annotated[
    list[str],
    typer.Argument(help="The rows: files, a folder or a 'glob'.", metavar="DATA"),
]
Ranker = Annotated[
    Path, typer.Argument(help="A run folder, or a ranker's folder.", metavar="RANKER")
]
Label = Annotated[
    list[str] | None,
    typer.Option(help="Column to predict; repeat it for several.", metavar="COLUMN"),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="One of 'fieldwise models'; dcnv2 unless the file says.", metavar="NAME"
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(help="TOML file with settings; options win over it.", metavar="FILE"),
]
Split = Annotated[
    str | None,
    typer.Option(help="Column that says train, valid or test.", metavar="COLUMN"),
]
Valid = Annotated[
    list[str] | None,
    typer.Option(help="Held-out rows as a table of their own.", metavar="FILE"),
]
Time = Annotated[
    str | None,
    typer.Option(help="Column that orders the rows in time.", metavar="COLUMN"),
]
Group = Annotated[
    str | None, typer.Option(help="Column of rows ranked together.", metavar="COLUMN")
]
Weight = Annotated[
    str | None, typer.Option(help="Column of row weights.", metavar="COLUMN")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help="Column to leave out; repeatable.", metavar="COLUMN"),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="One setting of the file, such as recipe.learning_rate=0.01, "
        "model.embedding_dim=32 or fields.hour.kind=numeric; repeatable; wins.",
        metavar="KEY=VALUE",
    ),
]
RunFolder = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Run folder; runs/DATA-MODEL if not given.", metavar="FOLDER"
    ),
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        help="Column to write beside the scores; repeatable.", metavar="COLUMN"
    ),
]
NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache", help="Keep neither encoded rows nor what a killed fit needs."
    ),
]
NoReport = Annotated[
    bool, typer.Option("--no-report", help="Write no report.html and report.md.")
]
NoRows = Annotated[bool, typer.Option("--no-cache", help="Do not keep encoded rows.")]
ThrowAway = Annotated[
    bool, typer.Option("--overwrite", help="Throw away what is there.")
]
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        help="TOML file whose sections data and fields replace guesses.",
        metavar="FILE",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
