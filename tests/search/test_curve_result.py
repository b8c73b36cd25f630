from fieldwise.search import FieldCurve
from fieldwise.search.curve_table import make_tables
from tests.search.made_up import made_up


def result(aucs, chosen, **changes):
    return FieldCurve(*make_tables(made_up(aucs, **changes)), "test", chosen)


def test_fields_of_the_chosen_method():
    found = result({"a": {0: (0.6, 0.9)}, "b": {0: (0.5, 0.6)}}, "a")

    assert found.num_fields == 2
    assert found.errors == {}


def test_nothing_chosen_and_errors():
    found = result({"a": {0: (0.6, None)}}, None)

    assert found.num_fields is None
    assert found.errors == {"a": "ValueError: the loss is nan"}
