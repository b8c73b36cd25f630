"""Transport: by hand, as a linear program, prices."""

import sys

import numpy as np
import pytest
from scipy.optimize import linprog

from fieldwise.errors import MissingExtraError
from fieldwise.selection.transport import distances, transport


def unit(seed, num_rows, dim=3):
    found = np.random.default_rng(seed).normal(size=(num_rows, dim))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_same_rows_cost_nothing():
    pytest.importorskip("ot")
    rows = unit(0, 20)

    assert transport(rows, rows[::-1]).cost == pytest.approx(0.0, abs=1e-7)


def test_cost_equals_a_linear_program():
    pytest.importorskip("ot")
    rows, targets = unit(0, 8), unit(1, 6)

    found = transport(rows, targets)

    costs = distances(rows, targets)
    leaving = np.kron(np.eye(8), np.ones(6))
    arriving = np.kron(np.ones(8), np.eye(6))
    solved = linprog(
        costs.ravel(),
        A_eq=np.vstack([leaving, arriving]),
        b_eq=np.concatenate([np.full(8, 1 / 8), np.full(6, 1 / 6)]),
    )
    assert found.cost == pytest.approx(solved.fun, rel=1e-6)


def test_a_low_price_fills_what_targets_lack():
    # Nine of ten rows stand at one of two targets.
    pytest.importorskip("ot")
    targets = np.array([[1.0, 0.0], [0.0, 1.0]])
    rows = targets[[0] * 9 + [1]]

    prices = transport(rows, targets).prices

    assert prices[9] < prices[:9].min() - 1.0


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ot", None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'fieldwise\[selection\]'"
    ):
        transport(unit(0, 2), unit(1, 2))
