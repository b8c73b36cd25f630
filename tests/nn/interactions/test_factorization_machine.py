"""FactorizationMachine: the fast form against all pairs."""

from itertools import combinations

import pytest
import torch

from fieldwise.nn.interactions.factorization_machine import (
    FactorizationMachine,
    pair_terms,
)


def test_three_fields_by_hand():
    x = torch.tensor([[[1.0, 2.0], [3.0, -1.0], [0.0, 2.0]]])

    # <a,b> = 3-2 = 1, <a,c> = 4, <b,c> = -2
    assert FactorizationMachine()(x).tolist() == [3.0]
    assert pair_terms(x).tolist() == [[[0, 1, 4], [0, 0, -2], [0, 0, 0]]]


def test_matches_a_loop_over_pairs():
    x = torch.randn(5, 6, 4, dtype=torch.float64)

    expected = [
        sum(
            a * b
            for i, j in combinations(range(6), 2)
            for a, b in zip(row[i], row[j], strict=True)
        )
        for row in x.tolist()
    ]

    torch.testing.assert_close(
        FactorizationMachine()(x).tolist(), expected, rtol=1e-10, atol=1e-10
    )


def test_terms_add_up_to_the_output():
    x = torch.randn(5, 6, 4, dtype=torch.float64)

    torch.testing.assert_close(pair_terms(x).sum(dim=(1, 2)), FactorizationMachine()(x))


def test_order_of_fields_does_not_matter():
    x = torch.randn(5, 6, 4, dtype=torch.float64)
    machine = FactorizationMachine()

    torch.testing.assert_close(machine(x[:, torch.randperm(6)]), machine(x))


def test_leading_axes_are_rows():
    x = torch.randn(5, 2, 6, 4)

    torch.testing.assert_close(
        FactorizationMachine()(x)[:, 1], FactorizationMachine()(x[:, 1])
    )


def test_one_field_has_no_pair():
    assert FactorizationMachine()(torch.ones(2, 1, 4)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    x = torch.zeros(num_rows, 3, 4)

    assert FactorizationMachine()(x).shape == (num_rows,)
    assert pair_terms(x).shape == (num_rows, 3, 3)
