"""VectorCrossNetwork: the factor that is followed against the paper's layers."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.vector_cross_network import VectorCrossNetwork


def random_network(in_features, num_layers):
    torch.manual_seed(0)
    cross = VectorCrossNetwork(in_features, num_layers=num_layers).double()
    for parameter in cross.parameters():
        torch.nn.init.normal_(parameter)
    return cross


def test_two_layers_by_hand():
    cross = VectorCrossNetwork(2, num_layers=2)
    with torch.no_grad():
        cross.weight.copy_(torch.tensor([[1.0, 2.0], [0.5, -1.0]]))
        cross.biases[0].copy_(torch.tensor([1.0, 0.0]))
        cross.biases[1].copy_(torch.tensor([0.0, -3.0]))

    out = cross(torch.tensor([[2.0, 3.0]]))

    # x1 = [2, 3] (2 + 6) + [1, 0] + [2, 3] = [19, 27]
    # x2 = [2, 3] (9.5 - 27) + [0, -3] + [19, 27] = [-16, -28.5]
    torch.testing.assert_close(out, torch.tensor([[-16.0, -28.5]]))


def test_equals_a_loop_over_layers():
    cross = random_network(4, 3)
    rows = torch.randn(5, 4, dtype=torch.float64)

    expected = []
    for row in rows.tolist():
        x = row
        for weight, bias in zip(cross.weight.tolist(), cross.biases, strict=True):
            product = sum(w * value for w, value in zip(weight, x, strict=True))
            shifted = zip(row, bias.tolist(), x, strict=True)
            x = [first * product + b + value for first, b, value in shifted]
        expected.append(x)

    torch.testing.assert_close(cross(rows).tolist(), expected, rtol=1e-10, atol=1e-10)


def test_without_biases_the_output_is_parallel_to_the_input():
    cross = random_network(6, 4)
    for bias in cross.biases:
        torch.nn.init.zeros_(bias)
    x = torch.randn(7, 6, dtype=torch.float64)

    cosines = torch.nn.functional.cosine_similarity(cross(x), x)

    torch.testing.assert_close(cosines.abs(), torch.ones(7, dtype=torch.float64))


def test_degree_grows_by_one_per_layer():
    cross = random_network(3, 2)
    for bias in cross.biases:
        torch.nn.init.zeros_(bias)
    x = torch.randn(1, 3, dtype=torch.float64)

    # A polynomial of degree 3 in the scale of x: its fourth difference is zero.
    values = torch.cat([cross(scale * x) for scale in range(5)])

    torch.testing.assert_close(values.diff(4, dim=0), torch.zeros_like(x))
    assert values.diff(3, dim=0).abs().max() > 1e-3


def test_gradients_are_those_of_the_equation():
    cross = random_network(3, 2)
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(cross, (x,))
    cross(x).sum().backward()
    # The last bias is added to each of four rows.
    assert cross.biases[1].grad.tolist() == [4.0, 4.0, 4.0]


def test_small_weights_count_under_autocast():
    cross = VectorCrossNetwork(8, num_layers=1)
    torch.nn.init.constant_(cross.weight, 1e-4)
    x = torch.ones(2, 8)

    with torch.autocast("cpu", torch.bfloat16):
        out = cross(x)

    # 1 + 8e-4; bfloat16 has nothing between 1 and 1.0078.
    torch.testing.assert_close(out, torch.full((2, 8), 1.0008))


@pytest.mark.parametrize("num_rows", [0, 1, 7])
def test_any_batch_size(num_rows):
    x = torch.zeros(num_rows, 4)

    assert VectorCrossNetwork(4, num_layers=2)(x).shape == (num_rows, 4)


def test_leaves_its_input_alone():
    x = torch.ones(2, 3)

    VectorCrossNetwork(3, num_layers=2)(x)

    assert torch.equal(x, torch.ones(2, 3))


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 5\)"):
        VectorCrossNetwork(4, num_layers=1)(torch.zeros(3, 5))


@pytest.mark.parametrize("name", ["in_features", "num_layers"])
def test_sizes_must_be_positive(name):
    sizes = {"in_features": 4, "num_layers": 1} | {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        VectorCrossNetwork(**sizes)
