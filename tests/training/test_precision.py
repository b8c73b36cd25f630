"""bfloat16 only where the hardware has it."""

import pytest
import torch

from fieldwise.nn import precision
from fieldwise.nn.fastest_products import FastestProducts
from fieldwise.training._precision import _device_type, open_fabric


@pytest.fixture(params=[True, False], ids=["bf16", "no-bf16"])
def hardware(request, monkeypatch):
    """A machine with fast bfloat16, or one without any."""
    rates = {"native": 1.0, "onednn": 1.0, "bf16": 2.0}
    choice = FastestProducts("native", "in a test", rates)
    monkeypatch.setattr(precision, "fastest_products", lambda: choice)
    monkeypatch.setattr(precision, "supports_bf16", lambda _: request.param)
    return request.param


def test_auto_takes_what_there_is(hardware):
    fabric, chosen = open_fabric("cpu", "auto")

    assert chosen == ("bf16" if hardware else "float32")
    with fabric.autocast():
        assert torch.is_autocast_enabled("cpu") == hardware


def test_fabric_takes_the_device_that_decided():
    fabric, _ = open_fabric("auto", "auto")

    assert fabric.device.type == _device_type("auto")


def test_float32_is_float32(hardware):
    fabric, chosen = open_fabric("cpu", "float32")

    assert chosen == "float32"
    with fabric.autocast():
        assert not torch.is_autocast_enabled("cpu")


def test_asked_for_and_absent(hardware):
    if hardware:
        assert open_fabric("cpu", "bf16")[1] == "bf16"
        return
    with pytest.raises(ValueError, match=r"got 'bf16' on 'cpu'.*Set precision='auto'"):
        open_fabric("cpu", "bf16")


def test_opening_prints_nothing(capfd):
    open_fabric("cpu", "auto")

    assert capfd.readouterr() == ("", "")
