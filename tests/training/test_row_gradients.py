"""One gradient per row, against a plain loop."""

import pytest
import torch
from torch import nn

from fieldwise.training._row_gradients import (
    DenseTableGradients,
    sum_repeated_rows,
    sum_table_gradients,
)


def sparse(rows, values, num_rows):
    return torch.sparse_coo_tensor(
        torch.tensor([rows], dtype=torch.long),
        values,
        (num_rows, values.shape[1]),
        check_invariants=True,
    )


def loop(rows, values, num_rows):
    total = torch.zeros(num_rows, values.shape[1], dtype=torch.float64)
    for row, value in zip(rows, values, strict=True):
        total[row] += value
    return total


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_equals_a_loop(count, dtype):
    torch.manual_seed(count)
    rows = torch.randint(0, 40, (count,)).tolist()
    values = torch.randn(count, 3, dtype=dtype)

    summed = sum_repeated_rows(sparse(rows, values, 50))

    assert summed.indices()[0].tolist() == sorted(set(rows))
    expected = loop(rows, values, 50).to(dtype)
    torch.testing.assert_close(summed.to_dense(), expected)


def test_values_that_share_memory():
    one = torch.ones(1, 2).expand(3, 2)

    assert sum_repeated_rows(sparse([1, 1, 0], one, 2)).values().tolist() == [
        [1.0, 1.0],
        [2.0, 2.0],
    ]


def test_what_is_summed_already_is_left_alone():
    summed = sum_repeated_rows(sparse([4, 2, 4], torch.ones(3, 1), 6))

    assert sum_repeated_rows(summed) is summed


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_dense_gradients_equal_torchs_own(dtype):
    torch.manual_seed(0)
    rows = torch.randint(0, 20, (7, 5), dtype=dtype)
    table = nn.Parameter(torch.randn(30, 4))
    weights = torch.randn(7, 5, 4)
    (nn.functional.embedding(rows, table) * weights).sum().backward()
    expected = table.grad.clone()
    gradients = DenseTableGradients([table])

    for _ in range(2):  # the buffer must not remember the step before
        table.grad = None
        (nn.functional.embedding(rows, table, sparse=True) * weights).sum().backward()
        sum_table_gradients([table])
        gradients.spread()

        assert not table.grad.is_sparse
        torch.testing.assert_close(table.grad, expected)


def test_tables_without_or_with_dense_gradients_are_left_alone():
    tables = [nn.Parameter(torch.randn(3, 2)) for _ in range(2)]
    tables[1].grad = dense = torch.ones(3, 2)

    sum_table_gradients(tables)
    DenseTableGradients(tables).spread()

    assert tables[0].grad is None
    assert tables[1].grad is dense


def test_tables_read_by_other_rows_are_summed_by_their_own():
    """The second table shares the sorting of the first, the third must not."""
    generator = torch.Generator().manual_seed(0)
    shared = torch.randint(0, 50, (200,), generator=generator)
    other = torch.randint(0, 50, (200,), generator=generator)
    tables = [torch.nn.Parameter(torch.zeros(50, dim)) for dim in (3, 1, 2)]
    expected = []
    for table, rows in zip(tables, (shared, shared, other), strict=True):
        values = torch.rand(200, table.shape[1], generator=generator)
        table.grad = torch.sparse_coo_tensor(
            rows.unsqueeze(0), values, table.shape, check_invariants=True
        )
        dense = torch.zeros_like(table)
        for row, value in zip(rows.tolist(), values, strict=True):
            dense[row] += value
        expected.append(dense)

    sum_table_gradients(tables)

    for table, dense in zip(tables, expected, strict=True):
        assert table.grad.is_coalesced()
        torch.testing.assert_close(table.grad.to_dense(), dense)
