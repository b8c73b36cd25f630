"""What matters, unit by unit, and what to keep of it.

Every method that says what matters returns an ``Importance``; everything that drops
something takes a ``Selection``. Both are plain data without torch, so that what each
method finds can be drawn, compared, cut at a budget and saved like that of every other.
"""

from fieldwise.importance._names import UNITS, Name
from fieldwise.importance.agreement import kendall_tau, top_overlap
from fieldwise.importance.importance import Importance
from fieldwise.importance.mean_rank import mean_rank
from fieldwise.importance.row_names import RowNames
from fieldwise.importance.selection import Selection

__all__ = [
    "UNITS",
    "Importance",
    "Name",
    "RowNames",
    "Selection",
    "kendall_tau",
    "mean_rank",
    "top_overlap",
]
