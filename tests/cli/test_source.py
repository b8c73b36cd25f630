"""The arguments that name a table and its columns."""

from fieldwise.cli.config import check_config
from fieldwise.cli.draft import Draft
from fieldwise.cli.source import source_arguments


def run(*settings, **data):
    return check_config(Draft.gather(None, {"data": data}, settings))


def test_roles_without_a_look_at_the_table():
    found = source_arguments(
        run(path=["a.csv", "b.csv"], label=["click"], weight="w", split="part")
    )

    assert found == {
        "data": ["a.csv", "b.csv"],
        "label": ["click"],
        "weight": "w",
        "group": None,
        "time": None,
        "ignore": [],
        "valid": None,
        "split": "part",
        "calibration": "auto",
        "negative_rate": 1.0,
    }


def test_a_schema_where_guesses_are_replaced(clicks):
    found = source_arguments(
        run("fields.site.min_count=7", path=[str(clicks)], label=["click"], valid=["v"])
    )

    assert found["schema"]["site"].min_count == 7
    assert found["valid"] == "v"
    assert "label" not in found
