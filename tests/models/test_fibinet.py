"""FiBiNET: bilinear products of plain and of scaled fields."""

import jaxtyping
import pytest
import torch

from fieldwise.models.fibinet import FiBiNET
from tests.models.by_loop import randomise


@pytest.mark.parametrize("kind", ["all", "each", "pair"])
def test_equals_the_paper(mixed_schema, mixed_batch, to_double, kind):
    model = FiBiNET(
        mixed_schema, embedding_dim=3, bilinear_kind=kind, hidden_dims=(5, 4)
    )
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    # As the paper draws it: the fields are scaled, then multiplied. The layers equal
    # loops in their own tests.
    x = model.embedding(batch)
    scaled = model.scales(x).unsqueeze(-1) * x
    both = torch.cat([model.bilinear(x), model.bilinear(scaled)], dim=1)
    expected = model.tower(both.flatten(start_dim=1)) + model.linear(batch)
    assert scaled.any()
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_identity_and_scales_of_one_double_the_hadamard_products(
    categorical_schema, categorical_batch
):
    model = randomise(FiBiNET(categorical_schema, embedding_dim=3, hidden_dims=(5,)))
    model.scales.forward = lambda x: torch.ones(x.shape[:2])
    with torch.no_grad():
        model.bilinear.weight.copy_(torch.eye(3))
    x = model.embedding(categorical_batch)

    logits = model(categorical_batch)

    pairs = [x[:, i] * x[:, j] for i, j in ((0, 1), (0, 2), (1, 2))]
    deep = model.tower(torch.cat(pairs * 2, dim=1))
    torch.testing.assert_close(logits, deep + model.linear(categorical_batch))


@pytest.mark.parametrize(("kind", "num_matrices"), [("each", 9), ("pair", 45)])
def test_other_kinds_have_more_matrices(frappe_schema, kind, num_matrices):
    one = FiBiNET(frappe_schema, embedding_dim=10)
    many = FiBiNET(frappe_schema, embedding_dim=10, bilinear_kind=kind)

    sizes = [sum(p.numel() for p in model.parameters()) for model in (one, many)]

    assert sizes[1] - sizes[0] == (num_matrices - 1) * 100


def test_kinds_are_told(monkeypatch, categorical_schema):
    # The checks of types in this test run would be first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)

    with pytest.raises(ValueError, match="kind must be one of 'all', 'each', 'pair'"):
        FiBiNET(categorical_schema, bilinear_kind="some")


def test_one_field_makes_no_pair(categorical_schema):
    with pytest.raises(ValueError, match="num_fields must be 2 or more to make a pair"):
        FiBiNET(categorical_schema.select(["site"]))
