"""FinalNet: its equation, what its branches are, and its public sizes."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from benchmarks.planted.sets import pair
from fieldwise.losses import BRANCH_LOSSES
from fieldwise.models.finalnet import FinalNet
from fieldwise.nn.branches import BranchedModel
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.training import Recipe, Trainer
from tests.models.by_loop import randomise

SIZES = {"embedding_dim": 2, "hidden_dims": (6, 4), "second_hidden_dims": (4,)}


def block_by_loop(block, x):
    """relu([h2, h1 * h2]) layer by layer, of one row without normalisation."""
    for layer in block.layers:
        if hasattr(layer, "linear"):
            h = layer.linear.weight @ x + layer.linear.bias
            width = len(h) // 2
            products = [h[width + o] * h[o] for o in range(width)]
            x = torch.cat([h[:width], torch.stack(products)]).clamp(min=0)
    return x


def scores_by_loop(model, fields):
    """What both blocks say of one row, ``(field, dim)``."""
    gate = model.scaling.linear
    scaled = fields * (gate.weight @ fields + gate.bias.unsqueeze(1))
    views = (torch.cat([fields.flatten(), scaled.flatten()]), fields.flatten())
    return [
        head.linear.weight[0] @ block_by_loop(block, view) + head.linear.bias[0]
        for view, block, head in zip(views, model.blocks, model.heads, strict=True)
    ]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = FinalNet(mixed_schema, batch_norm=False, **SIZES)
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits, branches = model.forward_branches(batch)

    expected = torch.stack(
        [torch.stack(scores_by_loop(model, row)) for row in model.embedding(batch)]
    )
    torch.testing.assert_close(
        torch.stack(branches, dim=1), expected, rtol=1e-10, atol=1e-10
    )
    torch.testing.assert_close(logits, expected.mean(dim=1), rtol=1e-10, atol=1e-10)
    assert torch.equal(model(batch), logits)


def test_branches_are_trained_by_distillation(categorical_schema):
    model = FinalNet(categorical_schema, **SIZES)

    assert isinstance(model, BranchedModel)
    assert model.branch_loss in BRANCH_LOSSES


def test_one_block_has_no_branches(categorical_schema, categorical_batch):
    model = FinalNet(categorical_schema, num_blocks=1, **SIZES).eval()

    logits, branches = model.forward_branches(categorical_batch)

    assert branches == ()
    assert torch.equal(logits, model(categorical_batch))
    assert len(model.blocks) == len(model.heads) == 1


@pytest.mark.parametrize("num_blocks", [1, 2])
def test_both_kinds_can_be_trained(num_blocks):
    rows = pair(1200, num_values=4).train
    model = FinalNet(rows.schema, num_blocks=num_blocks, **SIZES)
    recipe = Recipe(num_epochs=2, batch_size=256, learning_rate=1e-2)

    history = Trainer(recipe, accelerator="cpu", progress=False).fit(model, rows)

    losses = [epoch.train_loss for epoch in history.epochs]
    assert losses[1] < losses[0]


def test_fields_are_scaled_for_the_first_block_only(
    categorical_schema, categorical_batch
):
    model = randomise(FinalNet(categorical_schema, **SIZES)).eval()
    before = model.forward_branches(categorical_batch).branches

    nn.init.ones_(model.scaling.linear.weight)
    after = model.forward_branches(categorical_batch).branches

    assert not torch.isclose(after[0], before[0]).any()
    assert torch.equal(after[1], before[1])


def schema_of(*sizes):
    fields = (
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    return Schema(tuple(fields), (Label("click", "binary", positive=1),))


FRAPPE = schema_of(956, 4084, 9, 9, 4, 5, 4, 11, 82, 235)
"""Two rows a field beside its values, as the runs that were published had."""


def test_size_of_the_published_frappe_model():
    model = FinalNet(
        FRAPPE, embedding_dim=10, hidden_dims=(400, 400), second_hidden_dims=(400,)
    )

    # 53,990 of the table; scaling 110; the first block 80,400 + 160,400, the second
    # 40,400, three norms of 800; two heads of 401.
    assert sum(p.numel() for p in model.parameters()) == 338_502


def test_size_of_the_published_frappe_model_of_one_block():
    model = FinalNet(
        FRAPPE,
        embedding_dim=10,
        num_blocks=1,
        hidden_dims=(400, 400),
        scaled_fields=False,
    )

    # 53,990; 40,400 + 160,400 and two norms of 800; the head 401
    assert sum(p.numel() for p in model.parameters()) == 256_791


def test_size_of_the_published_criteo_model():
    # Without memory behind its weights: the table alone would take 58 MB.
    with torch.device("meta"):
        model = FinalNet(
            schema_of(910_709, *[1] * 38),
            hidden_dims=(1000,) * 3,
            second_hidden_dims=(512,),
        )

    # 14,571,952; scaling 1,560; blocks 1,249,000 + 2 * 1,001,000 and 320,000; norms
    # 3 * 2,000 + 1,024; heads 1,001 + 513
    assert sum(p.numel() for p in model.parameters()) == 18_153_050


def test_each_label_has_heads_of_its_own(categorical_schema, categorical_batch):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    model = randomise(FinalNet(schema, **SIZES)).eval()

    logits, branches = model.forward_branches(categorical_batch)

    assert [part.shape for part in (logits, *branches)] == [(8, 2)] * 3
    assert not torch.isclose(logits[:, 0], logits[:, 1]).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_dims": (4, 3)}, r"hidden_dims must be even, got \(4, 3\)\."),
        ({"second_hidden_dims": (5,)}, r"second_hidden_dims must be even, got \(5,\)"),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        FinalNet(categorical_schema, **SIZES | settings)
