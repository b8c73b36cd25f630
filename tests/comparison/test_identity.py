"""What makes a comparison another one, and how that is told."""

import pytest

from fieldwise.comparison.identity import differences, identity_of
from fieldwise.comparison.plan import Plan
from fieldwise.data.divided_table import divide_table
from fieldwise.training import FitSettings, Recipe


def identity(log, *, models=("lr", "fm"), recipe=None, arguments=None, **given):
    settings = {
        name: FitSettings(
            model=name,
            recipe=recipe,
            model_arguments=(arguments or {}).get(name, {}),
            negative_rate=given.pop("negative_rate", 1.0),
        )
        for name in models
    }
    roles = {"label": "click", "ignore": ["part", "paid", "rating", "weight"]}
    table = divide_table(log, None, roles=roles, **given)
    return identity_of(table, Plan(settings, 2))


def test_the_same_twice(log):
    assert differences(identity(log), identity(log)) == []


def test_seeds_and_models_are_no_difference(log):
    here = identity(log, models=("fm", "dcnv2"), recipe={"seed": 4})

    assert differences(identity(log), here) == []


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"recipe": {"num_epochs": 2}}, "recipe.num_epochs: default there, 2 here"),
        (
            {"arguments": {"fm": {"embedding_dim": 8}}},
            "model.fm.embedding_dim: default",
        ),
        ({"split": "part"}, "split."),
        ({"test": 0.1}, "split."),
        ({"negative_rate": 0.5}, "negative_rate: 1.0 there, 0.5 here"),
    ],
)
def test_settings(log, settings, line):
    found = differences(identity(log), identity(log, **settings))

    assert any(text.startswith(line) for text in found), found


def test_a_whole_recipe_is_written_out(log):
    there = identity(log, recipe=Recipe(learning_rate=0.1))
    here = identity(log, recipe=Recipe(learning_rate=0.2, seed=3))

    assert differences(there, here) == ["recipe.learning_rate: 0.1 there, 0.2 here"]


def test_other_rows(log):
    found = differences(identity(log), identity(log.head(300)))

    assert "data: another one" in found


def test_other_fields_are_named(log):
    found = differences(identity(log), identity(log.drop("price")))

    assert any("schema.fields.price" in text for text in found)


def test_a_few_lines_only(log):
    many = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "model": {}}

    found = differences(many, {"model": {}})

    assert found[-1] == "and 1 more"
    assert len(found) == 7
