"""Embeddings of numbers against the equations of the paper."""

import math
from itertools import pairwise

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.embeddings.numeric_embedding import (
    LinearNumericEmbedding,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)

EDGES = [[0.0, 1.0, 3.0], [], [-2.0, -0.5, 0.25, 4.0], [1.0]]

EMBEDDINGS = {
    "linear": lambda: LinearNumericEmbedding(4, embedding_dim=3),
    "piecewise": lambda: PiecewiseLinearEmbedding(EDGES, embedding_dim=3),
    "periodic": lambda: PeriodicEmbedding(4, embedding_dim=3, num_frequencies=5),
}


@pytest.fixture(params=EMBEDDINGS, ids=str)
def embedding(request):
    """Four fields in three dimensions; no parameter is zero."""
    torch.manual_seed(0)
    layer = EMBEDDINGS[request.param]().double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def linear_by_hand(layer, x, field, dim):
    return x * layer.weight[field, dim].item()


def piecewise_by_hand(layer, x, field, dim):
    total = layer.bias[field, dim].item() + linear_by_hand(layer, x, field, dim)
    pieces = list(pairwise(EDGES[field]))
    for place, (start, end) in enumerate(pieces):
        passed = (x - start) / (end - start)
        if place > 0:
            passed = max(passed, 0.0)
        if place < len(pieces) - 1:
            passed = min(passed, 1.0)
        total += passed * layer.pieces[field, place, dim].item()
    return total


def periodic_by_hand(layer, x, field, dim):
    angles = [2 * math.pi * c * x for c in layer.frequency[field].tolist()]
    waves = [*map(math.cos, angles), *map(math.sin, angles)]
    mixed = zip(layer.weight[field, :, dim].tolist(), waves, strict=True)
    return sum(w * wave for w, wave in mixed) + layer.bias[field, dim].item()


BY_HAND = {
    LinearNumericEmbedding: linear_by_hand,
    PiecewiseLinearEmbedding: piecewise_by_hand,
    PeriodicEmbedding: periodic_by_hand,
}


def test_equals_the_loop(embedding):
    x = torch.tensor(
        [
            [2.0, -1.5, 0.1, 0.0],
            [-1.0, 0.0, 5.0, 1.0],
            [4.0, 3.0, -3.0, -2.0],
            [0.0, torch.nan, -0.5, torch.nan],
        ],
        dtype=torch.float64,
    )

    out = embedding(x)

    by_hand = BY_HAND[type(embedding)]
    expected = torch.empty_like(out)
    for row, field, dim in torch.cartesian_prod(*map(torch.arange, out.shape)).tolist():
        number = x[row, field].item()
        expected[row, field, dim] = (
            embedding.missing[field, dim].item()
            if math.isnan(number)
            else by_hand(embedding, number, field, dim)
        )
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-10)


def test_missing_numbers_give_the_missing_vector(embedding):
    out = embedding(torch.full((2, 4), torch.nan, dtype=torch.float64))

    assert torch.equal(out, embedding.missing.expand(2, 4, 3))


def test_missing_numbers_give_no_nan_gradient(embedding):
    x = torch.randn(3, 4, dtype=torch.float64)
    x[0, 1] = x[2, 3] = torch.nan
    x.requires_grad_()

    embedding(x).sum().backward()

    gradients = {name: p.grad for name, p in embedding.named_parameters()}
    assert [name for name, g in gradients.items() if not g.isfinite().all()] == []
    # Two numbers are missing: field 1 and field 3, once each.
    assert embedding.missing.grad.tolist() == [3 * [0.0], 3 * [1.0]] * 2
    assert x.grad.isfinite().all()
    assert x.grad[0, 1] == x.grad[2, 3] == 0


def test_numbers_do_not_see_each_other(embedding):
    x = torch.randn(5, 4, dtype=torch.float64)
    changed = x.clone()
    changed[2, 1] = 9.0

    differs = (embedding(x) != embedding(changed)).any(dim=-1)

    assert differs.nonzero().tolist() == [[2, 1]]


def test_no_rows(embedding):
    assert embedding(torch.zeros(0, 4, dtype=torch.float64)).shape == (0, 4, 3)


def test_wrong_number_of_fields_names_the_argument(embedding):
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(2, 5\)"):
        embedding(torch.zeros(2, 5, dtype=torch.float64))


