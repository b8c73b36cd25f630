"""HeterogeneousAttention against a loop, and against the attention it generalises."""

import math

import pytest
import torch
from torch import nn

from fieldwise.nn.interactions.heterogeneous_attention import HeterogeneousAttention

TOKENS, DIM, HEADS = 4, 6, 2
FORMS = [{}, {"composite": True}, {"composite": True, "rank": 5}]


def make_rows(num_rows=5):
    torch.manual_seed(0)
    return torch.randn(num_rows, TOKENS, DIM, dtype=torch.float64)


def make_attention(**settings):
    torch.manual_seed(1)
    return HeterogeneousAttention(TOKENS, DIM, num_heads=HEADS, **settings).double()


def attend_by_loop(attention, row):
    """One row, number by number, from the keys and values of the layer."""
    keys = attention.keys(row.unsqueeze(0))[0].tolist()
    values = attention.values(row.unsqueeze(0))[0].tolist()
    width = DIM // HEADS
    askers = range(TOKENS - attention.num_queries, TOKENS)
    out = []
    for place, token in enumerate(askers):
        query = (row[token] @ attention.queries.weight[place]).tolist()
        joined = []
        for head in range(HEADS):
            part = range(head * width, (head + 1) * width)
            scores = [sum(query[n] * key[n] for n in part) for key in keys]
            powers = [math.exp(score / math.sqrt(width)) for score in scores]
            shares = [power / sum(powers) for power in powers]
            joined += [
                sum(
                    share * value[n]
                    for share, value in zip(shares, values, strict=True)
                )
                for n in part
            ]
        joined = torch.tensor(joined, dtype=torch.float64)
        out.append(joined @ attention.output.weight[place])
    return torch.stack(out)


def test_two_tokens_by_hand():
    attention = HeterogeneousAttention(2, 1, num_heads=1, num_queries=1)
    with torch.no_grad():
        attention.queries.weight.copy_(torch.tensor([[[1.0]]]))
        attention.keys.weight.copy_(torch.tensor([[[math.log(3)]], [[0.0]]]))
        attention.values.weight.copy_(torch.tensor([[[4.0]], [[8.0]]]))
        attention.output.weight.copy_(torch.tensor([[[10.0]]]))

    out = attention(torch.ones(1, 2, 1))

    # Scores log 3 and 0: shares 3/4 and 1/4. 3/4 * 4 + 1/4 * 8 = 5, times 10.
    torch.testing.assert_close(out, torch.tensor([[[50.0]]]))


@pytest.mark.parametrize("num_queries", [1, 3, None])
@pytest.mark.parametrize("form", FORMS)
def test_equals_the_loop(form, num_queries):
    rows = make_rows()
    attention = make_attention(num_queries=num_queries, **form)

    out = attention(rows)

    expected = torch.stack([attend_by_loop(attention, row) for row in rows])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-10)


def test_with_tied_weights_it_is_ordinary_attention():
    rows = make_rows()
    attention = make_attention()
    ordinary = nn.MultiheadAttention(DIM, HEADS, bias=False, batch_first=True).double()
    names = ("queries", "keys", "values", "output")
    with torch.no_grad():
        for name in names:
            weight = getattr(attention, name).weight
            weight.copy_(weight[:1].expand_as(weight))
        q, k, v, out = (getattr(attention, name).weight[0].t() for name in names)
        ordinary.in_proj_weight.copy_(torch.cat([q, k, v]))
        ordinary.out_proj.weight.copy_(out)

    expected, shares = ordinary(rows, rows, rows, average_attn_weights=False)

    torch.testing.assert_close(attention(rows), expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(attention.attend(rows), shares, rtol=0, atol=1e-12)


def test_composite_with_blocks_on_the_diagonal_is_heterogeneous():
    rows = make_rows()
    apart, composite = make_attention(), make_attention(composite=True)
    with torch.no_grad():
        for name in ("queries", "output"):
            getattr(composite, name).weight.copy_(getattr(apart, name).weight)
        for name in ("keys", "values"):
            blocks = getattr(apart, name).weight.transpose(1, 2)
            getattr(composite, name).weights[0].copy_(torch.block_diag(*blocks))

    torch.testing.assert_close(composite(rows), apart(rows), rtol=0, atol=1e-12)


def test_only_composite_keys_know_the_other_tokens():
    rows = make_rows()
    changed = rows.clone()
    changed[:, 0] += 1
    same = [
        (attention.keys(rows) == attention.keys(changed)).all(dim=2).all(dim=0).tolist()
        for attention in (make_attention(), make_attention(composite=True, rank=5))
    ]

    assert same == [[False, True, True, True], [False] * 4]


@pytest.mark.parametrize("form", FORMS)
def test_weights_add_up_to_one(form):
    weights = make_attention(num_queries=2, **form).attend(make_rows())

    assert weights.shape == (5, HEADS, 2, TOKENS)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(5, HEADS, 2).double())


def permute(attention, order):
    """Move every weight of a token to the token's new place."""
    with torch.no_grad():
        for name in ("queries", "keys", "values", "output"):
            part = getattr(attention, name)
            if hasattr(part, "weight"):
                part.weight.copy_(part.weight[order])
                continue
            first, last = part.weights[0], part.weights[-1]
            blocks = first.view(len(first), TOKENS, DIM)
            first.copy_(blocks[:, order].reshape(first.shape))
            blocks = last.view(TOKENS, DIM, last.shape[1])
            last.copy_(blocks[order].reshape(last.shape))


@pytest.mark.parametrize("form", FORMS)
def test_a_place_is_known_by_its_weights_alone(form):
    order = [2, 0, 3, 1]
    rows, attention = make_rows(), make_attention(**form)
    expected = attention(rows)[:, order]

    assert not torch.allclose(attention(rows[:, order]), expected)
    permute(attention, order)
    torch.testing.assert_close(attention(rows[:, order]), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("form", "of_keys"),
    [
        ({}, TOKENS * DIM**2),
        ({"composite": True}, (TOKENS * DIM) ** 2),
        ({"composite": True, "rank": 5}, 2 * 5 * TOKENS * DIM),
    ],
)
def test_number_of_parameters(form, of_keys):
    attention = make_attention(num_queries=1, **form)

    count = sum(p.numel() for p in attention.parameters())

    assert count == 2 * DIM**2 + 2 * of_keys


def test_weights_are_single_precision_under_autocast():
    attention = make_attention().float()

    with torch.autocast("cpu", torch.bfloat16):
        weights = attention.attend(make_rows().float())

    assert weights.dtype == torch.float32
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(5, HEADS, TOKENS))


@pytest.mark.parametrize("num_rows", [0, 1])
@pytest.mark.parametrize("form", FORMS)
def test_few_rows(form, num_rows):
    attention = make_attention(num_queries=1, **form)

    assert attention(make_rows(num_rows)).shape == (num_rows, 1, DIM)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_heads": 0}, "num_heads must be positive, got 0"),
        ({"num_heads": 4}, "token_dim must be a multiple of num_heads 4, got 6"),
        ({"num_queries": 0}, r"num_queries must be in \[1, 4\], got 0"),
        ({"num_queries": 5}, r"num_queries must be in \[1, 4\], got 5"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        HeterogeneousAttention(TOKENS, DIM, **{"num_heads": HEADS} | settings)
