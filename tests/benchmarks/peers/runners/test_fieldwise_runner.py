"""Every model of the peers' benchmark can be built from the arguments it names."""

import pytest

from benchmarks.peers.runners.fieldwise_runner import ARGUMENTS, OWN_NAMES
from fieldwise.models import model_arguments


@pytest.mark.parametrize("model", ARGUMENTS)
def test_models_have_the_arguments(model):
    known = model_arguments(OWN_NAMES.get(model, model))

    assert {"embedding_dim", "hidden_dims", *ARGUMENTS[model]} <= set(known)
