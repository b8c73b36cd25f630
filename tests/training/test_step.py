"""One step against plain torch."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam

from fieldwise.training import Recipe
from fieldwise.training._objective import Objective
from fieldwise.training._precision import open_fabric
from fieldwise.training._step import TrainingStep, wants_sparse_lookups
from fieldwise.training.optimizers._build import build_optimizers, set_learning_rate
from fieldwise.training.optimizers.lazy_decay import catch_up
from fieldwise.training.parameter_groups import ParameterGroups, sparse_lookups


def open_step(model, labels, recipe):
    fabric, _ = open_fabric("cpu", "float32")
    groups = ParameterGroups.of(model)
    optimizers = build_optimizers(groups, recipe)
    return TrainingStep(model, groups, optimizers, recipe, Objective(labels), fabric)


@pytest.mark.parametrize("sparse", [True, False])
def test_the_published_recipe_equals_plain_torch(
    schema, make_model, make_dataset, sparse
):
    recipe = Recipe(embedding_l2=0.3, network_l2=0.2, clip_norm=0.5, learning_rate=0.01)
    # In eval mode: batch statistics cancel the bias before them, which then gets
    # rounding errors for a gradient.
    ours = make_model(schema).eval()
    plain = deepcopy(ours)
    dataset = make_dataset(schema)
    step = open_step(ours, schema.labels, recipe)
    optimizer = Adam(plain.parameters(), lr=0.01)
    groups = ParameterGroups.of(plain)

    for start in range(0, 60, 20):
        batch = dataset.batch(slice(start, start + 20))
        with sparse_lookups([ours.embedding], sparse=sparse):
            loss = step(batch)
        optimizer.zero_grad()
        expected = nn.functional.binary_cross_entropy_with_logits(
            plain(batch), batch.labels[:, 0]
        )
        embeddings = (*groups.tables, *groups.embedding_weights)
        penalty = sum(p.square().sum() for p in embeddings) * 0.3 / 2
        penalty += sum(p.square().sum() for p in groups.network_matrices) * 0.2 / 2
        (expected + penalty).backward()
        clip_grad_norm_(plain.parameters(), 0.5)
        optimizer.step()

        torch.testing.assert_close(loss, expected.detach())
    for mine, theirs in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "lazy_adam", "rowwise_adagrad"])
def test_rows_never_met_keep_their_bits_under_touched_l2(
    sites, make_additive, make_dataset, optimizer
):
    recipe = Recipe(optimizer=optimizer, embedding_l2=10.0, l2_scope="touched")
    model = make_additive(sites)
    before = model.embedding.table.detach().clone()
    step = open_step(model, sites.labels, recipe)

    with sparse_lookups([model.embedding], sparse=True):
        for rows in ([[1], [4]], [[4], [4]], [[1], [7]]):
            step(make_dataset(sites, indices=rows, labels=[0, 1]).batch(slice(None)))

    moved = (model.embedding.table != before).any(dim=1)
    assert moved.nonzero()[:, 0].tolist() == [1, 4, 7]


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_rows_met_before_rest_with_lazy_optimizers(
    sites, make_additive, make_dataset, optimizer
):
    model = make_additive(sites)
    step = open_step(model, sites.labels, Recipe(optimizer=optimizer))

    with sparse_lookups([model.embedding], sparse=True):
        step(make_dataset(sites, indices=[[1], [4]], labels=[0, 1]).batch(slice(None)))
        before = model.embedding.table.detach().clone()
        step(make_dataset(sites, indices=[[2], [3]], labels=[0, 1]).batch(slice(None)))

    moved = (model.embedding.table != before).any(dim=1)
    assert moved.nonzero()[:, 0].tolist() == [2, 3]


def test_lazy_and_dense_adam_agree_where_every_row_is_touched(
    sites, make_additive, make_dataset
):
    rows = [[row] for row in range(10)] * 3
    labels = [row[0] % 3 == 0 for row in rows]
    batch = make_dataset(sites, indices=rows, labels=labels).batch(slice(None))
    tables = []
    for optimizer in ("adam", "lazy_adam"):
        model = make_additive(sites)
        step = open_step(model, sites.labels, Recipe(optimizer=optimizer))
        with sparse_lookups([model.embedding], sparse=True):
            for _ in range(50):
                step(batch)
        tables.append(model.embedding.table.detach())

    torch.testing.assert_close(*tables, rtol=0, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_tables_decay_as_if_every_row_did_at_every_step(
    schema, make_model, make_dataset, optimizer
):
    recipe = Recipe(optimizer=optimizer, embedding_decay=2.0, learning_rate=0.01)
    models = [make_model(schema).eval() for _ in range(2)]
    ours, plain = (
        open_step(model, schema.labels, r)
        for model, r in zip(
            models, (recipe, replace(recipe, embedding_decay=0.0)), strict=True
        )
    )
    dataset = make_dataset(schema)

    for number in range(40):
        # Two rows of data: of the 19 rows of the table, most wait for many steps.
        batch = dataset.batch(slice(2 * number, 2 * number + 2))
        rate = 0.01 if number < 20 else 0.03
        for step in (ours, plain):
            set_learning_rate(step.optimizers, rate)
            with sparse_lookups([step.model.embedding], sparse=True):
                step(batch)
        with torch.no_grad():
            plain.model.embedding.table.mul_(1 - rate * 2.0)
    catch_up(ours.optimizers)

    for mine, theirs in zip(*(m.parameters() for m in models), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


def test_frozen_tables_do_not_move(schema, make_model, make_dataset):
    model = make_model(schema)
    model.embedding.table.requires_grad_(False)
    before = model.embedding.table.clone()
    head = model.head.weight.detach().clone()
    step = open_step(model, schema.labels, Recipe(embedding_l2=1.0))

    with sparse_lookups([model.embedding], sparse=True):
        step(make_dataset(schema).batch(slice(None)))

    assert torch.equal(model.embedding.table, before)
    assert not torch.equal(model.head.weight, head)


@pytest.mark.parametrize(
    "settings",
    [
        {"embedding_l2": 0.1},
        {"optimizer": "lazy_adam", "embedding_decay": 0.1},
        {"optimizer": "rowwise_adagrad", "embedding_decay": 0.1},
    ],
)
def test_a_step_never_reads_a_number(
    schema, make_model, make_dataset, monkeypatch, settings
):
    """What would make a GPU wait; clipping on a CPU is the exception it documents."""
    model = make_model(schema)
    step = open_step(model, schema.labels, Recipe(clip_norm=None, **settings))
    batch = make_dataset(schema).batch(slice(None))
    model.embedding.sparse_gradients = "optimizer" in settings
    step(batch)

    def refuse(*_):
        message = "the device was asked for a number"
        raise AssertionError(message)

    for name in ("item", "tolist", "__bool__", "__float__", "cpu", "numpy"):
        monkeypatch.setattr(torch.Tensor, name, refuse)
    step(batch)


def test_who_wants_sparse_lookups():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")

    assert wants_sparse_lookups(Recipe(), cpu)
    assert not wants_sparse_lookups(Recipe(), gpu)
    assert wants_sparse_lookups(Recipe(optimizer="lazy_adam"), gpu)
