"""Recipes: the published defaults, every mistake named, no typo accepted."""

import pytest

from fieldwise.errors import ConfigError
from fieldwise.training import Recipe


def test_defaults_are_the_published_protocol():
    recipe = Recipe()

    assert (recipe.optimizer, recipe.learning_rate) == ("adam", 1e-3)
    assert (recipe.clip_norm, recipe.patience) == (10.0, 2)
    assert (recipe.plateau_factor, recipe.min_delta) == (0.1, 1e-6)


def test_round_trip():
    recipe = Recipe(optimizer="lazy_adam", l2_scope="touched", clip_norm=None, seed=3)

    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_settings_left_out_keep_their_defaults():
    assert Recipe.from_dict({"seed": 4}) == Recipe(seed=4)
    assert Recipe.from_dict({}) == Recipe()


def test_whole_numbers_are_good_floats():
    assert Recipe.from_dict({"learning_rate": 1, "clip_norm": 5}).clip_norm == 5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "sgd"}, "optimizer must be one of 'adam', .*, got 'sgd'"),
        ({"l2_scope": "rows"}, "l2_scope must be one of 'table', 'touched'"),
        ({"shuffle": "blocks"}, "shuffle must be one of 'auto', 'full', 'block'"),
        ({"embedding_decay": -1.0}, "embedding_decay must be zero or positive"),
        ({"embedding_decay": 0.1}, "optimizer must be 'lazy_adam' .* Set embedding_l2"),
        (
            {"optimizer": "lazy_adam", "learning_rate": 0.5, "embedding_decay": 2},
            r"learning_rate \* embedding_decay must be below 1, got 0\.5 \* 2",
        ),
        ({"monitor": "ndcg"}, "monitor must be one of 'auc', 'logloss'"),
        ({"precision": "fp16"}, "precision must be one of 'float32', 'bf16', 'auto'"),
        ({"learning_rate": 0}, "learning_rate must be positive, got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite, got nan"),
        ({"batch_size": 0}, "batch_size must be positive, got 0"),
        ({"batch_size": 4096.0}, r"batch_size must be an integer, got 4096\.0"),
        ({"batch_size": "4096"}, "batch_size must be an integer, got '4096'"),
        ({"num_epochs": True}, "num_epochs must be an integer, got True"),
        ({"embedding_l2": -1.0}, "embedding_l2 must be zero or positive, got -1"),
        ({"network_l2": None}, "network_l2 must be a number, got None"),
        ({"clip_norm": 0.0}, "clip_norm must be positive, got 0"),
        ({"patience": 0}, "patience must be positive, got 0"),
        ({"min_delta": -0.1}, "min_delta must be zero or positive"),
        ({"plateau_factor": 1.5}, r"plateau_factor must be at most 1, got 1\.5"),
        ({"seed": -1}, "seed must be zero or positive, got -1"),
        ({"seeds": 1}, "recipe has no setting 'seeds'. Did you mean 'seed'?"),
        ({"zzz": 1}, "recipe has no setting 'zzz'. It has optimizer, learning_rate"),
    ],
)
def test_impossible_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        Recipe.from_dict(settings)


def test_all_problems_at_once():
    with pytest.raises(ConfigError) as caught:
        Recipe.from_dict({"sed": 1, "patience": 0, "optimizer": "sgd"})

    for part in ("'sed'", "patience must be", "optimizer must be"):
        assert part in str(caught.value)


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_whole_table_l2_needs_an_optimizer_that_moves_the_whole_table(optimizer):
    with pytest.raises(
        ConfigError, match=r"Set l2_scope='touched', embedding_decay .*='adam'"
    ):
        Recipe(optimizer=optimizer, embedding_l2=1e-5)

    assert Recipe(optimizer=optimizer).embedding_l2 == 0
    assert Recipe(optimizer=optimizer, embedding_l2=1e-5, l2_scope="touched")


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_tables_decay_with_an_optimizer_that_does_not_move_them(optimizer):
    settings = {"optimizer": optimizer, "embedding_decay": 0.1}

    assert Recipe.from_dict(settings).embedding_decay == 0.1
    assert Recipe().embedding_decay == 0
    assert Recipe().shuffle == "auto"
