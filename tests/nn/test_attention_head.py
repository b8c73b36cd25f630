"""AttentionHead: what the head reads, and what it tells of the attention."""

import pytest
import torch

from fieldwise.nn.attention_head import AttentionHead
from tests.nn.interactions.attention_by_loop import layer_by_loop

SIZES = {"num_heads": 2, "head_dim": 2}


def head_with(**settings):
    torch.manual_seed(0)
    head = AttentionHead(3, 5, **SIZES, **settings).double()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return head


@pytest.mark.parametrize(
    "variant", [{}, {"residual": "identity", "scaled": True, "layer_norm": True}]
)
def test_equals_the_loop(variant):
    head = head_with(num_layers=2, **variant)
    x = torch.randn(4, 3, 5, dtype=torch.float64)

    logits = head(x)

    weight, bias = head.head.linear.weight[0].tolist(), head.head.linear.bias.item()
    expected = []
    for fields in x.tolist():
        for layer in head.stack.layers:
            fields = layer_by_loop(  # noqa: PLW2901  layer by layer
                layer, fields, **SIZES, scaled=variant.get("scaled", False)
            )
        flat = [value for field in fields for value in field]
        expected.append(bias + sum(w * v for w, v in zip(weight, flat, strict=True)))
    torch.testing.assert_close(logits.tolist(), expected, rtol=1e-12, atol=1e-10)


def test_attention_is_that_of_the_stack():
    head = head_with(num_layers=2)
    x = torch.randn(4, 3, 5, dtype=torch.float64)

    maps = head.attention(x)

    assert [m.shape for m in maps] == [(4, 2, 3, 3)] * 2
    for own, of_the_stack in zip(maps, head.stack.attention(x), strict=True):
        assert torch.equal(own, of_the_stack)


def test_size():
    # 4 * 5 * 4 and 4 * 4 * 4 of the layers; a head for two tasks 2 * (3 * 4 + 1).
    head = head_with(num_layers=2, num_tasks=2)

    assert sum(p.numel() for p in head.parameters()) == 80 + 64 + 26


@pytest.mark.parametrize("num_rows", [0, 1, 5])
@pytest.mark.parametrize(("num_tasks", "rest"), [(1, ()), (3, (3,))])
def test_shapes(num_rows, num_tasks, rest):
    head = AttentionHead(3, 5, num_layers=1, num_tasks=num_tasks, **SIZES)

    assert head(torch.ones(num_rows, 3, 5)).shape == (num_rows, *rest)


def test_dropout_is_that_of_the_attention():
    head = AttentionHead(3, 5, num_layers=1, attention_dropout=0.25, **SIZES)

    assert head.stack.layers[0].dropout.share == 0.25
