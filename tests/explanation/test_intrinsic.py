"""One door to what layers say of fields and pairs."""

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError
from fieldwise.explanation import (
    attention_pairs,
    intrinsic_fields,
    intrinsic_pairs,
)
from fieldwise.fitting import fit
from fieldwise.metrics import auc
from fieldwise.models import build_model
from tests.explanation.planted import planted_frame, planted_pair, trained

PAIR = ("hour", "user")
RECIPE = {"num_epochs": 3, "learning_rate": 0.02, "batch_size": 256}
ARGUMENTS = {
    "armnet": {"embedding_dim": 4, "num_heads": 2, "num_neurons": 8},
    "autoint": {"embedding_dim": 4, "num_layers": 1, "num_heads": 2, "head_dim": 4},
    "fcn": {"embedding_dim": 4},
    "dcnv2": {"embedding_dim": 4, "hidden_dims": (8,)},
    "optinter": {"embedding_dim": 4, "hidden_dims": (8,)},
}
METHODS = {
    "armnet": "exponential neurons",
    "autoint": "attention",
    "fcn": "cross weights",
    "dcnv2": "cross weights",
    "optinter": "OptInter",
}


@pytest.fixture(scope="module")
def frame():
    return planted_frame(6_000)


def fitted(frame, model):
    arguments = ARGUMENTS.get(model, {})
    return fit(
        frame, label="click", model=model, model_arguments=arguments, recipe=RECIPE
    )


@pytest.mark.parametrize("model", ARGUMENTS)
def test_every_such_system_tells_its_pairs(frame, model):
    ranker = fitted(frame, model)

    pairs = intrinsic_pairs(ranker, frame.head(500))
    fields = intrinsic_fields(ranker, frame.head(500))

    assert (pairs.unit, pairs.method, len(pairs.names)) == ("pair", METHODS[model], 15)
    assert (fields.unit, fields.names) == ("field", ranker.schema.names)
    # The effect of the site alone may be told as pairs of it.
    assert PAIR in pairs.ranked[:2]
    assert np.isfinite(fields.scores).all()


def test_tasks_of_hiformer_tell_fields_and_no_pairs(frame):
    ranker = fitted(frame.head(300), "hiformer")

    assert intrinsic_fields(ranker, frame.head(20)).method == "attention"
    with pytest.raises(DataError, match=r"got one of 'hiformer'. Use fw.explain"):
        intrinsic_pairs(ranker, frame.head(20))


def test_a_model_without_such_layers_is_refused(frame):
    ranker = fitted(frame.head(300), "lr")

    for tell in (intrinsic_pairs, intrinsic_fields):
        with pytest.raises(DataError, match="whose layers tell pairs, got one of 'lr'"):
            tell(ranker, frame.head(5))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_attention_goes_between_the_fields_of_a_planted_pair(seed):
    dataset = planted_pair(seed)
    torch.manual_seed(seed)
    model = build_model("autoint", dataset.schema, **ARGUMENTS["autoint"])
    model = trained(model, dataset)

    found = attention_pairs(
        model, [dataset.batch(slice(0, 1000))], dataset.schema.names
    )

    is_planted = np.array([name == PAIR for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95
