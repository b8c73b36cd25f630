"""Two latents of known predictivity and availability."""

from statistics import NormalDist

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.diagnosis.shortcut_bias import (
    optimal_logits,
    probe_grid,
    shortcut_bias,
    shortcut_reliance,
)
from fieldwise.errors import DataError, ShapeError

DIM = 20


def latents_of(accuracies, num_rows, seed=0, correlation=0.0):
    """Labels in {-1, 1}, and latents whose signs are right that often."""
    random = np.random.default_rng(seed)
    label = np.where(np.arange(num_rows) % 2 == 0, 1.0, -1.0)
    means = np.array([NormalDist().inv_cdf(share) for share in accuracies])
    covariance = [[1.0, correlation], [correlation, 1.0]]
    noise = random.multivariate_normal([0.0, 0.0], covariance, num_rows)
    return label, label[:, None] * means + noise


def embed(latents, amplifications):
    """Along two random orthonormal directions, amplified."""
    random = np.random.default_rng(9)
    directions = np.linalg.qr(random.normal(size=(DIM, 2)))[0].T
    return (latents * np.array(amplifications)) @ directions


def train(model, inputs, label, num_steps, learning_rate=0.5):
    inputs = torch.from_numpy(inputs).float()
    label = torch.from_numpy((label + 1) / 2).float()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    for _ in range(num_steps):
        optimizer.zero_grad()
        logits = model(inputs)[:, 0]
        nn.functional.binary_cross_entropy_with_logits(logits, label).backward()
        optimizer.step()
    return lambda x: model(torch.from_numpy(x).float())[:, 0].detach().double().numpy()


def bias_of(predict, accuracies, amplifications):
    probes = probe_grid()
    optimal = optimal_logits(probes, accuracies=accuracies)
    return shortcut_bias(predict(embed(probes, amplifications)), optimal, probes)


def loop(logits, latents):
    shares = [0, 0]
    for logit, pair in zip(logits.tolist(), latents.tolist(), strict=True):
        for place in range(2):
            shares[place] += (logit > 0) == (pair[place] > 0)
    first, second = (abs(2 * share / len(logits) - 1) for share in shares)
    return first - second


def test_by_hand():
    probes = probe_grid(2, extent=1.0)
    shortcut_only, core_only = probes[:, 0], probes[:, 1]

    # (1 - 0) / 2 less (0 - 1) / 2
    assert shortcut_bias(shortcut_only, core_only, probes) == 1.0
    assert shortcut_bias(core_only, shortcut_only, probes) == -1.0
    assert shortcut_bias(core_only, core_only, probes) == 0.0


def test_equals_the_loop_and_roles_swap_the_sign():
    probes = probe_grid(12)
    logits, optimal = probes @ np.array([3.0, 1.0]), probes @ np.array([1.0, 2.0])

    found = shortcut_bias(logits, optimal, probes)

    assert found == pytest.approx((loop(logits, probes) - loop(optimal, probes)) / 2)
    assert found == pytest.approx(-shortcut_bias(logits, optimal, probes[:, ::-1]))
    assert found > 0.2


def test_signs_are_right_as_often_as_they_should():
    label, latents = latents_of((0.65, 0.85), 40_000)

    right = (np.sign(latents) == label[:, None]).mean(axis=0)

    assert right == pytest.approx([0.65, 0.85], abs=0.01)


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_optimal_learner_is_the_bayes_rule(correlation):
    latents = np.random.default_rng(0).normal(size=(20, 2))
    means = np.array([NormalDist().inv_cdf(0.6), NormalDist().inv_cdf(0.9)])
    inverse = np.linalg.inv([[1.0, correlation], [correlation, 1.0]])

    found = optimal_logits(latents, accuracies=(0.6, 0.9), correlation=correlation)

    for row, logit in zip(latents, found, strict=True):
        plus, minus = row - means, row + means
        by_density = (minus @ inverse @ minus - plus @ inverse @ plus) / 2
        assert logit == pytest.approx(by_density)


def test_depth_leans_on_what_is_easy_and_training_helps_a_line():
    accuracies, amplifications = (0.85, 0.9), (3.0, 0.3)
    early, late, deep = [], [], []
    for seed in range(3):
        torch.manual_seed(seed)
        label, latents = latents_of(accuracies, 600, seed)
        inputs = embed(latents, amplifications)
        tower = nn.Sequential(
            *(nn.Linear(DIM, 64), nn.ReLU()),
            *(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)),
        )
        line = nn.Linear(DIM, 1)
        predict = train(tower, inputs, label, 50, learning_rate=0.05)
        deep.append(bias_of(predict, accuracies, amplifications))
        for found, num_steps in ((early, 50), (late, 350)):
            predict = train(line, inputs, label, num_steps)
            found.append(bias_of(predict, accuracies, amplifications))

    assert np.mean(deep) > np.mean(early) + 0.2
    assert abs(np.mean(late)) < min(0.08, np.mean(early))


def test_equal_latents_have_no_bias():
    label, latents = latents_of((0.8, 0.8), 20_000)
    line = nn.Linear(DIM, 1)
    predict = train(line, embed(latents, (1.0, 1.0)), label, 600)

    assert bias_of(predict, (0.8, 0.8), (1.0, 1.0)) == pytest.approx(0, abs=0.05)


def test_errors():
    probes = probe_grid(2)

    with pytest.raises(ValueError, match="num_points must be even"):
        probe_grid(3)
    with pytest.raises(ValueError, match=r"accuracies must be in \(0, 1\)"):
        optimal_logits(probes, accuracies=(0.5, 1.0))
    with pytest.raises(ValueError, match=r"correlation must be in \(-1, 1\)"):
        optimal_logits(probes, accuracies=(0.5, 0.6), correlation=1.0)
    with pytest.raises(ShapeError, match="latents must be two"):
        shortcut_bias(probes[:, 0], probes[:, 0], probes[:, :1])
    with pytest.raises(ShapeError, match="logits must be one per probe"):
        shortcut_reliance(np.zeros(3), np.zeros(4))
    with pytest.raises(DataError, match="logits must be finite"):
        shortcut_reliance(np.array([np.nan]), np.array([1.0]))
