"""SelfMaskCrossNetwork: the equation, its growth, and where its input stands."""

import math

import jaxtyping
import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.self_mask_cross import SelfMaskCrossNetwork, TwoViews


def random_network(in_features=6, *, growth="linear", num_layers=3, **settings):
    torch.manual_seed(0)
    cross = SelfMaskCrossNetwork(
        in_features, growth=growth, num_layers=num_layers, **settings
    )
    for name, tensor in cross.state_dict().items():
        if tensor.is_floating_point():
            nn.init.normal_(tensor, std=0.5)
            if name.endswith("running_var"):
                tensor.exp_()
    return cross.double()


def by_loop(cross, heads):
    """One row: the mean over its heads of the last x."""
    results = []
    for place, x0 in enumerate(heads):
        x = x0
        for layer in cross.layers:
            rows = layer.linear.weight.tolist()
            c = [sum(w * a for w, a in zip(row, x, strict=True)) for row in rows]
            if not isinstance(layer.head_norm, nn.Identity):
                c = normalise_by_loop(layer.head_norm, place, c)
            before = c
            if not isinstance(layer.mask_norm, nn.Identity):
                before = layer_norm_by_loop(layer.mask_norm, c)
            h = c + [a * max(0.0, b) for a, b in zip(c, before, strict=True)]
            y = x if cross.is_exponential else x0
            biases = layer.bias.tolist()
            x = [y[i] * (h[i] + biases[i]) + x[i] for i in range(len(x))]
        results.append(x)
    return [sum(values) / len(heads) for values in zip(*results, strict=True)]


def normalise_by_loop(norm, place, values):
    mean, variance, scale, shift = (
        tensor[place].item()
        for tensor in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return [(v - mean) / math.sqrt(variance + norm.eps) * scale + shift for v in values]


def layer_norm_by_loop(norm, values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    weights = zip(values, norm.weight.tolist(), norm.bias.tolist(), strict=True)
    return [(v - mean) / math.sqrt(variance + norm.eps) * w + b for v, w, b in weights]


# Where the input stands.


def test_dimension_k_of_half_s_of_field_f():
    num_fields, embedding_dim, num_heads = 3, 4, 2
    x = torch.randn(5, num_fields, num_heads * embedding_dim)

    views = TwoViews(embedding_dim, num_heads=num_heads)(x)

    half = embedding_dim // 2
    assert views.shape == (5, num_heads, num_fields * embedding_dim)
    for head in range(num_heads):
        for field in range(num_fields):
            for s in range(2):
                for k in range(half):
                    place = s * (num_fields * half) + field * half + k
                    dim = head * embedding_dim + s * half + k
                    assert torch.equal(views[:, head, place], x[:, field, dim])


def test_an_odd_length_has_no_halves():
    with pytest.raises(ValueError, match=r"embedding_dim must be even, got 5\."):
        TwoViews(5)
    with pytest.raises(ValueError, match=r"in_features must be even, got 5\."):
        SelfMaskCrossNetwork(5, growth="linear", num_layers=1)


# One layer, and several.


@pytest.mark.parametrize(
    ("growth", "expected"), [("linear", [3.0, 25.0]), ("exponential", [-87.75, 25.0])]
)
def test_two_layers_by_hand(growth, expected):
    cross = SelfMaskCrossNetwork(2, growth=growth, num_layers=2, layer_norm=False)
    with torch.no_grad():
        cross.layers[0].linear.weight.copy_(torch.tensor([[1.0, 2.0]]))
        cross.layers[0].bias.copy_(torch.tensor([0.5, -1.0]))
        cross.layers[1].linear.weight.copy_(torch.tensor([[1.0, -1.0]]))
        cross.layers[1].bias.zero_()

    out = cross(torch.tensor([[[3.0, 1.0]]]))

    # c = 5, mask 5: x1 = [3 (5 + .5) + 3, 1 (25 - 1) + 1] = [19.5, 25]
    # c = -5.5, mask 0: x2 = y [-5.5, 0] + x1, with y = [3, 1] or y = x1
    assert out.tolist() == [expected]


def test_a_normalised_mask_by_hand():
    cross = SelfMaskCrossNetwork(4, growth="linear", num_layers=1)
    with torch.no_grad():
        weight = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]])
        cross.layers[0].linear.weight.copy_(weight)
        cross.layers[0].bias.zero_()

    out = cross(torch.ones(1, 1, 4))

    # c = [1, 3] has mean 2 and variance 1: the mask is relu([-1, 1]), but for epsilon.
    expected = torch.tensor([[1.0 + 1, 3 + 1, 0 + 1, 3 + 1]])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("growth", ["linear", "exponential"])
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("num_heads", [1, 3])
def test_equals_a_loop(growth, layer_norm, batch_norm, num_heads):
    settings = {"layer_norm": layer_norm, "batch_norm": batch_norm}
    cross = random_network(growth=growth, num_heads=num_heads, **settings).eval()
    rows = torch.randn(4, num_heads, 6, dtype=torch.float64)

    expected = [by_loop(cross, heads) for heads in rows.tolist()]

    torch.testing.assert_close(cross(rows).tolist(), expected, rtol=1e-10, atol=1e-10)


