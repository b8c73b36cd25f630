"""Calibrators as layers equal the calibrators."""

import numpy as np
import pytest
import torch

from fieldwise.calibration import CALIBRATORS, IsotonicCalibrator
from fieldwise.ranker.evaluation import to_values
from fieldwise.schema import Label
from fieldwise.serving.export.calibration import calibration_layer

LOGITS = np.concatenate([np.linspace(-9, 9, 61), [-800.0, 800.0, 0.0, 1e-12]])
BINARY = Label("click", "binary", positive=1)


def fitted(name):
    generator = np.random.default_rng(0)
    logits = np.concatenate([generator.normal(size=200), LOGITS[:61]])
    labels = generator.random(len(logits)) < 1 / (1 + np.exp(1 - logits))
    return CALIBRATORS[name]().fit(logits, labels.astype(int))


@pytest.mark.parametrize("name", CALIBRATORS)
@pytest.mark.parametrize("negative_rate", [1.0, 0.1])
def test_layer_equals_the_calibrator(name, negative_rate):
    calibrator = fitted(name)
    # Logits on the thresholds themselves, too.
    asked = np.append(LOGITS, getattr(calibrator, "logit_thresholds_", []))

    layer = calibration_layer(BINARY, calibrator, negative_rate)

    wanted = to_values(
        asked[:, np.newaxis], [BINARY], [calibrator], negative_rate=negative_rate
    )
    found = layer(torch.from_numpy(asked)).numpy()
    np.testing.assert_allclose(found, wanted[:, 0], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("num_rows", [2, 5])
def test_isotonic_with_few_thresholds_or_none(num_rows):
    logits = np.zeros(num_rows) if num_rows == 5 else np.array([0.0, 1.0])
    labels = np.arange(num_rows) % 2
    calibrator = IsotonicCalibrator().fit(logits, labels)

    layer = calibration_layer(BINARY, calibrator, 1.0)

    found = layer(torch.from_numpy(LOGITS)).numpy()
    np.testing.assert_allclose(found, calibrator.transform(LOGITS), rtol=1e-9)


def test_one_threshold():
    calibrator = IsotonicCalibrator.from_dict(
        {
            "name": "isotonic",
            "logit_thresholds": [0.5],
            "probability_thresholds": [0.3],
            "shift": 0.0,
        }
    )

    layer = calibration_layer(BINARY, calibrator, 1.0)

    found = layer(torch.from_numpy(LOGITS)).numpy()
    assert set(found.tolist()) == {0.3}


def test_real_label_gets_its_unit_back():
    label = Label("spent", "real", center=40.0, scale=9.0)

    layer = calibration_layer(label, None, 0.1)

    # 2 * 9 + 40: the sampling of negatives is nothing to a real label.
    assert layer(torch.tensor([2.0], dtype=torch.float64)).tolist() == [58.0]
