"""The tensors of a model, without their memory and within bounds."""

import pytest
import torch

from fieldwise.errors import ConfigError, RankerFormatError
from fieldwise.models import MODELS, build_model
from fieldwise.ranker.sketch import kinds, sketch_tensors

MEBIBYTE = 2**20


@pytest.mark.parametrize("name", MODELS)
def test_the_tensors_are_those_of_the_model(name, mixed_schema):
    state = build_model(name, mixed_schema).state_dict()
    size = sum(tensor.nbytes for tensor in state.values())

    found = sketch_tensors(name, mixed_schema, {}, weight_bytes=size)

    assert found == kinds(state)


@pytest.mark.parametrize(
    "arguments",
    [
        {"embedding_dim": 2**24},
        {"hidden_dims": (10**6, 10**6)},
        {"hidden_dims": (1,) * 100_000},
        {"num_cross_layers": 10**9},
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_model_that_is_far_too_large_is_given_up(categorical_schema, arguments):
    with pytest.raises(RankerFormatError, match=r"larger than weights\.safetensors"):
        sketch_tensors("dcnv2", categorical_schema, arguments, weight_bytes=2**12)


def test_the_file_decides_what_is_too_large(categorical_schema):
    wide = {"hidden_dims": (8192, 8192)}  # 2 ** 26 weights, of four bytes each

    with pytest.raises(RankerFormatError):
        sketch_tensors("dnn", categorical_schema, wide, weight_bytes=MEBIBYTE)
    found = sketch_tensors("dnn", categorical_schema, wide, weight_bytes=2**28)

    assert (torch.Size([8192, 8192]), torch.float32) in found.values()


def test_other_errors_are_those_of_the_model(categorical_schema):
    with pytest.raises(ConfigError, match="dcnv3"):
        sketch_tensors("dcnv3", categorical_schema, {}, weight_bytes=MEBIBYTE)


def test_models_are_built_as_ever_afterwards(categorical_schema):
    with pytest.raises(RankerFormatError):
        sketch_tensors(
            "fm", categorical_schema, {"embedding_dim": 2**40}, weight_bytes=1
        )

    assert build_model("fm", categorical_schema).state_dict()
