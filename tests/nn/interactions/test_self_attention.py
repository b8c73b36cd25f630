"""SelfAttention against the equations of the paper, and its variants."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions import self_attention
from fieldwise.nn.interactions.self_attention import SelfAttention
from tests.nn.interactions.attention_by_loop import layer_by_loop, maps_by_loop


def randomised(*sizes, seed=0, **settings):
    layers = SelfAttention(*sizes, **settings).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.normal_(std=0.7, generator=generator)
    return layers


def fields_of(*shape, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


@pytest.fixture
def by_hand():
    """One head of one dimension; its query matrix is ln 2, key 1, value 3."""

    def make(residual_weight):
        layers = SelfAttention(1, num_layers=1, num_heads=1, head_dim=1).double()
        weights = [[math.log(2)], [1.0], [3.0], [residual_weight]]
        with torch.no_grad():
            layers.layers[0].project.weight.copy_(torch.tensor(weights))
        return layers

    return make


X = torch.tensor([[[1.0], [2.0]]], dtype=torch.float64)


def test_attention_by_hand(by_hand):
    (maps,) = by_hand(-1.0).attention(X)

    # Scores are ln 2 times 1*1, 1*2 and 2*1, 2*2: their powers 2, 4 and 4, 16.
    expected = torch.tensor([[[[1 / 3, 2 / 3], [1 / 5, 4 / 5]]]])
    torch.testing.assert_close(maps, expected.double())


def test_output_by_hand(by_hand):
    # Values are 3 and 6: 3/3 + 6*2/3 - 1*1 = 4 and 3/5 + 6*4/5 - 1*2 = 3.4.
    expected = torch.tensor([[[4.0], [3.4]]], dtype=torch.float64)
    torch.testing.assert_close(by_hand(-1.0)(X), expected)

    # 5 - 10 and 5.4 - 20 are cut.
    assert by_hand(-10.0)(X).tolist() == [[[0.0], [0.0]]]


@pytest.mark.parametrize("residual", ["projected", "identity"])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("in_features", [3, 4])
def test_matches_a_loop(residual, scaled, layer_norm, in_features):
    sizes = {"num_heads": 2, "head_dim": 2}
    layers = randomised(
        in_features,
        num_layers=2,
        **sizes,
        residual=residual,
        scaled=scaled,
        layer_norm=layer_norm,
    )
    x = fields_of(3, 5, in_features)

    out, maps = layers(x), layers.attention(x)

    for row, fields in enumerate(x.tolist()):
        for depth, layer in enumerate(layers.layers):
            looks = maps_by_loop(layer, fields, **sizes, scaled=scaled)
            torch.testing.assert_close(
                maps[depth][row].tolist(), looks, rtol=1e-10, atol=1e-10
            )
            fields = layer_by_loop(layer, fields, **sizes, scaled=scaled)  # noqa: PLW2901
        torch.testing.assert_close(out[row].tolist(), fields, rtol=1e-10, atol=1e-10)


def test_identity_is_used_where_widths_agree_only():
    settings = {"num_heads": 2, "head_dim": 2, "residual": "identity"}
    layers = SelfAttention(3, num_layers=2, **settings)

    shapes = [tuple(layer.project.weight.shape) for layer in layers.layers]

    assert shapes == [(16, 3), (12, 4)]


def test_each_matrix_is_drawn_by_its_own_widths():
    torch.manual_seed(0)
    (layer,) = SelfAttention(40, num_layers=1, num_heads=2, head_dim=30).layers

    for weight in layer.project.weight.chunk(4):
        assert weight.std().item() == pytest.approx((2 / 100) ** 0.5, rel=0.05)


# What always holds.


def test_order_of_fields_is_the_order_of_outputs():
    layers = randomised(3, num_layers=2, num_heads=2, head_dim=2)
    x = fields_of(4, 5, 3)
    order = [3, 1, 4, 0, 2]

    torch.testing.assert_close(layers(x[:, order]), layers(x)[:, order])


def test_weights_of_a_field_sum_to_one():
    layers = randomised(3, num_layers=2, num_heads=2, head_dim=2)

    for maps in layers.attention(fields_of(4, 5, 3)):
        assert maps.shape == (4, 2, 5, 5)
        assert maps.min() >= 0
        torch.testing.assert_close(maps.sum(dim=-1), torch.ones_like(maps[..., 0]))


def test_without_queries_every_field_sees_the_mean_of_the_values():
    layers = randomised(3, num_layers=1, num_heads=2, head_dim=2)
    weight = layers.layers[0].project.weight
    with torch.no_grad():
        weight[:4].zero_()
    x = fields_of(4, 5, 3)

    (maps,), out = layers.attention(x), layers(x)

    torch.testing.assert_close(maps, torch.full_like(maps, 0.2))
    mean = (x @ weight[8:12].t()).mean(dim=1, keepdim=True)
    torch.testing.assert_close(out, (mean + x @ weight[12:].t()).relu())


def test_heads_are_layers_of_one_head_side_by_side():
    # Where no matrix leads from one half of the dimensions to the other.
    layers = randomised(6, num_layers=2, num_heads=2, head_dim=3)
    halves = [
        randomised(3, num_layers=2, num_heads=1, head_dim=3, seed=seed)
        for seed in (5, 6)
    ]
    with torch.no_grad():
        for depth, layer in enumerate(layers.layers):
            layer.project.weight.zero_()
            parts = layer.project.weight.view(4, 6, 6)
            for place, half in enumerate(halves):
                own = half.layers[depth].project.weight.view(4, 3, 3)
                where = slice(3 * place, 3 * place + 3)
                parts[:, where, where] = own
    x = fields_of(4, 5, 6)

    alone = [half(part) for half, part in zip(halves, x.split(3, dim=-1), strict=True)]

    torch.testing.assert_close(layers(x), torch.cat(alone, dim=-1))


def test_maps_are_what_the_layer_uses():
    layers = randomised(3, num_layers=1, num_heads=2, head_dim=2)
    x = fields_of(4, 5, 3)
    value, residual = (
        x @ part.t() for part in layers.layers[0].project.weight.chunk(4)[2:]
    )

    (maps,) = layers.attention(x)

    seen = maps @ value.unflatten(-1, (2, 2)).transpose(1, 2)
    expected = (seen.transpose(1, 2).flatten(2) + residual).relu()
    torch.testing.assert_close(layers(x), expected)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_gradients_are_those_of_finite_differences(layer_norm):
    layers = randomised(
        3, num_layers=2, num_heads=2, head_dim=2, layer_norm=layer_norm, scaled=True
    )
    x = fields_of(3, 4, 3).requires_grad_()
    weights = [layer.project.weight for layer in layers.layers]

    def forward(*_):
        return layers(x)

    assert torch.autograd.gradcheck(forward, (x, *weights))


def test_rows_do_not_see_each_other():
    layers = SelfAttention(3, num_layers=2, num_heads=2, head_dim=2)
    x = fields_of(300, 5, 3).float()

    together = layers(x)

    for row in (0, 123, 299):
        torch.testing.assert_close(layers(x[row : row + 1])[0], together[row])


@pytest.mark.parametrize("num_rows", [0, 1, 3, 4, 10])
def test_blocks_of_rows_change_nothing(monkeypatch, num_rows):
    layers = randomised(3, num_layers=2, num_heads=2, head_dim=2)
    x = fields_of(num_rows, 5, 3).requires_grad_()
    weight = layers.layers[0].project.weight

    found = []
    for block in (self_attention.BLOCK, 4 * 5 * 16):  # four rows at a time
        monkeypatch.setattr(self_attention, "BLOCK", block)
        out = layers(x)
        gradients = torch.autograd.grad(out.square().sum(), [x, weight])
        found.append([out, *gradients])

    for whole, by_block in zip(*found, strict=True):
        torch.testing.assert_close(by_block, whole)


def test_leaves_its_input_alone():
    for num_layers in (0, 2):
        layers = randomised(
            4, num_layers=num_layers, num_heads=2, head_dim=2, residual="identity"
        )
        x = fields_of(3, 5, 4)
        before = x.clone()

        layers(x)

        assert torch.equal(x, before)


def test_dropout_takes_weights_in_training_only():
    torch.manual_seed(0)
    settings = {"num_layers": 1, "num_heads": 2, "head_dim": 2}
    layers = SelfAttention(3, **settings, dropout=0.5)
    plain = SelfAttention(3, **settings)
    plain.load_state_dict(layers.state_dict())
    x = torch.randn(1, 5, 3)

    trained = layers.train()(x.expand(2000, 5, 3))
    scored = layers.eval()(x)

    torch.testing.assert_close(scored, plain(x))
    assert not torch.equal(trained[0], trained[1])
    # With all else gone the mean over many draws is the value without dropout.
    for module in (layers, plain):
        with torch.no_grad():
            module.layers[0].project.weight[12:].zero_()
            module.layers[0].project.weight[8:12].abs_()
    x = x.abs()
    mean = layers.train()(x.expand(20_000, 5, 3)).mean(dim=0)
    torch.testing.assert_close(mean, plain(x)[0], rtol=0.05, atol=0.01)


def test_bfloat16_is_close_to_float32():
    layers = randomised(16, num_layers=3, num_heads=2, head_dim=8).float()
    x = fields_of(64, 20, 16).float()
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.mul_(0.3)

    with torch.autocast("cpu", torch.bfloat16):
        rounded = layers(x)

    exact = layers(x)
    assert (rounded.float() - exact).std() < 0.02 * exact.std()


# Limits.


@pytest.mark.parametrize("num_rows", [0, 1, 7])
@pytest.mark.parametrize("num_fields", [1, 5])
def test_any_number_of_rows_and_fields(num_rows, num_fields):
    layers = SelfAttention(3, num_layers=2, num_heads=2, head_dim=4)
    x = torch.zeros(num_rows, num_fields, 3)

    assert layers(x).shape == (num_rows, num_fields, 8)
    assert layers.attention(x)[-1].shape == (num_rows, 2, num_fields, num_fields)


def test_a_field_alone_sees_itself():
    layers = SelfAttention(3, num_layers=1, num_heads=2, head_dim=4)

    (maps,) = layers.attention(torch.randn(2, 1, 3))

    assert torch.equal(maps, torch.ones(2, 2, 1, 1))


def test_without_layers_it_is_the_identity():
    layers = SelfAttention(3, num_layers=0, num_heads=2, head_dim=4)
    x = torch.randn(2, 5, 3)

    assert torch.equal(layers(x), x)
    assert layers.out_features == 3
    assert layers.attention(x) == ()


def test_large_scores_do_not_overflow():
    layers = SelfAttention(2, num_layers=1, num_heads=1, head_dim=2)
    with torch.no_grad():
        layers.layers[0].project.weight.fill_(1e3)

    assert layers(torch.randn(3, 4, 2)).isfinite().all()


# Errors.


@pytest.mark.parametrize("method", ["forward", "attention"])
def test_wrong_width_names_the_argument(method):
    layers = SelfAttention(4, num_layers=1, num_heads=1, head_dim=2)

    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 2"):
        getattr(layers, method)(torch.zeros(3, 2, 5))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"in_features": 0}, r"in_features must be positive, got 0\."),
        ({"num_layers": -1}, r"num_layers must be zero or positive, got -1\."),
        ({"num_heads": 0}, r"num_heads must be positive, got 0\."),
        ({"head_dim": 0}, r"head_dim must be positive, got 0\."),
        ({"dropout": 1.0}, r"dropout must be a share in \[0, 1\), got 1\.0\."),
    ],
)
def test_settings_are_checked(settings, message):
    usual = {"in_features": 3, "num_layers": 1, "num_heads": 1, "head_dim": 2}

    with pytest.raises(ValueError, match=message):
        SelfAttention(**usual | settings)
