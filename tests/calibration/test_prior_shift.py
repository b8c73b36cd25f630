"""Another label rate: by hand, beside down-sampling, errors."""

import numpy as np
import pytest

from fieldwise.calibration import down_sampling_logit_shift, prior_logit_shift


def test_by_hand():
    # Odds of 1 become odds of 1 / 9.
    assert prior_logit_shift(trained_rate=0.5, rate=0.1) == pytest.approx(-np.log(9))
    assert prior_logit_shift(trained_rate=0.3, rate=0.3) == 0


def test_dropping_negatives_is_a_special_case():
    # Of 100 positives and 900 negatives a third of the negatives is kept.
    shift = prior_logit_shift(trained_rate=100 / 400, rate=0.1)

    assert shift == pytest.approx(down_sampling_logit_shift(1 / 3))


@pytest.mark.parametrize("name", ["trained_rate", "rate"])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_refused(name, value):
    rates = {"trained_rate": 0.5, "rate": 0.5} | {name: value}

    with pytest.raises(ValueError, match=rf"{name} must be a share in \(0, 1\), got"):
        prior_logit_shift(**rates)
