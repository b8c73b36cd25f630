"""``fieldwise export``: a ranker as one file that other programs run."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fieldwise.cli import options
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import show_text

if TYPE_CHECKING:
    from fieldwise.serving.export import Export

__all__ = ["HELP", "export"]

HELP = r"""
Write a ranker as one file that runs without fieldwise.

An .onnx file takes raw values and gives calibrated probabilities; what it takes is
told in its metadata. A .pt2 file takes encoded tensors, for servers that run PyTorch.
The file is compared with the ranker on rows, and is not written if they differ.

[bold]Examples[/bold]

fieldwise export runs/clicks-dcnv2 model.onnx --rows new.parquet

fieldwise export runs/clicks-dcnv2 small.onnx --embeddings int8 --rows labelled.parquet

fieldwise export runs/clicks-dcnv2 model.pt2
"""


def export(
    *,
    ranker: options.Ranker,
    path: Annotated[
        Path, typer.Argument(help="File to write: .onnx or .pt2.", metavar="FILE")
    ],
    rows: Annotated[
        list[str] | None,
        typer.Option(
            help="Rows to compare on, files or a 'glob'; repeatable. Without, rows "
            "are drawn from the vocabularies.",
            metavar="FILE",
        ),
    ] = None,
    embeddings: Annotated[
        Literal["float32", "float16", "int8"],
        typer.Option(help="What embeddings are stored in."),
    ] = "float32",
    tolerance: Annotated[
        float, typer.Option(help="How far probabilities may be from the ranker's.")
    ] = 1e-5,
    overwrite: options.Overwrite = False,
) -> None:
    """Write a ranker as one file."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.data.readers import read_table
    from fieldwise.ranker import Ranker
    from fieldwise.serving.export import export_ranker

    found = export_ranker(
        Ranker.load(find_ranker(ranker)),
        path,
        rows=read_table(one_or_all(rows)) if rows else None,
        embeddings=embeddings,
        tolerance=tolerance,
        overwrite=overwrite,
    )
    _show(found, "rows" if rows else "drawn rows")
    show_text(f"saved: {path}", style="bold")


def _show(found: "Export", rows: str) -> None:
    checked = found.verification
    show_text(
        f"agrees with the ranker on {checked.num_rows:,} {rows}: "
        f"max difference {checked.max_difference:.2g}"
    )
    if found.rounding is not None:
        show_text(
            f"rounded: {', '.join(found.stored) or 'no table'}; probabilities move by "
            f"up to {found.rounding.max_difference:.2g}"
        )
    if found.metrics is not None:
        for text in _losses(*found.metrics):
            show_text(text)
    megabytes = found.num_bytes / 1e6
    show_text(f"{megabytes:,.2f} MB, loads in {found.load_seconds:.2f} s")


def _losses(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What rounding costs: one line per label."""
    if isinstance(next(iter(before.values())), Mapping):
        return [
            f"{label}: {text}"
            for label in before
            for text in _losses(before[label], after[label])
        ]
    measures = [name for name in ("auc", "log_loss", "rmse") if name in before]
    return [
        ", ".join(
            f"{name} {before[name]:.6f} -> {after[name]:.6f} "
            f"({after[name] - before[name]:+.2g})"
            for name in measures
        )
    ]
