"""Hiformer against a loop over rows and tokens, pruned and not."""

import math
from dataclasses import replace

import jaxtyping
import pytest
import torch

from benchmarks.planted.finding import train
from benchmarks.planted.sets import pair
from fieldwise.data.loader import Loader
from fieldwise.models.cost import cost_of
from fieldwise.models.hiformer import Hiformer
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe
from tests.models.by_loop import randomise

SMALL = {"embedding_dim": 3, "token_dim": 8, "num_heads": 2, "expansion": 2}
FORMS = [
    {"attention": "heterogeneous"},
    {"attention": "composite", "rank": 5},
    {"attention": "composite", "rank": None},
]


def with_two_labels(schema):
    labels = (*schema.labels, Label("sale", "binary", positive=1))
    return replace(schema, labels=labels)


def normalise(norm, x):
    mean, variance = x.mean(), x.var(unbiased=False)
    return (x - mean) / (variance + norm.eps).sqrt() * norm.weight + norm.bias


def gather(projection, tokens):
    """Keys or values of all tokens: each by its matrix, or all by one product."""
    if hasattr(projection, "weight"):
        maps = projection.weight
        return [token @ maps[place] for place, token in enumerate(tokens)]
    joined = torch.cat(tokens)
    for weight in projection.weights:
        joined = weight @ joined
    return joined.split(len(tokens[0]))


def apply_layer(layer, tokens, num_heads=2):
    attention, feed = layer.attention, layer.feed_forward
    normal = [normalise(layer.attention_norm, token) for token in tokens]
    keys, values = (gather(p, normal) for p in (attention.keys, attention.values))
    kept = len(tokens) - layer.num_queries
    out = []
    for place, token in enumerate(tokens[kept:]):
        query = normal[kept + place] @ attention.queries.weight[place]
        heads = []
        for part in torch.arange(len(query)).chunk(num_heads):
            scores = [query[part] @ key[part] / math.sqrt(len(part)) for key in keys]
            shares = torch.stack(scores).exp()
            shares = shares / shares.sum()
            heads.append(sum(s * v[part] for s, v in zip(shares, values, strict=True)))
        x = token + torch.cat(heads) @ attention.output.weight[place]
        hidden = normalise(layer.feed_forward_norm, x) @ feed.widen.weight[place]
        hidden = hidden + feed.widen.bias[place]
        hidden = 0.5 * hidden * (1 + (hidden / math.sqrt(2)).erf())
        out.append(x + hidden @ feed.narrow.weight[place] + feed.narrow.bias[place])
    return out


def score_by_loop(model, fields):
    projection = model.projection
    tokens = [
        field @ projection.weight[place] + projection.bias[place]
        for place, field in enumerate(fields)
    ]
    tokens += list(model.task_tokens)
    for layer in model.layers:
        tokens = apply_layer(layer, tokens)
    heads = [head.linear for head in model.heads]
    tasks = tokens[-len(heads) :]
    return torch.cat(
        [h.weight @ task + h.bias for h, task in zip(heads, tasks, strict=True)]
    )


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_equals_the_loop(mixed_schema, random_batch, to_double, form, num_layers):
    schema = with_two_labels(mixed_schema)
    model = randomise(Hiformer(schema, num_layers=num_layers, **SMALL, **form).double())
    batch = to_double(random_batch(schema, 4))

    logits = model(batch)

    rows = model.embedding(batch)
    expected = torch.stack([score_by_loop(model, fields) for fields in rows])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def unpruned_twin(model, schema, **settings):
    """The same model with a whole last layer; tokens of fields get any weights."""
    whole = Hiformer(schema, pruned=False, **settings).double()
    state = whole.state_dict()
    for name, weight in model.state_dict().items():
        if weight.shape == state[name].shape:
            state[name] = weight
        else:
            # Task tokens are the last ones.
            state[name] = torch.cat([state[name][: -len(weight)], weight])
    whole.load_state_dict(state)
    return whole


