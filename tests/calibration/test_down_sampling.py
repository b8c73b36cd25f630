"""Down-sampled negatives: the closed form, its logit, and a simulation."""

import numpy as np
import pytest

from fieldwise.calibration import (
    IdentityCalibrator,
    PlattCalibrator,
    correct_down_sampling,
    down_sampling_logit_shift,
)
from fieldwise.errors import DataError
from fieldwise.metrics import calibration_ratio, expected_calibration_error


def test_by_hand():
    value = correct_down_sampling([0.5, 0.0, 1.0, 0.75], negative_rate=0.5)

    # odds 1, 0, inf and 3, each times 0.5: 1/2, 0, inf and 3/2
    assert value == pytest.approx([1 / 3, 0, 1, 0.6], abs=1e-15)


def test_everything_kept_changes_nothing():
    probabilities = np.linspace(0, 1, 11)

    corrected = correct_down_sampling(probabilities, negative_rate=1.0)

    np.testing.assert_allclose(corrected, probabilities, rtol=1e-15)
    assert down_sampling_logit_shift(1.0) == 0


@pytest.mark.parametrize("rate", [1e-300, 1e-3, 0.2, 1.0])
def test_both_forms_agree(rate):
    logits = np.linspace(-20, 20, 101)
    sigmoid = IdentityCalibrator().transform

    corrected = correct_down_sampling(sigmoid(logits), negative_rate=rate)

    shifted = sigmoid(logits + down_sampling_logit_shift(rate))
    np.testing.assert_allclose(corrected, shifted, rtol=1e-6)


def test_simulated_log():
    rng = np.random.default_rng(0)
    logits = rng.normal(-2, 1, 60_000)
    labels = rng.random(60_000) < 1 / (1 + np.exp(-logits))
    kept = labels | (rng.random(60_000) < 0.1)

    sampled = PlattCalibrator().fit(logits[kept], labels[kept]).transform(logits)
    corrected = correct_down_sampling(sampled, negative_rate=0.1)

    assert calibration_ratio(labels, sampled) > 2
    assert calibration_ratio(labels, corrected) == pytest.approx(1, abs=0.03)
    assert expected_calibration_error(labels, corrected, binning="mass") < 0.01


def test_no_rows():
    assert correct_down_sampling([], negative_rate=0.5).shape == (0,)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan")])
def test_rate_is_a_share(rate):
    message = r"negative_rate must be a share in \(0, 1\], got"
    with pytest.raises(ValueError, match=message):
        correct_down_sampling([0.5], negative_rate=rate)
    with pytest.raises(ValueError, match=message):
        down_sampling_logit_shift(rate)


def test_logits_are_refused():
    with pytest.raises(DataError, match=r"probabilities must be in \[0, 1\], got 3.0"):
        correct_down_sampling([3.0], negative_rate=0.5)
