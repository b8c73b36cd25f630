"""Scoring: all rows, in order, in eval mode, and nothing left changed."""

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.batch import Batch
from fieldwise.scoring import score_batches


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
