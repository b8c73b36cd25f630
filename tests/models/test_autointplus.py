"""AutoInt+ is AutoInt plus DNN on one table."""

import pytest
import torch

from fieldwise.models.autoint import AutoInt
from fieldwise.models.autointplus import AutoIntPlus
from fieldwise.models.dnn import DNN
from tests.models.by_loop import randomise

SIZES = {"num_layers": 2, "num_heads": 2, "head_dim": 3}


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"gaussian_gate": True},
        {"residual": "identity", "scaled": True, "layer_norm": True},
    ],
)
def test_is_the_sum_of_its_parts(mixed_schema, mixed_batch, to_double, variant):
    batch = to_double(mixed_batch)
    settings = {"embedding_dim": 6, **SIZES, **variant}
    model = AutoIntPlus(mixed_schema, **settings, hidden_dims=(5, 4))
    randomise(model.double())
    attention = AutoInt(mixed_schema, **settings).double()
    tower = DNN(mixed_schema, embedding_dim=6, hidden_dims=(5, 4)).double()
    for part, other in (
        (attention.embedding, model.embedding),
        (attention.gate, model.gate),
        (attention.attention, model.attention),
        (tower.tower, model.tower),
    ):
        part.load_state_dict(other.state_dict())

    logits = model(batch)

    # Both parts equal a loop in their own tests; the gate stands before both.
    x = model.gate(model.embedding(batch)).flatten(start_dim=1)
    expected = attention(batch) + tower.tower(x)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_depth_may_be_zero_but_not_less(categorical_schema):
    with pytest.raises(ValueError, match="num_layers must be zero or positive, got -1"):
        AutoIntPlus(categorical_schema, num_layers=-1)
