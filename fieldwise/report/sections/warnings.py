"""Everything that looks wrong."""

from fieldwise.report.blocks import Paragraph, Section
from fieldwise.report.findings import find_problems
from fieldwise.report.run_contents import RunContents

__all__ = ["warning_section"]


def warning_section(run: RunContents) -> Section:
    """List what is wrong, the worst first.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    found = find_problems(run)
    lead = (
        "What looks wrong, the worst first."
        if found
        else "Leaks, unknown values, segments and the training were looked at: nothing "
        "looks wrong."
    )
    blocks = tuple(Paragraph(f"{one.title}. {one.text}", one.tone) for one in found)
    return Section("warnings", "Warnings", lead, blocks)
