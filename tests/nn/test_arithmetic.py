"""linear: one value whatever library multiplies, and when which one does."""

import threading

import pytest
import torch

from fieldwise.nn import _onednn, arithmetic
from fieldwise.nn.arithmetic import (
    BACKENDS,
    current_backend,
    linear,
    products_by,
    supports_bf16,
)
from fieldwise.nn.precision import autocast

needs_onednn = pytest.mark.skipif(
    not _onednn.is_available(), reason="this torch keeps oneDNN to itself"
)


@pytest.fixture
def any_size(monkeypatch):
    """Small products, too, go through oneDNN."""
    monkeypatch.setattr(arithmetic, "MIN_MULTIPLICATIONS", 0)
    monkeypatch.setattr(arithmetic, "MIN_WIDTH", 1)


@pytest.fixture
def onednn_calls(monkeypatch):
    """Types of the rows that were given to oneDNN."""
    calls = []
    multiply = arithmetic.onednn_linear

    def spy(x, *arguments, **settings):
        calls.append(x.dtype)
        return multiply(x, *arguments, **settings)

    monkeypatch.setattr(arithmetic, "onednn_linear", spy)
    return calls


def arguments(num_rows=6, width=5, out=4, *, dtype=torch.float32):
    torch.manual_seed(0)
    shapes = (num_rows, width), (out, width), (out,)
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


def loop(x, weight, bias, *, relu):
    """Forward, and the gradients of half the sum of squares, number by number."""
    x, weight, bias = x.tolist(), weight.tolist(), bias.tolist()
    widths = range(len(weight[0]))
    out = [
        [
            sum(row[k] * w[k] for k in widths) + b
            for w, b in zip(weight, bias, strict=True)
        ]
        for row in x
    ]
    if relu:
        out = [[max(0.0, value) for value in row] for row in out]
    # d(sum out^2 / 2) / d out = out, and zero where the ReLU has cut.
    rows, outs = range(len(x)), range(len(weight))
    grad_x = [
        [sum(out[i][j] * weight[j][k] for j in outs) for k in widths] for i in rows
    ]
    grad_w = [[sum(out[i][j] * x[i][k] for i in rows) for k in widths] for j in outs]
    grad_b = [sum(out[i][j] for i in rows) for j in outs]
    return [torch.tensor(part) for part in (out, grad_x, grad_w, grad_b)]


def differentiate(x, weight, bias, *, relu):
    out = linear(x, weight, bias, relu=relu)
    gradients = torch.autograd.grad(out.square().sum() / 2, [x, weight, bias])
    return [out, *gradients]


