"""The search of OptInter: what it finds in planted tables, and what it leaves."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from benchmarks.planted.sets import treatments
from fieldwise.data.crosses import count_crosses
from fieldwise.errors import SchemaError
from fieldwise.importance import Importance, Selection
from fieldwise.models import build_model
from fieldwise.training import Recipe, Trainer
from fieldwise.training.pair_search import search_pairs

SMALL = {
    "embedding_dim": 4,
    "cross_dim": 4,
    "hidden_dims": (32,),
    "min_count": 2,
    "dropout": 0.0,
}
PAIR = ("site", "device")


def trainer(**settings):
    recipe = Recipe(learning_rate=1e-2, batch_size=64, num_epochs=2, monitor="logloss")
    return Trainer(recipe, accelerator="cpu", progress=False, **settings)


@pytest.fixture
def rows(schema, make_dataset):
    return make_dataset(schema, 400), make_dataset(schema, 80, seed=1)


def search(rows, **changes):
    arguments = SMALL | changes.pop("arguments", {})
    return search_pairs(*rows, arguments, changes.pop("trainer", trainer()), **changes)


# What it leaves


def test_arguments_build_the_model_they_describe(rows):
    found = search(rows)

    assert found.arguments["choices"] in (["memorize"], ["factorize"], ["naive"])
    model = build_model("optinter", rows[0].schema, **found.arguments)
    found.prepare(model)
    found.finish(model)
    assert found.history.epochs[0].train_loss > 0


def test_importance_and_selection_agree(rows):
    found = search(rows)

    importance, selection = found.importance, found.selection
    shares = [importance.details[n] for n in ("memorize", "factorize", "naive")]
    assert importance.unit == selection.unit == "pair"
    assert importance.names == selection.names == (PAIR,)
    np.testing.assert_allclose(sum(shares), 1)
    np.testing.assert_allclose(importance.scores, 1 - shares[2])
    best = ("memorize", "factorize", "naive")[int(np.argmax([s[0] for s in shares]))]
    assert selection.choices.get(PAIR, "naive") == best
    assert importance.seed == 0
    assert importance.data_fingerprint == rows[0].checksum()
    entropy = -sum(share[0] * np.log(share[0]) for share in shares)
    assert importance.details["entropy"][0] == pytest.approx(entropy)
    assert set(found.to_dict()) == {"importance", "selection", "search_history"}
    assert Importance.from_dict(found.to_dict()["importance"]) == importance


def test_the_same_seed_finds_the_same(rows):
    assert search(rows).importance == search(rows).importance


@pytest.mark.parametrize("choice", ["memorize", "factorize", "naive"])
def test_nothing_is_searched_where_it_was_said(rows, choice, monkeypatch):
    monkeypatch.setattr(Trainer, "fit", lambda *_, **__: pytest.fail("searched"))
    kept = () if choice == "naive" else (PAIR,)
    selection = Selection("pair", kept, (PAIR,), dict.fromkeys(kept, choice))

    for found in (
        search(rows, arguments={"choices": choice}),
        search(rows, arguments={"choices": [choice]}),
        search(rows, selection=selection),
    ):
        assert found.arguments["choices"] == [choice]
        assert found.importance is None
        assert found.selection == selection
        counts = count_crosses(rows[0], [PAIR], min_count=2)
        sizes = list(counts.sizes) if choice == "memorize" else []
        assert found.arguments["cross_sizes"] == sizes


def test_kept_without_a_choice_is_factorized(rows):
    found = search(rows, selection=Selection("pair", (PAIR,), (PAIR,)))

    assert found.arguments["choices"] == ["factorize"]


def test_a_selection_of_strange_pairs(rows):
    strange = (("device", "site"),)
    with pytest.raises(SchemaError, match=r"pairs of index fields, .*device"):
        search(rows, selection=Selection("pair", strange, strange))


def test_keys_are_in_the_model_before_it_is_trained(rows):
    found = search(rows, arguments={"choices": "memorize"})
    model = build_model("optinter", rows[0].schema, **found.arguments)

    found.prepare(model)

    counts = count_crosses(rows[0], [PAIR], min_count=2)
    assert model.pairs.memorized.keys.tolist() == counts.keys[0].tolist()


def test_no_pair_no_search(sites, make_dataset):
    rows = make_dataset(sites), make_dataset(sites, seed=1)

    found = search(rows)

    assert found.arguments["choices"] == found.arguments["cross_sizes"] == []
    assert found.importance is found.history is None
    assert len(found.selection) == 0


def test_the_log_tells(rows):
    lines = []

    search(rows, log=lines.append)

    assert lines[0].startswith("search: 1 pairs of fields, ")
    assert lines[-1].startswith("of 1 pairs of fields: ")


# Going on after an end


class Killed(BaseException):
    """Stands for the end of the process."""


def without_clocks(history):
    drop = {"seconds", "rows_per_second"}
    return [
        {name: value for name, value in asdict(record).items() if name not in drop}
        for record in history.epochs
    ]


@pytest.mark.parametrize("step", [1, 5, 9])
def test_a_killed_search_finds_the_very_same(rows, tmp_path, monkeypatch, step):
    expected = search(rows)
    keeping = trainer(checkpoints=tmp_path, checkpoint_seconds=0.0)
    forward = torch.nn.LayerNorm.forward
    steps = iter(range(step))

    def count(layer, x):
        if layer.training and next(steps, None) is None:
            raise Killed
        return forward(layer, x)

    with monkeypatch.context() as patch:
        patch.setattr(torch.nn.LayerNorm, "forward", count)
        with pytest.raises(Killed):
            search(rows, trainer=keeping)
    found = search(rows, trainer=keeping)

    assert found.importance == expected.importance
    assert without_clocks(found.history) == without_clocks(expected.history)
    assert [path.name for path in tmp_path.iterdir()] == ["search"]


def test_a_finished_search_is_used_again(rows, tmp_path):
    keeping = trainer(checkpoints=tmp_path)
    found, lines = search(rows, trainer=keeping), []

    again = search(rows, trainer=keeping, log=lines.append)

    assert again.importance == found.importance
    assert lines[1].startswith("resumed in epoch 3 after 0 of 400 rows")
    assert len(lines) == 3


# Planted pairs; ``python -m benchmarks.planted.searches`` is the larger twin.


@pytest.mark.parametrize("seed", [0, 1])
def test_finds_what_to_memorize_and_what_to_factorize(seed):
    planted = treatments(
        24_000, num_values=12, num_products=150, num_noise=0, seed=seed
    )
    recipe = Recipe(learning_rate=1e-2, batch_size=256, num_epochs=4, seed=seed)
    arguments = SMALL | {"min_count": 5, "hidden_dims": (32, 16)}

    found = search_pairs(
        planted.train,
        planted.test,
        arguments,
        Trainer(recipe, accelerator="cpu", progress=False),
    )

    choices = found.selection.choices
    assert choices[("field0", "field1")] == "memorize"
    assert choices[("field2", "field3")] == "factorize"
