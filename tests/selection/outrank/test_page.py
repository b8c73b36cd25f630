import numpy as np

from fieldwise.importance import Importance
from fieldwise.selection.outrank.field_ranking import FieldRanking
from fieldwise.selection.outrank.noise import LABEL_COPY, NOISE
from fieldwise.selection.outrank.page import MAX_ROWS, ranking_page
from fieldwise.selection.outrank.quality_report import QualityReport


def test_long_tables_are_cut():
    names = tuple(f"field{number:03}" for number in range(MAX_ROWS + 7))
    found = {
        name: Importance("field", units, np.arange(float(len(units))), "nats", "x")
        for name, units in (("fields", names), ("controls", (LABEL_COPY, *NOISE)))
    }
    ranking = FieldRanking(
        label="click", num_blocks=1, quality=QualityReport(9, (), ()), **found
    )

    page = ranking_page(ranking)

    assert page.count("| field1") + page.count("| field0") == MAX_ROWS
    assert page.index("| field106 |") < page.index("| field105 |")
    assert "\n7 more\n" in page