def test_several_heads_are_the_mean_of_each_by_itself():
    cross = random_network(num_heads=3)
    x = torch.randn(5, 3, 6, dtype=torch.float64)

    alone = [cross(x[:, [head]]) for head in range(3)]

    torch.testing.assert_close(cross(x), torch.stack(alone).mean(dim=0))


def test_in_training_a_head_is_normalised_over_rows_and_width():
    cross = random_network(num_layers=1, num_heads=2, batch_norm=True, layer_norm=False)
    layer = cross.layers[0]
    x = torch.randn(5, 2, 6, dtype=torch.float64)

    _, mask = layer(x, x)

    plain = layer.linear(x)
    variance, mean = torch.var_mean(plain, dim=(0, 2), correction=0, keepdim=True)
    normal = (plain - mean) / (variance + layer.head_norm.eps).sqrt()
    scale, shift = layer.head_norm.weight[:, None], layer.head_norm.bias[:, None]
    # Without a norm of its own, the mask is what was normalised, cut at zero.
    torch.testing.assert_close(mask, (normal * scale + shift).clamp(min=0))


# Growth of the degree.


def coefficients(cross, degree):
    """Of the output as a polynomial in the scale of the input, one row each."""
    x = torch.randn(1, 1, 4, dtype=torch.float64)
    scales = np.linspace(-1, 1, 4 * degree)
    values = torch.cat([cross(scale * x) for scale in scales])
    return np.polynomial.polynomial.polyfit(scales, values.detach().numpy(), degree)


@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("growth", ["linear", "exponential"])
def test_the_degree_grows_as_promised_where_the_mask_is_one(growth, num_layers):
    cross = random_network(4, growth=growth, num_layers=num_layers)
    with torch.no_grad():
        for layer in cross.layers:
            layer.bias.zero_()
            # relu(0 LN(c) + 1) = 1
            layer.mask_norm.weight.zero_()
            layer.mask_norm.bias.fill_(1.0)
    highest = num_layers + 1 if growth == "linear" else 2**num_layers

    found = np.abs(coefficients(cross, highest + 3)).max(axis=1)

    assert found[highest] > 1e-6
    assert found[highest + 1 :].max() < 1e-6 * found[highest]
    assert found[0] < 1e-12


# The mask.


def test_about_half_of_the_crosses_are_masked():
    torch.manual_seed(0)
    cross = SelfMaskCrossNetwork(40, growth="exponential", num_layers=3)

    masks = cross.masks(torch.randn(200, 1, 40))

    assert masks.shape == (200, 3, 1, 20)
    assert masks.dtype == torch.bool
    shares = masks.double().mean(dim=(0, 2, 3))
    torch.testing.assert_close(shares, torch.full_like(shares, 0.5), rtol=0, atol=0.05)


