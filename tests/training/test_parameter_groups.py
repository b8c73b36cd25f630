"""Every trainable parameter is in exactly one group."""

import pytest
from torch import nn

from fieldwise.training.parameter_groups import ParameterGroups, sparse_lookups


def names(model, parameters):
    by_identity = {id(p): name for name, p in model.named_parameters()}
    return sorted(by_identity[id(p)] for p in parameters)


def test_groups_by_hand(schema, make_model):
    model = make_model(schema)

    groups = ParameterGroups.of(model)

    assert names(model, groups.tables) == ["embedding.table"]
    assert all(
        n.startswith("embedding.") for n in names(model, groups.embedding_weights)
    )
    assert groups.embedding_weights
    assert names(model, groups.network_matrices) == ["head.weight", "tower.0.weight"]
    assert names(model, groups.network_vectors) == [
        "head.bias",
        "tower.0.bias",
        "tower.1.bias",
        "tower.1.weight",
    ]


def test_groups_are_a_partition(schema, make_model):
    model = nn.ModuleList([make_model(schema), make_model(schema)])
    model.append(model[0].embedding)  # shared

    groups = ParameterGroups.of(model)

    assert len(groups.embeddings) == 2
    assert names(model, groups.trainable) == sorted(
        n for n, _ in model.named_parameters()
    )
    assert len({id(p) for p in groups.trainable}) == len(groups.trainable)


def test_frozen_parameters_are_in_no_group(schema, make_model):
    model = make_model(schema)
    model.embedding.table.requires_grad_(False)
    model.head.weight.requires_grad_(False)

    groups = ParameterGroups.of(model)

    assert groups.tables == ()
    assert "head.weight" not in names(model, groups.trainable)


def test_a_model_without_embeddings():
    groups = ParameterGroups.of(nn.Linear(2, 1))

    assert groups.embeddings == groups.tables == ()
    assert len(groups.dense) == 2


def test_sparse_lookups_are_put_back_also_after_an_error(schema, make_model):
    embedding = make_model(schema).embedding
    embedding.sparse_gradients = False

    with sparse_lookups([embedding], sparse=True):
        assert embedding.sparse_gradients
    assert not embedding.sparse_gradients

    with pytest.raises(KeyError), sparse_lookups([embedding], sparse=True):
        raise KeyError
    assert not embedding.sparse_gradients
