"""Two real processes over gloo: together they are one process with the whole batch."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from fieldwise.data.dataset import Dataset
from fieldwise.models import build_model
from fieldwise.schema import CategoricalField, Label, NumericField, Schema
from fieldwise.training import Recipe, Trainer

SCHEMA = Schema(
    (
        CategoricalField("site", num_features=30, value_type="string"),
        CategoricalField("device", num_features=5, value_type="string"),
        NumericField("price", encoding="standard", center=0.0, scale=1.0),
    ),
    (
        Label("click", "binary", positive=1),
        Label("value", "real", center=0.0, scale=1.0),
    ),
    weight="w",
)
# 203 rows: the last batch has 11 rows, six for one process and five for the other.
NUM_ROWS, NUM_VALID = 203, 61
RECIPE = Recipe(
    batch_size=32,
    num_epochs=3,
    learning_rate=0.02,
    monitor="logloss",
    plateau_factor=0.5,
    patience=5,
    average_epochs=0.5,
    embedding_l2=1e-3,
    l2_scope="touched",
)


def make_dataset(num_rows, seed):
    """Weights, and labels that are missing in most rows of one task."""
    random = np.random.default_rng(seed)
    indices = np.stack(
        [random.integers(0, 30, num_rows), 30 + random.integers(0, 5, num_rows)], axis=1
    )
    click = (random.random(num_rows) < indices[:, 0] / 40).astype(np.float32)
    value = random.normal(size=num_rows)
    value[random.random(num_rows) < 0.8] = np.nan
    floats = [
        random.normal(size=num_rows),
        click,
        value,
        random.exponential(size=num_rows),
    ]
    bits = np.stack(floats, axis=1).astype(np.float32).view(np.int32)
    return Dataset(SCHEMA, np.hstack([indices.astype(np.int32), bits]))


def train(recipe, folder=None, seconds=1e9):
    """What every process does; the model has no dropout, whose masks would differ."""
    torch.manual_seed(0)
    model = build_model(
        "dcnv2", SCHEMA, embedding_dim=4, hidden_dims=(8,), num_cross_layers=1
    )
    trainer = Trainer(
        recipe,
        accelerator="cpu",
        progress=False,
        checkpoints=folder,
        checkpoint_seconds=seconds,
    )
    history = trainer.fit(model, make_dataset(NUM_ROWS, 0), make_dataset(NUM_VALID, 1))
    return model, history


IN_EACH_PROCESS = """
import json, os, sys
from pathlib import Path
from safetensors.torch import save_file
sys.path.insert(0, sys.argv[1])
from test_ranks import RECIPE, replace, train
out, rank = Path(sys.argv[2]), os.environ["RANK"]
model, history = train(replace(RECIPE, optimizer=sys.argv[3]))
save_file(model.state_dict(), out / f"{rank}.safetensors")
metrics = [[r.train_loss, r.valid_metrics] for r in history.epochs]
(out / f"{rank}.json").write_text(json.dumps([metrics, history.best_epoch]))
"""


def launch(tmp_path, *arguments):
    script = tmp_path / "each.py"
    script.write_text(IN_EACH_PROCESS)
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"),
        *("--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint"),
        *("localhost:0", str(script)),
    ]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("optimizer", ["adam", "lazy_adam"])
def test_two_processes_equal_one(tmp_path, optimizer):
    model, history = train(replace(RECIPE, optimizer=optimizer))

    launch(tmp_path, str(Path(__file__).parent), str(tmp_path), optimizer)

    first, second = (load_file(tmp_path / f"{rank}.safetensors") for rank in (0, 1))
    for name, weight in model.state_dict().items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], weight, rtol=1e-3, atol=1e-5)
    metrics, best_epoch = json.loads((tmp_path / "0.json").read_text("utf-8"))
    assert best_epoch == history.best_epoch
    for (loss, valid), record in zip(metrics, history.epochs, strict=True):
        assert loss == pytest.approx(record.train_loss, rel=1e-5)
        # scores are gathered: these are metrics of all rows, not means of two parts
        assert valid == pytest.approx(record.valid_metrics, rel=1e-5)
    assert json.loads((tmp_path / "1.json").read_text("utf-8")) == [metrics, best_epoch]
