"""Losses against plain loops; labels nobody observed leave no trace."""

import math

import numpy as np
import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.losses import (
    adaptive_branch_loss,
    binary_cross_entropy,
    squared_error,
)

LOSSES = pytest.mark.parametrize("loss", [binary_cross_entropy, squared_error])


def slow_loss(loss, outputs, labels, weights):
    means = []
    for task in range(outputs.shape[1]):
        total = mass = 0.0
        for z, y, w in zip(outputs[:, task], labels[:, task], weights, strict=True):
            if math.isnan(y):
                continue
            if loss is squared_error:
                entry = (z - y) ** 2
            else:
                p = 1 / (1 + math.exp(-z))
                entry = -(y * math.log(p) + (1 - y) * math.log(1 - p))
            total, mass = total + w * entry, mass + w
        if mass:
            means.append(total / mass)
    return float(np.mean(means)) if means else 0.0


def random_rows(*shape, unobserved=0.0):
    generator = torch.Generator().manual_seed(len(shape))
    outputs = torch.randn(shape, generator=generator, dtype=torch.float64)
    labels = torch.randint(2, shape, generator=generator).double()
    hidden = torch.rand(shape, generator=generator) < unobserved
    labels[hidden] = torch.nan
    weights = torch.rand(shape[0], generator=generator, dtype=torch.float64)
    return outputs.requires_grad_(), labels, weights


def test_binary_cross_entropy_by_hand():
    logits = torch.tensor([0.0, math.log(3)])

    value = binary_cross_entropy(
        logits, torch.tensor([1.0, 0.0]), torch.tensor([3.0, 1.0])
    )

    # p = 1/2, 3/4: (3 ln 2 + 1 ln 4) / 4
    assert value.item() == pytest.approx(5 * math.log(2) / 4)


def test_squared_error_by_hand():
    predictions = torch.tensor([[1.0, 0.0], [2.0, 5.0]])
    labels = torch.tensor([[0.0, math.nan], [4.0, 2.0]])

    value = squared_error(predictions, labels, torch.tensor([3.0, 1.0]))

    # tasks: (3 * 1 + 1 * 4) / 4 and 9 / 1, the second row alone
    assert value.item() == (7 / 4 + 9) / 2


@LOSSES
@pytest.mark.parametrize("unobserved", [0.0, 0.5])
def test_equals_the_loop(loss, unobserved):
    outputs, labels, weights = random_rows(17, 3, unobserved=unobserved)

    value = loss(outputs, labels, weights)

    expected = slow_loss(loss, outputs.detach(), labels, weights)
    assert value.item() == pytest.approx(expected, rel=1e-12)


@LOSSES
def test_one_task_is_a_vector(loss):
    outputs, labels, weights = random_rows(9, 1)

    column = loss(outputs, labels, weights)
    vector = loss(outputs[:, 0], labels[:, 0], weights)

    torch.testing.assert_close(vector, column)


@LOSSES
def test_only_relative_weights_count(loss):
    outputs, labels, weights = random_rows(9, 2)

    torch.testing.assert_close(
        loss(outputs, labels, weights * 8), loss(outputs, labels, weights)
    )
    torch.testing.assert_close(
        loss(outputs, labels, torch.ones_like(weights)), loss(outputs, labels)
    )


@LOSSES
@pytest.mark.parametrize("output", [0.0, 1e30, math.inf, math.nan])
def test_unobserved_labels_leave_no_trace(loss, output):
    outputs, labels, weights = random_rows(6, 2)
    with torch.no_grad():
        outputs[2, 0] = output
    labels[2, 0] = torch.nan
    rows = torch.tensor([0, 1, 3, 4, 5])

    value = loss(outputs, labels, weights)
    value.backward()

    alone = loss(outputs[rows, 0], labels[rows, 0], weights[rows])
    other = loss(outputs[:, 1], labels[:, 1], weights)
    torch.testing.assert_close(value, (alone + other) / 2)
    assert outputs.grad[2, 0] == 0
    assert outputs.grad.isfinite().all()
    assert (outputs.grad != 0).sum() == 11


@LOSSES
def test_task_without_any_label_leaves_no_trace(loss):
    outputs, labels, weights = random_rows(6, 2)
    labels[:, 1] = torch.nan

    torch.testing.assert_close(
        loss(outputs, labels, weights), loss(outputs[:, 0], labels[:, 0], weights)
    )


