"""Promises against numbers made up for the purpose."""

import pytest

from benchmarks.peers.bounds import BOUNDS, TRAINERS, Bound
from benchmarks.peers.journal import Entry
from benchmarks.peers.plan import CONTENDERS
from benchmarks.peers.summary import Cell, Summary


def summary_of(**values):
    """Entries of one kind, ``a`` to ``c``, with the number ``x``."""
    return Summary(
        Entry(name, "train", name, "", 1, {"x": value}, True, "")
        for name, value in values.items()
    )


def cell(name):
    return Cell("train", name, "x")


def bound(limit=2.0, **changed):
    settings = {
        "what": "",
        "limit": limit,
        "at_least": True,
        "ours": cell("a"),
        "theirs": (cell("b"), cell("c")),
    }
    return Bound(**(settings | changed))


def test_ratio_to_the_best():
    # 12 / max(4, 6) = 2
    verdict = bound().judge(summary_of(a=12.0, b=4.0, c=6.0))

    assert (verdict.value, verdict.met) == (2.0, True)
    assert not bound(limit=2.1).judge(summary_of(a=12.0, b=4.0, c=6.0)).met


def test_inverse_ratio_where_lower_is_better():
    # min(4, 6) / 2 = 2
    found = bound(how="inverse", lower_is_better=True).judge(
        summary_of(a=2.0, b=4.0, c=6.0)
    )

    assert (found.value, found.met) == (2.0, True)


def test_difference_and_number_alone():
    summary = summary_of(a=0.70, b=0.69, c=0.71)

    difference = bound(limit=-0.02, how="difference").judge(summary)
    alone = bound(limit=0.5, how="alone", at_least=False, theirs=()).judge(summary)

    assert difference.value == pytest.approx(-0.01)
    assert difference.met
    assert (alone.value, alone.met) == (0.70, False)


def test_the_best_of_some_is_not_the_best_of_all():
    verdict = bound().judge(summary_of(a=12.0, b=4.0))

    assert (verdict.value, verdict.met) == (None, None)


def test_bounds_speak_of_models_that_contenders_have():
    trained = {
        (item.name, model)
        for item in CONTENDERS
        if "train" in item.kinds
        for model in item.models
    }
    cells = {item for one in BOUNDS for item in (one.ours, *one.theirs)}

    spoken = {(item.contender, item.model) for item in cells if item.kind == "train"}

    assert spoken <= trained
    assert ("FuxiCTR", "finalmlp") in spoken


def test_bounds_speak_of_contenders_there_are():
    names = {item.name for item in CONTENDERS}
    spoken = {item.contender for one in BOUNDS for item in (one.ours, *one.theirs)}

    assert spoken <= names
    assert set(TRAINERS) <= names
    assert len({one.what for one in BOUNDS}) == len(BOUNDS)
