"""States of layers, caught on the way."""

import numpy as np
import pytest
import torch

from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.diagnosis.hidden_states import hidden_states
from fieldwise.errors import DataError
from fieldwise.models.dcnv2 import DCNv2
from fieldwise.models.dnn import DNN
from fieldwise.schema import CategoricalField, Schema
from fieldwise.scoring import score_batches

SCHEMA = Schema(
    tuple(CategoricalField(n, num_features=5, value_type="int") for n in ("a", "b"))
)


def batches(num_rows=37):
    random = np.random.default_rng(0)
    codes = random.integers(0, 5, (num_rows, 2)) + np.array(SCHEMA.table_offsets)
    rows = Dataset(SCHEMA, codes.astype(np.int32), labelled=False)
    return Loader(rows, batch_size=16).epoch(0)


def test_tower_by_hand():
    model = DNN(SCHEMA, embedding_dim=3, hidden_dims=(4, 2))
    names = ["tower.deep.layers.0.input", "tower.deep.layers.0", "tower.deep.layers.2"]

    found = hidden_states(model, names, batches())

    logits = score_batches(model, batches())
    weights = {
        name: w.detach().double().numpy() for name, w in model.state_dict().items()
    }
    state = found[names[0]]
    assert state.shape == (37, 6)
    for name in names[1:]:
        state = np.maximum(
            0, state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        )
        assert found[name] == pytest.approx(state, abs=1e-5)
    head = (
        state @ weights["tower.head.linear.weight"][0]
        + weights["tower.head.linear.bias"]
    )
    assert logits == pytest.approx(head, abs=1e-5)
    assert not model.tower.deep.layers[0]._forward_hooks


def test_states_of_a_cross_network():
    model = DCNv2(SCHEMA, embedding_dim=3, hidden_dims=(4,))
    (name,) = {
        name
        for name, module in model.named_modules()
        if type(module).__name__ == "CrossNetwork"
    }

    found = hidden_states(model, [f"{name}.layers.0.input", f"{name}.input"], batches())

    first, second = found.values()
    assert np.array_equal(first, second)


def test_errors():
    model = DNN(SCHEMA, embedding_dim=3, hidden_dims=(4,))
    layers = ["tower.deep.layers.0"]

    with pytest.raises(ValueError, match=r"got \['none'\]. Its modules are \['embedd"):
        hidden_states(model, ["none"], batches())
    with pytest.raises(DataError, match="at least one row"):
        hidden_states(model, layers, [])
    # A plain tower applies its ReLU inside the map: the module itself is passed by.
    with pytest.raises(DataError, match="reached once for each of 37 rows, got 0"):
        hidden_states(model, ["tower.deep.layers.1"], batches())
    assert torch.is_grad_enabled()