class TestPiecewiseLinearEmbedding:
    @pytest.mark.parametrize(
        ("number", "encoding"),
        [
            # Edges 0, 1, 3: widths 1 and 2.
            (2.0, [1.0, 0.5]),
            (0.25, [0.25, 0.0]),
            (1.0, [1.0, 0.0]),
            # Outside, the outer pieces go on straight: -1 / 1 and (4 - 1) / 2.
            (-1.0, [-1.0, 0.0]),
            (4.0, [1.0, 1.5]),
        ],
    )
    def test_encoding_by_hand(self, number, encoding):
        curve = PiecewiseLinearEmbedding([[0.0, 1.0, 3.0]], embedding_dim=2)

        assert curve.encode(torch.tensor([[number]])).tolist() == [[encoding]]

    def test_progress_times_width_gives_the_number_back(self):
        edges = [[0.0, 1.0, 3.0], [-2.0, -0.5, 0.25, 4.0]]
        curve = PiecewiseLinearEmbedding(edges, embedding_dim=2).double()
        x = torch.linspace(-5, 5, 41, dtype=torch.float64).unsqueeze(1).expand(-1, 2)

        encoding = curve.encode(x)

        widths = torch.tensor([[1.0, 2.0, 0.0], [1.5, 0.75, 3.75]])
        firsts = torch.tensor([0.0, -2.0])
        passed = (encoding * widths).sum(dim=-1) + firsts
        torch.testing.assert_close(passed, x, rtol=0, atol=1e-12)

    def test_never_falls(self):
        curve = PiecewiseLinearEmbedding(EDGES, embedding_dim=2)
        x = torch.linspace(-5, 5, 101).unsqueeze(1).expand(-1, len(EDGES))

        assert (curve.encode(x).diff(dim=0) >= 0).all()

    def test_pieces_that_a_field_lacks_stay_zero(self):
        curve = PiecewiseLinearEmbedding(EDGES, embedding_dim=2)

        encoding = curve.encode(torch.full((1, 4), 100.0))

        assert encoding.count_nonzero(dim=-1).tolist() == [[2, 0, 3, 0]]

    def test_starts_as_a_line(self):
        curve = PiecewiseLinearEmbedding(EDGES, embedding_dim=2)
        line = LinearNumericEmbedding(4, embedding_dim=2)
        with torch.no_grad():
            line.weight.copy_(curve.weight)
        x = torch.randn(6, 4)

        torch.testing.assert_close(curve(x), line(x))

    def test_edges_are_not_saved_twice(self):
        curve = PiecewiseLinearEmbedding(EDGES, embedding_dim=2)

        assert set(curve.state_dict()) == {"weight", "bias", "pieces", "missing"}

    @pytest.mark.parametrize(
        "edges",
        [[1.0, 1.0], [2.0, 1.0], [0.0, math.nan, 1.0], [0.0, math.inf], [-math.inf]],
    )
    def test_edges_must_increase(self, edges):
        with pytest.raises(ValueError, match=r"edges must be finite and increase, got"):
            PiecewiseLinearEmbedding([[0.0, 1.0], edges], embedding_dim=2)

    def test_needs_a_field(self):
        with pytest.raises(ValueError, match=r"number of fields must be positive"):
            PiecewiseLinearEmbedding([], embedding_dim=2)


class TestPeriodicEmbedding:
    def test_by_hand(self):
        layer = PeriodicEmbedding(1, embedding_dim=2, num_frequencies=1)
        with torch.no_grad():
            layer.frequency.fill_(0.25)
            layer.weight.copy_(torch.tensor([[[2.0, 0.0], [3.0, -1.0]]]))
            layer.bias.copy_(torch.tensor([[0.5, 0.0]]))

        out = layer(torch.tensor([[1.0], [0.0], [2.0]]))

        # angle = 2 pi x / 4: a quarter turn per unit, so (cos, sin) is (0, 1), (1, 0)
        # and (-1, 0): (3 + .5, -1), (2 + .5, 0), (-2 + .5, 0). Nothing is cut at zero.
        expected = torch.tensor([[[3.5, -1.0]], [[2.5, 0.0]], [[-1.5, 0.0]]])
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-5)

    def test_frequencies_start_within_three_deviations(self):
        torch.manual_seed(0)
        layer = PeriodicEmbedding(10, embedding_dim=1, num_frequencies=1000, sigma=0.2)

        assert layer.frequency.abs().max().item() <= 0.6
        # A normal cut at three deviations keeps 0.9866 of its standard deviation.
        assert layer.frequency.std().item() == pytest.approx(0.2 * 0.9866, rel=0.03)

    @pytest.mark.parametrize(
        ("name", "value"), [("num_frequencies", 0), ("sigma", 0.0)]
    )
    def test_settings_must_be_positive(self, name, value):
        with pytest.raises(ValueError, match=rf"{name} must be positive, got 0"):
            PeriodicEmbedding(1, embedding_dim=1, **{name: value})


@pytest.mark.parametrize("kind", [LinearNumericEmbedding, PeriodicEmbedding])
@pytest.mark.parametrize(
    ("num_fields", "embedding_dim", "name"),
    [(0, 1, "num_fields"), (1, 0, "embedding_dim")],
)
def test_sizes_must_be_positive(kind, num_fields, embedding_dim, name):
    with pytest.raises(ValueError, match=rf"{name} must be positive, got 0\."):
        kind(num_fields, embedding_dim=embedding_dim)


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        # F = 4, d = 3. Linear 2 F d; piecewise F d (3 + 3 pieces);
        # periodic F (k + d (2 + 2 k)) with k = 5.
        ("linear", 24),
        ("piecewise", 72),
        ("periodic", 164),
    ],
)
def test_parameters_as_documented(layer, count):
    assert sum(p.numel() for p in EMBEDDINGS[layer]().parameters()) == count
