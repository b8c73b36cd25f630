"""BilinearInteraction: its three kinds, against loops over pairs."""

from itertools import combinations

import jaxtyping
import pytest
import torch

from fieldwise.nn.interactions.bilinear_interaction import BilinearInteraction
from fieldwise.nn.interactions.field_pairs import FieldPairs

KINDS = ("all", "each", "pair")


def test_two_fields_by_hand():
    layer = BilinearInteraction(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[1.0, 2.0], [0.0, 3.0]]]))
    x = torch.tensor([[[1.0, -1.0], [5.0, 7.0]]])

    # (1, -1) W = (1, 2 - 3); times (5, 7).
    assert layer(x).tolist() == [[[5.0, -7.0]]]


@pytest.mark.parametrize("kind", KINDS)
def test_matches_a_loop_over_pairs(kind):
    torch.manual_seed(0)
    layer = BilinearInteraction(4, 3, kind=kind).double()
    x = torch.randn(5, 4, 3, dtype=torch.float64)

    weights = layer.weight.tolist()
    expected = []
    for row in x.tolist():
        products = []
        for place, (i, j) in enumerate(combinations(range(4), 2)):
            weight = weights[{"all": 0, "each": i, "pair": place}[kind]]
            mapped = [sum(row[i][a] * weight[a][b] for a in range(3)) for b in range(3)]
            products.append([m * v for m, v in zip(mapped, row[j], strict=True)])
        expected.append(products)

    torch.testing.assert_close(layer(x).tolist(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_identity_gives_hadamard_products(kind):
    layer = BilinearInteraction(4, 3, kind=kind)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(3))
    x = torch.randn(5, 4, 3)

    torch.testing.assert_close(layer(x), FieldPairs(4).hadamard(x))


@pytest.mark.parametrize("kind", ["each", "pair"])
def test_equal_matrices_are_one_matrix(kind):
    one, many = BilinearInteraction(4, 3), BilinearInteraction(4, 3, kind=kind)
    with torch.no_grad():
        many.weight.copy_(one.weight)
    x = torch.randn(5, 4, 3)

    torch.testing.assert_close(many(x), one(x))


@pytest.mark.parametrize("kind", KINDS)
def test_scaled_fields_have_scaled_products(kind):
    layer = BilinearInteraction(4, 3, kind=kind)
    x, scales = torch.randn(5, 4, 3), torch.rand(5, 4, 1)

    expected = FieldPairs(4).hadamard(scales) * layer(x)

    torch.testing.assert_close(layer(scales * x), expected)


@pytest.mark.parametrize(
    ("kind", "num_matrices"), [("all", 1), ("each", 4), ("pair", 10)]
)
def test_every_matrix_is_used(kind, num_matrices):
    layer = BilinearInteraction(5, 3, kind=kind)

    layer(torch.randn(2, 5, 3)).sum().backward()

    assert layer.weight.shape == (num_matrices, 3, 3)
    assert layer.weight.grad.flatten(start_dim=1).any(dim=1).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_rows", [0, 1])
@pytest.mark.parametrize("num_fields", [2, 4])
def test_few_rows_and_fields(num_rows, num_fields, kind):
    layer = BilinearInteraction(num_fields, 3, kind=kind)

    out = layer(torch.zeros(num_rows, num_fields, 3))

    assert out.shape == (num_rows, num_fields * (num_fields - 1) // 2, 3)


def test_one_field_makes_no_pair():
    with pytest.raises(ValueError, match=r"num_fields must be 2 or more .*, got 1\."):
        BilinearInteraction(1, 3)


def test_length_must_be_positive():
    with pytest.raises(ValueError, match=r"embedding_dim must be positive, got 0\."):
        BilinearInteraction(4, 0)


def test_kinds_are_told(monkeypatch):
    # The checks of types in this test run would be first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)

    with pytest.raises(ValueError, match="kind must be one of 'all', 'each', 'pair', "):
        BilinearInteraction(4, 3, kind="none")
