"""The curves as a page, with all that is needed to judge and repeat them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from fieldwise.comparison.markdown import data_lines, markdown_table, settings_lines
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.search.aukc import TOLERANCE
from fieldwise.search.curve_cells import curve_cells
from fieldwise.search.curve_table import ALL_FIELDS

__all__ = ["curve_page"]


def curve_page(
    lines: pl.DataFrame,
    points: pl.DataFrame,
    rows: MeasuredRows,
    identity: Mapping[str, Any],
    *,
    part: str,
    environment: Mapping[str, str],
    notes: Sequence[str] = (),
    picture: str | None = None,
) -> str:
    """Write the page.

    Args:
        lines: one row per method.
        points: one row per method, seed and number of fields.
        rows: that fits are measured on.
        identity: what all results depend on.
        part: name of the measured rows.
        environment: versions and machine.
        notes: what a reader must know, in sentences.
        picture: file of the plot, if there is one.

    Returns:
        Markdown.
    """
    labels = ", ".join(f"`{name}`" for name in rows.names)
    model, count = identity["curve"]["model"], f"{len(rows):,}"
    blocks = [f"# Which fields are needed to predict {labels}?\n"]
    blocks += [
        f"Every method gives an order of the fields; a new `{model}` is trained from "
        f"scratch on the first k of them, and measured on {count} {part} rows. AUKC: "
        "the mean height of the curve of AUC over k above a guess, 0 to 1, mean ± "
        "standard deviation over the seeds.",
        "",
        *markdown_table(*curve_cells(lines)),
        "",
    ]
    if picture:
        blocks += [f"![AUC over the number of fields]({picture})", ""]
    blocks += [_HOW_TO_READ, ""]
    blocks += [f"- {note}" for note in notes]
    blocks += ["", f"## AUC on the {part} rows by number of fields", ""]
    blocks += [*markdown_table(*_by_k(points)), ""]
    blocks += ["## Data", "", *data_lines(identity, rows), ""]
    blocks += ["## Settings", "", *settings_lines(identity), ""]
    blocks += ["## Environment", ""]
    blocks += [f"- {name}: {value}" for name, value in environment.items()]
    return "\n".join(blocks) + "\n"


_HOW_TO_READ = (
    f"**k needed**: the fewest fields with a log loss on the *validation* rows within "
    f"{TOLERANCE:.1%} of that of all fields; log loss and parameters are those of this "
    "k, the log loss on the measured rows. **valid**: the AUKC on the validation rows, "
    "by which a method may be chosen; the measured rows decide nothing. "
    "**p (seeds)**: paired t-test of the AUKC against the best method, three seeds or "
    "more, corrected after Holm. **tau**, **overlap**: Kendall's tau between orders of "
    "different seeds, and the share of fields that two seeds have in common among "
    "those that either keeps. **noise**: share of planted noise fields among the first "
    "k fields, when noise and copies are planted beside the fields. Controls: orders "
    "by chance, by the number of values, and the chosen method reversed. A method "
    "within one standard deviation of the random orders has found nothing."
)


def _by_k(points: pl.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The mean AUC of each method at each number of fields."""
    means = points.group_by("method", "k", maintain_order=True).agg(
        pl.col("auc").mean()
    )
    found = {(method, k): auc for method, k, auc in means.rows()}
    grid = sorted({k for method, k in found if method != ALL_FIELDS})
    names = list(dict.fromkeys(points["method"]))
    whole = [k for method, k in found if method == ALL_FIELDS]
    columns = [*grid, *(k for k in whole if k not in grid)]
    rows = [[name, *(_cell(found.get((name, k))) for k in columns)] for name in names]
    return ["method", *map(str, columns)], rows


def _cell(auc: float | None) -> str:
    return "" if auc is None else f"{auc:.5f}"
