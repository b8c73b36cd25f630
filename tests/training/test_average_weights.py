"""The running mean against its definition, by hand and in a loop."""

import torch
from torch import nn

from fieldwise.training._average_weights import AverageWeights


def follow(average):
    """What a run does after a step."""
    if average.count_step():
        average.update()


def test_plain_mean_until_the_horizon_by_hand():
    model = nn.Linear(1, 1, bias=False)
    average = AverageWeights(model, horizon=4)

    for value in (1.0, 2.0, 6.0):
        model.weight.data.fill_(value)
        follow(average)
    average.install()

    # (1 + 2 + 6) / 3: the horizon of 4 steps is not reached yet.
    assert model.weight.item() == 3.0


def test_forgets_beyond_the_horizon_like_a_loop():
    model = nn.Linear(1, 1, bias=False)
    average = AverageWeights(model, horizon=5)
    values = torch.rand(30, generator=torch.Generator().manual_seed(0)).tolist()

    mean = 0.0
    for step, value in enumerate(values, start=1):
        model.weight.data.fill_(value)
        follow(average)
        mean += (value - mean) * max(1 / step, 1 / 5)
    average.install()

    torch.testing.assert_close(model.weight.item(), mean, rtol=0, atol=1e-6)


def test_long_horizons_are_updated_now_and_then():
    model = nn.Linear(1, 1, bias=False)
    average = AverageWeights(model, horizon=100)  # every second step

    for value in (100.0, 2.0, 100.0, 4.0):
        model.weight.data.fill_(value)
        follow(average)
    average.install()

    assert model.weight.item() == 3.0


def test_weights_come_back():
    model = nn.BatchNorm1d(2)
    average = AverageWeights(model, horizon=1)
    follow(average)
    model.weight.data.fill_(5.0)
    model.running_mean.fill_(7.0)

    with average.installed():
        assert model.weight.tolist() == [1.0, 1.0]
        assert model.running_mean.tolist() == [0.0, 0.0]

    assert model.weight.tolist() == [5.0, 5.0]
    assert model.running_mean.tolist() == [7.0, 7.0]
