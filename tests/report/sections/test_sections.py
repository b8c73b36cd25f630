"""Every section, with and without what it is about."""

from pathlib import Path

import pytest

from fieldwise.report.blocks import Chart, Omission, Section, Table, Tabs
from fieldwise.report.run_contents import RunContents
from fieldwise.report.sections import SECTIONS
from fieldwise.report.sections.calibration import calibration_section
from fieldwise.report.sections.data import data_section
from fieldwise.report.sections.importance import importance_section
from fieldwise.report.sections.interactions import interaction_section
from fieldwise.report.sections.leaderboard import leaderboard_section
from fieldwise.report.sections.learning import learning_section
from fieldwise.report.sections.reproduce import reproduce_section
from fieldwise.report.sections.segments import segment_section
from fieldwise.report.sections.selection import selection_section
from tests.report.made_up import HOSTILE, history, importance, whole_run

KEYS = [
    *("warnings", "data", "leaderboard", "learning", "calibration", "segments"),
    *("importance", "interactions", "selection", "cost", "reproduce"),
]


def table_of(section, caption):
    blocks = list(section.blocks)
    for block in blocks:
        if isinstance(block, Tabs):
            blocks += [inner for _, panel in block.panels for inner in panel]
    found = [x for x in blocks if isinstance(x, Table) and x.caption == caption]
    return [[cell.text for cell in row] for row in found[0].rows]


def charts_of(section):
    blocks = list(section.blocks)
    for block in blocks:
        if isinstance(block, Tabs):
            blocks += [inner for _, panel in block.panels for inner in panel]
    return [block for block in blocks if isinstance(block, Chart)]


def test_a_whole_run_has_all_sections():
    made = [section(whole_run()) for section in SECTIONS]

    assert [one.key for one in made] == KEYS


def test_an_empty_run_tells_what_is_missing():
    empty = RunContents(Path("x"), "fit")

    made = [section(empty) for section in SECTIONS]

    there = [one.key for one in made if isinstance(one, Section)]
    assert there == ["warnings", "reproduce"]
    for one in made:
        assert isinstance(one, Section) or (one.title and one.reason.endswith("."))


def test_rows_of_a_table_fit_its_columns():
    for section in SECTIONS:
        blocks = list(section(whole_run()).blocks)
        for block in blocks:
            if isinstance(block, Tabs):
                blocks += [inner for _, panel in block.panels for inner in panel]
            elif isinstance(block, Table):
                assert {len(row) for row in block.rows} == {len(block.columns)}


def test_fields():
    rows = table_of(data_section(whole_run()), "Fields")

    assert rows[2][:5] == [HOSTILE[2], "sequence", "9", "90.0%", "1.0%"]
    assert rows[2][5] == "20.0%"


def test_leaderboard():
    section = leaderboard_section(whole_run())

    rows = table_of(section, "All systems")
    assert rows[0][:2] == ["dcnv2", "0.7500 ± 0.0010"]
    assert [row[-1] for row in rows] == [
        "best",
        "like the best",
        "seed 0: it <b>failed</b>",
    ]
    assert "paired test" in section.lead


def test_leaderboard_without_a_test_promises_none():
    board = whole_run().leaderboard.drop("p_rows_corrected", "auc_std")

    section = leaderboard_section(whole_run(leaderboard=board))

    assert "paired test" not in section.lead
    assert table_of(section, "All systems")[0][1] == "0.7500"


def test_learning_of_one_and_of_many():
    one = learning_section(whole_run())
    many = learning_section(
        whole_run(histories={"fm": history(0.1), "dcnv2": history()})
    )

    assert charts_of(one)[0].title == "Loss"
    assert table_of(one, "Epochs")[1][0] == "2 (kept)"
    titles = [chart.title for chart in charts_of(many)]
    assert titles == ["AUC on the validation rows", "Log loss on the validation rows"]
    series = [
        p["series"] for p in charts_of(many)[0].spec["layer"][0]["data"]["values"]
    ]
    assert series[0] == "dcnv2"


def test_reliability_before_and_after():
    section = calibration_section(whole_run())

    (chart,) = charts_of(section)
    assert len(chart.table.rows) == 6
    rows = table_of(section, "Before and after")
    assert rows[0] == ["log loss", "0.42000", "0.40000"]


def test_segments_that_are_off_are_marked():
    (tabs,) = segment_section(whole_run()).blocks

    table = tabs.panels[0][1][0]
    tones = [row[-1].tone for row in table.rows]
    assert tones == ["", "warn", "warn", "warn"]
    assert [name for name, _ in tabs.panels] == [HOSTILE[0], HOSTILE[7]]


def test_methods_side_by_side():
    section = importance_section(whole_run())

    rows = table_of(section, "Scores and places side by side")
    assert len(rows) == len(HOSTILE)
    assert rows[0][1].endswith("(1.)")
    agreement = table_of(section, "How far the methods agree")
    assert [agreement[0][1], agreement[1][2]] == ["1.00", "1.00"]


def test_same_method_twice_is_told_apart():
    twice = [importance("field", ("a", "b"), "gates", seed=x) for x in (0, 1)]

    section = importance_section(whole_run(importances=twice))

    assert [name for name, _ in section.blocks[0].panels] == ["gates", "gates #2"]


def test_fields_of_a_reduced_model_need_not_be_all():
    some = [
        importance("field", ("a", "b"), "one"),
        importance("field", ("a", "b", "c"), "two"),
    ]

    section = importance_section(whole_run(importances=some))

    rows = table_of(section, "Scores and places side by side")
    assert [row[1] for row in rows if row[0] == "c"] == ["\N{EN DASH}"]
    agreement = table_of(section, "How far the methods agree")
    assert agreement[0][2] == "\N{EN DASH}"


def test_pairs_without_a_positive_score_have_no_network():
    pairs = importance("pair", (("a", "b"), ("a", "c")), "gates")
    below = type(pairs)(
        "pair", pairs.names, -1 - pairs.scores, pairs.meaning, pairs.method
    )

    section = interaction_section(whole_run(importances=[below], clouds=[]))

    assert len(charts_of(section)) == 1


def test_swarm_and_halos():
    section = interaction_section(whole_run(importances=[]))

    titles = [chart.title for chart in charts_of(section)]
    assert titles[0] == "Interactions in models that are almost as good"
    assert len([title for title in titles if title.startswith("Halo of")]) == 6


def test_selection_curve():
    section = selection_section(whole_run())

    assert table_of(section, "All orders")[0][:4] == [
        *("shark", "0.5000 ± 0.0100", "\N{EN DASH}", "4")
    ]
    assert section.blocks[-1].items == ["random: no <b>luck</b>"]


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("fit", "fieldwise fit DATA --label 'click <b>now</b>' --model dcnv2"),
        ("compare", "fieldwise compare DATA"),
        ("curve", "fieldwise curve DATA"),
    ],
)
def test_command(kind, start):
    section = reproduce_section(whole_run(kind=kind))

    assert section.blocks[0].text.startswith(start)


def test_omissions_say_how():
    found = leaderboard_section(RunContents(Path("x"), "fit"))

    assert isinstance(found, Omission)
    assert "fieldwise compare" in found.reason
