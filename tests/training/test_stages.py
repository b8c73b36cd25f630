"""Training in one stage, or in two."""

import numpy as np
import pytest
import torch

from fieldwise.errors import ConfigError
from fieldwise.importance import Selection
from fieldwise.models import MODELS, build_model
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe, Trainer, train_in_stages
from fieldwise.training.stages import SEARCHES, selection_problems

RECIPE = Recipe(learning_rate=1e-2, batch_size=64, num_epochs=2, monitor="logloss")
SMALL = {"embedding_dim": 4, "hidden_dims": (8,)}


@pytest.fixture
def rows(schema, make_dataset):
    return {
        "train": make_dataset(schema, 300),
        "valid": make_dataset(schema, 60, seed=1),
    }


def train(name, rows, arguments=SMALL, **settings):
    folder = settings.pop("checkpoints", None)
    trainer = Trainer(
        settings.pop("recipe", RECIPE),
        accelerator="cpu",
        progress=False,
        checkpoints=folder,
        checkpoint_seconds=0.0,
    )
    # Every row often enough: the unknown rows stay as they were trained.
    counts = np.full(rows["train"].schema.num_features, 1000)
    return train_in_stages(name, rows, arguments, trainer, counts=counts, **settings)


def test_searches_are_of_models():
    assert set(SEARCHES) <= set(MODELS)


def test_one_stage_is_what_the_trainer_does(rows, assert_equal_bits):
    torch.manual_seed(RECIPE.seed)
    model = build_model("dnn", rows["train"].schema, **SMALL)
    history = Trainer(RECIPE, accelerator="cpu", progress=False).fit(
        model, *rows.values()
    )

    trained = train("dnn", rows)

    assert_equal_bits(trained.model.state_dict(), model.state_dict())
    assert [e.train_loss for e in trained.history.epochs] == [
        e.train_loss for e in history.epochs
    ]
    assert trained.found.arguments == SMALL
    assert trained.found.to_dict() == {}


def test_two_stages_are_the_second_one_alone(rows, assert_equal_bits):
    both = train("optinter", rows)

    second = train("optinter", rows, both.found.arguments)

    assert second.found.importance is None
    assert second.found.selection == both.found.selection
    assert_equal_bits(second.model.state_dict(), both.model.state_dict())


def test_without_validation_rows(rows):
    trained = train("optinter", {"train": rows["train"]})

    assert len(trained.history.epochs) == 2
    assert trained.found.importance is not None


def test_the_random_state_of_the_caller_stays(rows):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)

    train("optinter", rows)

    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_lazy_optimizers_move_the_rows_of_a_batch(
    schema, make_dataset, optimizer, decay
):
    few = make_dataset(schema, 6)
    torch.manual_seed(0)
    model = build_model(
        "optinter", schema, choices="memorize", cross_sizes=[41], **SMALL
    )
    crosses = model.pairs.memorized
    crosses.fill_keys([torch.arange(40)])
    before = crosses.table.detach().clone()
    recipe = Recipe(
        learning_rate=1e-2, num_epochs=2, optimizer=optimizer, embedding_decay=decay
    )

    Trainer(recipe, accelerator="cpu", progress=False).fit(model, few)

    looked_up = crosses.rows_of(few.batch(slice(None))).unique().tolist()
    others = [row for row in range(41) if row not in looked_up]
    # Two steps of one batch; what no batch looks up only loses its share.
    shrunk = before[others] * (1 - 1e-2 * decay) ** 2
    torch.testing.assert_close(crosses.table[others], shrunk)
    assert (crosses.table[looked_up] != before[looked_up]).any(dim=1).all()


def test_other_choices_of_the_same_sizes_are_another_run(
    make_dataset, tmp_path, assert_equal_bits
):
    fields = (
        CategoricalField(name, num_features=3, value_type="int") for name in "abc"
    )
    schema = Schema(tuple(fields), (Label("click", "binary", positive=1),))
    rows = {"train": make_dataset(schema, 300), "valid": make_dataset(schema, 60)}
    first, second = (
        SMALL | {"choices": choices, "min_count": 1}
        for choices in (["memorize", "naive", "naive"], ["naive", "naive", "memorize"])
    )
    expected = train("optinter", rows, second)
    train("optinter", rows, first, checkpoints=tmp_path)

    found = train("optinter", rows, second, checkpoints=tmp_path)

    assert found.found.arguments["cross_sizes"] == [10]
    assert_equal_bits(found.model.state_dict(), expected.model.state_dict())


@pytest.mark.parametrize(
    ("model", "unit", "is_fine"),
    [
        ("lr", "field", True),
        ("lr", "pair", False),
        ("optinter", "pair", True),
        ("optinter", "field", True),
        ("optinter", "value", False),
    ],
)
def test_which_selection_suits_which_model(rows, model, unit, is_fine):
    selection = Selection(unit, (), ())

    assert (selection_problems(model, selection) == []) == is_fine
    if not is_fine:
        with pytest.raises(ConfigError, match=f"got one of {unit}s"):
            train(model, rows, {}, selection=selection)


def test_no_selection_suits_every_model():
    assert selection_problems("lr", None) == []
