"""Sparse gradients as row numbers and values."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.training.optimizers._touched_rows import touched_rows


def test_each_row_once_by_hand():
    gradient = torch.sparse_coo_tensor(
        torch.tensor([[3, 1, 3]]),
        torch.tensor([[1.0], [2.0], [4.0]]),
        (5, 1),
        check_invariants=True,
    )

    rows, values = touched_rows(gradient)

    assert rows.tolist() == [1, 3]
    assert values.tolist() == [[2.0], [5.0]]


def test_dense():
    with pytest.raises(ShapeError, match=r"got a dense one of shape \(2, 1\)"):
        touched_rows(torch.ones(2, 1))


def test_other_dimensions():
    gradient = torch.ones(2, 1, 1).to_sparse(1)

    with pytest.raises(ShapeError, match=r"got a sparse one of shape \(2, 1, 1\)"):
        touched_rows(gradient)
