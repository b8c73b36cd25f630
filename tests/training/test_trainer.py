"""What a fit promises, on data small enough to check it by hand or twice."""

import math
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.errors import DataError, ShapeError
from fieldwise.nn.precision import bf16_pays
from fieldwise.schema import Label
from fieldwise.training import Recipe, Trainer

QUICK = Recipe(batch_size=16, num_epochs=3, learning_rate=0.01)
# The rate never drops and patience never ends: validation only watches.
WATCHED = replace(QUICK, plateau_factor=1.0, patience=100)
OPTIMIZERS = ["adam", "lazy_adam", "rowwise_adagrad"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_learns(schema, make_model, make_dataset, optimizer, fit):
    train, valid = make_dataset(schema, 600), make_dataset(schema, 200, seed=1)
    recipe = Recipe(
        optimizer=optimizer, batch_size=32, num_epochs=15, learning_rate=0.02
    )

    history = fit(make_model(schema), train, valid, recipe=recipe)

    best = history.epochs[history.best_epoch - 1]
    # the site decides with noise: its true AUC is about 0.95
    assert best.valid_metrics["auc"] > 0.9
    assert history.monitor == "auc"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_are_the_same_with_and_without_validation(
    schema, make_model, make_dataset, optimizer, fit, remember, assert_equal_bits
):
    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=1)
    recipe = replace(WATCHED, optimizer=optimizer)
    alone, watched = [], []
    one, other = make_model(schema), make_model(schema)

    fit(one, train, recipe=recipe, on_epoch_end=remember(one, alone))
    fit(other, train, valid, recipe=recipe, on_epoch_end=remember(other, watched))

    assert len(alone) == len(watched) == 3
    for state, its_twin in zip(alone, watched, strict=True):
        assert_equal_bits(state, its_twin)
    assert not torch.equal(alone[0]["head.weight"], alone[1]["head.weight"])


# Small machines have one core, newer Pythons dislike a fork: not the matter here.
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_weights_are_the_same_with_any_number_of_workers(
    schema, make_model, make_dataset, fit, assert_equal_bits
):
    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=1)
    models = [make_model(schema) for _ in range(2)]

    for model, num_workers in zip(models, (0, 2), strict=True):
        fit(model, train, valid, recipe=WATCHED, num_workers=num_workers)

    assert_equal_bits(models[0].state_dict(), models[1].state_dict())


def test_a_model_or_callback_that_draws_in_between_changes_nothing(
    schema, make_model, make_dataset, fit, assert_equal_bits
):
    class Noisy(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, batch):
            if not self.training:
                torch.rand(7)
            return self.inner(batch)

    train, valid = make_dataset(schema, 90), make_dataset(schema, 40, seed=1)
    quiet, noisy = make_model(schema), Noisy(make_model(schema))

    fit(quiet, train, recipe=WATCHED)
    last = []
    fit(
        noisy,
        train,
        valid,
        recipe=WATCHED,
        log=lambda _: torch.rand(3),
        on_epoch_end=lambda _: last.append(deepcopy(noisy.inner.state_dict())),
    )

    assert_equal_bits(last[-1], quiet.state_dict())


def test_the_seed_decides_and_the_callers_random_state_stays(
    schema, make_model, make_dataset, fit, assert_equal_bits
):
    train = make_dataset(schema, 90)
    models = [make_model(schema) for _ in range(3)]
    torch.manual_seed(123)
    state = torch.get_rng_state()

    for model, seed in zip(models, (0, 0, 1), strict=True):
        fit(model, train, recipe=replace(QUICK, seed=seed))

    assert torch.equal(torch.get_rng_state(), state)
    assert_equal_bits(models[0].state_dict(), models[1].state_dict())
    assert not torch.equal(models[0].head.weight, models[2].head.weight)


