"""What was kept comes back, buffers included."""

import pytest
import torch
from torch import nn

from fieldwise.training._best_weights import BestWeights


def test_the_last_state_kept_comes_back():
    model = nn.BatchNorm1d(2)
    best = BestWeights(model)

    for value in (1.0, 2.0):
        model.weight.data.fill_(value)
        model.running_mean.fill_(value)
        model.num_batches_tracked.fill_(int(value))
        best.keep()
    model.weight.data.fill_(torch.nan)
    model.running_mean.fill_(torch.nan)
    best.restore()

    assert model.weight.tolist() == model.running_mean.tolist() == [2.0, 2.0]
    assert model.num_batches_tracked == 2


def test_parameters_stay_the_same_objects():
    model = nn.Linear(2, 1)
    weight = model.weight
    best = BestWeights(model)
    best.keep()

    best.restore()

    assert model.weight is weight


def test_an_interrupted_copy_is_not_restored(monkeypatch):
    model = nn.Linear(1, 1)
    best = BestWeights(model)
    best.keep()
    model.weight.data.fill_(7.0)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "copy_", interrupt)
        with pytest.raises(KeyboardInterrupt):
            best.keep()
    best.restore()

    # the model still had the better weights that were being copied
    assert model.weight.item() == 7


def test_without_anything_kept_nothing_happens():
    model = nn.Linear(1, 1)
    before = model.weight.item()

    BestWeights(model).restore()

    assert model.weight.item() == before
