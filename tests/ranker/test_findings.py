"""What a ranker tells of a search; rankers that searched are in the contract tests."""

import numpy as np
import pytest

from fieldwise.importance import Importance, Selection
from fieldwise.ranker import (
    field_importance_of,
    field_selection_of,
    importance_of,
    selection_of,
)


@pytest.fixture(scope="module")
def ranker(fit_log):
    return fit_log()


def test_nothing_was_searched(ranker):
    assert importance_of(ranker) is None
    assert selection_of(ranker) is None
    assert field_importance_of(ranker) is None
    assert field_selection_of(ranker) is None


def test_what_is_noted_comes_back(ranker, monkeypatch):
    pair = ("site", "user")
    importance = Importance("pair", (pair,), np.array([0.5]), "share", "by hand")
    selection = Selection("pair", (pair,), (pair,), {pair: "memorize"})
    found = {"importance": importance.to_dict(), "selection": selection.to_dict()}
    monkeypatch.setattr(ranker, "info", ranker.info | found)

    assert importance_of(ranker) == importance
    assert selection_of(ranker) == selection


def test_a_choice_of_fields_is_no_search_for_pairs(ranker, monkeypatch):
    importance = Importance("field", ("site",), np.array([0.5]), "share", "by hand")
    chosen = importance.top(1)
    found = {
        "field_importance": importance.to_dict(),
        "field_selection": chosen.to_dict(),
    }
    monkeypatch.setattr(ranker, "info", ranker.info | found)

    assert field_importance_of(ranker) == importance
    assert field_selection_of(ranker) == chosen
    assert importance_of(ranker) is None
    assert selection_of(ranker) is None
