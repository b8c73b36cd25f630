"""Which fits there are, in which order, and with which settings."""

import pytest

from fieldwise.comparison.plan import Job, Plan, choose_models
from fieldwise.errors import ConfigError
from fieldwise.models import MODELS
from fieldwise.training import FitSettings, Recipe


def test_every_model_once_before_any_model_again():
    plan = Plan({name: FitSettings(model=name) for name in ("fm", "lr")}, 2)

    assert [str(job) for job in plan.jobs] == [
        "fm, seed 0",
        "lr, seed 0",
        "fm, seed 1",
        "lr, seed 1",
    ]
    assert plan.models == ("fm", "lr")


@pytest.mark.parametrize("recipe", [{"seed": 5, "num_epochs": 2}, Recipe(seed=5)])
def test_the_seed_of_the_recipe_is_the_first(recipe):
    settings = FitSettings(model="lr", recipe=recipe)
    plan = Plan({"lr": settings}, 2)

    assert plan.first_seed == 5
    assert [plan.settings_of(job).seed for job in plan.jobs] == [5, 6]
    recipes = [
        plan.settings_of(job).full_recipe(num_rows=10, num_features=3)
        for job in plan.jobs
    ]
    assert len({recipe.num_epochs for recipe in recipes}) == 1


def test_problems_stand_once():
    both = {name: FitSettings(model=name, calibration="x") for name in ("fm", "lr")}
    wrong = {"fm": FitSettings(model="fm", model_arguments={"depth": 3})}

    assert len(Plan(both, 1).problems()) == 1
    assert "depth" in Plan(wrong, 1).problems()[0]
    with pytest.raises(ValueError, match="seeds must be positive, got 0"):
        Plan(both, 0)


def test_names():
    assert choose_models("all") == tuple(MODELS)
    assert choose_models(["lr", "fm", "lr"]) == ("lr", "fm")
    assert choose_models(" lr , fm,") == ("lr", "fm")


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ("dcn2", r"got 'dcn2'. Did you mean 'dcnv2'\?"),
        ("lr,FM", r"got 'FM'. Did you mean 'fm'\?"),
        ("lr,zzzzz", "got 'zzzzz'.$"),
        ("", "at least one model"),
        ([], "at least one model"),
        ("lr,all", "got 'all'"),
    ],
)
def test_names_of_no_model(models, message):
    with pytest.raises(ConfigError, match=message):
        choose_models(models)


def test_all_wrong_names_are_listed():
    with pytest.raises(ConfigError, match=r"got 'x1'.*got 'x2'"):
        choose_models("x1,x2")


def test_jobs_are_ordered_by_seed():
    assert sorted([Job(1, "a"), Job(0, "b")]) == [Job(0, "b"), Job(1, "a")]
