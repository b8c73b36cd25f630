"""Unknown values of rows, and what is said of them."""

import polars as pl

from fieldwise.explanation import explain, prepare_background
from fieldwise.explanation.explanation_folder import explanation_page
from fieldwise.explanation.unknown_values import unknown_text, unknown_values
from fieldwise.fitting import fit


def fitted():
    rows = {"site": ["a", "b", "c", "d"] * 50, "price": [1.0, 2.0] * 100}
    frame = pl.DataFrame(rows | {"click": [0, 1, 1, 0] * 50})
    return fit(frame, label="click", model="lr", recipe={"num_epochs": 1}), frame


def test_unknown_values_are_found_and_told():
    ranker, frame = fitted()
    odd = pl.DataFrame({"site": ["a", "new", "other"], "price": [1.0, 1.0, 2.0]})
    background = prepare_background(ranker, odd)
    rows = background.candidates

    found = unknown_values(ranker.schema, background.model.baselines)

    place = ranker.schema.names.index("site")
    assert sorted(found[:, place].tolist()) == [False, True, True]
    assert not found[:, 1 - place].any()
    told = "unknown in the 3 rows compared with: site in 2"
    assert unknown_text(ranker.schema, rows) == told
    shown = explain(ranker, {"site": "new", "price": 1.0}, background=background)
    assert told in repr(shown)
    assert "new (unknown)" in repr(shown)
    many = explain(ranker, frame.head(3), background=background)
    assert told in repr(many)
    assert told in explanation_page(many)


def test_nothing_is_said_of_known_values():
    ranker, frame = fitted()
    background = prepare_background(ranker, frame)

    assert unknown_text(ranker.schema, background.model.baselines) == ""
    found = explain(ranker, {"site": "a", "price": 1.0}, background=background)
    assert "unknown" not in repr(found)
