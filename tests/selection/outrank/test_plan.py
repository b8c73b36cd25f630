import pytest

from fieldwise.selection.outrank.plan import Plan


def test_all_combinations_are_listed():
    assert Plan().groups(3, 2).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert Plan().groups(4, 3).shape == (4, 3)
    assert Plan().groups(0, 2).shape == (0, 2)


def test_too_many_combinations_are_refused():
    with pytest.raises(ValueError, match="at most 1,048,576 combinations, got 20,708"):
        Plan().groups(500, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"heuristic": "mi"}, "heuristic must be one of 'corrected', 'published'"),
        ({"heuristic": "auc", "redundancy": True}, "must suit labels of many values"),
        ({"numbers": "rank"}, "numbers must be one of"),
        ({"order": 0}, "order must be positive"),
        ({"block_rows": 0}, "block_rows must be positive"),
    ],
)
def test_impossible_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Plan(**settings)
