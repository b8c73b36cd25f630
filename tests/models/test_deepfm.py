"""DeepFM is FM plus DNN on one table, with one bias."""

from dataclasses import replace

import torch

from fieldwise.models.deepfm import DeepFM
from fieldwise.models.dnn import DNN
from fieldwise.models.fm import FM
from fieldwise.schema import Label
from tests.models.by_loop import randomise, set_neuron


def test_is_the_sum_of_its_parts(mixed_schema, mixed_batch, to_double):
    batch = to_double(mixed_batch)
    sizes = {"embedding_dim": 3, "hidden_dims": (5, 4)}
    model = randomise(DeepFM(mixed_schema, **sizes).double())
    machine = FM(mixed_schema, embedding_dim=3).double()
    tower = DNN(mixed_schema, **sizes).double()
    for part in (machine, tower):
        part.embedding.load_state_dict(model.embedding.state_dict())
    machine.linear.load_state_dict(model.linear.state_dict())
    tower.tower.load_state_dict(model.tower.state_dict())

    logits = model(batch)

    # Both parts equal a loop in their own tests; the machine's own bias starts at zero.
    expected = machine(batch) + tower(batch)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = DeepFM(schema, embedding_dim=1, hidden_dims=(1,))
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
        model.linear.weights.table.fill_(0.25)
    set_neuron(model.tower, [1.0, -1.0])
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # weights .25 + .25, pair 3 * 6, tower 2 relu(3 - 6 + 10), bias 100
    assert model(batch).tolist() == [0.5 + 18 + 14 + 100]


def test_each_label_has_a_machine_of_its_own(
    categorical_schema, categorical_batch, to_double
):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    model = randomise(DeepFM(schema, embedding_dim=3, hidden_dims=(4,)).double())
    batch = to_double(categorical_batch)
    x = model.embedding(batch)
    deep = model.tower(x.flatten(start_dim=1))

    shallow = model(batch) - deep

    for task in (0, 1):
        mine = x[:, :, 3 * task : 3 * task + 3]
        pairs = sum(
            (mine[:, i] * mine[:, j]).sum(dim=-1) for i, j in ((0, 1), (0, 2), (1, 2))
        )
        expected = pairs + model.linear(batch)[:, task]
        torch.testing.assert_close(shallow[:, task], expected, rtol=0, atol=1e-10)
