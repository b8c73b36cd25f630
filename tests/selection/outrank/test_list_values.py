import polars as pl
import pytest

from fieldwise.schema import Schema, SequenceField
from fieldwise.selection.outrank.list_values import MAX_VALUES, ListValues


def values(lists, **schema):
    table = pl.DataFrame({"tags": pl.Series(lists, **schema)})
    return table, ListValues(table.lazy(), Schema((SequenceField("tags"),)))


def test_values_by_how_many_lists_hold_them():
    # "b" comes most often, but in one list.
    table, found = values([["b", "b", "b"], ["a", "c"], ["a", None], [], None])

    assert found.names == (("tags", "'a'"), ("tags", "'b'"), ("tags", "'c'"))
    held = found.look(table)
    assert held.columns == found.columns()
    assert held.rows() == [
        (False, True, False),
        (True, False, True),
        (True, False, False),
        (False, False, False),
        (False, False, False),
    ]


def test_at_most_so_many_values():
    _, found = values([list(range(100)), [7]])

    # Those of equal counts in their own order.
    assert found.names[0] == ("tags", "7")
    assert found.names[1:4] == (("tags", "0"), ("tags", "1"), ("tags", "2"))
    assert len(found.names) == MAX_VALUES


@pytest.mark.parametrize(
    "dtype", [pl.List(pl.Categorical), pl.List(pl.Enum(["a", "b"])), pl.Array(str, 2)]
)
def test_other_types_of_lists(dtype):
    table, found = values([["a", "b"], ["b", "b"]], dtype=dtype)

    assert found.names == (("tags", "'b'"), ("tags", "'a'"))
    assert found.look(table).rows() == [(True, True), (True, False)]


@pytest.mark.parametrize("lists", [[None, None], [[], None]])
def test_lists_that_hold_nothing(lists):
    table, found = values(lists)

    assert found.names == ()
    assert found.look(table).width == 0
