"""Ranking fields by what they say about a label, in one pass over a table.

Source: Skrlj, Mramor, "OutRank: Speeding up AutoML-Based Model Search for Large Sparse
Data Sets with Cardinality-Aware Feature Ranking", RecSys 2023,
https://doi.org/10.1145/3604915.3610636, and its code.
Differences from both: the reference of a score reads all rows equally far on, and rows
of a block are shuffled, so that it is independent of the order of a file (the score of
the code is there as ``published``); numbers are cut into buckets; values of several
fields are combined as codes, not as joined text; a sketch of the number of values also
tells how many of them are rare; surrogate models are tables in closed form. Left out:
the correlation of codes, because codes of names have no order, and the largest cell of
a table of counts as a score; profiles of rows; features of one value of one field
within another, which combinations of fields hold; means over several shifts, eight of
which take a sixth off the standard error of a score.
"""

from fieldwise.selection.outrank.encoded_rows import rank_by_outrank
from fieldwise.selection.outrank.field_ranking import FieldRanking
from fieldwise.selection.outrank.heuristics import HEURISTICS, Heuristic
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.ranking import rank_table

__all__ = [
    "HEURISTICS",
    "FieldRanking",
    "Heuristic",
    "Plan",
    "rank_by_outrank",
    "rank_table",
]
