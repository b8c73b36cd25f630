"""What is impossible about a table, said before it is read."""

import pytest

from fieldwise.data.source_problems import held_out_problems, source_problems
from fieldwise.schema import CategoricalField, Label, Schema

FIELDS = (CategoricalField("site"),)
LABELLED = Schema(FIELDS, labels=(Label("click"),))
ROLES = {"label": None, "weight": None, "group": None, "time": None, "ignore": ()}


@pytest.mark.parametrize(
    ("roles", "schema", "held_out", "problems"),
    [
        ({"label": "click"}, None, {}, []),
        ({}, LABELLED, {"split": "part"}, []),
        ({}, None, {}, ["label must be given, got None. Name the column to predict."]),
        (
            {"label": "click", "time": "day"},
            LABELLED,
            {},
            [
                "label and time must be part of the schema where one is given. Leave "
                "the argument out."
            ],
        ),
        ({}, Schema(FIELDS), {}, ["schema must have a label, got none."]),
        (
            {"label": "click"},
            None,
            {"valid": "a.csv", "split": "part"},
            ["split must be None where valid is given: one way to hold rows out."],
        ),
    ],
)
def test_problems_of_a_table(roles, schema, held_out, problems):
    given = {"valid": None, "split": None, **held_out}

    assert source_problems({**ROLES, **roles}, schema, **given) == problems


@pytest.mark.parametrize(
    ("test", "split", "problems"),
    [
        (0.0, "part", []),
        (0.2, None, []),
        (1.0, None, ["test must be a share in [0, 1), got 1.0."]),
        (0.2, "part", ["test must be 0 where valid or split divides the rows."]),
    ],
)
def test_problems_of_a_test_share(test, split, problems):
    assert held_out_problems(test, valid=None, split=split) == problems
