import pytest

from fieldwise.errors import ConfigError, DataError
from fieldwise.search.methods import choose_methods, rank_fields
from fieldwise.selection.rankers import RANKERS
from tests.search.fixed_order import FixedOrder
from tests.selection.planted import planted


def test_names_in_the_order_given():
    assert list(choose_methods(" shark, lasso,shark")) == ["shark", "lasso"]
    assert choose_methods(["lasso"]) == {"lasso": RANKERS["lasso"]}


def test_own_methods():
    own = {"mine": FixedOrder(())}

    assert choose_methods(own) == own


def test_an_unknown_name_lists_all():
    with pytest.raises(ConfigError, match=r"among .*lasso, .*shark.* got \['shrak'\]"):
        choose_methods("lasso,shrak")


@pytest.mark.parametrize("methods", ["", " , ", [], {}])
def test_no_method(methods):
    with pytest.raises(ConfigError, match="methods must be one at least, got none"):
        choose_methods(methods)


def test_every_field_must_have_a_score():
    data = planted(num_rows=50)
    found = FixedOrder(()).rank(data)

    class Partial:
        def rank(self, data, *, seed):
            return type(found)("field", ("x",), found.scores[:1], "share", "partial")

    with pytest.raises(DataError, match="method 'partial' must give a score to every"):
        rank_fields(Partial(), data, seed=0, name="partial")
    assert rank_fields(FixedOrder(()), data, seed=0, name="fixed") == found
