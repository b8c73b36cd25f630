"""Every model is listed with where it comes from, and what can be set."""

import json

import polars as pl
import pytest

from fieldwise.cli.models import ORDERS, argument_meanings, source_of
from fieldwise.models import MODELS, model_arguments


def test_list(command):
    result = command("models")

    rows = result.output.splitlines()
    headings = ["name", "idea", "interactions", "parameters", "multiply-adds"]
    assert rows[0].split() == [*headings, "paper", "venue"]
    assert [row.split()[0] for row in rows[1:-2]] == list(MODELS)
    assert any(row.split()[-4:] == ["Cross", "Network", "WWW", "2021"] for row in rows)
    assert "39 fields with 1,000 values each" in rows[-2]


def test_costs_of_the_typical_table(command):
    [facts] = json.loads(command("models", "deepfm", "--json").output)

    # 39,000 features with 16 and 1 weights; a tower of 624-400-400-400 and its head
    tower = 624 * 400 + 400 + 2 * (400 * 400 + 400) + 400 + 1
    assert facts["table_parameters"] == 39_000 * 17
    assert facts["parameters"] == 39_000 * 17 + tower
    # the matrices, and two squares of the machine
    matrices = 624 * 400 + 2 * 400 * 400 + 400
    assert facts["multiply_adds"] == matrices + 16 + 624


def test_costs_of_a_table(command, tmp_path):
    path = tmp_path / "clicks.parquet"
    sites = [f"s{n % 50}" for n in range(1000)]
    pl.DataFrame({"site": sites, "click": [0, 1] * 500}).write_parquet(path)

    result = command("models", "lr", "--data", str(path), "--label", "click")

    assert "cost: 1 parameters and 51 in tables, 0 multiply-adds a row" in result.output
    assert "1 fields, 51 features" in result.output


def test_a_table_needs_a_label(command):
    result = command("models", "--data", "clicks.parquet")

    assert result.exit_code == 2
    assert "--label must name the column to predict" in result.stderr


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
    result = command("models", "dcnv")

    assert result.exit_code == 2
    assert "Did you mean 'dcnv2'?" in result.stderr


def test_class_without_sections():
    class Bare:
        pass

    assert argument_meanings(Bare) == {}
