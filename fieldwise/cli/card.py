"""``fieldwise card``: the model card of a ranker, for those who get its folder."""

from typing import Annotated

import typer

from fieldwise.cli import options
from fieldwise.cli.tables import show_text

__all__ = ["HELP", "card"]

HELP = r"""
Write the model card of a ranker into its folder, as README.md: what it predicts, from
which fields, how good and how well calibrated it is, what was found to be wrong, and
how it was trained. 'fieldwise fit' has written one already; this writes it anew.

What only people know, such as the intended use, is marked \[More Information Needed]:
fill it in. Choose a license in the head of the file.

[bold]Examples[/bold]

fieldwise card runs/clicks-dcnv2 --overwrite

[bold]The folder[/bold] of the ranker is then what a model repository of the Hugging
Face Hub holds: hf upload USER/NAME runs/clicks-dcnv2/ranker
"""


def card(
    ranker: options.Ranker,
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a card that is there.")
    ] = False,
) -> None:
    """Write a model card."""
    from fieldwise.report.model_card import NEEDED, write_model_card

    path = write_model_card(ranker, overwrite=overwrite)
    asked = path.read_text("utf-8").count(f"{NEEDED} ")
    show_text(f"saved: {path}", style="bold")
    show_text(f"next:  answer its {asked} questions, and choose a license")
