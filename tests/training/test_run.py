"""How a run goes: modes, best epoch, plateau, patience, and the ways it ends."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.errors import TrainingDivergedError
from fieldwise.training import Recipe

QUICK = Recipe(batch_size=16, num_epochs=3, learning_rate=0.01)
# The rate never drops and patience never ends: validation only watches.
WATCHED = replace(QUICK, plateau_factor=1.0, patience=100)


class Scripted(nn.Module):
    """Its quality on validation rows follows a script, one entry per evaluation.

    The label of a row is the parity of its index. Quality 1 ranks all rows right.
    """

    def __init__(self, script):
        super().__init__()
        self.script = list(script)
        self.weight = nn.Parameter(torch.zeros(1))
        self.path = [0.0]
        self.register_buffer("num_evaluations", torch.zeros((), dtype=torch.long))

    def forward(self, batch):
        rows = batch.indices[:, 0]
        if self.training:
            return self.weight * rows
        quality = self.script[int(self.num_evaluations)]
        self.num_evaluations += 1
        wrong = rows >= round(quality * 10)
        return torch.where(wrong, 0.0, (rows % 2) * 2.0 - 1)


@pytest.fixture
def scripted(sites, make_dataset, fit):
    """Fit a scripted model; ten validation rows whose AUC falls with the script."""
    rows = np.arange(10).reshape(-1, 1)
    dataset = make_dataset(sites, indices=rows, labels=rows % 2)

    def run(script, **settings):
        model = Scripted(script)
        recipe = Recipe(num_epochs=len(script), learning_rate=1e-3, **settings)
        note = lambda _: model.path.append(model.weight.item())  # noqa: E731
        return model, fit(model, dataset, dataset, recipe=recipe, on_epoch_end=note)

    return run


def test_best_epoch_is_restored_though_patience_never_triggers(scripted):
    model, history = scripted([0.6, 1.0, 0.8], patience=50)

    assert history.best_epoch == 2
    assert not history.stopped_early
    assert [record.improved for record in history.epochs] == [True, True, False]
    # the buffer counts evaluations; two had happened when the best was kept
    assert model.num_evaluations == 2


def test_plateau_and_patience_by_hand(scripted):
    model, history = scripted([0.6, 0.8, 0.7, 1.0, 0.9, 0.8, 1.0], patience=2)

    rates = [record.learning_rate for record in history.epochs]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5])
    assert history.best_epoch == 4
    assert history.stopped_early
    assert model.num_evaluations == 4


def test_the_rate_that_dropped_is_the_one_that_is_used(scripted):
    model, _ = scripted([1.0, 0.5, 0.5, 0.5], patience=50)

    # one step of Adam an epoch, about as long as the rate while gradients agree
    steps = np.abs(np.diff(model.path))
    assert steps == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5], rel=0.1)


def test_patience_that_ends_with_the_last_epoch_is_not_early(scripted):
    _, history = scripted([1.0, 0.5, 0.5], patience=2)

    assert len(history.epochs) == 3
    assert not history.stopped_early


def test_weights_of_the_best_epoch_are_back(
    schema, make_model, make_dataset, fit, remember, assert_equal_bits
):
    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=5)
    model, kept = make_model(schema), []

    history = fit(
        model,
        train,
        valid,
        recipe=replace(WATCHED, num_epochs=8, learning_rate=0.1),
        on_epoch_end=remember(model, kept),
    )

    aucs = [record.valid_metrics["auc"] for record in history.epochs]
    assert history.best_epoch == np.argmax(aucs) + 1
    assert_equal_bits(model.state_dict(), kept[history.best_epoch - 1])


def test_train_mode_at_every_step_and_eval_mode_at_the_end(
    schema, make_model, make_dataset, fit
):
    modes = []
    model = make_model(schema)
    model.tower.register_forward_hook(
        lambda module, *_: modes.append((module.training, torch.is_grad_enabled()))
    )
    train, valid = make_dataset(schema, 64), make_dataset(schema, 20, seed=1)

    fit(
        model.eval(),
        train,
        valid,
        recipe=WATCHED,
        # a callback that leaves eval mode behind must not spoil the next epoch
        on_epoch_end=lambda _: model.eval(),
    )

    # four steps and one evaluation an epoch
    assert modes == ([(True, True)] * 4 + [(False, False)]) * 3
    assert not any(module.training for module in model.modules())


def test_without_validation_all_epochs_and_the_last_weights(
    schema, make_model, make_dataset, fit, remember, assert_equal_bits
):
    model, kept = make_model(schema), []

    history = fit(
        model,
        make_dataset(schema),
        recipe=replace(QUICK, patience=1, num_epochs=4),
        on_epoch_end=remember(model, kept),
    )

    assert len(history.epochs) == history.best_epoch == 4
    assert history.monitor is None
    assert not history.stopped_early
    assert history.epochs[0].valid_metrics == {}
    assert_equal_bits(model.state_dict(), kept[-1])


def test_one_class_in_validation_falls_back_to_logloss(
    schema, make_model, make_dataset, fit
):
    valid = make_dataset(schema, 20, labels=np.ones(20))

    history = fit(make_model(schema), make_dataset(schema), valid)

    assert history.monitor == "logloss"
    assert "one class" in history.notes[0]
    assert list(history.epochs[0].valid_metrics) == ["logloss"]


@pytest.mark.parametrize("with_valid", [True, False])
def test_divergence_is_named(schema, make_model, make_dataset, with_valid, fit):
    class Exploding(nn.Module):
        """Fine for one epoch of seven steps."""

        def __init__(self, inner):
            super().__init__()
            self.inner = inner
            self.num_steps = 0

        def forward(self, batch):
            self.num_steps += self.training
            return self.inner(batch) * (math.nan if self.num_steps == 9 else 1.0)

    model = Exploding(make_model(schema))
    valid = make_dataset(schema, 20, seed=1) if with_valid else None

    with pytest.raises(
        TrainingDivergedError, match=r"epoch 2\. Lower learning_rate, now 0\.01"
    ):
        fit(model, make_dataset(schema), valid)

    finite = all(p.isfinite().all() for p in model.parameters())
    assert finite == with_valid  # the best epoch is back
    assert not model.training


def test_divergence_in_the_very_last_step_is_seen_too(
    sites, make_additive, make_dataset, fit
):
    model = make_additive(sites)
    recipe = Recipe(num_epochs=1, learning_rate=3e38, clip_norm=None)

    with pytest.raises(TrainingDivergedError, match="set clip_norm, for example to 10"):
        fit(model, make_dataset(sites), recipe=recipe)


def test_an_interrupt_leaves_the_best_weights(
    schema, make_model, make_dataset, fit, remember, assert_equal_bits
):
    model, kept = make_model(schema), []
    keep = remember(model, kept)

    def stop(record):
        keep(record)
        if record.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(
            model,
            make_dataset(schema),
            make_dataset(schema, 30, seed=1),
            recipe=replace(WATCHED, min_delta=1.0),  # the first epoch stays the best
            on_epoch_end=stop,
        )

    assert_equal_bits(model.state_dict(), kept[0])
    assert not model.training


def test_the_history_tells_time_and_progress(schema, make_model, make_dataset, fit):
    records, lines = [], []

    history = fit(
        make_model(schema),
        make_dataset(schema),
        make_dataset(schema, 30, seed=1),
        on_epoch_end=records.append,
        log=lines.append,
    )

    assert history.epochs == tuple(records)
    assert [record.epoch for record in records] == [1, 2, 3][: len(records)]
    assert all(r.seconds > 0 and r.rows_per_second > 0 for r in records)
    assert lines[0] == records[0].describe()


def test_silent_unless_asked(schema, make_model, make_dataset, capfd, fit):
    fit(make_model(schema), make_dataset(schema))

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("with_valid", [True, False])
def test_rows_no_batch_touched_have_decayed_at_the_end(
    sites, make_additive, make_dataset, with_valid, fit
):
    """Four steps an epoch, each a decay by learning rate times 0.1: 1 %."""
    model = make_additive(sites)
    before = model.embedding.table[9].clone()
    rows = np.arange(16).reshape(-1, 1) % 8  # row 9 is in no batch
    dataset = make_dataset(sites, indices=rows, labels=rows % 2)
    recipe = Recipe(
        optimizer="lazy_adam",
        embedding_decay=0.1,
        learning_rate=0.1,
        batch_size=4,
        num_epochs=10,
        plateau_factor=1.0,
        patience=100,
    )

    history = fit(model, dataset, dataset if with_valid else None, recipe=recipe)

    num_steps = 4 * history.best_epoch
    torch.testing.assert_close(
        model.embedding.table[9], before * 0.99**num_steps, rtol=1e-5, atol=0
    )
