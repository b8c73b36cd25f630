"""FCN: an exponential and a linear branch, their joint loss, and its size."""

import pytest
import torch

from fieldwise.losses import (
    BRANCH_LOSSES,
    adaptive_branch_loss,
    binary_cross_entropy,
)
from fieldwise.models.ecn import ECN
from fieldwise.models.fcn import FCN
from fieldwise.models.lcn import LCN
from fieldwise.nn.branches import BranchedModel
from fieldwise.schema import CategoricalField, Label, Schema
from tests.models.by_loop import randomise

DEPTHS = {"num_exponential_layers": 2, "num_linear_layers": 3}


def branch_of(model, schema, place, head):
    """One branch as a model of its own, on one head's slice of the embeddings."""
    kind, depth = ((ECN, 2), (LCN, 3))[place]
    alone = kind(schema, embedding_dim=4, num_cross_layers=depth).double()
    branch = (model.exponential, model.linear)[place]
    alone.branch.load_state_dict(branch.state_dict())
    columns = slice(4 * head, 4 * head + 4)
    with torch.no_grad():
        alone.embedding.table.copy_(model.embedding.table[:, columns])
    return alone


@pytest.mark.parametrize("num_heads", [1, 3])
def test_is_the_mean_of_both_branches_and_of_all_heads(
    categorical_schema, categorical_batch, num_heads
):
    model = FCN(categorical_schema, embedding_dim=4, num_heads=num_heads, **DEPTHS)
    randomise(model.double())

    outputs = model.forward_branches(categorical_batch)

    # ECN and LCN equal loops in their own tests.
    for place in (0, 1):
        heads = [
            branch_of(model, categorical_schema, place, head)(categorical_batch)
            for head in range(num_heads)
        ]
        expected = torch.stack(heads).mean(dim=0)
        torch.testing.assert_close(
            outputs.branches[place], expected, rtol=1e-12, atol=1e-10
        )
    torch.testing.assert_close(outputs.logits, sum(outputs.branches) / 2)
    assert torch.equal(model(categorical_batch), outputs.logits)


def test_is_trained_with_its_branches(categorical_schema):
    model = FCN(categorical_schema, embedding_dim=4)

    assert isinstance(model, BranchedModel)
    assert model.branch_loss == "adaptive"


def test_weights_of_the_branches_may_be_held_fixed(categorical_schema):
    model = FCN(categorical_schema, embedding_dim=4, detach_weights=True)

    assert model.branch_loss == "detached"
    assert model.branch_loss in BRANCH_LOSSES


def test_every_branch_is_computed_once(categorical_schema, categorical_batch):
    model = FCN(categorical_schema, embedding_dim=4)
    calls = []
    for branch in (model.embedding, model.exponential, model.linear):
        branch.register_forward_hook(lambda module, *_: calls.append(module))

    model(categorical_batch)

    assert calls == [model.embedding, model.exponential, model.linear]


def losses(model, batch):
    outputs = model.forward_branches(batch)
    labels = batch.labels[:, 0].double()
    return [
        binary_cross_entropy(logits, labels)
        for logits in (outputs.logits, *outputs.branches)
    ]


@pytest.mark.parametrize("detach_weights", [False, True])
def test_joint_loss_and_its_gradient_by_hand(
    categorical_schema, categorical_batch, detach_weights
):
    model = randomise(FCN(categorical_schema, embedding_dim=4, **DEPTHS).double())
    parameters = list(model.parameters())

    def gradients(loss):
        found = torch.autograd.grad(
            loss, parameters, retain_graph=True, allow_unused=True
        )
        pairs = zip(found, parameters, strict=True)
        return [torch.zeros_like(p) if g is None else g for g, p in pairs]

    whole, *branches = losses(model, categorical_batch)

    joint = adaptive_branch_loss(whole, branches, detach_weights=detach_weights)

    weights = [max(0.0, (branch - whole).item()) for branch in branches]
    # The mean of two logits has at most the mean of their losses.
    assert max(weights) > 0
    total = whole + sum(w * branch for w, branch in zip(weights, branches, strict=True))
    assert joint.item() == pytest.approx(total.item(), abs=1e-12)
    # d(L + w B) = dL + w dB + (dB - dL) B where w > 0; without the last term, where
    # weights are held fixed.
    expected = gradients(whole)
    for branch, weight in zip(branches, weights, strict=True):
        learns = weight > 0 and not detach_weights
        parts = zip(gradients(branch), gradients(whole), expected, strict=True)
        expected = [
            so_far + weight * own + learns * (own - its) * branch.detach()
            for own, its, so_far in parts
        ]
    for found, wanted in zip(gradients(joint), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-12)


def test_branches_that_agree_add_nothing(categorical_schema, categorical_batch):
    depths = {"num_exponential_layers": 1, "num_linear_layers": 1}
    model = randomise(FCN(categorical_schema, embedding_dim=4, **depths).double())
    model.linear.load_state_dict(model.exponential.state_dict())

    whole, *branches = losses(model, categorical_batch)

    # A single layer is the same in both.
    assert adaptive_branch_loss(whole, branches).item() == whole.item()


def make_schema(num_fields, num_features):
    sizes = [num_features - (num_fields - 1) * 1000, *[1000] * (num_fields - 1)]
    fields = tuple(
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    return Schema(fields, (Label("click", "binary", positive=1),))


def count(schema, **settings):
    # Without memory: the larger table would take a gigabyte.
    with torch.device("meta"):
        model = FCN(schema, embedding_dim=16, num_exponential_layers=4, **settings)
    total = sum(parameter.numel() for parameter in model.parameters())
    return total, total - model.embedding.table.numel()


def test_size_of_the_published_criteo_model():
    total, network = count(make_schema(39, 910_747), num_linear_layers=5)

    # With D = 39 * 16 = 624 a layer has 624 * 312 weights, 624 biases, and 2 * 312 of
    # its norm: 195,936; nine of them, and two heads of 625.
    assert network == 1_764_674
    assert total == 16_336_626


def test_size_of_the_published_avazu_model():
    total, _ = count(
        make_schema(24, 3_750_999), num_linear_layers=5, num_heads=4, batch_norm=True
    )

    # Four heads of 16; with D = 24 * 16 = 384 a layer has 74,496, and 2 * 4 of its
    # normalised heads.
    assert total == 3_750_999 * 64 + 9 * 74_504 + 2 * 385 == 240_735_242


def test_length_must_be_even(categorical_schema):
    with pytest.raises(ValueError, match=r"embedding_dim must be even, got 5\."):
        FCN(categorical_schema, embedding_dim=5)
