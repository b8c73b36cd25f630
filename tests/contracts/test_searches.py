"""A model that searches first, from a raw table to a saved ranker."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import fieldwise as fw
from fieldwise.errors import ConfigError
from fieldwise.ranker import importance_of, selection_of

RECIPE = fw.Recipe(num_epochs=2, batch_size=64, learning_rate=0.02, monitor="logloss")
SMALL = {"embedding_dim": 4, "hidden_dims": (8,), "min_count": 2}
PAIRS = (("site", "device"), ("site", "day"), ("device", "day"))


@pytest.fixture(scope="module")
def log():
    """Site and device decide together; the day is noise, and so is the price."""
    rng = np.random.default_rng(0)
    site, device = rng.integers(0, 6, 600), rng.integers(0, 4, 600)
    rates = rng.random((6, 4))
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "device": [f"d{code}" for code in device],
            "price": rng.exponential(size=600),
            "day": [f"day{code}" for code in rng.integers(0, 7, 600)],
            "click": (rng.random(600) < rates[site, device]).astype(int),
        }
    )


def fit(log, **settings):
    given = {
        "label": "click",
        "model": "optinter",
        "recipe": RECIPE,
        "model_arguments": SMALL,
        "progress": False,
    }
    return fw.fit(log, **given | settings)


@pytest.fixture(scope="module")
def ranker(log):
    return fit(log)


def test_what_was_found_is_told(ranker):
    importance, selection = importance_of(ranker), selection_of(ranker)

    assert importance.names == selection.names == PAIRS
    assert len(ranker.model_arguments["choices"]) == 3
    for pair, choice in zip(PAIRS, ranker.model_arguments["choices"], strict=True):
        assert selection.choices.get(pair, "naive") == choice
    assert len(ranker.info["search_history"]["epochs"]) == 2
    json.dumps(ranker.info, allow_nan=False)


@pytest.mark.parametrize("choices", [None, "memorize", "factorize", "naive"])
def test_a_saved_ranker_says_the_same(log, ranker, choices, tmp_path):
    if choices is not None:
        ranker = fit(log, model_arguments=SMALL | {"choices": choices})
    ranker.save(tmp_path / "ranker")

    loaded = fw.load(tmp_path / "ranker")

    expected = ranker.predict(log)
    np.testing.assert_array_equal(loaded.predict(log), expected)
    assert selection_of(loaded) == selection_of(ranker)
    assert importance_of(loaded) == importance_of(ranker)
    # One row as a dictionary takes another way through the encoder.
    for number in (0, 99):
        row = log.row(number, named=True)
        assert loaded.predict(row) == pytest.approx(expected[[number]], abs=1e-6)
    for row in ({"site": "never", "device": "seen", "price": None, "day": 3},):
        assert 0 < loaded.predict(row)[0] < 1


def test_crosses_are_kept_with_the_weights(log, tmp_path):
    fit(log, model_arguments=SMALL | {"choices": "memorize"}).save(tmp_path / "ranker")

    layer = fw.load(tmp_path / "ranker").model.pairs.memorized

    assert layer.fields == ("site x device", "site x day", "device x day")
    assert layer.cross_sizes[0] == 25  # 6 sites times 4 devices, and rare ones
    assert layer.keys.min() >= 0


def test_a_selection_saves_the_search(log, ranker):
    again = fit(log, selection=selection_of(ranker))

    assert importance_of(again) is None
    assert selection_of(again) == selection_of(ranker)
    np.testing.assert_array_equal(again.predict(log), ranker.predict(log))


def test_arguments_of_a_ranker_repeat_it(log, ranker):
    again = fit(log, model_arguments=ranker.model_arguments)

    assert again.model_arguments == ranker.model_arguments
    np.testing.assert_array_equal(again.predict(log), ranker.predict(log))


def test_a_selection_of_fields_is_for_every_model(log):
    chosen = fw.Selection(
        "field", ("site", "price"), ("site", "device", "price", "day")
    )

    ranker = fit(log, model="lr", model_arguments={}, selection=chosen)

    assert ranker.schema.names == ("site", "price")
    assert selection_of(ranker) is None


def test_fields_are_selected_before_pairs_are_searched(log):
    chosen = fw.Selection("field", ("site", "day"), ("site", "device", "price", "day"))

    ranker = fit(log, selection=chosen)

    assert importance_of(ranker).names == (("site", "day"),)


def test_a_selection_that_suits_no_model(log):
    with pytest.raises(
        ConfigError, match="selection must be of fields or rows for model 'lr'"
    ):
        fit(log, model="lr", model_arguments={}, selection=fw.Selection("pair", (), ()))


def test_both_stages_go_on_after_an_end(log, ranker, tmp_path, monkeypatch):
    class Killed(BaseException):
        """Stands for the end of the process."""

    calls = []
    train = fw.Trainer.fit

    def second_dies(trainer, *data, **settings):
        calls.append(trainer.checkpoints)
        if len(calls) == 2:
            raise Killed
        return train(trainer, *data, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(fw.Trainer, "fit", second_dies)
        with pytest.raises(Killed):
            fit(log, checkpoints=tmp_path)
    resumed = fit(log, checkpoints=tmp_path)

    assert calls == [tmp_path / "search", tmp_path]
    np.testing.assert_array_equal(resumed.predict(log), ranker.predict(log))
    assert resumed.model_arguments == ranker.model_arguments


def test_two_processes_find_what_one_finds(log, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    log.write_parquet(tmp_path / "log.parquet")
    settings = ("model.embedding_dim=4", "model.hidden_dims=[8]", "model.dropout=0.0")
    settings += ("model.min_count=2", "recipe.num_epochs=2", "recipe.batch_size=64")
    command = ("-m", "fieldwise", "fit", str(tmp_path / "log.parquet"), "--label")
    command += ("click", "--model", "optinter", "--set", "recipe.precision=float32")
    command += tuple(part for item in settings for part in ("--set", item))
    torchrun = ("-m", "torch.distributed.run", "--nproc-per-node", "2")
    torchrun += ("--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0")

    for name, before in (("one", ()), ("two", torchrun)):
        arguments = [sys.executable, *before, *command, "--out", str(tmp_path / name)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    one, two = (fw.load(tmp_path / name / "ranker") for name in ("one", "two"))
    assert two.model_arguments == one.model_arguments
    scores = [importance_of(ranker).scores for ranker in (one, two)]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)
    np.testing.assert_allclose(two.predict(log), one.predict(log), atol=1e-4)