@LOSSES
@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_empty_batch_has_loss_zero_and_a_gradient(loss, shape):
    outputs = torch.zeros(shape, requires_grad=True)

    value = loss(outputs, torch.zeros(shape), torch.zeros(0))
    value.backward()

    assert value.item() == 0
    assert outputs.grad.shape == shape


@LOSSES
def test_nothing_to_learn_from(loss):
    outputs, labels, weights = random_rows(4, 2)

    unobserved = loss(outputs, torch.full_like(labels, torch.nan), weights)
    unweighted = loss(outputs, labels, torch.zeros_like(weights))
    (unobserved + unweighted).backward()

    assert unobserved.item() == unweighted.item() == 0
    assert (outputs.grad == 0).all()


@LOSSES
def test_gradient_is_right(loss):
    outputs, labels, weights = random_rows(5, 2, unobserved=0.3)

    assert torch.autograd.gradcheck(lambda z: loss(z, labels, weights), outputs)


def test_large_logits_stay_finite():
    logits = torch.tensor([1000.0, -1000.0], requires_grad=True)

    value = binary_cross_entropy(logits, torch.tensor([0.0, 1.0]))
    value.backward()

    assert value.item() == 1000
    assert logits.grad.tolist() == [0.5, -0.5]


@LOSSES
def test_half_precision_is_averaged_in_float32(loss):
    outputs = torch.linspace(-1, 1, 5000).to(torch.bfloat16)
    labels = torch.ones(5000)

    value = loss(outputs, labels)

    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(outputs.float(), labels))


@LOSSES
class TestErrors:
    def test_labels_would_broadcast(self, loss):
        with pytest.raises(
            ShapeError, match=r"labels must have .*\(4, 1\), got \(4,\)"
        ):
            loss(torch.zeros(4, 1), torch.zeros(4))

    def test_weights_per_entry(self, loss):
        with pytest.raises(
            ShapeError, match=r"weights must have shape \(4,\), one per"
        ):
            loss(torch.zeros(4, 2), torch.zeros(4, 2), torch.ones(4, 2))

    def test_all_problems_at_once(self, loss):
        with pytest.raises(ShapeError, match=r"or \(batch, task\), .* labels must .*"):
            loss(torch.zeros(4, 2, 1), torch.zeros(4, 2))


class TestAdaptiveBranchLoss:
    def test_by_hand(self):
        whole, behind, ahead = (
            torch.tensor(value, requires_grad=True) for value in (1.0, 3.0, 0.5)
        )

        loss = adaptive_branch_loss(whole, [behind, ahead])
        loss.backward()

        # 1 + (3 - 1) 3; the branch that is ahead counts nothing.
        assert loss.item() == 7
        # d/dL = 1 - 3; d/dL_1 = w + L_1 = 2 + 3, because the weight grows as well.
        assert (whole.grad.item(), behind.grad.item(), ahead.grad.item()) == (-2, 5, 0)

    def test_weights_held_fixed_by_hand(self):
        whole, behind, ahead = (
            torch.tensor(value, requires_grad=True) for value in (1.0, 3.0, 0.5)
        )

        loss = adaptive_branch_loss(whole, [behind, ahead], detach_weights=True)
        loss.backward()

        # As above, but d/dL = 1 and d/dL_1 = w = 2.
        assert loss.item() == 7
        assert (whole.grad.item(), behind.grad.item(), ahead.grad.item()) == (1, 2, 0)

    def test_gradient_is_right(self):
        values = torch.tensor([0.5, 0.9, 0.2, 0.7], dtype=torch.float64)

        assert torch.autograd.gradcheck(
            lambda v: adaptive_branch_loss(v[0], list(v[1:])), values.requires_grad_()
        )

    def test_equal_branches_cost_nothing(self):
        whole = torch.tensor(0.7)

        assert adaptive_branch_loss(whole, [whole.clone(), whole.clone()]) == whole

    def test_no_branches(self):
        whole = torch.tensor(0.7)

        assert adaptive_branch_loss(whole, []) == whole

    def test_is_never_below_the_whole(self):
        torch.manual_seed(0)

        for whole, *branches in torch.rand(50, 4):
            assert adaptive_branch_loss(whole, branches) >= whole
