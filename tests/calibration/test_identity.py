"""IdentityCalibrator is the sigmoid, on both tails."""

import math

import pytest

from fieldwise.calibration import IdentityCalibrator


def test_by_hand():
    low, middle, high = IdentityCalibrator().transform([-math.log(3), 0.0, math.log(3)])

    # odds 1:3, 1:1, 3:1
    assert (low, middle, high) == pytest.approx((0.25, 0.5, 0.75), abs=1e-15)


def test_tails_are_exact():
    low, high = IdentityCalibrator().transform([-700.0, 40.0])

    assert low == pytest.approx(math.exp(-700), rel=1e-12)
    assert high == 1
