"""What to keep before or while training: one file per method."""

from fieldwise.selection.rankers import RANKERS, FieldRanker
from fieldwise.selection.ranking_data import RankingData

__all__ = ["RANKERS", "FieldRanker", "RankingData"]
