"""What one value may be, at the ends of 64 bits and beyond them."""

import re

import pytest

from fieldwise.serving.server.item_rule import ITEM_RULES

ENDS = {"int": (-(2**63), 2**63 - 1), "uint": (0, 2**64 - 1)}


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("quote", [int, str], ids=["bare", "quoted"])
def test_the_ends_of_64_bits(kind, quote):
    rule = ITEM_RULES[kind]
    low, high = ENDS[kind]
    inside = [low, low + 1, 0, 5, high - 10**18, high - 1, high]

    assert rule.clean([quote(value) for value in inside]) == inside
    for value in (low - 1, high + 1, 10 * high):
        assert rule.clean([quote(value)]) is None


@pytest.mark.parametrize("kind", ENDS)
def test_the_schema_says_the_same(kind):
    rule = ITEM_RULES[kind]
    low, high = ENDS[kind]

    for value in (low, low + 1, 0, 7, 10**18, high - 10**17, high, low - 1, high + 1):
        fits = re.search(rule.json_schema["pattern"], str(value)) is not None
        assert fits == (low <= value <= high) == (rule.clean([str(value)]) is not None)


@pytest.mark.parametrize("text", ["", "1.0", "+1", " 1", "1e3", "٣", "0x1", "--1"])
def test_what_is_no_whole_number(text):
    assert ITEM_RULES["int"].clean([text]) is None
    assert ITEM_RULES["uint"].clean([text]) is None
