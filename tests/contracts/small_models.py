"""Small models for the contract tests."""

import torch

from fieldwise.models import build_model, model_arguments

EMBEDDING_DIM = 4
HIDDEN_DIMS = (8, 6)
SMALL = {
    "embedding_dim": EMBEDDING_DIM,
    "hidden_dims": HIDDEN_DIMS,
    "num_neurons": 6,
    "deep_hidden_dims": (5,),
    "block_dim": 8,
    "gate_hidden_dims": (5,),
    "second_hidden_dims": (4,),
    "num_feature_maps": (5, 3),
    "num_channels": (3, 2),
    "token_dim": 8,
}
"""Settings of every small model, where a model has them; others are the defaults."""


def make_model(name, schema, *, seed=0, **wanted):
    """A small model; settings a model does not have are left out."""
    torch.manual_seed(seed)
    settings = SMALL | wanted
    known = model_arguments(name)
    return build_model(
        name, schema, **{k: v for k, v in settings.items() if k in known}
    )
