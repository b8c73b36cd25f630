"""What to keep before or while training: one file per method."""

from fieldwise.selection.ranking_data import RankingData

__all__ = ["RankingData"]
