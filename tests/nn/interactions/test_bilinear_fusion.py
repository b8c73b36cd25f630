"""Multi-head bilinear fusion against loops and torch's own bilinear layer."""

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.bilinear_fusion import BilinearFusion


def randomised(*sizes, **settings):
    torch.manual_seed(0)
    fusion = BilinearFusion(*sizes, **settings).double()
    for parameter in fusion.parameters():
        nn.init.normal_(parameter)
    return fusion


def rows(num_rows, width, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_rows, width, generator=generator, dtype=torch.float64)


def products_by_loop(weight, x, y):
    """sum_j x_j^T W_j y_j of one row and one task, as four loops."""
    heads, first, second = weight.shape
    total = 0.0
    for j in range(heads):
        for i in range(first):
            for k in range(second):
                total += x[j * first + i] * weight[j, i, k] * y[j * second + k]
    return total


def test_two_heads_by_hand():
    fusion = BilinearFusion(2, 4, num_heads=2)
    with torch.no_grad():
        fusion.first.linear.weight.copy_(torch.tensor([[1.0, -1.0]]))
        fusion.first.linear.bias.fill_(10.0)
        fusion.second.linear.weight.copy_(torch.tensor([[0.0, 1.0, 0.0, 0.0]]))
        fusion.second.linear.bias.fill_(100.0)
        fusion.weight.copy_(torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]]))

    logit = fusion(torch.tensor([[2.0, 5.0]]), torch.tensor([[1.0, 4.0, 7.0, 9.0]]))

    # linear 2 - 5 + 10 and 4 + 100; heads 2 (1*1 + 2*4) = 18 and 5 (3*7) = 105
    assert logit.tolist() == [7.0 + 104 + 18 + 105]


@pytest.mark.parametrize("num_heads", [1, 2, 3, 6])
@pytest.mark.parametrize("num_tasks", [1, 2])
def test_equals_the_loop(num_heads, num_tasks):
    fusion = randomised(6, 12, num_heads=num_heads, num_tasks=num_tasks)
    x, y = rows(5, 6), rows(5, 12, seed=2)

    logits = fusion(x, y)

    linear = (fusion.first(x) + fusion.second(y)).view(5, num_tasks)
    expected = torch.stack(
        [
            torch.stack(
                [products_by_loop(weight, *pair) for weight in fusion.weight.detach()]
            )
            for pair in zip(x, y, strict=True)
        ]
    )
    assert logits.shape == ((5,) if num_tasks == 1 else (5, 2))
    torch.testing.assert_close(
        logits.view(5, num_tasks), linear + expected, rtol=1e-10, atol=1e-10
    )


def test_one_head_is_a_bilinear_layer():
    fusion = randomised(3, 4, num_heads=1, num_tasks=2)
    x, y = rows(5, 3), rows(5, 4, seed=2)
    reference = nn.Bilinear(3, 4, 2, bias=False).double()
    with torch.no_grad():
        reference.weight.copy_(fusion.weight[:, 0])

    expected = fusion.first(x) + fusion.second(y) + reference(x, y)

    torch.testing.assert_close(fusion(x, y), expected, rtol=1e-10, atol=1e-10)


def test_only_heads_of_the_same_place_meet():
    fusion = randomised(6, 6, num_heads=3)
    x, y = rows(4, 6), rows(4, 6, seed=2)
    nn.init.zeros_(fusion.first.linear.weight)
    nn.init.zeros_(fusion.second.linear.weight)
    only_second = x.clone()
    only_second[:, :2] = only_second[:, 4:] = 0.0

    logits = fusion(only_second, y)

    changed = y.clone()
    changed[:, :2] += 1.0
    changed[:, 4:] -= 1.0
    torch.testing.assert_close(fusion(only_second, changed), logits)
    changed[:, 2] += 1.0
    assert (fusion(only_second, changed) - logits).abs().min() > 1e-3


def test_zero_matrices_leave_two_linear_maps():
    fusion = randomised(4, 2, num_heads=2)
    nn.init.zeros_(fusion.weight)
    x, y = rows(5, 4), rows(5, 2, seed=2)

    torch.testing.assert_close(fusion(x, y), fusion.first(x) + fusion.second(y))


def test_turned_around_it_says_the_same():
    fusion = randomised(6, 4, num_heads=2)
    turned = randomised(4, 6, num_heads=2)
    turned.first.load_state_dict(fusion.second.state_dict())
    turned.second.load_state_dict(fusion.first.state_dict())
    with torch.no_grad():
        turned.weight.copy_(fusion.weight.transpose(2, 3))
    x, y = rows(5, 6), rows(5, 4, seed=2)

    torch.testing.assert_close(turned(y, x), fusion(x, y))


def test_matrices_are_drawn_as_one_column():
    torch.manual_seed(0)

    fusion = BilinearFusion(500, 400, num_heads=5, num_tasks=2)

    # 500 * 400 / 5 = 40,000 weights a task: std sqrt(2 / 40,001) = 0.00707. Glorot's
    # rule for a matrix of 100 by 80 would say sqrt(2 / 180) = 0.105.
    assert fusion.weight.shape == (2, 5, 100, 80)
    assert fusion.weight.std().item() == pytest.approx(0.00707, rel=0.02)


def test_logits_are_float32_under_autocast():
    fusion = randomised(4, 4, num_heads=2).float()
    x, y = rows(3, 4).bfloat16(), rows(3, 4, seed=2).bfloat16()

    with torch.autocast("cpu", torch.bfloat16):
        logits = fusion(x, y)

    torch.testing.assert_close(logits, fusion(x.float(), y.float()))


@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(num_rows):
    fusion = BilinearFusion(4, 2, num_heads=2, num_tasks=3)

    assert fusion(torch.zeros(num_rows, 4), torch.zeros(num_rows, 2)).shape == (
        num_rows,
        3,
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((0, 4, 2), "first_features must be positive, got 0"),
        ((4, 0, 2), "second_features must be positive, got 0"),
        ((4, 4, 0), "num_heads must be positive, got 0"),
        ((6, 4, 3), "num_heads must divide both widths, 6 and 4, got 3"),
        ((4, 6, 4), "num_heads must divide both widths, 4 and 6, got 4"),
    ],
)
def test_sizes_are_checked(settings, message):
    first, second, num_heads = settings
    with pytest.raises(ValueError, match=message):
        BilinearFusion(first, second, num_heads=num_heads)


def test_wrong_width_names_the_argument():
    fusion = BilinearFusion(4, 2, num_heads=1)
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 2\)"):
        fusion(torch.zeros(3, 2), torch.zeros(3, 2))
    with pytest.raises(ShapeError, match=r"y must have last dimension 2, got \(3, 4\)"):
        fusion(torch.zeros(3, 4), torch.zeros(3, 4))
