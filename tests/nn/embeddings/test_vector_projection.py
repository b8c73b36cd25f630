"""VectorProjection: a linear map, and what it does without a vector."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.embeddings.vector_projection import VectorProjection


@pytest.fixture
def projection():
    """W = [[1, 2], [0, -1], [3, 0]], b = (0, 1, 0), missing = (7, 8, 9)."""
    layer = VectorProjection(2, embedding_dim=3)
    with torch.no_grad():
        weight = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]])
        layer.linear.weight.copy_(weight)
        layer.linear.bias.copy_(torch.tensor([0.0, 1.0, 0.0]))
        layer.missing.copy_(torch.tensor([7.0, 8.0, 9.0]))
    return layer


def test_linear_map_by_hand(projection):
    out = projection(torch.tensor([[2.0, 5.0]]))

    # 2 + 2 * 5, then -5 + 1, then 3 * 2.
    assert out.tolist() == [[12.0, -4.0, 6.0]]


@pytest.mark.parametrize("row", [[torch.nan, torch.nan], [1.0, torch.nan]])
def test_nan_anywhere_gives_the_missing_vector(projection, row):
    out = projection(torch.tensor([row, [0.0, 0.0]]))

    assert out.tolist() == [[7.0, 8.0, 9.0], [0.0, 1.0, 0.0]]


def test_zeros_are_not_missing(projection):
    assert projection(torch.zeros(1, 2)).tolist() == [[0.0, 1.0, 0.0]]


def test_missing_rows_give_the_map_no_gradient_and_no_nan(projection):
    x = torch.tensor([[torch.nan, 1.0], [2.0, 5.0]], requires_grad=True)

    projection(x).sum().backward()

    # Only row 2 reaches the map, only row 1 the missing vector.
    assert projection.linear.weight.grad.tolist() == 3 * [[2.0, 5.0]]
    assert projection.missing.grad.tolist() == [1.0, 1.0, 1.0]
    assert x.grad.tolist() == [[0.0, 0.0], [4.0, 1.0]]


def test_no_rows(projection):
    assert projection(torch.zeros(0, 2)).shape == (0, 3)


@pytest.mark.parametrize(
    ("vector_dim", "embedding_dim", "message"),
    [
        (0, 3, r"vector_dim must be positive, got 0\."),
        (2, 0, r"embedding_dim must be positive, got 0\."),
    ],
)
def test_sizes_must_be_positive(vector_dim, embedding_dim, message):
    with pytest.raises(ValueError, match=message):
        VectorProjection(vector_dim, embedding_dim=embedding_dim)


def test_wrong_length_names_the_argument(projection):
    with pytest.raises(ShapeError, match=r"x must have last dimension 2, got \(1, 3\)"):
        projection(torch.zeros(1, 3))
