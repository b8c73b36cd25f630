"""GDCN: gated crosses beside a tower or below it."""

import jaxtyping
import pytest
import torch

from fieldwise.models.dcnv2 import DCNv2
from fieldwise.models.gdcn import GDCN
from tests.models.by_loop import randomise

SIZES = {"embedding_dim": 2, "num_cross_layers": 2, "hidden_dims": (5, 4)}


@pytest.mark.parametrize("structure", ["parallel", "stacked"])
def test_the_tower_is_beside_the_crosses_or_on_top(
    mixed_schema, mixed_batch, to_double, structure
):
    model = randomise(GDCN(mixed_schema, **SIZES, structure=structure).double())
    batch = to_double(mixed_batch)
    x = model.embedding(batch).flatten(start_dim=1)

    logits = model(batch)

    # The crosses equal a loop in the test of their layer.
    crossed, deep = model.cross(x), model.tower.deep
    read = deep(crossed)
    if structure == "parallel":
        read = torch.cat([crossed, deep(x)], dim=1)
    expected = read @ model.tower.head.linear.weight[0] + model.tower.head.linear.bias
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_gates_without_weights_make_dcnv2_with_half_the_crosses(
    categorical_schema, categorical_batch, to_double
):
    gated = randomise(GDCN(categorical_schema, **SIZES).double())
    plain = DCNv2(categorical_schema, **SIZES).double()
    plain.embedding.load_state_dict(gated.embedding.state_dict())
    plain.cross.layers.load_state_dict(gated.cross.layers.state_dict())
    plain.tower.load_state_dict(gated.tower.state_dict())
    with torch.no_grad():
        for gate in gated.cross.gates:
            gate.weight.zero_()
        for parameter in plain.cross.parameters():
            parameter.mul_(0.5)
    batch = to_double(categorical_batch)

    torch.testing.assert_close(gated(batch), plain(batch), rtol=1e-12, atol=1e-12)
    assert (gated.gate_values(batch) == 0.5).all()


def test_gate_values_are_told_by_layer_and_field(categorical_schema, categorical_batch):
    model = randomise(GDCN(categorical_schema, **SIZES))
    x = model.embedding(categorical_batch)

    gates = model.gate_values(categorical_batch)

    assert gates.shape == (8, 2, 3, 2)
    first = (x.flatten(start_dim=1) @ model.cross.gates[0].weight.T).sigmoid()
    torch.testing.assert_close(gates[:, 0], first.view(8, 3, 2))
    assert gates.min() >= 0
    assert gates.max() <= 1


def test_structures_are_told(categorical_schema, monkeypatch):
    # Where shapes and types are checked, the type of ``structure`` would speak first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(ValueError, match="structure must be one of 'parallel', "):
        GDCN(categorical_schema, structure="beside")
