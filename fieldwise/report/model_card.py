"""The model card of a ranker: what it is, what is known of it, and what nobody told.

Source: Mitchell et al., "Model Cards for Model Reporting", FAT* 2019,
https://arxiv.org/abs/1810.03993. What only people know, such as the intended use, is
marked ``[More Information Needed]``, the mark of the Hugging Face template.
"""

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fieldwise.errors import DataError
from fieldwise.report.blocks import Block, Cell, Code, Column, Paragraph, Points, Table
from fieldwise.report.card_metadata import METRICS, card_metadata, front_matter
from fieldwise.report.figures import count, figure, joined
from fieldwise.report.findings import find_problems
from fieldwise.report.first_screen import first_screen
from fieldwise.report.markdown import escaped, render_answer, render_blocks
from fieldwise.report.ranker_facts import RankerFacts, read_ranker_facts
from fieldwise.report.reading import RANKER, read_run
from fieldwise.report.run_contents import RunContents
from fieldwise.report.sections.data import data_section
from fieldwise.report.sections.reproduce import facts_table

__all__ = ["CARD", "model_card", "write_model_card"]

CARD = "README.md"
NEEDED = "[More Information Needed]"
MOST_FIELDS = 20


def write_model_card(run: str | Path, *, overwrite: bool = False) -> Path:
    """Write the model card of a ranker into its folder, as ``README.md``.

    The folder is then what a model repository holds: it can be uploaded as it is, and
    loaded where it was downloaded to. The card is no part of the ranker: it has no
    checksum, and people are meant to edit it.

    Args:
        run: a folder that ``fieldwise fit`` wrote, or that of a saved ranker.
        overwrite: replace a card that is already there.

    Returns:
        The path of the card.

    Raises:
        DataError: if it is no such folder, a file in it is damaged, or there is a card
            that must not be replaced.
    """
    contents = read_run(run)
    if contents.kind != "fit":
        message = f"run must be one of 'fieldwise fit' or a ranker, got {str(run)!r}."
        raise DataError(message)
    home = Path(run) / RANKER if (Path(run) / RANKER).is_dir() else Path(run)
    path = home / CARD
    if path.exists() and not overwrite:
        message = (
            f"{path} must not exist, it may have been edited. Pass overwrite=True, or "
            "--overwrite, to write it anew."
        )
        raise DataError(message)
    text = model_card(contents, read_ranker_facts(home))
    partial = home / f".{CARD}.{os.getpid()}.partial"
    try:
        partial.write_text(text, "utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def model_card(run: RunContents, facts: RankerFacts) -> str:
    """Write a model card.

    Args:
        run: what the run tells.
        facts: what the ranker tells.

    Returns:
        Markdown with a head that the Hugging Face Hub reads.
    """
    top = first_screen(run)
    lines = [front_matter(card_metadata(run)), ""]
    lines += [f"# {escaped(top.title)}", "", escaped(top.text), ""]
    lines += [*(render_answer(card) for card in top.cards), ""]
    for title, content in (
        ("How to use it", [_usage(run)]),
        ("Intended use", _intended(run)),
        ("The data", _data(run, facts)),
        ("Quality", _quality(run)),
        ("Calibration", _calibration(run, facts)),
        ("Limits that were found", _limits(run)),
        ("People, and their data", _people(run)),
        ("Training", _training(run, facts)),
        ("Versions and fingerprints", [facts_table(run)]),
    ):
        lines += [f"## {title}", "", *_rendered(content)]
    made_by = f"fieldwise {version('fieldwise')}"
    lines.append(
        f"Written by {escaped(made_by)} from the ranker's own numbers. What it cannot "
        f"know is marked {NEEDED}."
    )
    return "\n".join(lines) + "\n"


def _rendered(content: Sequence[Block | str]) -> list[str]:
    """Blocks as Markdown; a string is a question to the author."""
    lines: list[str] = []
    for item in content:
        if isinstance(item, str):
            lines += [f"{NEEDED} {item}", ""]
        else:
            lines += render_blocks([item], level=3)
    return lines


def _usage(run: RunContents) -> Code:
    names = [str(field["name"]) for field in run.fields]
    shown = dict.fromkeys(names[:MOST_FIELDS])
    more = "  # and so on" if len(names) > MOST_FIELDS else ""
    return Code(
        "import fieldwise as fw\n\n"
        "# Runs no code of the folder: JSON, Parquet and safetensors only.\n"
        'ranker = fw.load("FOLDER")\n'
        f"row = {shown!r}{more}\n"
        "print(ranker.predict([row]))\n"
    )


def _intended(run: RunContents) -> list[Block | str]:
    kinds = {str(x["name"]): x.get("kind") for x in run.schema.get("labels", ())}
    told = [
        f"It predicts the number {name} of a row."
        if kind == "real"
        else f"It orders rows by how likely {name} is, and says how likely."
        for name, kind in kinds.items()
    ]
    more = "It says nothing about what would happen if rows were treated otherwise."
    text = " ".join([*told, more])
    return [
        Paragraph(text),
        "Who is meant to use it, for which decision?",
        "What must it not be used for?",
    ]


def _data(run: RunContents, facts: RankerFacts) -> list[Block | str]:
    section = data_section(run)
    told = [f"Table: {run.data}." if run.data else "The name of the table is not told."]
    told.append(f"Rows were held out so: {run.split.get('how', 'not told')}.")
    told += [
        f"{role}: {run.schema[key]}."
        for key, role in (
            ("time", "Rows were ordered in time by"),
            ("group", "Rows were ranked together by"),
            ("weight", "Rows were weighted by"),
        )
        if run.schema.get(key)
    ]
    if facts.negative_rate != 1:
        told.append(
            f"A share of {facts.negative_rate} of the negative rows was kept; "
            "probabilities are corrected to the full log."
        )
    return [
        *getattr(section, "blocks", ()),
        Points(told),
        "Where do the rows come from, of which period, and with whose consent?",
    ]


def _quality(run: RunContents) -> list[Block | str]:
    if not run.metrics:
        return ["The ranker tells no metrics. How was it measured?"]
    rows = [
        [Cell(label), Cell(title), Cell(figure(metrics[name])), Cell(meaning)]
        for label, metrics in run.metrics.items()
        for name, (_, title, meaning) in METRICS.items()
        if name in metrics
    ]
    columns = [
        Column("label", "left"),
        Column("measure", "left"),
        Column("value"),
        Column("how to read it", "left"),
    ]
    parts = {label: metrics.get("num_rows") for label, metrics in run.metrics.items()}
    counted = joined(
        [f"{count(number)} for {label}" for label, number in parts.items()]
    )
    note = f"Rows that count: {counted}."
    return [
        Table(f"On the {run.part} rows", columns, rows, note),
        "How good is it on rows of a later time, or of another place?",
    ]


def _calibration(run: RunContents, facts: RankerFacts) -> list[Block | str]:
    rows = []
    for label, name in facts.calibrators.items():
        metrics = run.metrics.get(label, {})
        before = metrics.get("ece_uncalibrated")
        rows.append(
            [
                Cell(label),
                Cell(name or "none, the label is a number"),
                Cell("" if before is None else figure(before)),
                Cell(figure(metrics["ece"]) if "ece" in metrics else ""),
            ]
        )
    columns = [
        Column("label", "left"),
        Column("calibrator", "left"),
        Column("error before"),
        Column("error after"),
    ]
    note = (
        "Calibrators are fitted to the validation rows. The error is the expected "
        f"calibration error on the {run.part} rows."
    )
    return [Table("Calibrators", columns, rows, note)]


def _limits(run: RunContents) -> list[Block | str]:
    found = [f"{one.title}: {one.text}" for one in find_problems(run)]
    looked = (
        "Leaks between the parts, fields that give the label away, unknown values, "
        "segments and training were looked at by rule; nothing else was."
    )
    return [Points([*found, looked]), "Which limits have you seen in use?"]


def _people(run: RunContents) -> list[Block | str]:
    kept = [
        str(field["name"])
        for field in run.fields
        if field.get("kind") in ("categorical", "sequence")
    ]
    blocks: list[Block | str] = []
    if kept:
        text = (
            "The files in vocabulary/ hold the values, as they stood in the training "
            f"rows, of {count(len(kept))} fields: {joined(kept, most=MOST_FIELDS)}. "
            "Look at them before this folder is given to others: a value may name a "
            "person."
        )
        blocks.append(Paragraph(text))
    return [
        *blocks,
        "Is it as good for every group of people it is used on? Nothing was measured.",
        "What may happen to people when it is wrong?",
    ]


def _training(run: RunContents, facts: RankerFacts) -> list[Block | str]:
    told: Mapping[str, Any] = {
        "model": run.model,
        **{f"model.{name}": value for name, value in facts.arguments.items()},
        "parameters": None if run.parameters is None else count(run.parameters),
        "epochs": f"{facts.best_epoch} of {facts.num_epochs} is kept"
        if facts.num_epochs
        else None,
        **facts.recipe,
    }
    rows = [
        [Cell(name), Cell(str(value))]
        for name, value in told.items()
        if value is not None
    ]
    columns = [Column("setting", "left"), Column("value", "left")]
    return [Table("Settings", columns, rows)]
