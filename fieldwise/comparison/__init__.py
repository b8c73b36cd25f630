"""Systems side by side: fitted on the same rows, measured, tested and drawn."""

from fieldwise.comparison.comparing import compare
from fieldwise.comparison.result import Comparison

__all__ = ["Comparison", "compare"]
