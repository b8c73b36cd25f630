"""Every model is listed with where it comes from, and what can be set."""

import pytest

from fieldwise.cli.models import ORDERS, argument_meanings, source_of
from fieldwise.models import MODELS, model_arguments


def test_list(command):
    result = command("models")

    rows = result.output.splitlines()
    assert rows[0].split() == ["name", "idea", "interactions", "paper", "venue"]
    assert [row.split()[0] for row in rows[1:-1]] == list(MODELS)
    assert any(row.split()[-4:] == ["Cross", "Network", "WWW", "2021"] for row in rows)


def test_orders_of_every_model():
    assert set(ORDERS) == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_source(name):
    title, venue = source_of(MODELS[name])

    assert len(title) > 10
    assert venue.split()[-1].isdigit()


@pytest.mark.parametrize("name", MODELS)
def test_every_argument_has_a_meaning(name):
    meanings = argument_meanings(MODELS[name])

    assert set(meanings) == {"schema", *model_arguments(name)}
    assert all(len(text) > 8 and "\n" not in text for text in meanings.values())


def test_arguments_of_one(command):
    result = command("models", "dcnv2")

    assert "num_cross_layers  3" in result.output
    assert "depth of the cross network" in result.output
    assert "Differences from the paper" in result.output
    assert result.output.endswith("set one with --set model.embedding_dim=16\n")


def test_no_arguments(command):
    assert "It has no arguments." in command("models", "lr").output


def test_unknown_model(command):
    result = command("models", "dcn")

    assert result.exit_code == 2
    assert "Did you mean 'dcnv2'?" in result.stderr


def test_class_without_sections():
    class Bare:
        pass

    assert argument_meanings(Bare) == {}
