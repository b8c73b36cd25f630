"""Parameters that learn from rows of their own."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn

from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.training import Recipe, Trainer
from fieldwise.training.held_out_steps import HeldOutSteps

RECIPE = Recipe(batch_size=16, num_epochs=2, learning_rate=0.01)


def steps_of(model, rows, **settings):
    settings = {"every": 1, "learning_rate": 0.1, "batch_size": 20} | settings
    return HeldOutSteps(model, [model.head.weight, model.head.bias], rows, **settings)


def test_steps_equal_plain_torch(schema, make_model, make_dataset):
    ours = make_model(schema, dropout=0.0).eval()
    plain = deepcopy(ours)
    rows = make_dataset(schema, 50)
    steps = steps_of(ours, rows, every=2, seed=3)
    optimizer = torch.optim.Adam(plain.head.parameters(), lr=0.1)
    loader = Loader(rows, batch_size=20, shuffle="full", seed=3)

    for _ in range(9):
        steps()
    # Four steps: three of the first epoch, whose last batch has ten rows, one of the
    # second.
    for batch in [*loader.epoch(0), next(loader.epoch(1))]:
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(
            plain(batch), batch.labels[:, 0]
        ).backward()
        optimizer.step()

    for mine, theirs in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_each_learns_from_its_own_rows(schema, make_model, make_dataset):
    """Labels of the other rows change nothing."""
    kept = []
    for train_seed, held_out_seed in ((0, 1), (5, 1), (0, 6)):
        model = make_model(schema, dropout=0.0).eval()
        train = make_dataset(schema, 48, seed=train_seed)
        steps = steps_of(model, make_dataset(schema, 40, seed=held_out_seed))
        head = model.head.weight.detach().clone()
        table = model.embedding.table.detach().clone()
        steps()
        moved = model.head.weight.detach().clone()
        Trainer(RECIPE, accelerator="cpu", progress=False).fit(model, train)
        # The trainer alone leaves the head alone, and the steps everything else.
        assert torch.equal(model.head.weight, moved)
        assert not torch.equal(moved, head)
        assert not torch.equal(model.embedding.table, table)
        kept.append(moved)

    assert torch.equal(kept[0], kept[1])
    assert not torch.equal(kept[0], kept[2])


def test_in_turns_with_the_trainer(schema, make_model, make_dataset, fit):
    model = make_model(schema)
    steps = steps_of(model, make_dataset(schema, 40, seed=1), every=4)
    before = deepcopy(model.state_dict())

    fit(model, make_dataset(schema, 100), recipe=RECIPE, after_step=steps)

    # Seven batches in each of two epochs.
    assert steps.num_training_steps == 14
    for name in ("head.weight", "embedding.table", "tower.0.weight"):
        assert not torch.equal(model.state_dict()[name], before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model.head.weight.requires_grad
    assert model.embedding.table.requires_grad


def test_the_same_seed_the_same_bits(
    schema, make_model, make_dataset, fit, assert_equal_bits
):
    states = []
    for seed in (0, 0, 1):
        model = make_model(schema)
        steps = steps_of(model, make_dataset(schema, 40, seed=1), every=2, seed=seed)
        recipe = replace(RECIPE, seed=2)
        fit(model, make_dataset(schema, 64), recipe=recipe, after_step=steps)
        states.append(model.state_dict())

    assert_equal_bits(states[0], states[1])
    assert not torch.equal(states[0]["head.weight"], states[2]["head.weight"])


def test_what_is_refused(schema, make_model, make_dataset):
    model = make_model(schema)
    with pytest.raises(ValueError, match="every must be positive, got 0"):
        steps_of(model, make_dataset(schema, 4), every=0)
    with pytest.raises(DataError, match="at least one row"):
        steps_of(model, make_dataset(schema, 0))
