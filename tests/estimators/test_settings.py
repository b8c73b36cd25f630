"""Parameters as arguments of ``fieldwise.fit``."""

import numpy as np
import pytest

from fieldwise.errors import ConfigError
from fieldwise.estimators.settings import joined_recipe, seed_of


def test_a_generator_gives_another_seed_each_time():
    random = np.random.RandomState(0)

    assert seed_of(np.int64(5)) == 5
    assert seed_of(random) != seed_of(random)
    assert seed_of(np.random.RandomState(1)) == seed_of(np.random.RandomState(1))


def test_parameters_join_the_recipe():
    assert joined_recipe(None, learning_rate=None) == {}
    assert joined_recipe({"patience": 5}, num_epochs=3) == {
        "patience": 5,
        "num_epochs": 3,
    }


@pytest.mark.parametrize("name", ["seed", "num_epochs"])
def test_a_setting_stands_in_one_place(name):
    with pytest.raises(ConfigError, match=rf"got \['{name}'\].*random_state"):
        joined_recipe({name: 1}, num_epochs=None)


def test_a_recipe_is_a_mapping():
    with pytest.raises(
        ConfigError, match="recipe must be a mapping of settings, got 3"
    ):
        joined_recipe(3)
