"""Scoring: all rows, in order, in eval mode, and nothing left changed."""

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise import scoring
from fieldwise.batch import Batch
from fieldwise.models.deepfm import DeepFM
from fieldwise.nn import precision
from fieldwise.nn.arithmetic import BACKENDS, current_backend, products_by
from fieldwise.nn.fastest_products import FastestProducts
from fieldwise.scoring import MIN_BULK_ROWS, score_batches


def batch_of(numbers):
    numbers = torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1)
    return Batch(
        indices=torch.empty(len(numbers), 0, dtype=torch.int32),
        numbers=numbers,
        sequence_indices=torch.empty(0, dtype=torch.int32),
        sequence_offsets=torch.zeros(1, dtype=torch.int32),
    )


class Doubled(nn.Module):
    """Two times the number; noisy in train mode, and it remembers its modes."""

    def __init__(self, num_tasks=None):
        super().__init__()
        self.num_tasks = num_tasks
        self.dropout = nn.Dropout(0.9)
        self.modes = []

    def forward(self, batch):
        self.modes.append((self.training, torch.is_grad_enabled()))
        logits = self.dropout(2 * batch.numbers[:, 0])
        if self.num_tasks is None:
            return logits
        return logits.unsqueeze(1).expand(-1, self.num_tasks)


def test_rows_keep_their_order():
    logits = score_batches(Doubled(), [batch_of([1, 2]), batch_of([3])])

    assert logits.dtype == np.float64
    assert logits.tolist() == [2.0, 4.0, 6.0]


def test_one_column_per_task():
    logits = score_batches(Doubled(num_tasks=3), [batch_of([1, 2]), batch_of([3])])

    assert logits.tolist() == [[2.0] * 3, [4.0] * 3, [6.0] * 3]


def test_no_batches_and_empty_batches():
    assert score_batches(Doubled(), []).shape == (0,)
    assert score_batches(Doubled(), [batch_of([])]).shape == (0,)
    assert score_batches(Doubled(num_tasks=2), [batch_of([])]).shape == (0, 2)


@pytest.mark.parametrize("training", [True, False])
def test_runs_in_eval_mode_and_restores_the_mode(training):
    model = Doubled().train(training)

    score_batches(model, [batch_of([1])])

    assert model.modes == [(False, False)]
    assert model.training == model.dropout.training == training


def test_a_part_frozen_in_eval_mode_stays_there():
    model = Doubled().train()
    model.dropout.eval()

    score_batches(model, [batch_of([1])])

    assert model.training
    assert not model.dropout.training


def test_mode_is_restored_after_an_error():
    def broken():
        yield batch_of([1])
        message = "disk"
        raise OSError(message)

    model = Doubled().train()

    with pytest.raises(OSError, match="disk"):
        score_batches(model, broken())

    assert model.training


def test_progress_hears_of_every_batch():
    sizes = []

    score_batches(Doubled(), [batch_of([1, 2]), batch_of([3])], progress=sizes.append)

    assert sizes == [2, 1]


class Observer(nn.Module):
    """Scores zero, and remembers how it was asked to compute."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.seen = []

    def forward(self, batch):
        self.seen.append((current_backend(), torch.is_autocast_enabled("cpu")))
        return batch.numbers[:, 0] * self.weight


@pytest.fixture
def asked(monkeypatch):
    """How often the fastest library was asked for; it is oneDNN."""
    calls = []

    def choose():
        calls.append(1)
        return FastestProducts("onednn", "in a test")

    monkeypatch.setattr(scoring, "fastest_products", choose)
    monkeypatch.setattr(precision, "fastest_products", choose)
    monkeypatch.setattr(precision, "supports_bf16", lambda device: device == "cpu")
    return calls


def test_many_rows_take_the_fastest_library(asked):
    model = Observer()
    rows = batch_of(range(MIN_BULK_ROWS))

    score_batches(model, [rows, batch_of([1])])

    assert model.seen == [("onednn", False)] * 2
    assert len(asked) == 1
    assert current_backend() is None


def test_one_row_asks_for_nothing(asked):
    model = Observer()

    score_batches(model, [batch_of([1])])

    assert model.seen == [(None, False)]
    assert asked == []


@pytest.mark.parametrize(
    ("wish", "of_one", "of_many"),
    [("float32", False, False), ("bf16", True, True), ("auto", False, True)],
)
def test_precision_of_the_layers(asked, wish, of_one, of_many):
    one, many = Observer(), Observer()

    # What the caller computes in has no say.
    with torch.autocast("cpu", torch.bfloat16):
        score_batches(one, [batch_of([1])], precision=wish)
        score_batches(many, [batch_of(range(MIN_BULK_ROWS))], precision=wish)

    assert [is_bf16 for _, is_bf16 in one.seen] == [of_one]
    assert [is_bf16 for _, is_bf16 in many.seen] == [of_many]
    assert not torch.is_autocast_enabled("cpu")


def test_unknown_precision():
    with pytest.raises(ValueError, match="precision must be one of"):
        score_batches(Observer(), [], precision="double")


def test_bfloat16_that_is_not_there(monkeypatch):
    monkeypatch.setattr(precision, "supports_bf16", lambda _: False)
    model = Observer().train()

    with pytest.raises(ValueError, match="got 'bf16' on 'cpu'"):
        score_batches(model, [batch_of([1])], precision="bf16")

    assert model.training


def test_logits_hardly_depend_on_the_arithmetic(categorical_schema, random_batch):
    torch.manual_seed(0)
    model = DeepFM(categorical_schema, embedding_dim=8, hidden_dims=(64, 64))
    nn.init.normal_(model.embedding.table)
    rows = random_batch(categorical_schema, 2 * MIN_BULK_ROWS)

    found = {}
    for backend in BACKENDS:
        with products_by(backend):
            found[backend] = score_batches(model, [rows])
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        found["bf16"] = model.eval()(rows).double().numpy()

    spread = found["native"].std()
    assert np.abs(found["onednn"] - found["native"]).max() < 1e-5 * spread
    assert np.abs(found["bf16"] - found["native"]).max() < 0.05 * spread
