"""FGCNN: generated fields beside the raw ones, in a product network."""

from itertools import combinations

import pytest
import torch
from torch import nn

from fieldwise.models.fgcnn import FGCNN
from fieldwise.models.ipnn import IPNN
from tests.models.by_loop import randomise

SIZES = {
    "embedding_dim": 3,
    "num_channels": (3, 2),
    "kernel_size": 3,
    "hidden_dims": (5, 4),
}


@pytest.mark.parametrize("shared_table", [False, True])
def test_equals_the_loop(mixed_schema, mixed_batch, to_double, shared_table):
    model = FGCNN(mixed_schema, shared_table=shared_table, **SIZES)
    randomise(model.double()).eval()
    batch = to_double(mixed_batch)

    logits = model(batch)

    # The generation, the tower and the head equal loops in their own tests.
    raw = model.embedding(batch)
    new = model.generation(raw if shared_table else model.source(batch))
    rows = []
    for fields in ([*a, *b] for a, b in zip(raw.tolist(), new.tolist(), strict=True)):
        products = [
            sum(a * b for a, b in zip(one, other, strict=True))
            for one, other in combinations(fields, 2)
        ]
        rows.append([value for field in fields for value in field] + products)
    expected = model.tower(torch.tensor(rows, dtype=torch.float64))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_without_recombination_it_is_an_ipnn(
    categorical_schema, categorical_batch, to_double
):
    model = randomise(FGCNN(categorical_schema, **SIZES).double())
    for recombination in model.generation.recombinations:
        nn.init.zeros_(recombination.weight)
        nn.init.zeros_(recombination.bias)
    classifier = IPNN(categorical_schema, embedding_dim=3, hidden_dims=(5, 4)).double()
    num_fields = model.pairs.num_fields
    pairs = model.pairs.positions
    raw = [num_fields * 3 + pairs.index(pair) for pair in ((0, 1), (0, 2), (1, 2))]
    # Of the first layer only the inputs from raw fields and their products count.
    weight = model.tower.deep.layers[0].weight[:, [*range(9), *raw]]
    state = model.tower.state_dict() | {"deep.layers.0.weight": weight}
    classifier.tower.load_state_dict(state)
    classifier.embedding.load_state_dict(model.embedding.state_dict())
    batch = to_double(categorical_batch)

    logits = model(batch)

    torch.testing.assert_close(logits, classifier(batch), rtol=0, atol=1e-10)


def test_a_table_of_its_own_costs_a_table(frappe_schema):
    counts = [
        sum(p.numel() for p in FGCNN(frappe_schema, shared_table=shared).parameters())
        for shared in (False, True)
    ]

    assert counts[0] - counts[1] == 5_389 * 16


@pytest.mark.parametrize("num_fields", [1, 2, 3])
def test_small_tables(categorical_schema, random_batch, num_fields):
    schema = categorical_schema.select(categorical_schema.names[:num_fields])
    model = FGCNN(schema, embedding_dim=2, hidden_dims=(4,)).train()

    logits = [model(random_batch(schema, num_rows)) for num_rows in (0, 1, 5)]

    assert [out.shape for out in logits] == [(0,), (1,), (5,)]
    assert all(out.isfinite().all() for out in logits)


def test_order_of_fields_matters(categorical_schema, categorical_batch):
    model = randomise(FGCNN(categorical_schema, **SIZES)).eval()
    raw = model.source(categorical_batch)

    new = model.generation(raw)

    # The tower's weights could be permuted with the fields, the generation's not.
    assert not torch.allclose(model.generation(raw[:, [1, 0, 2]]), new)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_channels": ()}, r"num_channels must be positive, got \(\)\."),
        ({"kernel_size": 4}, r"kernel_size must be odd, got 4\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        FGCNN(categorical_schema, **settings)


def test_what_the_tower_reads_is_normalised_and_new_fields_are_dropped(
    categorical_schema, categorical_batch
):
    options = {"new_dropout": 0.5, "input_norm": True}
    model = randomise(FGCNN(categorical_schema, **SIZES, **options))
    plain = FGCNN(categorical_schema, **SIZES)
    seen = []
    model.norm.register_forward_hook(lambda _, x, out: seen.append((x[0], out)))
    model.norm.weight.data.fill_(1.0)
    model.norm.bias.data.zero_()

    model.train()(categorical_batch)

    ((given, normal),) = seen
    torch.testing.assert_close(normal.mean(dim=0), torch.zeros(given.shape[1]))
    num_raw = 3 * len(categorical_schema)
    new = given[:, num_raw : num_raw + 3 * model.generation.num_new_fields]
    assert (new == 0).any()
    assert not (given[:, :num_raw] == 0).any()
    count = sum(weight.numel() for weight in model.parameters())
    assert count == sum(w.numel() for w in plain.parameters()) + 2 * given.shape[1]
    with pytest.raises(ValueError, match="new_dropout must be"):
        FGCNN(categorical_schema, **SIZES, new_dropout=1.0)
