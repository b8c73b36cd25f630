"""Selection: what is kept, and what a schema becomes."""

import json

import pytest

from fieldwise.errors import DataError, SchemaError
from fieldwise.importance import Selection

FIELDS = Selection("field", ("site", "hour"), ("site", "device", "hour"))
PAIRS = Selection(
    "pair",
    (("a", "b"), ("b", "c")),
    (("a", "b"), ("a", "c"), ("b", "c")),
    {("a", "b"): "memorize"},
)


def test_the_fields_of_a_schema(categorical_schema):
    assert FIELDS.apply_to(categorical_schema).names == ("site", "hour")


def test_what_goes():
    assert FIELDS.dropped == ("device",)
    assert PAIRS.dropped == (("a", "c"),)
    assert len(FIELDS) == 2


def test_in_words():
    nothing = Selection("field", (), ("site",))

    assert repr(FIELDS) == "Selection of 2 of 3 fields: site, hour"
    assert repr(PAIRS) == "Selection of 2 of 3 pairs: a x b (memorize), b x c"
    assert repr(nothing) == "Selection of 0 of 1 fields: none"
    many = tuple(f"field{number}" for number in range(12))
    assert repr(Selection("field", many, many)).endswith("field9 and 2 more")


@pytest.mark.parametrize("chosen", [FIELDS, PAIRS])
def test_round_trips(chosen, tmp_path):
    chosen.save(tmp_path / "chosen.json")

    assert Selection.load(tmp_path / "chosen.json") == chosen
    assert Selection.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen
    assert [path.name for path in tmp_path.iterdir()] == ["chosen.json"]


def test_a_file_is_replaced(tmp_path):
    for chosen in (FIELDS, PAIRS):
        chosen.save(tmp_path / "chosen.json")

    assert Selection.load(tmp_path / "chosen.json") == PAIRS


@pytest.mark.parametrize("content", ["", "[]", '{"format_version": 1}', None])
def test_a_damaged_file(content, tmp_path):
    if content is not None:
        (tmp_path / "chosen.json").write_text(content)

    with pytest.raises(DataError, match=r"chosen.json in .* cannot be used|to_dict"):
        Selection.load(tmp_path / "chosen.json")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("colour", (), ()), ValueError, "unit must be one of"),
        (("field", ("a",), ("b",)), DataError, "kept must be some of names"),
        (("field", ("b", "a"), ("a", "b")), DataError, "in their order"),
        (("field", (), ("a", "a")), DataError, r"names must differ, got \['a'\]"),
        (
            ("field", ("a",), ("a", "b"), {"b": "x"}),
            DataError,
            r"choices must be of units that are kept, got \['b'\]",
        ),
    ],
    ids=str,
)
def test_what_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Selection(*arguments)


def test_only_fields_reduce_a_schema(categorical_schema):
    with pytest.raises(DataError, match=r"unit must be 'field' .* got 'pair'"):
        PAIRS.apply_to(categorical_schema)
    other = Selection("field", ("colour",), ("colour",))
    with pytest.raises(SchemaError, match=r"unknown \['colour'\]"):
        other.apply_to(categorical_schema)
