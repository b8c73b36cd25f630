"""OptInter: the search at its extremes, what pruning leaves, and its size."""

from dataclasses import replace

import jaxtyping
import pytest
import torch
from torch import nn

from fieldwise.models._optinter_search import OptInterSearch
from fieldwise.models.dnn import DNN
from fieldwise.models.optinter import OptInter
from fieldwise.nn.embeddings.pair_embeddings import index_pairs
from tests.models.by_loop import apply_linear, randomise

SMALL = {"embedding_dim": 3, "cross_dim": 2, "hidden_dims": (5, 4)}


def keys_of(schema):
    """Every other pair of values of each pair of index fields, in order."""
    sizes = dict(
        zip((f.name for f in schema.index_fields), schema.table_sizes, strict=False)
    )
    return [
        torch.arange(0, sizes[left] * sizes[right], 2)
        for left, right in index_pairs(schema)
    ]


@pytest.fixture
def search(mixed_schema):
    """A search network with keys and weights, in float64, without noise."""
    keys = keys_of(mixed_schema)
    sizes = [len(own) + 1 for own in keys]
    model = OptInterSearch(mixed_schema, cross_sizes=sizes, gumbel=False, **SMALL)
    model.pairs.memorized.fill_keys(keys)
    return randomise(model.double()).eval()


@pytest.fixture
def batch(mixed_batch, to_double):
    return to_double(mixed_batch)


def fixed(schema, search, choices):
    """A model of some choices with the weights of the search network."""
    pairs = index_pairs(schema)
    keys = keys_of(schema)
    at = {
        name: [p for p, choice in enumerate(choices) if choice == name]
        for name in ("memorize", "factorize")
    }
    sizes = [len(keys[p]) + 1 for p in at["memorize"]]
    model = OptInter(schema, choices=choices, cross_sizes=sizes, **SMALL).double()
    model.embedding.load_state_dict(search.embedding.state_dict())
    with torch.no_grad():
        if at["memorize"]:
            model.pairs.memorized.fill_keys([keys[p] for p in at["memorize"]])
            whole = search.pairs.memorized
            starts = torch.tensor([0, *whole.cross_sizes]).cumsum(0)
            rows = [torch.arange(starts[p], starts[p + 1]) for p in at["memorize"]]
            model.pairs.memorized.table.copy_(whole.table[torch.cat(rows)])
        if at["factorize"]:
            own, whole = model.pairs.factorized, search.pairs.factorized
            rows = []
            for name in own.fields:
                place = whole.fields.index(name)
                start = whole.schema.table_offsets[place]
                rows.append(
                    torch.arange(start, start + whole.schema.table_sizes[place])
                )
            own.table.copy_(whole.table[torch.cat(rows)])
        # The first layer of the tower reads the columns of what is left.
        width, dim = search.embedding.out_features, SMALL["cross_dim"]
        columns = list(range(width))
        for p in (*at["memorize"], *at["factorize"]):
            columns += range(width + p * dim, width + (p + 1) * dim)
        state = search.tower.deep.state_dict()
        state["layers.0.weight"] = state["layers.0.weight"][:, columns]
        model.tower.deep.load_state_dict(state)
        model.tower.head.load_state_dict(search.tower.head.state_dict())
    assert len(pairs) == len(choices)
    return model.eval()


CHOICES = (
    ("memorize",) * 6,
    ("factorize",) * 6,
    ("naive",) * 6,
    ("memorize", "factorize", "naive", "naive", "factorize", "memorize"),
    ("naive", "naive", "naive", "factorize", "naive", "naive"),
    ("naive", "memorize", "naive", "memorize", "memorize", "naive"),
)


@pytest.mark.parametrize("choices", CHOICES, ids=lambda c: " ".join(w[0] for w in c))
def test_pruning_is_a_mask_of_zeros_and_ones(mixed_schema, batch, search, choices):
    with torch.no_grad():
        search.treatments.logits.zero_()
        for place, choice in enumerate(choices):
            column = ("memorize", "factorize", "naive").index(choice)
            search.treatments.logits[place, column] = 1e9

    pruned = fixed(mixed_schema, search, choices)

    torch.testing.assert_close(pruned(batch), search(batch), rtol=0, atol=1e-12)
    assert search.treatments.choices() == choices


def test_equals_the_loop(mixed_schema, batch, search):
    choices = CHOICES[3]
    model = fixed(mixed_schema, search, choices)
    memorized = [
        p
        for p, c in zip(index_pairs(mixed_schema), choices, strict=True)
        if c == "memorize"
    ]
    fields = model.embedding(batch).tolist()
    crosses = model.pairs.memorized(batch).tolist()
    sides = model.pairs.factorized(batch).tolist()
    names = model.pairs.factorized.fields
    products = [("site", "device"), ("price", "rank")]

    logits = model(batch)

    assert memorized == [("site", "price"), ("device", "rank")]
    for row, logit in enumerate(logits.tolist()):
        x = [value for field in fields[row] for value in field]
        x += [value for cross in crosses[row] for value in cross]
        for left, right in products:
            a, b = (sides[row][names.index(name)] for name in (left, right))
            x += [u * v for u, v in zip(a, b, strict=True)]
        for layer in model.tower.deep.layers:
            if isinstance(layer, nn.Linear):
                x = apply_linear(layer, x)
            elif isinstance(layer, nn.LayerNorm):
                mean = sum(x) / len(x)
                variance = sum((value - mean) ** 2 for value in x) / len(x)
                scaled = [(v - mean) / (variance + 1e-5) ** 0.5 for v in x]
                w, b = layer.weight.tolist(), layer.bias.tolist()
                x = [p * q + r for p, q, r in zip(scaled, w, b, strict=True)]
                x = [max(0.0, value) for value in x]
        (expected,) = apply_linear(model.tower.head.linear, x)
        assert logit == pytest.approx(expected, abs=1e-10)


