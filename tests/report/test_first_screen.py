"""What a stranger reads first."""

from fieldwise.report.first_screen import first_screen
from tests.report.made_up import HOSTILE, LABEL, whole_run


def cards(**changes):
    found = first_screen(whole_run(**changes)).cards
    return {card.question: card for card in found}


def test_a_fit():
    top = first_screen(whole_run(curve=None))

    assert top.title == f"Predicting {LABEL} with dcnv2"
    assert "Learned from 8,000 rows of clicks <b>.parquet with 8 fields" in top.text
    assert "3,000 test rows nobody learned from" in top.text
    answers = [card.answer for card in top.cards]
    assert answers == ["AUC 0.7500", "Yes", "The data may leak"]
    assert "20.0% less than always saying 20.0%" in top.cards[0].text
    assert top.steps[0][1].startswith("fieldwise predict runs/made-up ")


def test_commands_quote_what_a_shell_would_read():
    top = first_screen(whole_run(leaderboard=None, curve=None))

    assert "--label 'click <b>now</b>'" in top.steps[1][1]


def test_commands_name_no_place_of_a_machine(tmp_path):
    top = first_screen(whole_run(tmp_path / "mine", curve=None))

    assert top.steps[0][1].startswith("fieldwise predict mine ")


def test_a_comparison():
    found = cards(kind="compare")["Which is best?"]

    assert found.answer == "dcnv2"
    assert "could also be fm" in found.text


def test_a_curve():
    found = cards(kind="curve")["How many fields are needed?"]

    assert found.answer == f"4 of {len(HOSTILE)}"
    assert "shark" in found.text


def test_a_real_label():
    metrics = {"spent": {"rmse": 2.0, "r2": 0.5}}

    found = cards(metrics=metrics)

    assert found["How good is it for spent?"].answer == "RMSE 2.0000"
    assert "Can its probabilities be trusted?" not in found


def test_nothing_was_fitted():
    lines = whole_run().curve.with_columns(valid_aukc=None)

    assert cards(kind="curve", curve=lines)["How many fields are needed?"].tone == "bad"
    assert cards(kind="compare", model="")["Which is best?"].tone == "bad"


def test_bad_probabilities_come_first():
    metrics = {LABEL: {**whole_run().metrics[LABEL], "calibration_ratio": 0.5}}

    top = first_screen(whole_run(metrics=metrics))

    assert top.cards[1].answer == "No"
    assert top.steps[0][0].startswith("Do not use the probabilities as they are")
    assert top.steps[0][1] == ""
