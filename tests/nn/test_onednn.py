"""The private operator: what it lacks is noticed, not met later."""

import pytest
import torch

from fieldwise.nn import _onednn


@pytest.fixture(autouse=True)
def fresh():
    _onednn.is_available.cache_clear()
    yield
    _onednn.is_available.cache_clear()


@pytest.mark.parametrize(
    "error", [AttributeError, NotImplementedError, RuntimeError, TypeError]
)
def test_absent(monkeypatch, error):
    def pointwise(*_, **__):
        raise error

    monkeypatch.setattr(_onednn, "_pointwise", pointwise)

    assert not _onednn.is_available()


def test_present_but_another_meaning(monkeypatch):
    monkeypatch.setattr(_onednn, "_pointwise", lambda x, w, b, relu: x @ w.t())

    assert not _onednn.is_available()


def test_asked_first_under_autocast():
    plain = _onednn.is_available()
    _onednn.is_available.cache_clear()

    with torch.autocast("cpu", torch.bfloat16):
        assert _onednn.is_available() == plain
