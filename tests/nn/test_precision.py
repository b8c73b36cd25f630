"""bfloat16 only where the hardware has it, and by itself only where it is faster."""

import pytest
import torch

from fieldwise.nn import precision as home
from fieldwise.nn.fastest_products import FastestProducts
from fieldwise.nn.precision import autocast, bf16_pays, choose_precision


@pytest.fixture
def machine(monkeypatch):
    """A function that sets what the machine has and what was measured."""

    def set_up(*, supported, rates):
        monkeypatch.setattr(home, "supports_bf16", lambda _: supported)
        choice = FastestProducts("onednn", "in a test", rates)
        monkeypatch.setattr(home, "fastest_products", lambda: choice)

    return set_up


@pytest.mark.parametrize(
    ("supported", "bf16", "expected"),
    [(True, 300.0, True), (True, 210.0, False), (False, 300.0, False)],
)
def test_pays_where_it_is_there_and_faster(machine, supported, bf16, expected):
    machine(supported=supported, rates={"native": 100.0, "onednn": 200.0, "bf16": bf16})

    # The bar is 1.1 times the best of the others: 220.
    assert bf16_pays("cpu") == expected
    assert choose_precision("auto", "cpu") == ("bf16" if expected else "float32")


def test_instructions_count_where_nothing_was_measured(machine):
    machine(supported=True, rates={})

    assert bf16_pays("cpu")


def test_a_gpu_is_not_measured(machine):
    machine(supported=True, rates={"native": 1.0, "bf16": 0.1})

    assert bf16_pays("cuda")


@pytest.mark.parametrize("supported", [True, False])
def test_asked_for(machine, supported):
    machine(supported=supported, rates={"native": 100.0, "bf16": 1.0})

    assert choose_precision("float32", "cpu") == "float32"
    if supported:
        assert choose_precision("bf16", "cpu") == "bf16"
        return
    with pytest.raises(ValueError, match=r"got 'bf16' on 'cpu'.*Set precision='auto'"):
        choose_precision("bf16", "cpu")


def test_float32_asks_nobody(monkeypatch):
    monkeypatch.delattr(home, "fastest_products")

    assert choose_precision("float32", "cpu") == "float32"


def test_autocast_turns_on_and_off():
    with autocast("bf16", "cpu"):
        assert torch.is_autocast_enabled("cpu")
        with autocast("float32", "cpu"):
            assert not torch.is_autocast_enabled("cpu")


def test_unknown_precision():
    with pytest.raises(ValueError, match="precision must be one of"):
        choose_precision("fp8", "cpu")