@pytest.mark.parametrize("backend", BACKENDS)
def test_by_hand(any_size, backend):
    x = torch.tensor([[2.0, 1.0]])
    weight, bias = torch.tensor([[1.0, 2.0], [-1.0, 0.0]]), torch.tensor([0.5, 1.0])

    with products_by(backend):
        straight, cut = linear(x, weight, bias), linear(x, weight, bias, relu=True)

    # The two are 1*2 + 2*1 + .5 and -1*2 + 1.
    assert straight.tolist() == [[4.5, -1.0]]
    assert cut.tolist() == [[4.5, 0.0]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("relu", [False, True])
def test_matches_the_loop(any_size, backend, relu):
    parts = arguments()

    with products_by(backend):
        found = differentiate(*parts, relu=relu)

    for value, expected in zip(found, loop(*parts, relu=relu), strict=True):
        torch.testing.assert_close(value.detach(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_without_a_bias(any_size, backend, precision):
    x, weight, bias = arguments()
    found = []

    for shift in (None, torch.zeros_like(bias)):
        with products_by(backend), autocast(precision, "cpu"):
            out = linear(x, weight, shift, relu=True)
        found.append([out, *torch.autograd.grad(out.float().sum(), [x, weight])])

    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


@needs_onednn
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("sizes", [(512, 130, 67), (2048, 16, 64)])
def test_libraries_agree_on_a_tower_sized_product(onednn_calls, relu, sizes):
    parts = arguments(*sizes)
    found = {}
    for backend in BACKENDS:
        with products_by(backend):
            found[backend] = differentiate(*parts, relu=relu)

    assert onednn_calls == [torch.float32]
    for one, other in zip(*found.values(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-3)


@needs_onednn
def test_same_bits_twice():
    parts = arguments(512, 130, 67)

    with products_by("onednn"):
        first, second = (differentiate(*parts, relu=True) for _ in range(2))

    assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))


@needs_onednn
def test_rows_in_more_dimensions_and_out_of_order(any_size, onednn_calls):
    x, weight, bias = arguments(6)
    blocks = x.detach().view(2, 3, 5).transpose(0, 1).requires_grad_()

    with products_by("onednn"):
        out = linear(blocks, weight, bias)
        # The gradient of a sum is one number seen as many: not contiguous.
        (gradient,) = torch.autograd.grad(out.sum(), blocks)

    assert onednn_calls
    torch.testing.assert_close(out, torch.nn.functional.linear(blocks, weight, bias))
    torch.testing.assert_close(gradient, weight.sum(0).expand(3, 2, 5))


@needs_onednn
def test_only_the_gradients_that_are_asked_for(any_size):
    x, weight, bias = arguments()

    with products_by("onednn"):
        linear(x.detach(), weight, bias.detach()).sum().backward()

    assert weight.grad is not None
    assert (x.grad, bias.grad) == (None, None)


@needs_onednn
def test_second_derivative_is_refused(any_size):
    x, weight, bias = arguments()

    with products_by("onednn"):
        out = linear(x, weight, bias)
        (gradient,) = torch.autograd.grad(out.square().sum(), x, create_graph=True)

    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_second_derivative_outside_of_a_block():
    x, weight, bias = arguments(dtype=torch.float64)

    assert torch.autograd.gradgradcheck(lambda x: linear(x, weight, bias), x)


@needs_onednn
def test_under_autocast_both_compute_in_bfloat16(any_size, onednn_calls):
    parts = arguments(64, 32, 16)
    found = {}
    for backend in BACKENDS:
        with products_by(backend), torch.autocast("cpu", torch.bfloat16):
            found[backend] = differentiate(*parts, relu=True)

    # Where the processor has no instructions for it, both are torch's own.
    assert onednn_calls == ([torch.bfloat16] if supports_bf16("cpu") else [])
    for one, other in zip(*found.values(), strict=True):
        # Weights are float32, and so is what arrives there.
        assert one.dtype == other.dtype
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.5)
    assert found["onednn"][2].dtype == torch.float32


@pytest.mark.parametrize(
    ("num_rows", "width", "out", "dtype"),
    [
        (1, 400, 400, torch.float32),
        (4096, 400, 1, torch.float32),
        (0, 400, 400, torch.float32),
        (512, 130, 67, torch.float64),
        (512, 130, 67, torch.float16),
    ],
    ids=["one-row", "head", "empty", "float64", "float16"],
)
def test_the_rest_is_native(onednn_calls, num_rows, width, out, dtype):
    parts = arguments(num_rows, width, out, dtype=dtype)

    with products_by("onednn"):
        result = linear(*parts)

    assert onednn_calls == []
    assert torch.equal(result, torch.nn.functional.linear(*parts))


def test_torch_without_the_operator(any_size, onednn_calls, monkeypatch):
    monkeypatch.setattr(arithmetic, "is_available", lambda: False)

    with products_by("onednn"):
        linear(*arguments())

    assert onednn_calls == []


@needs_onednn
def test_exports_as_a_plain_linear_map(any_size):
    class Map(torch.nn.Module):
        def __init__(self):
            super().__init__()
            _, self.weight, self.bias = map(torch.nn.Parameter, arguments())

        def forward(self, x):
            return linear(x, self.weight, self.bias)

    with products_by("onednn"):
        program = torch.export.export(Map(), (torch.zeros(3, 5),))

    names = {str(node.target) for node in program.graph.nodes}
    assert "aten.linear.default" in names
    assert not any("mkldnn" in name for name in names)


def test_blocks_nest_and_end_after_errors():
    def fail():
        with products_by("onednn"), products_by("native"):
            assert current_backend() == "native"
            {}["absent"]

    with products_by("onednn"):
        with products_by("native"):
            pass
        assert current_backend() == "onednn"
        with pytest.raises(KeyError):
            fail()
        assert current_backend() == "onednn"
    assert current_backend() is None


def test_a_block_is_of_one_thread():
    seen = []

    with products_by("onednn"):
        thread = threading.Thread(target=lambda: seen.append(current_backend()))
        thread.start()
        thread.join()

    assert seen == [None]


def test_unknown_library():
    with (
        pytest.raises(ValueError, match="backend must be one of"),
        products_by("mkl"),
    ):
        pass


def test_devices_nobody_can_check_have_no_bfloat16():
    assert not supports_bf16("mps")
    assert isinstance(supports_bf16("cpu"), bool)
