"""The loss of a batch for every kind of label."""

import math

import pytest
import torch

from fieldwise.batch import Batch
from fieldwise.errors import SchemaError, ShapeError
from fieldwise.schema import Label
from fieldwise.training._objective import Objective

CLICK = Label("click", "binary", positive=1)
BUY = Label("buy", "binary", positive=1)
MONEY = Label("money", "real")


def batch_of(labels, weights=None):
    labels = None if labels is None else torch.tensor(labels)
    size = 0 if labels is None else len(labels)
    return Batch(
        indices=torch.empty(size, 0, dtype=torch.int32),
        numbers=torch.empty(size, 0),
        sequence_indices=torch.empty(0, dtype=torch.int32),
        sequence_offsets=torch.zeros(1, dtype=torch.int32),
        labels=labels,
        weights=None if weights is None else torch.tensor(weights),
    )


def test_binary_by_hand():
    loss = Objective([CLICK])(torch.zeros(2), batch_of([[1.0], [0.0]]))

    assert loss.item() == pytest.approx(math.log(2))


def test_one_column_is_as_good_as_a_vector():
    batch = batch_of([[1.0], [0.0]], weights=[1.0, 3.0])
    logits = torch.tensor([0.5, -1.0])

    assert Objective([CLICK])(logits, batch) == Objective([CLICK])(
        logits.unsqueeze(1), batch
    )


def test_real_by_hand():
    loss = Objective([MONEY])(
        torch.tensor([1.0, 2.0]), batch_of([[0.0], [4.0]], weights=[3.0, 1.0])
    )

    # three times 1 and once 4, over a weight of 4
    assert loss.item() == pytest.approx(7 / 4)


def test_mixed_kinds_are_the_mean_over_tasks():
    labels = [[1.0, 2.0, 0.0], [0.0, 0.0, torch.nan]]

    loss = Objective([CLICK, MONEY, BUY])(torch.zeros(2, 3), batch_of(labels))

    # click ln 2, money (4 + 0) / 2, buy ln 2 of the one row observed
    assert loss.item() == pytest.approx((2 * math.log(2) + 2) / 3)


def test_labels_not_observed_have_no_gradient():
    logits = torch.zeros(2, 1, requires_grad=True)

    Objective([CLICK])(logits, batch_of([[1.0], [torch.nan]])).backward()

    # sigmoid(0) - 1 for the only row that counts
    assert logits.grad.tolist() == [[-0.5], [0.0]]


def test_half_precision_logits_have_a_float32_loss():
    loss = Objective([CLICK])(torch.zeros(1).bfloat16(), batch_of([[1.0]]))

    assert loss.dtype == torch.float32


def test_wrong_shape_of_logits():
    with pytest.raises(ShapeError, match=r"shape \(2, 1\), one per row .*got \(2, 3\)"):
        Objective([CLICK])(torch.zeros(2, 3), batch_of([[1.0], [0.0]]))


def test_a_vector_does_not_fit_two_tasks():
    with pytest.raises(ShapeError, match=r"shape \(2, 2\), .* got \(2,\)"):
        Objective([CLICK, BUY])(torch.zeros(2), batch_of([[1.0, 0.0]] * 2))


def test_a_batch_without_labels():
    with pytest.raises(ShapeError, match="batch must have labels, got None"):
        Objective([CLICK])(torch.zeros(0), batch_of(None))


def test_a_label_without_a_kind():
    with pytest.raises(SchemaError, match=r"kind, got \['click'\]. Fit an Encoder"):
        Objective([Label("click"), MONEY])


def test_no_labels():
    with pytest.raises(SchemaError, match="no label at all"):
        Objective([])
