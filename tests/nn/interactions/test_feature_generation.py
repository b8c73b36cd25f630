"""FeatureGeneration: convolution, pooling and recombination, against loops."""

from math import tanh

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.feature_generation import FeatureGeneration


def randomise(layer):
    torch.manual_seed(0)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    for norm in layer.norms:
        nn.init.normal_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.5, 2.0)
    return layer


def plain(num_fields, dim, **sizes):
    """One channel, no normalisation, and the recombination hands the maps through."""
    layer = FeatureGeneration(
        num_fields, dim, num_channels=(1,), num_new_maps=1, **sizes
    )
    layer.norms[0].eps = 0.0  # mean 0 and variance 1 then change nothing
    nn.init.eye_(layer.recombinations[0].weight)
    return layer.eval()


def test_three_fields_by_hand():
    layer = plain(3, 1, kernel_size=3, pool_size=2)
    with torch.no_grad():
        layer.convolutions[0].weight.copy_(
            torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 3, 1)
        )
        layer.recombinations[0].bias.copy_(torch.tensor([0.0, 1.0]))

    new = layer(torch.tensor([[[0.1], [0.2], [-0.3]]]))

    # 2 * .1 + 3 * .2 = .8; 1 * .1 + 2 * .2 - 3 * .3 = -.4; 1 * .2 - 2 * .3 = -.4.
    # Pooled by two: .8, and -.4 alone.
    expected = [tanh(tanh(0.8)), tanh(tanh(-0.4) + 1)]
    torch.testing.assert_close(new.flatten(), torch.tensor(expected))


def generate_by_loop(layer, image):
    """New fields of one row, from nested lists."""
    dim, pool = len(image[0]), layer.pool_size
    maps, created = [image], []
    for convolution, norm, dense in zip(
        layer.convolutions, layer.norms, layer.recombinations, strict=True
    ):
        kernels = convolution.weight.squeeze(-1).tolist()
        reach = len(kernels[0][0]) // 2
        height = len(maps[0])
        convolved = [[[0.0] * dim for _ in range(height)] for _ in range(len(kernels))]
        for channel, kernel in enumerate(kernels):
            for row in range(height):
                for k in range(dim):
                    for source, weights in enumerate(kernel):
                        for step, weight in enumerate(weights):
                            place = row + step - reach
                            if 0 <= place < height:
                                convolved[channel][row][k] += (
                                    weight * maps[source][place][k]
                                )
        statistics = zip(
            norm.running_mean.tolist(),
            norm.running_var.tolist(),
            norm.weight.tolist(),
            norm.bias.tolist(),
            strict=True,
        )
        active = [
            [
                [
                    tanh((v - mean) / (var + norm.eps) ** 0.5 * scale + shift)
                    for v in row
                ]
                for row in rows
            ]
            for rows, (mean, var, scale, shift) in zip(
                convolved, statistics, strict=True
            )
        ]
        maps = [
            [
                [max(row[k] for row in rows[at : at + pool]) for k in range(dim)]
                for at in range(0, height, pool)
            ]
            for rows in active
        ]
        # Field by field, and channels last.
        columns = [zip(*rows, strict=True) for rows in zip(*maps, strict=True)]
        flat = [v for rows in columns for channels in rows for v in channels]
        weight, bias = dense.weight.tolist(), dense.bias.tolist()
        out = [
            tanh(sum(w * v for w, v in zip(line, flat, strict=True)) + b)
            for line, b in zip(weight, bias, strict=True)
        ]
        created += [out[at : at + dim] for at in range(0, len(out), dim)]
    return created


