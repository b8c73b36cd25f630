"""How far a fitted ranker can be trusted, where, and at what cost: measured once."""

from fieldwise.diagnosis.diagnosing import diagnose
from fieldwise.diagnosis.diagnosis import Diagnosis

__all__ = ["Diagnosis", "diagnose"]