@pytest.mark.parametrize("num_tasks", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_pruned_gives_the_same_logits_for_less(
    mixed_schema, random_batch, to_double, form, num_tasks
):
    schema = with_two_labels(mixed_schema) if num_tasks == 2 else mixed_schema
    settings = {"num_layers": 2, **SMALL, **form}
    model = randomise(Hiformer(schema, **settings).double())
    whole = unpruned_twin(model, schema, **settings)
    batch = to_double(random_batch(schema, 8))

    torch.testing.assert_close(model(batch), whole(batch), rtol=0, atol=1e-12)
    torch.testing.assert_close(
        model.attend(batch), whole.attend(batch), rtol=0, atol=1e-12
    )
    less, more = (cost_of(m.float(), schema) for m in (model, whole))
    assert less.multiply_adds < more.multiply_adds
    # Queries, outputs and towers of every field: 2 d^2, 2 c d^2 + c d + d.
    assert more.network - less.network == len(schema) * (128 + 2 * 128 + 16 + 8)


def test_without_pruning_fields_of_the_last_layer_learn_nothing(
    categorical_schema, categorical_batch
):
    model = randomise(Hiformer(categorical_schema, pruned=False, **SMALL))

    model(categorical_batch).sum().backward()

    gradient = model.layers[-1].attention.queries.weight.grad
    assert gradient.flatten(1).any(dim=1).tolist() == [False, False, False, True]


def test_attention_of_tasks_to_fields(mixed_schema, random_batch):
    schema = with_two_labels(mixed_schema)
    model = randomise(Hiformer(schema, num_layers=2, **SMALL), std=0.3)
    batch = random_batch(schema, 5)

    weights = model.attend(batch)

    assert weights.shape == (5, 2, 2, len(schema))
    assert (weights > 0).all()
    # The rest goes to the two task tokens.
    assert (weights.sum(dim=-1) < 1).all()
    assert not torch.allclose(weights[:, 0], weights[:, 1])


def test_attention_finds_the_field_whose_key_fits(categorical_schema, random_batch):
    model = Hiformer(categorical_schema, attention="heterogeneous", **SMALL)
    attention = model.layers[0].attention
    with torch.no_grad():
        attention.queries.weight.fill_(1.0)
        attention.keys.weight.zero_()
        # Normalised, every token is 1, -1, 1, -1, ...: only the second field's key,
        # which reads its first number, differs from zero.
        model.projection.weight.zero_()
        model.projection.bias.copy_(torch.tensor([1.0, -1.0]).repeat(3, 4))
        model.task_tokens.copy_(torch.tensor([1.0, 1.0, 1.0, -1.0] * 2))
        attention.keys.weight[1, 0] = 1.0

    weights = model.attend(random_batch(categorical_schema, 2))

    # A query is the sum of a normalised token, so 0: all scores are, of four tokens.
    torch.testing.assert_close(weights, torch.full((2, 1, 2, 3), 0.25))
    with torch.no_grad():
        model.layers[0].attention_norm.bias.fill_(1.0)
    # Now the norm adds 1: the query is 8, the key 1 + 1, both in 4 dimensions, and the
    # score 4 * 8 * 2 / sqrt(4) = 32 leaves nothing for the others.
    weights = model.attend(random_batch(categorical_schema, 2))
    torch.testing.assert_close(weights[0, 0], torch.tensor([[0.0, 1.0, 0.0]] * 2))


def test_attention_goes_to_the_fields_that_decide():
    planted = pair(24_000, num_values=6, num_fields=8)
    torch.manual_seed(0)
    model = Hiformer(
        planted.train.schema, embedding_dim=8, token_dim=16, attention="heterogeneous"
    )
    recipe = Recipe(learning_rate=1e-2, batch_size=1024, num_epochs=3)
    train(model, planted.train, recipe)

    rows = next(iter(Loader(planted.test, batch_size=4000).epoch(0)))
    with torch.no_grad():
        weights = model.eval().attend(rows).mean(dim=(0, 1, 2))

    # What a field gets is no proof, but here it tells (five seeds of six did).
    assert set(weights.argsort(descending=True)[:2].tolist()) == set(planted.fields)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_one_field(random_batch, form, num_rows):
    schema = Schema((CategoricalField("site", num_features=3, value_type="string"),))

    logits = Hiformer(schema, **SMALL, **form)(random_batch(schema, num_rows))

    assert logits.shape == (num_rows,)


def test_logits_are_single_precision_under_autocast(mixed_schema, mixed_batch):
    model = randomise(Hiformer(mixed_schema, num_layers=2, **SMALL), std=0.3)
    expected = model(mixed_batch)

    with torch.autocast("cpu", torch.bfloat16):
        logits = model(mixed_batch)

    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, expected, rtol=0.1, atol=0.1)


def test_rank_is_at_most_half_of_the_width(categorical_schema):
    model = Hiformer(categorical_schema, **SMALL)

    # Four tokens of 8.
    assert [len(weight) for weight in model.layers[0].attention.keys.weights] == [
        16,
        32,
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_heads": 3}, r"token_dim must be a multiple of num_heads 3, got 64\."),
        ({"token_dim": 1028, "rank": None}, r"rank must be a number where a full "),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        Hiformer(categorical_schema, **settings)


def test_attentions_are_told(categorical_schema, monkeypatch):
    # The checks of types in this test run would be first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)

    message = r"attention must be one of 'heterogeneous', 'composite', got 'vanilla'\."
    with pytest.raises(ValueError, match=message):
        Hiformer(categorical_schema, attention="vanilla")
