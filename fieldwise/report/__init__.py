"""A run told to others: one HTML file that needs nothing else, and a model card."""

from fieldwise.report.model_card import write_model_card
from fieldwise.report.writing import write_report

__all__ = ["write_model_card", "write_report"]
