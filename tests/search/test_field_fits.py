import numpy as np
import pytest

from fieldwise.comparison.plan import Job
from fieldwise.errors import ConfigError
from fieldwise.importance import Importance
from fieldwise.search.field_fits import (
    FieldFits,
    default_grid,
    field_set,
    read_grid,
)
from fieldwise.training import FitSettings

NAMES = ("a", "b", "c", "d")


def order(*scores):
    return Importance("field", NAMES, np.array(scores, float), "share", "by hand")


def test_equal_sets_are_fitted_once():
    # Both keep a and b first, in another order; at 1 they differ.
    orders = {Job(0, "x"): order(4, 3, 2, 1), Job(0, "y"): order(3, 4, 2, 1)}

    fits = FieldFits.of(FitSettings(model="lr"), orders, (1, 2), whole=[0, 1])

    kept = [(job.seed, fits.fields[job.model]) for job in fits.jobs]
    assert sorted(kept) == [
        *((0, ("a",)), (0, ("a", "b")), (0, NAMES), (0, ("b",))),
        (1, NAMES),
    ]
    assert [job.seed for job in fits.jobs] == [0, 0, 0, 0, 1]


def test_all_fields_in_the_grid_are_the_fit_of_all_fields():
    fits = FieldFits.of(
        FitSettings(model="lr"), {Job(0, "x"): order(4, 3, 2, 1)}, (4,), whole=[0]
    )

    assert fits.jobs == (Job(0, field_set(NAMES)),)


def test_a_fit_has_the_seed_of_its_job():
    settings = FitSettings(model="lr", recipe={"num_epochs": 2, "seed": 9})
    fits = FieldFits.of(settings, {Job(3, "x"): order(4, 3, 2, 1)}, (1,))

    assert fits.settings_of(fits.jobs[0]).recipe == {"num_epochs": 2, "seed": 3}


def test_names_of_sets():
    assert field_set(["a", "b"]) == field_set(("b", "a"))
    assert field_set(["a", "b"]) != field_set(["a, b", "c"])
    assert field_set(["../x"]).startswith("1-fields-")
    assert "/" not in field_set(["../x"])


@pytest.mark.parametrize("num_fields", range(1, 60))
def test_default_grid_grows_below_all_fields(num_fields):
    grid = default_grid(num_fields)

    assert list(grid) == sorted(set(grid))
    assert 1 <= len(grid) <= 5
    assert grid[-1] < num_fields or grid == (num_fields,) == (1,)


@pytest.mark.parametrize("k", ["5,x", "0,5", "-1", "2.5"])
def test_no_numbers(k):
    with pytest.raises(ConfigError, match="k must be positive numbers with commas"):
        read_grid(k, 10)


def test_more_fields_than_there_are():
    with pytest.raises(ConfigError, match=r"up to 10, which .* got \[5, 20\]"):
        read_grid("20,5", 10)
    with pytest.raises(ConfigError, match="up to 10"):
        read_grid([], 10)
