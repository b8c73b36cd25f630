"""JSON that every reader accepts."""

import datetime
import json

import pytest

from fieldwise.cli.json_text import json_text


def test_plain_values_stay():
    value = {"auc": 0.5, "rows": 3, "names": ["é", None, True]}

    assert json.loads(json_text(value)) == value
    assert "é" in json_text(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_json_lacks_are_null(value):
    assert json.loads(json_text({"a": [value, (1, value)]})) == {"a": [None, [1, None]]}


def test_other_types_become_text():
    day = datetime.date(2013, 12, 31)

    assert json.loads(json_text({1: day})) == {"1": "2013-12-31"}
