"""Importance: the order of units, what is kept of them, and its folder."""

import json

import numpy as np
import pytest

from fieldwise.errors import DataError, ShapeError
from fieldwise.importance import UNITS, Importance

NAMES = ("site", "hour", "device", "user")


def make(scores=(0.5, 0.1, 0.5, 0.9), names=NAMES, **changes):
    told = {"unit": "field", "meaning": "AUC lost", "method": "permutation"}
    scores = np.array(scores, dtype=np.float64)
    return Importance(names=names, scores=scores, **told | changes)


@pytest.fixture
def pairs():
    """Three pairs with all there can be."""
    return make(
        (0.25, 0.75, 0.5),
        (("a", "b"), ("a", "c"), ("b", "c")),
        unit="pair",
        data_fingerprint="f" * 64,
        seed=7,
        details={"memorize": np.array([0.0, 0.7, 0.5])},
    )


# The order


def test_equal_scores_are_in_the_order_of_their_names():
    assert make().ranked == ("user", "device", "site", "hour")


def test_the_order_does_not_depend_on_where_units_stand():
    backwards = make((0.9, 0.5, 0.1, 0.5), NAMES[::-1])

    assert backwards.ranked == make().ranked
    assert set(backwards.top(2).kept) == set(make().top(2).kept)


@pytest.mark.parametrize("k", range(5))
def test_top_is_nested_and_in_the_order_of_names(k):
    kept = make().top(k).kept

    assert len(kept) == k
    assert list(kept) == [name for name in NAMES if name in kept]
    assert set(kept) <= set(make().top(min(4, k + 1)).kept)


def test_above_is_above():
    assert make().above(0.5).kept == ("user",)
    assert make().above(0.49).kept == ("site", "device", "user")


def test_budget_by_hand():
    costs = {"site": 2.0, "hour": 1.0, "device": 3.0, "user": 4.0}

    # user 4, device 3, site 2, hour 1: sums 4, 7, 9, 10
    expected = {3.9: 0, 4.0: 1, 6.9: 1, 7.0: 2, 9.0: 3, 9.9: 3, 10.0: 4}
    found = {limit: len(make().budget(costs, limit)) for limit in expected}
    assert found == expected


def test_budget_is_nested_though_a_cheap_unit_would_fit():
    costs = {"site": 1.0, "hour": 1.0, "device": 9.0, "user": 1.0}

    assert make().budget(costs, 5).kept == ("user",)


def test_selections_know_all_names():
    chosen = make().top(1)

    assert chosen.unit == "field"
    assert chosen.names == NAMES
    assert chosen.dropped == ("site", "hour", "device")


# Its form


def test_numbers_are_its_own():
    scores = np.array([1.0, 2.0])
    found = make(scores, ("a", "b"))

    scores[0] = 9.0

    assert found.scores.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        found.scores[0] = 3.0


def test_table(pairs):
    assert repr(pairs).splitlines() == [
        "Importance of 3 pairs by permutation: AUC lost",
        "         score  memorize",
        "  a x c  0.75   0.7",
        "  b x c  0.5    0.5",
        "  a x b  0.25   0",
    ]


def test_a_long_table_is_cut():
    names = tuple(f"field{number}" for number in range(12))

    lines = repr(make(range(12), names)).splitlines()

    assert lines[1] == "  field11  11"
    assert lines[-1] == "  (2 more)"
    assert len(lines) == 12


def test_nothing_to_score():
    nothing = make((), ())

    assert repr(nothing) == "Importance of 0 fields by permutation: AUC lost"
    assert nothing.top(0).kept == nothing.above(-1.0).kept == ()
    assert len(nothing) == 0


def test_equality(pairs):
    assert make() == make()
    assert make() != make((0.5, 0.1, 0.5, 0.8))
    assert make() != make(seed=1)
    assert make() != "an importance"


# Saving


def test_dictionary_round_trip(pairs):
    for found in (pairs, make(), make((), ())):
        again = Importance.from_dict(json.loads(json.dumps(found.to_dict())))

        assert again == found
        assert again.names == found.names


def test_folder_round_trip(pairs, tmp_path):
    for place, found in enumerate((pairs, make(), make((), ()))):
        found.save(tmp_path / str(place))

        assert Importance.load(tmp_path / str(place)) == found
    assert sorted(path.name for path in (tmp_path / "0").iterdir()) == [
        "about.json",
        "scores.parquet",
    ]


def test_an_old_importance_is_replaced_only_when_asked(pairs, tmp_path):
    pairs.save(tmp_path / "found")

    with pytest.raises(DataError, match=r"must not exist.* Pass overwrite=True"):
        make().save(tmp_path / "found")
    make().save(tmp_path / "found", overwrite=True)

    assert Importance.load(tmp_path / "found") == make()
    assert [path.name for path in tmp_path.iterdir()] == ["found"]


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("x")

    with pytest.raises(DataError, match="It holds no importance"):
        make().save(tmp_path, overwrite=True)


@pytest.mark.parametrize("file", ["about.json", "scores.parquet"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_damaged_files_are_named(pairs, tmp_path, file, damage):
    path = tmp_path / "found" / file
    pairs.save(tmp_path / "found")
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[:-5])

    with pytest.raises(DataError, match=f"{file} in .* cannot be used"):
        Importance.load(tmp_path / "found")


def test_a_newer_format_is_refused(pairs, tmp_path):
    pairs.save(tmp_path / "found")
    about = tmp_path / "found" / "about.json"
    about.write_text(
        about.read_text().replace('"format_version": 1', '"format_version": 2')
    )

    with pytest.raises(DataError, match=r"about\.json must have format 1, got 2"):
        Importance.load(tmp_path / "found")


# Errors


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"unit": "colour"}, ValueError, "unit must be one of .* got 'colour'"),
        ({"scores": (1, 2, 3)}, ShapeError, "scores must be 4 numbers, got 3"),
        ({"scores": (1, 2, np.nan, 3)}, DataError, "scores must be finite"),
        ({"names": ("a", "b", "a", "c")}, DataError, r"differ, got \['a'\]"),
        ({"names": ("a", ("b", "c"), "d", "e")}, DataError, "must all be strings"),
        (
            {"details": {"pi": np.zeros(3)}},
            ShapeError,
            "pi must be 4 numbers, got 3",
        ),
        (
            {"details": {"score": np.zeros(4)}},
            DataError,
            r"details must not be called \['score'\]",
        ),
    ],
    ids=str,
)
def test_what_is_refused(changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)


@pytest.mark.parametrize("k", [-1, 5])
def test_no_more_than_there_are(k):
    with pytest.raises(ValueError, match=rf"k must be in \[0, 4\], got {k}"):
        make().top(k)


def test_costs_of_every_unit():
    with pytest.raises(ValueError, match=r"costs must hold every unit, got none of"):
        make().budget({"site": 1.0}, 3)
    with pytest.raises(
        ValueError, match=r"the cost of 'site' must be zero or positive"
    ):
        make().budget(dict.fromkeys(NAMES, 1.0) | {"site": -1.0}, 3)


def test_a_dictionary_that_is_none():
    with pytest.raises(DataError, match="as to_dict writes it"):
        Importance.from_dict({"unit": "field"})


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_can_be_scored_kept_and_saved(unit, tmp_path):
    found = make(unit=unit)
    found.save(tmp_path / "found")

    assert Importance.load(tmp_path / "found") == found
    assert found.top(1).unit == unit
