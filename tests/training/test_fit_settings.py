"""What the user said, and what is chosen in place of the rest."""

import pytest

from fieldwise.training import FitSettings, Recipe, default_recipe


def test_changes_on_top_of_the_default_of_the_model_and_table():
    size = {"num_rows": 10_000, "num_features": 300}
    settings = FitSettings(model="dcnv2", recipe={"learning_rate": 0.5, "seed": 4})

    recipe = settings.full_recipe(**size)

    default = default_recipe("dcnv2", **size)
    assert recipe.to_dict() == default.to_dict() | {"learning_rate": 0.5, "seed": 4}
    assert settings.seed == 4


def test_other_defaults_follow_epochs_and_optimizer():
    size = {"num_rows": 10_000, "num_features": 300}
    one = FitSettings(model="fm", recipe={"num_epochs": 1}).full_recipe(**size)
    lazy = FitSettings(model="fm", recipe={"optimizer": "lazy_adam"})

    assert one == default_recipe("fm", num_epochs=1, **size)
    assert lazy.full_recipe(**size).l2_scope == "touched"


def test_a_whole_recipe_is_left_alone():
    recipe = Recipe(num_epochs=3, seed=9)
    settings = FitSettings(model="fm", recipe=recipe)

    assert settings.full_recipe(num_rows=5, num_features=5) is recipe
    assert settings.seed == 9


def test_arguments_on_top_of_the_defaults_of_a_fit():
    settings = FitSettings(model="dcnv2", model_arguments={"embedding_dim": 4})

    assert settings.all_arguments() == {"dropout": 0.2, "embedding_dim": 4}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recipe": {"epochs": 3}}, "no setting 'epochs'"),
        ({"model": "dcn22"}, "model must be one of"),
        ({"model_arguments": {"depth": 3}}, "arguments of 'lr', got ['depth']"),
        ({"model_arguments": {"depth": {1}}}, "plain JSON types"),
        ({"calibration": "plat"}, "calibration must be one of"),
        ({"negative_rate": 0.0}, "negative_rate must be a share"),
    ],
)
def test_problems(settings, message):
    found = FitSettings(**{"model": "lr"} | settings).problems()

    assert any(message in text for text in found), found
    assert FitSettings(model="lr").problems() == []
