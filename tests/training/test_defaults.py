"""The defaults of ``fieldwise.fit``: a rule, by hand and at its limits."""

import pytest

from fieldwise.errors import ConfigError
from fieldwise.models import MODELS, build_model
from fieldwise.training.defaults import default_arguments, default_recipe


def test_batch_grows_with_the_table():
    # 200 steps of 256 rows are 51,200 rows; one row less falls back on 128.
    sizes = [
        default_recipe("lr", num_rows=rows, num_features=10).batch_size
        for rows in (10, 51_199, 51_200, 102_400, 10**9)
    ]

    assert sizes == [128, 128, 256, 512, 4096]


def test_penalty_of_towers_grows_with_features_per_row():
    few = default_recipe("dnn", num_rows=1000, num_features=10)
    many = default_recipe("dnn", num_rows=1000, num_features=5000)

    # 2e-3 * 10 / 1000; the share is capped at one feature per row.
    assert few.embedding_l2 == pytest.approx(2e-5)
    assert many.embedding_l2 == 2e-3


def test_linear_models_are_hardly_penalised():
    penalties = [
        default_recipe(model, num_rows=10, num_features=10).embedding_l2
        for model in ("lr", "fm")
    ]

    assert penalties == [1e-6, 1e-5]


@pytest.mark.parametrize("model", MODELS)
def test_arguments_fit_the_model(model, categorical_schema):
    build_model(model, categorical_schema, **default_arguments(model))


def test_no_rows():
    assert default_recipe("dnn", num_rows=0, num_features=1).batch_size == 128


def test_unknown_model():
    with pytest.raises(ConfigError, match="Did you mean 'dcnv2'"):
        default_recipe("dcn2", num_rows=1, num_features=1)


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_lazy_optimizers_feel_the_penalty_on_touched_rows(optimizer):
    recipe = default_recipe("dnn", num_rows=1000, num_features=10, optimizer=optimizer)

    assert (recipe.optimizer, recipe.l2_scope) == (optimizer, "touched")
    assert recipe.embedding_l2 > 0


def test_a_single_epoch_has_a_weak_penalty_and_a_short_memory():
    long, short = (
        default_recipe("dnn", num_rows=10, num_features=10, num_epochs=epochs)
        for epochs in (2, 1)
    )

    assert (long.average_epochs, short.average_epochs) == (0.5, pytest.approx(0.05))
    assert short.embedding_l2 == pytest.approx(long.embedding_l2 / 10)
    assert (long.num_epochs, short.num_epochs) == (2, 1)
