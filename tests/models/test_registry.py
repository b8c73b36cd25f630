"""The table of models, and building one by name."""

import inspect

import pytest
import torch
from torch import nn

from fieldwise import models
from fieldwise.errors import ConfigError
from fieldwise.models import DNN, MODELS, build_model, model_arguments


def test_every_model_is_in_the_table():
    exported = {
        thing
        for thing in map(models.__dict__.get, models.__all__)
        if inspect.isclass(thing) and issubclass(thing, nn.Module)
    }

    assert set(MODELS.values()) == exported


@pytest.mark.parametrize("name", MODELS)
def test_names_are_the_classes_in_lower_case(name):
    assert MODELS[name].__name__.lower() == name


@pytest.mark.parametrize("name", MODELS)
def test_every_argument_beside_the_schema_has_a_default(name, categorical_schema):
    arguments = model_arguments(name)

    assert "schema" not in arguments
    assert isinstance(build_model(name, categorical_schema, **arguments), MODELS[name])


def test_arguments_and_defaults():
    assert model_arguments("lr") == {}
    assert model_arguments("fm") == {"embedding_dim": 16}
    assert model_arguments("dnn") == {
        "embedding_dim": 16,
        "hidden_dims": (400, 400, 400),
        "dropout": 0.0,
        "batch_norm": False,
    }


def test_changing_the_defaults_of_one_caller_changes_no_other():
    model_arguments("fm")["embedding_dim"] = 1

    assert model_arguments("fm") == {"embedding_dim": 16}


def test_builds_what_calling_the_class_builds(categorical_schema, categorical_batch):
    settings = {"embedding_dim": 3, "hidden_dims": (4,), "dropout": 0.1}
    torch.manual_seed(0)
    expected = DNN(categorical_schema, **settings).eval()
    torch.manual_seed(0)

    model = build_model("dnn", categorical_schema, **settings).eval()

    assert torch.equal(model(categorical_batch), expected(categorical_batch))


@pytest.mark.parametrize("call", [model_arguments, build_model])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("deepfn", r" Did you mean 'deepfm'\?$"),
        ("dcnv", r" Did you mean 'dcnv2'\?$"),
        ("DeepFM", r" Did you mean 'deepfm'\?$"),
        ("gradient_boosting", r"got 'gradient_boosting'\.$"),
    ],
)
def test_unknown_model_is_told_the_nearest(call, name, hint, categorical_schema):
    arguments = (name,) if call is model_arguments else (name, categorical_schema)

    with pytest.raises(ConfigError, match=hint) as caught:
        call(*arguments)

    assert str(caught.value).startswith(f"model must be one of {list(MODELS)}, got ")


def test_unknown_arguments_are_told_together(categorical_schema):
    with pytest.raises(ConfigError) as caught:
        build_model("fm", categorical_schema, embedding_dims=4, hidden_dims=(8,))

    assert str(caught.value) == (
        "arguments of model 'fm' must be among ['embedding_dim'], "
        "got ['embedding_dims', 'hidden_dims']. Did you mean 'embedding_dim'?"
    )
