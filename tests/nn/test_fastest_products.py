"""fastest_products: who decides, and that it is asked once."""

import pytest
import torch

from fieldwise.nn import _kept_rates
from fieldwise.nn import fastest_products as home
from fieldwise.nn._onednn import is_available
from fieldwise.nn.arithmetic import products_by
from fieldwise.nn.fastest_products import fastest_products

AHEAD = {"native": 100.0, "onednn": 200.0, "bf16": 300.0}
LEVEL = {"native": 100.0, "onednn": 110.0}


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No earlier outcome, in memory or on disk."""
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(home.VARIABLE, raising=False)
    monkeypatch.setattr(home, "is_available", lambda: True)
    home._measured.cache_clear()
    yield
    home._measured.cache_clear()


@pytest.fixture
def measure(monkeypatch):
    """Sets what the trial will find; holds how often it was made."""

    class Trial:
        rates = AHEAD
        count = 0

        def __call__(self):
            self.count += 1
            return self.rates

    trial = Trial()
    monkeypatch.setattr(home, "_measure", trial)
    return trial


@pytest.mark.parametrize(("rates", "backend"), [(AHEAD, "onednn"), (LEVEL, "native")])
def test_takes_what_is_clearly_faster(measure, rates, backend):
    measure.rates = rates

    choice = fastest_products()

    # 200 / 100 is above the bar of 1.15, 110 / 100 is not.
    assert choice.backend == backend
    assert choice.rates == rates
    assert "oneDNN" in choice.describe()
    assert choice.describe().endswith("measured now)")


def test_measures_once_per_machine(measure):
    first, second = fastest_products(), fastest_products()
    home._measured.cache_clear()
    measure.rates = LEVEL

    later = fastest_products()

    assert measure.count == 1
    assert first == second
    assert (later.backend, later.rates) == ("onednn", AHEAD)
    assert later.describe().endswith("measured earlier)")


def test_a_choice_that_cannot_be_kept_is_made_again(measure, tmp_path):
    (tmp_path / "cache-arithmetic.json").mkdir()

    assert fastest_products().backend == "onednn"


@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_a_block_decides_first(measure, monkeypatch, backend):
    monkeypatch.setenv(home.VARIABLE, "nonsense")

    with products_by(backend):
        choice = fastest_products()

    assert (choice.backend, measure.count) == (backend, 0)
    assert "products_by" in choice.describe()


@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_then_the_environment(measure, monkeypatch, backend):
    monkeypatch.setenv(home.VARIABLE, backend)

    choice = fastest_products()

    assert (choice.backend, measure.count) == (backend, 0)
    assert "FIELDWISE_FLOAT32" in choice.describe()


def test_auto_in_the_environment_measures(measure, monkeypatch):
    monkeypatch.setenv(home.VARIABLE, "auto")

    assert fastest_products().rates == AHEAD


def test_unknown_library_in_the_environment(monkeypatch):
    monkeypatch.setenv(home.VARIABLE, "blas")

    with pytest.raises(ValueError, match="FIELDWISE_FLOAT32 must be one of"):
        fastest_products()


def test_nothing_to_choose_from(measure, monkeypatch):
    monkeypatch.setattr(home, "is_available", lambda: False)

    choice = fastest_products()

    assert (choice.backend, measure.count) == ("native", 0)
    assert "torch's own" in choice.describe()


@pytest.mark.skipif(not is_available(), reason="this torch keeps oneDNN to itself")
def test_the_trial_leaves_no_trace():
    torch.manual_seed(0)
    expected = torch.rand(3)
    num_threads = torch.get_num_threads()
    torch.manual_seed(0)

    with torch.autocast("cpu", torch.bfloat16), torch.inference_mode():
        rates = home._measure()

    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == num_threads
    assert {"native", "onednn"} <= set(rates) <= _kept_rates.KINDS
    assert all(rate > 0 for rate in rates.values())