@pytest.mark.parametrize(
    ("num_fields", "kernel_size", "pool_size"),
    [(7, 3, 2), (7, 5, 3), (2, 7, 5), (1, 3, 2), (5, 1, 1)],
)
def test_matches_loops(num_fields, kernel_size, pool_size):
    layer = FeatureGeneration(
        num_fields,
        2,
        num_channels=(3, 2),
        kernel_size=kernel_size,
        pool_size=pool_size,
        num_new_maps=2,
    )
    randomise(layer.double()).eval()
    x = torch.randn(3, num_fields, 2, dtype=torch.float64)

    new = layer(x)

    expected = [generate_by_loop(layer, row) for row in x.tolist()]
    assert new.shape == (3, layer.num_new_fields, 2)
    torch.testing.assert_close(new.tolist(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("num_fields", "pool_size", "heights"),
    [
        (39, 2, (20, 10, 5, 3)),
        (10, 2, (5, 3, 2, 1)),
        (10, 3, (4, 2, 1, 1)),
        (3, 5, (1, 1, 1, 1)),
        (1, 2, (1, 1, 1, 1)),
        (4, 1, (4, 4, 4, 4)),
    ],
)
def test_heights_are_the_iterated_ceiling(num_fields, pool_size, heights):
    layer = FeatureGeneration(num_fields, 2, pool_size=pool_size)

    assert layer.heights == heights
    assert layer.num_new_fields == 2 * sum(heights)
    assert layer(torch.zeros(2, num_fields, 2)).shape == (2, 2 * sum(heights), 2)


def test_size_of_the_published_criteo_run():
    with torch.device("meta"):
        layer = FeatureGeneration(
            39, 16, num_channels=(38, 40, 42, 44), kernel_size=9, num_new_maps=3
        )

    # 39 + 114 fields: an IPNN on them reads 153 * 16 + 153 * 152 / 2 = 14,076 numbers.
    assert layer.num_new_fields == 114
    # Convolutions 9 (38 + 38 * 40 + 40 * 42 + 42 * 44) = 45,774, their scales and
    # shifts 328; recombinations 11,674,560 + 3,072,480 + 806,640 + 304,272.
    assert sum(p.numel() for p in layer.parameters()) == 15_904_054


def test_one_field_wide_and_unpooled_it_hands_small_numbers_through():
    layer = plain(4, 3, kernel_size=1, pool_size=1)
    nn.init.ones_(layer.convolutions[0].weight)
    x = 1e-3 * torch.randn(5, 4, 3)

    torch.testing.assert_close(layer(x), x, rtol=0, atol=1e-7)


def test_dimensions_are_convolved_apart():
    layer = plain(6, 3, kernel_size=5, pool_size=1)
    nn.init.normal_(layer.convolutions[0].weight)
    x = torch.randn(4, 6, 3)
    other = x.clone()
    other[:, :, 1] += 1.0

    changed = (layer(x) != layer(other)).any(dim=0).any(dim=0)

    assert changed.tolist() == [False, True, False]


def test_order_of_fields_matters():
    layer = randomise(FeatureGeneration(6, 3, num_channels=(2,), kernel_size=3)).eval()
    x = torch.randn(4, 6, 3)

    assert not torch.allclose(layer(x[:, [1, 0, 2, 3, 4, 5]]), layer(x))


def test_without_recombination_new_fields_say_nothing():
    layer = randomise(FeatureGeneration(6, 3))
    for recombination in layer.recombinations:
        nn.init.zeros_(recombination.weight)
        nn.init.zeros_(recombination.bias)

    assert not layer(torch.randn(4, 6, 3)).any()


@pytest.mark.parametrize("num_rows", [0, 1])
@pytest.mark.parametrize(("num_fields", "dim"), [(6, 3), (1, 1)])
def test_few_rows_in_training(num_rows, num_fields, dim):
    layer = FeatureGeneration(num_fields, dim, num_channels=(2, 3)).train()
    x = torch.randn(num_rows, num_fields, dim, requires_grad=True)

    new = layer(x)
    new.sum().backward()

    assert new.shape == (num_rows, layer.num_new_fields, dim)
    assert new.isfinite().all()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    assert all(norm.running_var.isfinite().all() for norm in layer.norms)


def test_wrong_length_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(2, 3, "):
        FeatureGeneration(3, 4)(torch.zeros(2, 3, 5))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"num_channels": ()}, r"num_channels must be positive, got \(\)\."),
        ({"num_channels": (2, 0)}, r"num_channels must be positive, got \(2, 0\)\."),
        ({"kernel_size": 4}, r"kernel_size must be odd, got 4\."),
        ({"kernel_size": 0}, r"kernel_size must be positive, got 0\."),
        ({"kernel_size": -3}, r"kernel_size must be positive, got -3\."),
        ({"pool_size": 0}, r"pool_size must be positive, got 0\."),
        ({"num_new_maps": 0}, r"num_new_maps must be positive, got 0\."),
    ],
)
def test_sizes_are_checked(sizes, message):
    with pytest.raises(ValueError, match=message):
        FeatureGeneration(3, 4, **sizes)


@pytest.mark.parametrize(
    ("num_fields", "dim", "name"), [(0, 4, "num_fields"), (3, 0, "embedding_dim")]
)
def test_there_must_be_an_input(num_fields, dim, name):
    with pytest.raises(ValueError, match=rf"{name} must be positive, got 0\."):
        FeatureGeneration(num_fields, dim)