def test_masks_say_what_is_let_through():
    cross = random_network(num_layers=2)
    x = torch.randn(5, 1, 6, dtype=torch.float64)

    masks = cross.masks(x)

    first = cross.layers[0]
    crossed, mask = first(x, x)
    assert torch.equal(mask > 0, masks[:, 0])
    second = crossed - x * (1 + first.bias)
    assert torch.equal(second[..., 3:].abs() > 1e-12, masks[:, 0])
    assert torch.equal(cross.layers[1](crossed, x)[1] > 0, masks[:, 1])


# Gradients, limits, errors.


@pytest.mark.parametrize("growth", ["linear", "exponential"])
def test_gradients_are_those_of_the_equation(growth):
    cross = random_network(growth=growth, num_layers=2)
    x = torch.randn(2, 1, 6, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(cross, (x,))


def test_biases_start_in_the_unit_interval():
    cross = SelfMaskCrossNetwork(1000, growth="linear", num_layers=1)

    bias = cross.layers[0].bias

    assert bias.min() >= 0
    assert bias.max() <= 1
    assert bias.mean().item() == pytest.approx(0.5, abs=0.05)


def test_dropout_is_for_training_only():
    cross = random_network(dropout=0.5)
    x = torch.randn(4, 1, 6, dtype=torch.float64)

    assert not torch.equal(cross(x), cross(x))
    assert torch.equal(cross.eval()(x), cross(x))


def test_small_crosses_count_under_autocast():
    cross = SelfMaskCrossNetwork(4, growth="linear", num_layers=1)
    with torch.no_grad():
        cross.layers[0].linear.weight.fill_(2.0**-12)
        cross.layers[0].bias.fill_(1.0)

    with torch.autocast("cpu", torch.bfloat16):
        out = cross(torch.ones(1, 1, 4))

    # 1 (4 / 4096 + 1) + 1; bfloat16 has nothing between 1 and 1.0078.
    assert out[0, 0].item() == pytest.approx(2 + 2**-10, abs=1e-6)


@pytest.mark.parametrize("num_rows", [0, 1, 7])
@pytest.mark.parametrize("width", [2, 6])
@pytest.mark.parametrize("training", [False, True])
def test_any_batch_size(num_rows, width, training):
    cross = random_network(width, num_heads=2, batch_norm=True, dropout=0.5)
    x = torch.randn(num_rows, 2, width, dtype=torch.float64)

    out = cross.train(training)(x)

    assert out.shape == (num_rows, width)
    assert out.isfinite().all()


def test_leaves_its_input_alone():
    x = torch.ones(2, 1, 6)

    random_network().float()(x)

    assert torch.equal(x, torch.ones(2, 1, 6))


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"have last dimension 4, got \(3, 1, 6\)"):
        SelfMaskCrossNetwork(4, growth="linear", num_layers=1)(torch.zeros(3, 1, 6))
    with pytest.raises(ShapeError, match=r"have last dimension 8, got \(3, 2, 4\)"):
        TwoViews(4, num_heads=2)(torch.zeros(3, 2, 4))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"in_features": 0}, "in_features must be positive, got 0"),
        ({"num_layers": 0}, "num_layers must be positive, got 0"),
        ({"num_heads": 0}, "num_heads must be positive, got 0"),
        ({"dropout": 1.0}, r"dropout must be a share in \[0, 1\), got 1.0"),
        ({"growth": "cubic"}, "growth must be one of 'linear', 'exponential', got 'cu"),
    ],
)
def test_settings_are_checked(settings, message, monkeypatch):
    # Where shapes and types are checked, the type of ``growth`` would speak first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    usual = {"in_features": 4, "growth": "linear", "num_layers": 1}
    with pytest.raises(ValueError, match=message):
        SelfMaskCrossNetwork(**usual | settings)


@pytest.mark.parametrize("name", ["embedding_dim", "num_heads"])
def test_views_need_positive_sizes(name):
    sizes = {"embedding_dim": 4, "num_heads": 1} | {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        TwoViews(**sizes)
