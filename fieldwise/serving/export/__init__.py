"""A ranker as one file that other programs run."""

from fieldwise.serving.export.exporting import Export, export_ranker
from fieldwise.serving.export.verification import Verification

__all__ = ["Export", "Verification", "export_ranker"]
