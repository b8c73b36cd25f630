"""The small model and its few passes, which curves and rankings train by."""

import pytest

from fieldwise.training import FitSettings, default_recipe
from fieldwise.training.small_fit import small_arguments, small_recipe


@pytest.mark.parametrize(
    ("num_rows", "num_epochs", "batch_size"),
    [(0, 30, 128), (5_000, 30, 128), (110_000, 2, 1024), (10_000_000, 1, 4096)],
)
def test_passes_end_where_enough_rows_were_seen(num_rows, num_epochs, batch_size):
    recipe = small_recipe("deepfm", num_rows=num_rows, num_features=300)

    assert (recipe.num_epochs, recipe.batch_size) == (num_epochs, batch_size)


def test_the_rest_is_the_default_of_as_many_epochs():
    size = {"num_rows": 400_000, "num_features": 300}
    small = small_recipe("dnn", **size).to_dict()
    default = default_recipe("dnn", num_epochs=1, **size).to_dict()

    differing = {name for name in small if small[name] != default[name]}

    assert differing == {"learning_rate", "batch_size"}


def test_sizes_are_those_the_model_has():
    assert small_arguments("lr") == {}
    assert small_arguments("fm") == {"embedding_dim": 8}


def test_settings_say_what_differs_from_the_small_fit():
    size = {"num_rows": 5_000, "num_features": 300}
    settings = FitSettings(
        model="dnn",
        small=True,
        recipe={"num_epochs": 2, "seed": 4},
        model_arguments={"hidden_dims": (5,)},
    )

    assert settings.all_arguments() == {
        "dropout": 0.2,
        "embedding_dim": 8,
        "hidden_dims": (5,),
    }
    recipe = settings.full_recipe(**size)
    assert (recipe.num_epochs, recipe.seed, recipe.learning_rate) == (2, 4, 5e-3)
