"""What reaches a layer, shown and then forgotten."""

import pytest
import torch
from torch import nn

from fieldwise.errors import DataError
from fieldwise.explanation.layer_inputs import find_layer, show_inputs
from fieldwise.models.dcnv2 import DCNv2
from fieldwise.nn.interactions.cross_network import CrossNetwork

SMALL = {"embedding_dim": 2, "num_cross_layers": 1, "hidden_dims": (3,)}


def test_shows_what_the_layer_reads(categorical_schema, random_batch):
    model = DCNv2(categorical_schema, **SMALL).train()
    batches = [random_batch(categorical_schema, rows, rows) for rows in (4, 2)]
    shown = []

    def show(x):
        shown.append((x, model.training, torch.is_grad_enabled()))

    show_inputs(model, find_layer(model, CrossNetwork), iter(batches), show)

    assert [told for _, *told in shown] == [[False, False]] * 2
    for (x, *_), batch in zip(shown, batches, strict=True):
        assert torch.equal(x, model.embedding(batch).flatten(start_dim=1))
    assert model.training


def test_shows_the_batch_itself(categorical_schema, categorical_batch):
    model = DCNv2(categorical_schema, **SMALL)
    shown = []

    show_inputs(model, model, [categorical_batch], shown.append)

    assert shown == [categorical_batch]
    assert not model._forward_pre_hooks


def test_forgets_after_an_error(categorical_schema, categorical_batch):
    model = DCNv2(categorical_schema, **SMALL)

    def refuse(batch):
        raise KeyError(len(batch))

    with pytest.raises(KeyError):
        show_inputs(model, model, [categorical_batch], refuse)
    assert not model._forward_pre_hooks


def test_there_must_be_rows(categorical_schema):
    model = DCNv2(categorical_schema, **SMALL)

    with pytest.raises(DataError, match="batches must hold at least one row, got none"):
        show_inputs(model, model, [], lambda batch: None)


def test_there_must_be_such_a_layer(categorical_schema):
    model = DCNv2(categorical_schema, **SMALL)

    with pytest.raises(ValueError, match=r"model must have a layer GRU, got DCNv2\."):
        find_layer(model, nn.GRU)
