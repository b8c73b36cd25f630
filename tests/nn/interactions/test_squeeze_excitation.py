"""SqueezeExcitation against the equation of the paper."""

import pytest
import torch

from fieldwise.nn.interactions.squeeze_excitation import SqueezeExcitation


def test_two_fields_by_hand():
    layer = SqueezeExcitation(2, reduction_ratio=2)
    with torch.no_grad():
        layer.squeeze.weight.copy_(torch.tensor([[1.0, 2.0]]))
        layer.excite.weight.copy_(torch.tensor([[3.0], [-1.0]]))
    x = torch.tensor([[[1.0, 3.0], [1.0, -1.0]], [[1.0, 3.0], [-2.0, -2.0]]])

    scales = layer(x)

    # Means 2 and 0, hidden 2: scales 6 and relu(-2). Means 2 and -2, hidden relu(-2).
    assert scales.tolist() == [[6.0, 0.0], [0.0, 0.0]]


def test_matches_a_loop():
    torch.manual_seed(0)
    layer = SqueezeExcitation(7, reduction_ratio=3).double()
    torch.nn.init.normal_(layer.excite.weight)
    x = torch.randn(5, 7, 3, dtype=torch.float64)

    expected = []
    for fields in x.tolist():
        numbers = [sum(field) / len(field) for field in fields]
        for weight in (layer.squeeze.weight, layer.excite.weight):
            numbers = [
                max(0.0, sum(w * z for w, z in zip(line, numbers, strict=True)))
                for line in weight.tolist()
            ]
        expected.append(numbers)

    torch.testing.assert_close(layer(x).tolist(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_no_field_starts_switched_off(seed):
    torch.manual_seed(seed)
    layer = SqueezeExcitation(10, reduction_ratio=3)

    scales = layer(torch.randn(100, 10, 4))

    # With signs, one field in 2 ** 3 would start with three negative weights.
    assert (scales > 0).any(dim=0).all()


def test_scale_of_the_input_is_the_scale_of_the_output():
    layer = SqueezeExcitation(6)
    x = torch.randn(5, 6, 3)

    torch.testing.assert_close(layer(4 * x), 4 * layer(x))


@pytest.mark.parametrize(
    ("num_fields", "ratio", "width"), [(10, 2, 5), (10, 3, 3), (2, 3, 1), (1, 1, 1)]
)
def test_hidden_width(num_fields, ratio, width):
    layer = SqueezeExcitation(num_fields, reduction_ratio=ratio)

    assert sum(p.numel() for p in layer.parameters()) == 2 * num_fields * width


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    assert SqueezeExcitation(6)(torch.zeros(num_rows, 6, 2)).shape == (num_rows, 6)


@pytest.mark.parametrize(
    ("num_fields", "ratio", "message"),
    [
        (0, 3, r"num_fields must be positive, got 0\."),
        (4, 0, r"reduction_ratio must be positive, got 0\."),
    ],
)
def test_arguments_are_checked(num_fields, ratio, message):
    with pytest.raises(ValueError, match=message):
        SqueezeExcitation(num_fields, reduction_ratio=ratio)
