"""The sections of the report, in the order in which they are read."""

from collections.abc import Callable, Sequence

from fieldwise.report.blocks import Omission, Section
from fieldwise.report.run_contents import RunContents
from fieldwise.report.sections.calibration import calibration_section
from fieldwise.report.sections.cost import cost_section
from fieldwise.report.sections.data import data_section
from fieldwise.report.sections.importance import importance_section
from fieldwise.report.sections.interactions import interaction_section
from fieldwise.report.sections.leaderboard import leaderboard_section
from fieldwise.report.sections.learning import learning_section
from fieldwise.report.sections.reproduce import reproduce_section
from fieldwise.report.sections.segments import segment_section
from fieldwise.report.sections.selection import selection_section
from fieldwise.report.sections.warnings import warning_section

__all__ = ["SECTIONS"]

SECTIONS: Sequence[Callable[[RunContents], Section | Omission]] = (
    warning_section,
    data_section,
    leaderboard_section,
    learning_section,
    calibration_section,
    segment_section,
    importance_section,
    interaction_section,
    selection_section,
    cost_section,
    reproduce_section,
)
