"""One table of every method."""

import inspect

import pytest

from fieldwise.selection.rankers import RANKERS


@pytest.mark.parametrize("name", RANKERS)
def test_an_entry_is_told_in_one_line_each(name):
    ranker = RANKERS[name]

    assert ranker.name == name
    assert ranker.title == ranker.title.strip()
    assert "\n" not in ranker.title + ranker.source
    assert set(ranker.reads) <= {"train", "gate", "stop"}
    assert ranker.uses_valid == (set(ranker.reads) != {"train"})


@pytest.mark.parametrize("name", RANKERS)
def test_all_are_called_alike(name):
    parameters = inspect.signature(RANKERS[name].rank).parameters

    assert list(parameters)[:2] == ["data", "seed"]
    assert parameters["seed"].default == 0
    assert all(p.default is not p.empty for p in list(parameters.values())[1:])
    assert all(p.kind is p.KEYWORD_ONLY for p in list(parameters.values())[1:])
