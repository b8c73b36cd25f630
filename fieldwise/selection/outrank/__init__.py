"""Ranking fields by what they say about a label, in one pass over a table.

Source: Skrlj, Mramor, "OutRank: Speeding up AutoML-Based Model Search for Large Sparse
Data Sets with Cardinality-Aware Feature Ranking", RecSys 2023,
https://doi.org/10.1145/3604915.3610636, and its code.
Differences from both: rows of a block are shuffled, so that the reference of a score is
independent of the order of a file; numbers are cut into buckets; values of several
fields are combined as codes, not as joined text; a sketch of the number of values also
tells how many of them are rare. Left out: adjusted mutual information, correlations and
surrogate models as scores; values of lists one by one; profiles of rows.
"""

from fieldwise.selection.outrank.encoded_rows import rank_by_outrank
from fieldwise.selection.outrank.field_ranking import FieldRanking
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.ranking import rank_table

__all__ = ["FieldRanking", "Plan", "rank_by_outrank", "rank_table"]
