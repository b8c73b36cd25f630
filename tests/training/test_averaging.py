"""Fits that keep the running mean of their weights."""

from dataclasses import replace

import pytest
import torch

from fieldwise.errors import ConfigError
from fieldwise.training import Recipe

RECIPE = Recipe(
    batch_size=16,
    num_epochs=3,
    learning_rate=0.01,
    plateau_factor=1.0,
    patience=100,
    average_epochs=0.5,
)


def test_training_itself_is_not_changed(
    schema, make_model, make_dataset, fit, remember, assert_equal_bits
):
    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=1)
    plain, averaged = [], []
    one, other = make_model(schema), make_model(schema)

    fit(
        one,
        train,
        valid,
        recipe=replace(RECIPE, average_epochs=0.0),
        on_epoch_end=remember(one, plain),
    )
    fit(other, train, valid, recipe=RECIPE, on_epoch_end=remember(other, averaged))

    for state, its_twin in zip(plain, averaged, strict=True):
        assert_equal_bits(state, its_twin)


def test_a_horizon_of_one_step_keeps_the_weights(
    schema, make_model, make_dataset, fit, assert_equal_bits
):
    train = make_dataset(schema, 90)
    plain, averaged = make_model(schema), make_model(schema)

    fit(plain, train, recipe=replace(RECIPE, average_epochs=0.0))
    fit(averaged, train, recipe=replace(RECIPE, average_epochs=1e-9))

    assert_equal_bits(plain.state_dict(), averaged.state_dict())


def test_the_mean_is_kept_with_and_without_validation(
    schema, make_model, make_dataset, fit
):
    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=1)
    recipe = replace(RECIPE, num_epochs=1)
    alone, watched = make_model(schema), make_model(schema)

    fit(alone, train, recipe=recipe)
    fit(watched, train, valid, recipe=recipe)

    for name, value in alone.state_dict().items():
        torch.testing.assert_close(value, watched.state_dict()[name], rtol=0, atol=0)


def test_negative_horizon():
    with pytest.raises(ConfigError, match="average_epochs must be zero or positive"):
        Recipe(average_epochs=-1.0)