def test_all_naive_is_a_plain_tower(categorical_schema, categorical_batch):
    sizes = {"embedding_dim": 3, "hidden_dims": (5, 4)}
    model = randomise(OptInter(categorical_schema, choices="naive", **sizes))
    plain = DNN(categorical_schema, **sizes)
    plain.tower = model.tower
    plain.embedding = model.embedding

    assert torch.equal(model(categorical_batch), plain(categorical_batch))
    assert [name for name, _ in model.named_parameters() if "pairs" in name] == []


@pytest.mark.parametrize("build", [OptInter, OptInterSearch])
def test_the_tower_is_normalised_one_way_or_the_other(categorical_schema, build):
    pairs = len(index_pairs(categorical_schema))
    sizes = {"hidden_dims": (3,), "cross_sizes": [5] * pairs}
    sizes |= {"choices": "memorize"} if build is OptInter else {}

    def normalised(**options):
        layers = build(categorical_schema, **sizes, **options).tower.deep.layers
        return [type(layer).__name__ for layer in layers if "Norm" in str(type(layer))]

    assert normalised() == ["LayerNorm"]
    assert normalised(batch_norm=True) == ["BatchNorm"]


def test_memorized_pairs_know_what_products_cannot(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = OptInter(schema, choices=["memorize"], cross_sizes=[2], **SMALL)
    model.pairs.memorized.fill_keys([torch.tensor([7])])
    batch = random_batch(schema, 3)
    # values (2, 1), (2, 0) and (1, 1): only the first is key 2 * 3 + 1
    batch = replace(batch, indices=torch.tensor([[2, 6], [2, 5], [1, 6]]).int())

    (crosses,) = model.pairs(batch)

    assert torch.equal(crosses[0, 0], model.pairs.memorized.table[1])
    assert torch.equal(crosses[1], crosses[2])


def test_crosses_are_exported_too(categorical_schema, random_batch, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    choices = ["memorize", "naive", "factorize"]
    model = OptInter(categorical_schema, choices=choices, cross_sizes=[8], **SMALL)
    model.pairs.memorized.fill_keys([torch.arange(0, 14, 2)])
    batch = replace(random_batch(categorical_schema, 5), labels=None)
    shapes = torch.export.ShapesCollection()
    for part in (batch.indices, batch.numbers):
        shapes[part] = {0: torch.export.Dim.DYNAMIC}

    program = torch.export.export(model.eval(), (batch,), dynamic_shapes=shapes)

    for num_rows in (0, 1, 17):
        other = replace(random_batch(categorical_schema, num_rows), labels=None)
        torch.testing.assert_close(program.module()(other), model(other))


def test_gradients_of_the_treatments(mixed_schema, batch, search):
    search(batch).square().sum().backward()

    gradient = search.treatments.logits.grad
    assert gradient.abs().sum(dim=1).min() > 0
    torch.testing.assert_close(
        gradient.sum(dim=1), torch.zeros(6).double(), rtol=0, atol=1e-12
    )


def test_every_parameter_of_the_search_is_reached(mixed_schema, mixed_batch):
    keys = keys_of(mixed_schema)
    model = OptInterSearch(
        mixed_schema, cross_sizes=[len(own) + 1 for own in keys], **SMALL
    )
    model.pairs.memorized.fill_keys(keys)

    model(mixed_batch).square().sum().backward()

    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


def test_size_of_the_search(categorical_schema):
    model = OptInterSearch(categorical_schema, cross_sizes=[4, 5, 6], **SMALL)

    # 12 features of 3 and of 2; 15 crosses of 2; 3 x 3 logits; a tower on
    # 3 * 3 + 3 * 2 = 15: 15 * 5 + 15, 5 * 4 + 12; the head 4 + 1
    total = 12 * 5 + 30 + 9 + 90 + 32 + 5
    assert sum(p.numel() for p in model.parameters()) == total


def test_no_pair_and_one_field(categorical_schema, random_batch):
    schema = categorical_schema.select(["site"])
    model = OptInter(schema, choices=[], **SMALL)

    assert model(random_batch(schema, 2)).shape == (2,)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"choices": "forget"}, "choices must be one of 'memorize', "),
        ({"choices": ["naive"]}, r"choices must be one per pair \(3\), got 1"),
        ({"choices": "memorize"}, r"cross_sizes must be one per pair \(3\), got 0"),
    ],
    ids=str,
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        OptInter(categorical_schema, **settings)
