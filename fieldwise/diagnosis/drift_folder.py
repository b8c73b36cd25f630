"""A drift as a folder: a page for people, numbers for programs."""

import json
from functools import partial
from pathlib import Path

from fieldwise._markdown import cell
from fieldwise._new_folder import check_new_folder, new_folder
from fieldwise.diagnosis.drift import Drift, Movement

__all__ = ["check_new", "drift_page", "save_drift"]

REPORT, FIELDS, NUMBERS = "report.md", "fields", "drift.json"
MOST = 30

check_new = partial(check_new_folder, what="drift", marker=NUMBERS)
"""Raises unless a drift may be written to a folder."""


def save_drift(drift: Drift, folder: str | Path, *, overwrite: bool = False) -> None:
    """Write a drift to a folder, all of it or nothing.

    The folder holds ``report.md``, the importance ``fields``, and ``drift.json`` with
    the values that moved.

    Args:
        drift: what was found.
        folder: where to.
        overwrite: replace a drift that is already there.

    Raises:
        DataError: if the folder exists and must not be replaced.
    """
    path = Path(folder).resolve()
    check_new(path, overwrite=overwrite)
    text = json.dumps(drift.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    with new_folder(path, replace=overwrite) as partial:
        drift.importance().save(partial / FIELDS)
        (partial / NUMBERS).write_text(text, "utf-8")
        (partial / REPORT).write_text(drift_page(drift), "utf-8")


def drift_page(drift: Drift) -> str:
    """Write a drift as Markdown.

    Args:
        drift: what was found.

    Returns:
        The page.
    """
    before, after = drift.num_rows
    fields = {field.name: field for field in drift.fields}
    ranked = [fields[str(name)] for name in drift.importance().ranked]
    lines = [
        "# Drift",
        "",
        f"{after:,} rows beside {before:,} older ones. Divergences are those of Jensen "
        "and Shannon in nats, from 0 to 0.693; noise is the larger of what chance "
        "exceeds once in a thousand times and what the halves of the older rows differ "
        f"by. {len(drift.drifted)} of {len(fields)} fields are above noise.",
        "",
        "| | divergence | noise | PSI | unknown | missing | moved most |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for field in ranked[:MOST]:
        shares = " | ".join(
            f"{a:.1%} → {b:.1%}" for a, b in (field.unknown, field.missing)
        )
        lines.append(_row(field.name, field.movement, shares))
    if drift.scores:
        lines += [
            "",
            "| logits of | divergence | noise | PSI | mean said | moved most |",
            "|---|---:|---:|---:|---:|---|",
        ]
    for score in drift.scores:
        means = "{:.4g} → {:.4g}".format(*score.mean)
        lines.append(_row(score.label, score.movement, means))
    return "\n".join([*lines, ""])


def _row(name: str, move: Movement, more: str) -> str:
    moved = ", ".join(
        f"{cell(value.value)} {value.before:.1%} → {value.after:.1%}"
        for value in move.moved
    )
    shown = f"**{cell(name)}**" if move.is_drift else cell(name)
    numbers = (move.divergence, move.noise, move.stability_index)
    told = " | ".join(f"{number:.4f}" for number in numbers)
    return f"| {shown} | {told} | {more} | {moved} |"
