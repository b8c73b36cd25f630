"""bfloat16 only where the hardware has it."""

import pytest
import torch

from fieldwise.training import _precision
from fieldwise.training._precision import open_fabric, supports_bf16


@pytest.fixture(params=[True, False], ids=["bf16", "no-bf16"])
def hardware(request, monkeypatch):
    monkeypatch.setattr(_precision, "supports_bf16", lambda _: request.param)
    return request.param


def test_auto_takes_what_there_is(hardware):
    fabric, precision = open_fabric("cpu", "auto")

    assert precision == ("bf16" if hardware else "float32")
    with fabric.autocast():
        assert torch.is_autocast_enabled("cpu") == hardware


def test_float32_is_float32(hardware):
    fabric, precision = open_fabric("cpu", "float32")

    assert precision == "float32"
    with fabric.autocast():
        assert not torch.is_autocast_enabled("cpu")


def test_asked_for_and_absent(hardware):
    if hardware:
        assert open_fabric("cpu", "bf16")[1] == "bf16"
        return
    with pytest.raises(ValueError, match=r"got 'bf16' on 'cpu'.*Set precision='auto'"):
        open_fabric("cpu", "bf16")


def test_devices_nobody_can_check_have_none():
    assert not supports_bf16("mps")
    assert isinstance(supports_bf16("cpu"), bool)


def test_opening_prints_nothing(capfd):
    open_fabric("cpu", "auto")

    assert capfd.readouterr() == ("", "")
