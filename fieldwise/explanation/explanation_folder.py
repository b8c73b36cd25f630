"""An explanation as a folder: a page for people, numbers for programs."""

from functools import partial
from pathlib import Path

from fieldwise._markdown import cell
from fieldwise._new_folder import check_new_folder, new_folder
from fieldwise.explanation.explanation import Explanation
from fieldwise.explanation.row_text import signed
from fieldwise.importance import Importance

__all__ = ["check_new", "explanation_page", "save_explanation"]

REPORT, FIELDS, PAIRS, ROWS = "report.md", "fields", "pairs", "rows.parquet"
MOST = 30

check_new = partial(check_new_folder, what="explanation", marker=ROWS)
"""Raises unless an explanation may be written to a folder."""


def save_explanation(
    explanation: Explanation,
    folder: str | Path,
    *,
    pairs: Importance | None = None,
    overwrite: bool = False,
) -> None:
    """Write an explanation to a folder, all of it or nothing.

    The folder holds ``report.md``, the importances ``fields`` and ``pairs``, and
    ``rows.parquet`` with what each field adds to each row.

    Args:
        explanation: of at least one row.
        folder: where to.
        pairs: what ``explanation.pairs`` found, if it was asked.
        overwrite: replace an explanation that is already there.

    Raises:
        DataError: if the folder exists and must not be replaced, or there is no row.
    """
    path = Path(folder).resolve()
    check_new(path, overwrite=overwrite)
    page = explanation_page(explanation, pairs=pairs)
    with new_folder(path, replace=overwrite) as partial:
        explanation.importance().save(partial / FIELDS)
        if pairs is not None:
            pairs.save(partial / PAIRS)
        explanation.to_frame().write_parquet(partial / ROWS)
        (partial / REPORT).write_text(page, "utf-8")


def explanation_page(
    explanation: Explanation, *, pairs: Importance | None = None
) -> str:
    """Write an explanation as Markdown.

    Args:
        explanation: of at least one row.
        pairs: what ``explanation.pairs`` found, if it was asked.

    Returns:
        The page.
    """
    found = explanation.contributions
    lines = [
        f"# What moves {cell(explanation.background.label)}",
        "",
        f"{len(explanation):,} rows, by {found.method}, beside "
        f"{len(explanation.background.model.baselines)} rows whose mean logit is "
        f"{found.base:.4g}. With it, what the fields add makes up the logit.",
        "",
        *_table("field", explanation.importance()),
    ]
    if pairs is not None:
        lines += ["", "## Together", "", *_table("pair", pairs)]
    lines += ["", f"Faithful: {explanation.faithfulness}.", ""]
    if warning := explanation.background.warning:
        lines += [cell(warning), ""]
    return "\n".join(lines)


def _table(unit: str, importance: Importance) -> list[str]:
    rows = []
    for name in importance.ranked[:MOST]:
        place = importance.names.index(name)
        text = cell(name if isinstance(name, str) else " x ".join(name))
        size, mean = importance.scores[place], importance.details["signed"][place]
        rows.append(f"| {text} | {size:.4g} | {signed(mean)} |")
    return [f"| {unit} | mean size | mean |", "|---|---:|---:|", *rows]
