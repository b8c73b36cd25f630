"""HeterogeneousLayer: pruned and not, and what weights per token are good for."""

import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn.utils import parametrize
from torch.utils.flop_counter import FlopCounterMode

from fieldwise.nn.interactions.heterogeneous_layer import HeterogeneousLayer
from fieldwise.nn.token_linear import TokenLinear

TOKENS, DIM, HEADS, EXPANSION = 5, 8, 2, 3
FORMS = [{}, {"composite": True}, {"composite": True, "rank": 6}]


def make_layer(**settings):
    torch.manual_seed(1)
    layer = HeterogeneousLayer(
        TOKENS, DIM, num_heads=HEADS, expansion=EXPANSION, **settings
    )
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    return layer.double()


def make_rows(num_rows=6):
    torch.manual_seed(0)
    return torch.randn(num_rows, TOKENS, DIM, dtype=torch.float64)


def prune(layer, num_queries, **form):
    """The same layer for its last tokens only."""
    pruned = make_layer(num_queries=num_queries, **form)
    shapes = {name: weight.shape for name, weight in pruned.state_dict().items()}
    pruned.load_state_dict(
        {
            # Where there are fewer, the last ones are those that are needed.
            name: weight[-shapes[name][0] :]
            for name, weight in layer.state_dict().items()
        }
    )
    return pruned


def test_is_both_parts_added():
    rows, layer = make_rows(), make_layer()

    middle = rows + layer.attention(layer.attention_norm(rows))
    expected = middle + layer.feed_forward(layer.feed_forward_norm(middle))

    torch.testing.assert_close(layer(rows), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("num_queries", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_pruned_gives_the_same(form, num_queries):
    rows, layer = make_rows(), make_layer(**form)
    pruned = prune(layer, num_queries, **form)

    out = pruned(rows)

    assert out.shape == (6, num_queries, DIM)
    torch.testing.assert_close(out, layer(rows)[:, -num_queries:], rtol=0, atol=1e-12)
    weights = layer.attend(rows)[:, :, -num_queries:]
    torch.testing.assert_close(pruned.attend(rows), weights, rtol=0, atol=1e-12)


def count_by_formula(num_queries, of_keys):
    """Multiply-adds of one row; ``of_keys`` to make the keys of all tokens."""
    outer = 2 * num_queries * DIM**2
    attention = 2 * num_queries * TOKENS * DIM
    towers = 2 * num_queries * EXPANSION * DIM**2
    return outer + 2 * of_keys + attention + towers


@pytest.mark.parametrize(
    ("form", "of_keys"),
    [
        ({}, TOKENS * DIM**2),
        ({"composite": True}, (TOKENS * DIM) ** 2),
        ({"composite": True, "rank": 6}, 2 * 6 * TOKENS * DIM),
    ],
)
@pytest.mark.parametrize("num_queries", [1, 2, TOKENS])
def test_pruned_costs_less(form, of_keys, num_queries):
    layer = make_layer(num_queries=num_queries, **form)
    counter = FlopCounterMode(display=False)

    with counter, torch.no_grad():
        layer(make_rows(1))

    # An operation is a multiplication or an addition.
    multiply_adds = counter.get_total_flops() // 2
    assert multiply_adds == count_by_formula(num_queries, of_keys)
    if num_queries < TOKENS:
        assert multiply_adds < count_by_formula(TOKENS, of_keys)
        weights = sum(p.numel() for p in layer.parameters())
        assert weights < sum(p.numel() for p in make_layer(**form).parameters())


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    rows = make_rows(num_rows)

    assert make_layer(num_queries=1, dropout=0.5)(rows).shape == (num_rows, 1, DIM)


def test_dropout_drops_what_is_added():
    torch.manual_seed(0)
    rows = make_rows(200)
    layer = make_layer(dropout=0.5)
    middle = rows + layer.attention(layer.attention_norm(rows))
    with torch.no_grad():
        for parameter in layer.feed_forward.parameters():
            parameter.zero_()

    out = layer(rows)

    # A half of the additions is dropped, the others are doubled.
    is_dropped = (out == rows).double()
    assert is_dropped.mean().item() == pytest.approx(0.5, abs=0.05)
    doubled = rows + 2 * (middle - rows)
    torch.testing.assert_close(out[is_dropped == 0], doubled[is_dropped == 0])


def test_expansion_must_be_positive():
    with pytest.raises(ValueError, match="expansion must be positive, got 0"):
        HeterogeneousLayer(TOKENS, DIM, num_heads=HEADS, expansion=0)


# The claim: a transformer without weights per token cannot tell which fields agree.


class Tied(nn.Module):
    """All tokens have the weights of the first."""

    def forward(self, weight):
        return weight[:1].expand_as(weight)


class SharedTable(nn.Module):
    """Four fields of the same kind, one table for all, a token that is read."""

    def __init__(self, *, tied):
        super().__init__()
        self.table = nn.Embedding(6, 16)
        self.task = nn.Parameter(0.02 * torch.randn(16))
        self.layers = nn.Sequential(
            *(
                HeterogeneousLayer(
                    5, 16, num_heads=2, expansion=2, num_queries=num_queries
                )
                for num_queries in (5, 1)
            )
        )
        self.head = nn.Linear(16, 1)
        if tied:
            for module in list(self.modules()):
                if isinstance(module, TokenLinear):
                    for name, _ in list(module.named_parameters()):
                        parametrize.register_parametrization(module, name, Tied())

    def forward(self, values):
        task = self.task.expand(len(values), 1, -1)
        tokens = torch.cat([self.table(values), task], dim=1)
        return self.head(self.layers(tokens)[:, 0])[:, 0]


def swapped_rows(num_rows):
    """Two fields agree, two differ: the first two in one half, the last two else."""
    different = torch.rand(num_rows, 6).argsort(dim=1)[:, :3]
    twice, one, other = different.unbind(dim=1)
    labels = torch.rand(num_rows) < 0.5
    first = torch.stack([twice, twice, one, other], dim=1)
    last = torch.stack([one, other, twice, twice], dim=1)
    return torch.where(labels.unsqueeze(1), first, last), labels.float()


@pytest.mark.parametrize("tied", [False, True])
def test_which_fields_agree_is_seen_with_weights_per_token_only(tied):
    torch.manual_seed(0)
    values, labels = swapped_rows(6000)
    model = SharedTable(tied=tied)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

    for rows in torch.arange(5000).split(250):
        loss = F.binary_cross_entropy_with_logits(model(values[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    with torch.no_grad():
        auc = roc_auc_score(labels[5000:], model(values[5000:]))
    if tied:
        # Chance. Over 1,000 rows its standard deviation is 0.018.
        assert auc == pytest.approx(0.5, abs=0.06)
    else:
        assert auc > 0.95
