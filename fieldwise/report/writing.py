"""Writes the report of a run into its folder."""

import os
from importlib.metadata import version
from pathlib import Path

from fieldwise.report.blocks import Omission, Section
from fieldwise.report.first_screen import first_screen
from fieldwise.report.html import Page, render_html
from fieldwise.report.markdown import render_markdown
from fieldwise.report.reading import read_run
from fieldwise.report.run_contents import RunContents
from fieldwise.report.sections import SECTIONS

__all__ = ["HTML", "MARKDOWN", "page_of", "write_report"]

HTML, MARKDOWN = "report.html", "report.md"


def write_report(run: str | Path, *, out: str | Path | None = None) -> Path:
    """Write ``report.html`` and ``report.md``: all that a run tells, to be passed on.

    The HTML file holds everything it needs and asks for nothing: it can be sent, and
    opened from a disk without a network.

    Args:
        run: a folder that ``fieldwise fit``, ``compare`` or ``curve`` wrote, or that of
            a saved ranker.
        out: folder to write to; that of the run if not given.

    Returns:
        The path of the HTML file.

    Raises:
        DataError: if it is no such folder, or a file in it is damaged.
        MissingExtraError: if the extra ``report`` is not installed.
    """
    page = page_of(read_run(run))
    folder = Path(run) if out is None else Path(out)
    texts = {HTML: render_html(page), MARKDOWN: render_markdown(page)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        partial = folder / f".{name}.{os.getpid()}.partial"
        try:
            partial.write_text(text, "utf-8")
            partial.replace(folder / name)
        finally:
            partial.unlink(missing_ok=True)
    return folder / HTML


def page_of(run: RunContents) -> Page:
    """Make the content of a report.

    Args:
        run: what a run tells.

    Returns:
        The page.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    made = [section(run) for section in SECTIONS]
    return Page(
        top=first_screen(run),
        sections=[one for one in made if isinstance(one, Section)],
        omissions=[one for one in made if isinstance(one, Omission)],
        made_by=f"fieldwise {version('fieldwise')}",
    )
