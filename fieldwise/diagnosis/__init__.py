"""How far a fitted ranker can be trusted, where, and at what cost: measured once."""

from fieldwise.diagnosis.diagnosing import diagnose
from fieldwise.diagnosis.diagnosis import Diagnosis
from fieldwise.diagnosis.drift import Drift, find_drift

__all__ = ["Diagnosis", "Drift", "diagnose", "find_drift"]