def test_a_row_of_weight_two_equals_the_row_twice(
    schema, make_model, make_dataset, fit
):
    plain = schema.select(["site", "device"])
    weighted = replace(plain, weight="weight")
    once = make_dataset(plain, 12)
    indices, labels = once.batch(slice(None)).indices.numpy(), once.labels
    rows = np.append(np.arange(12), 3)
    twice = make_dataset(plain, indices=indices[rows], labels=labels[rows])
    weights = np.where(np.arange(12) == 3, 2.0, 1.0)
    heavy = make_dataset(weighted, indices=indices, labels=labels, weights=weights)
    models = [make_model(plain, dropout=0.0) for _ in range(2)]

    for model, dataset in zip(models, (twice, heavy), strict=True):
        model.tower[1] = nn.Identity()  # batch statistics do count rows
        fit(model, dataset, recipe=replace(QUICK, batch_size=100))

    for one, other in zip(*(model.parameters() for model in models), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_labels_not_observed_teach_nothing(sites, make_additive, make_dataset, fit):
    indices, labels = [[0], [1], [2]], [1.0, 0.0, math.nan]
    model, other = make_additive(sites), make_additive(sites)
    before = model.embedding.table.detach().clone()

    history = fit(model, make_dataset(sites, indices=indices, labels=labels))
    fit(other, make_dataset(sites, indices=indices[:2], labels=labels[:2]))

    assert torch.equal(model.embedding.table[2], before[2])
    assert torch.equal(model.embedding.table, other.embedding.table)
    assert math.isfinite(history.epochs[-1].train_loss)


def test_real_labels_are_regressed(schema, make_model, make_dataset, fit):
    real = replace(schema, labels=(Label("money", "real"),))
    indices = make_dataset(schema, 200).batch(slice(None)).indices.numpy()
    labels = (indices[:, 0] - 3.5) / 2.3
    train = make_dataset(real, indices=indices, labels=labels)
    recipe = Recipe(batch_size=16, num_epochs=20, learning_rate=0.02)

    history = fit(make_model(real, dropout=0.0), train, train, recipe=recipe)

    assert history.monitor == "squared_error"
    best = history.epochs[history.best_epoch - 1].valid_metrics
    # the label has variance one and is a function of the site
    assert list(best) == ["squared_error"]
    assert best["squared_error"] < 0.1


def test_several_tasks_of_both_kinds(schema, make_model, make_dataset, fit):
    labels = (*schema.labels, Label("money", "real"))
    mixed = replace(schema, labels=labels)
    values = np.random.default_rng(0).random((60, 2)).round()
    dataset = make_dataset(mixed, 60, labels=values)

    history = fit(make_model(mixed, num_tasks=2), dataset, dataset)

    assert set(history.epochs[0].valid_metrics) == {"auc", "logloss", "squared_error"}
    assert history.monitor == "auc"


def test_frozen_tables_keep_their_bits(schema, make_model, make_dataset, fit):
    model = make_model(schema)
    model.embedding.table.requires_grad_(False)
    before = model.embedding.table.clone()

    fit(model, make_dataset(schema), recipe=replace(QUICK, embedding_l2=1.0))

    assert torch.equal(model.embedding.table, before)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rows_no_training_row_has_keep_their_bits(
    sites, make_additive, make_dataset, optimizer, fit
):
    model = make_additive(sites)
    before = model.embedding.table.detach().clone()
    recipe = replace(QUICK, optimizer=optimizer, embedding_l2=1.0, l2_scope="touched")

    fit(
        model,
        make_dataset(sites, indices=[[0], [1], [5]], labels=[0, 1, 1]),
        recipe=recipe,
    )

    moved = (model.embedding.table != before).any(dim=1)
    assert moved.nonzero()[:, 0].tolist() == [0, 1, 5]


@pytest.mark.parametrize("before", [True, False])
def test_the_model_is_trained_in_place_and_left_clean(
    schema, make_model, make_dataset, before, fit
):
    model = make_model(schema)
    model.embedding.sparse_gradients = before
    parameters = list(model.parameters())

    fit(model, make_dataset(schema))

    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    assert all(parameter.grad is None for parameter in parameters)
    assert model.embedding.sparse_gradients is before


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_embedding_without_table_rows(
    schema, make_model, make_dataset, optimizer, fit
):
    prices = schema.select(["price"])
    dataset = make_dataset(prices, indices=np.empty((9, 0)), labels=np.arange(9) % 2)
    recipe = replace(QUICK, optimizer=optimizer, embedding_l2=0.1, l2_scope="touched")

    for settings in (recipe, replace(QUICK, embedding_l2=0.1)):
        history = fit(make_model(prices), dataset, recipe=settings)
        assert len(history.epochs) == 3


def test_any_module_will_do(schema, make_dataset, fit):
    class Prices(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(1, 1)

        def forward(self, batch):
            return self.layer(batch.numbers)

    for optimizer in OPTIMIZERS:
        recipe = replace(QUICK, optimizer=optimizer)
        history = fit(Prices(), make_dataset(schema), recipe=recipe)
        assert len(history.epochs) == 3


def test_bf16_where_it_is_faster(schema, make_model, make_dataset, fit):
    train, valid = make_dataset(schema, 600), make_dataset(schema, 200, seed=1)
    recipe = Recipe(batch_size=32, num_epochs=15, learning_rate=0.02, precision="auto")
    model, dtypes = make_model(schema), set()
    model.tower[0].register_forward_hook(
        lambda module, _, output: dtypes.add((module.training, output.dtype))
    )

    history = fit(model, train, valid, recipe=recipe)

    pays = bf16_pays("cpu")
    assert history.precision == ("bf16" if pays else "float32")
    training = torch.bfloat16 if pays else torch.float32
    # validation is float32, as the model will be served
    assert dtypes == {(True, training), (False, torch.float32)}
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert max(r.valid_metrics["auc"] for r in history.epochs) > 0.9


def test_the_last_lone_row_does_not_stop_batch_normalisation(
    schema, make_model, make_dataset, fit
):
    train = make_dataset(schema, 33)

    history = fit(make_model(schema), train, recipe=replace(QUICK, batch_size=16))

    assert len(history.epochs) == 3


def test_empty_and_unlabelled_datasets_at_once(schema, make_model, make_dataset, fit):
    empty = make_dataset(schema, indices=np.empty((0, 2)), labels=np.empty((0, 1)))
    other = replace(schema, labels=(Label("buy", "binary", positive=1),))

    with pytest.raises(DataError) as caught:
        fit(make_model(schema), empty, make_dataset(other))

    assert "train must have rows, got none" in str(caught.value)
    assert "valid must have the schema of train" in str(caught.value)


def test_datasets_without_labels(schema, make_model, make_dataset, fit):
    bare = replace(schema, labels=())
    dataset = make_dataset(bare, 5, labels=np.empty((5, 0)))

    with pytest.raises(DataError, match="train must have labels, got none"):
        fit(make_model(bare), dataset)


def test_a_model_of_the_wrong_shape(schema, make_model, make_dataset, fit):
    model = make_model(schema, num_tasks=3)

    with pytest.raises(ShapeError, match=r"one per row and label, got \(16, 3\)"):
        fit(model, make_dataset(schema, 16))


def test_negative_workers():
    with pytest.raises(
        ValueError, match="num_workers must be zero or positive, got -1"
    ):
        Trainer(QUICK, num_workers=-1)


@pytest.mark.parametrize("average", [0.0, 0.5])
def test_after_step_is_part_of_the_training(
    schema, make_model, make_dataset, fit, average
):
    """A bias that is set back after each step never moves, nor does its mean."""
    recipe = replace(QUICK, average_epochs=average)
    free, held = make_model(schema), make_model(schema)
    calls = []

    def hold():
        calls.append(held.head.bias.item())
        with torch.no_grad():
            held.head.bias.fill_(7.0)

    fit(free, make_dataset(schema, 90), recipe=recipe)
    fit(held, make_dataset(schema, 90), recipe=recipe, after_step=hold)

    # Six batches in each of three epochs; each step moved it before.
    assert len(calls) == 18
    assert 7.0 not in calls
    assert held.head.bias.item() == 7.0
    assert free.head.bias.item() != 7.0
    assert not torch.equal(held.embedding.table, free.embedding.table)
