"""Which optimizer moves which parameters."""

import pytest
from torch import nn
from torch.optim import Adam

from fieldwise.training import Recipe
from fieldwise.training.optimizers import LazyAdam, LazyDecay, RowwiseAdagrad
from fieldwise.training.optimizers._build import build_optimizers, set_learning_rate
from fieldwise.training.parameter_groups import ParameterGroups


def moved(optimizers):
    return [id(p) for o in optimizers for g in o.param_groups for p in g["params"]]


def test_adam_moves_everything_in_one_pass(schema, make_model):
    groups = ParameterGroups.of(make_model(schema))

    (optimizer,) = build_optimizers(groups, Recipe())

    assert isinstance(optimizer, Adam)
    assert optimizer.defaults["fused"]
    assert sorted(moved([optimizer])) == sorted(map(id, groups.trainable))


@pytest.mark.parametrize(
    ("name", "kind"), [("lazy_adam", LazyAdam), ("rowwise_adagrad", RowwiseAdagrad)]
)
def test_lazy_optimizers_move_the_tables_only(schema, make_model, name, kind):
    groups = ParameterGroups.of(make_model(schema))

    tables, dense = build_optimizers(groups, Recipe(optimizer=name))

    assert isinstance(tables, kind)
    assert isinstance(dense, Adam)
    assert moved([tables]) == list(map(id, groups.tables))
    assert sorted(moved([dense])) == sorted(map(id, groups.dense))


@pytest.mark.parametrize("name", ["lazy_adam", "rowwise_adagrad"])
def test_tables_that_decay_have_an_optimizer_more(schema, make_model, name):
    groups = ParameterGroups.of(make_model(schema))
    recipe = Recipe(optimizer=name, embedding_decay=0.5, learning_rate=0.25)

    _, decay, _ = build_optimizers(groups, recipe)

    assert isinstance(decay, LazyDecay)
    assert moved([decay]) == list(map(id, groups.tables))
    assert decay.param_groups[0]["decay"] == 0.5
    set_learning_rate([decay], 0.125)
    assert decay.param_groups[0]["lr"] == 0.125


def test_groups_that_are_empty_have_no_optimizer(sites, make_additive):
    recipe = Recipe(optimizer="lazy_adam")

    (only,) = build_optimizers(ParameterGroups.of(make_additive(sites)), recipe)
    assert isinstance(only, LazyAdam)

    (only,) = build_optimizers(ParameterGroups.of(nn.Linear(1, 1)), recipe)
    assert isinstance(only, Adam)


def test_the_learning_rate_changes_everywhere(schema, make_model):
    groups = ParameterGroups.of(make_model(schema))
    optimizers = build_optimizers(groups, Recipe(optimizer="lazy_adam"))

    set_learning_rate(optimizers, 0.5)

    assert [g["lr"] for o in optimizers for g in o.param_groups] == [0.5, 0.5]


def test_nothing_to_train():
    with pytest.raises(ValueError, match="trainable parameters, got none"):
        build_optimizers(ParameterGroups.of(nn.Identity()), Recipe())
