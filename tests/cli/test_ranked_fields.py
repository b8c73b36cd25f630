import numpy as np
import pytest

from fieldwise.cli.ranked_fields import bar, show_ranking
from fieldwise.selection.outrank import Plan, rank_table


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(1.0, "████"), (0.5, "██"), (0.03, "▏"), (0.0, ""), (-1.0, ""), (0.625, "██▌")],
)
def test_bars(share, drawn):
    assert bar(share, cells=4) == drawn


def test_an_order_has_no_line_but_is_told(capsys):
    random = np.random.default_rng(0)
    site = random.integers(0, 4, 2000)
    table = {"site": site, "copy": site, "noise": random.integers(0, 4, 2000)}
    table["click"] = (random.random(2000) < site / 4).astype(int)

    show_ranking(rank_table(table, label="click", plan=Plan(redundancy=True)))

    printed = capsys.readouterr().out
    assert "— noise" not in printed
    assert "below the best noise control" in printed
    assert "warning: copy: 'site' has the values of 'copy'" in printed
