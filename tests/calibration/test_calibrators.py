"""What every calibrator promises; each one in CALIBRATORS runs through all of it."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwise.calibration import CALIBRATORS, load_calibrator
from fieldwise.errors import DataError, NotFittedError, RankerFormatError, ShapeError
from fieldwise.metrics import (
    auc,
    calibration_ratio,
    expected_calibration_error,
    log_loss,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)

each = pytest.mark.parametrize("kind", CALIBRATORS.values(), ids=CALIBRATORS)
fitted = pytest.mark.parametrize(
    "kind", [CALIBRATORS[name] for name in ("platt", "beta", "isotonic")]
)


def draw_rows(num_rows, *, seed=0):
    """A model twice as sure as it should be: the true logit is 0.5 z - 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1, 2, num_rows)
    probabilities = 1 / (1 + np.exp(1 - 0.5 * logits))
    return logits, (rng.random(num_rows) < probabilities).astype(float)


def states():
    logits, labels = draw_rows(60)
    one_class = [kind().fit(logits, labels * 0) for kind in CALIBRATORS.values()]
    two_classes = [kind().fit(logits, labels) for kind in CALIBRATORS.values()]
    return [calibrator.to_dict() for calibrator in one_class + two_classes]


@each
def test_name_is_the_key(kind):
    assert CALIBRATORS[kind.name] is kind


@fitted
def test_planted_miscalibration_is_mended(kind):
    logits, labels = draw_rows(20_000)
    new_logits, new_labels = draw_rows(20_000, seed=1)

    calibrator = kind().fit(logits, labels)

    before = 1 / (1 + np.exp(-new_logits))
    after = calibrator.transform(new_logits)
    assert expected_calibration_error(new_labels, before) > 0.1
    assert expected_calibration_error(new_labels, after) < 0.02
    assert log_loss(new_labels, after) < log_loss(new_labels, before) - 0.05
    assert calibration_ratio(new_labels, after) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("name", ["identity", "platt", "beta"])
@pytest.mark.parametrize("upside_down", [False, True])
def test_auc_stays(name, upside_down):
    logits, labels = draw_rows(3000)
    seen = 1 - labels if upside_down else labels

    probabilities = CALIBRATORS[name]().fit(logits, seen).transform(logits)

    assert auc(labels, probabilities) == pytest.approx(auc(labels, logits), abs=1e-12)


@each
def test_probabilities_rise_with_the_logit(kind):
    calibrator = kind().fit(*draw_rows(500))

    probabilities = calibrator.transform(np.linspace(-30, 30, 2001))

    assert probabilities.dtype == np.float64
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert (np.diff(probabilities) >= 0).all()


@each
def test_unit_of_the_weights_does_not_count(kind):
    logits, labels = draw_rows(300)
    weights = np.random.default_rng(1).random(300)

    one = kind().fit(logits, labels, weights=weights).transform(logits)
    other = kind().fit(logits, labels, weights=weights * 1e-6).transform(logits)

    np.testing.assert_allclose(one, other, rtol=1e-6)


@each
def test_rows_without_weight_do_not_count(kind):
    logits, labels = draw_rows(200)
    weights = np.repeat([2.0, 0.0], 100)

    one = kind().fit(logits, labels, weights=weights).transform(logits)
    other = kind().fit(logits[:100], labels[:100]).transform(logits)

    np.testing.assert_allclose(one, other, rtol=1e-9)


@fitted
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("num_rows", [1, 2, 40])
def test_one_class_shifts_the_logits(kind, label, num_rows):
    logits, _ = draw_rows(num_rows)

    calibrator = kind().fit(logits, np.full(num_rows, label))
    probabilities = calibrator.transform(logits)

    # Platt's targets: (n + 1) / (n + 2) of label 1, 1 / (n + 2) of label 0
    expected = (num_rows + 1) / (num_rows + 2) if label else 1 / (num_rows + 2)
    assert probabilities.mean() == pytest.approx(expected, rel=1e-6)
    shifts = np.log(probabilities / (1 - probabilities)) - logits
    np.testing.assert_allclose(shifts, shifts[0], atol=1e-9)


@fitted
def test_constant_logits_shift_the_logits(kind):
    calibrator = kind().fit(np.full(8, 0.1), [1, 0, 0, 0, 0, 0, 1, 0])

    low, middle, high = calibrator.transform([-1.0, 0.1, 2.0])

    # two of label 1 at (2 + 1) / (2 + 2), six of label 0 at 1 / (6 + 2)
    assert middle == pytest.approx((2 * 3 / 4 + 6 / 8) / 8)
    assert low < middle < high


@each
@pytest.mark.parametrize(
    "logits",
    [
        np.linspace(-1e6, 1e6, 20),
        np.linspace(30, 60, 20),
        np.linspace(-900, -700, 20),
        np.linspace(-1e-9, 1e-9, 20),
        np.linspace(-3e38, 3e38, 20),
        np.append(np.zeros(19), 1e5),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_strange_logits_are_survived(kind, logits, seed):
    labels = np.random.default_rng(seed).integers(0, 2, 20)

    probabilities = kind().fit(logits, labels).transform(logits)

    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@each
def test_separable_rows_have_a_finite_loss(kind):
    logits = np.linspace(-2, 2, 100)

    probabilities = kind().fit(logits, logits > 0).transform(-logits)

    assert log_loss(logits > 0, probabilities) < 10


@each
def test_no_new_rows(kind):
    assert kind().fit([0.0, 1.0], [1, 0]).transform([]).shape == (0,)


@pytest.mark.parametrize("state", states())
def test_json_round_trip_is_exact(state):
    logits, _ = draw_rows(500, seed=3)
    calibrator = CALIBRATORS[state["name"]].from_dict(state)

    loaded = load_calibrator(json.loads(json.dumps(state, allow_nan=False)))

    assert type(loaded) is type(calibrator)
    assert loaded.to_dict() == state
    np.testing.assert_array_equal(
        loaded.transform(logits), calibrator.transform(logits), strict=True
    )


@pytest.mark.parametrize("state", states())
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_state_is_refused_or_harmless(state, data):
    damaged = dict(state)
    key = data.draw(st.sampled_from([*state, "extra"]))
    if key in damaged and data.draw(st.booleans()):
        del damaged[key]
    else:
        damaged[key] = data.draw(JSON)

    try:
        calibrator = load_calibrator(damaged)
    except RankerFormatError:
        return

    probabilities = calibrator.transform([-50.0, 0.0, 50.0])
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (np.diff(probabilities) >= 0).all()


PLATT = {"name": "platt", "slope": 1.0, "intercept": 0.0}
BETA = {"name": "beta", "low_exponent": 1.0, "high_exponent": 1.0, "intercept": 0.0}
ISOTONIC = {
    "name": "isotonic",
    "logit_thresholds": [0.0, 1.0],
    "probability_thresholds": [0.25, 0.5],
    "shift": 0.0,
}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, "must be a dictionary whose name is one of 'identity', .*, got None"),
        ([PLATT], "got a list of 1 entries"),
        ({}, "got None"),
        ({"name": "spline"}, "got 'spline'"),
        ({"name": ["platt"]}, "got a list of 1 entries"),
        ({"name": 10**5000}, "got a huge integer"),
        ({"name": "identity", "slope": 1.0}, r"entries \['name'\], got \['name', 'sl"),
        ({"name": "platt", "slope": 1.0}, "'platt' must have the entries"),
        (PLATT | {"slope": "1"}, "'slope' must be a finite number, got '1'"),
        (PLATT | {"slope": True}, "'slope' must be a finite number, got True"),
        (PLATT | {"slope": 0}, "'slope' must be positive, got 0"),
        (PLATT | {"slope": 10**400}, "'slope' must be a finite .* got a huge integer"),
        (
            PLATT | {"slope": -1.0, "intercept": math.nan},
            "'platt' is damaged: 'intercept' must be .*, got nan. 'slope' must be pos",
        ),
        (BETA | {"low_exponent": -1e-9}, "'low_exponent' must be zero or positive"),
        (
            BETA | {"low_exponent": 0, "high_exponent": 0},
            "'low_exponent' must be positive if the other is 0, got 0",
        ),
        (BETA | {"intercept": math.inf}, "'intercept' must be a finite number"),
        (
            ISOTONIC | {"logit_thresholds": [1.0, 1.0]},
            "'logit_thresholds' must rise, got a list of 2 entries",
        ),
        (
            ISOTONIC | {"logit_thresholds": [1.0, None]},
            "'logit_thresholds' must be a list of finite numbers",
        ),
        (ISOTONIC | {"logit_thresholds": "01"}, "must be a list of finite .* got '01'"),
        (
            ISOTONIC | {"probability_thresholds": [0.5, 0.25]},
            r"'probability_thresholds' must rise in \(0, 1\)",
        ),
        (ISOTONIC | {"probability_thresholds": [0.0, 0.5]}, r"must rise in \(0, 1\)"),
        (ISOTONIC | {"probability_thresholds": [0.5]}, "must be as long as the logits"),
        (ISOTONIC | {"shift": 1}, "'shift' must be 0 beside thresholds, got 1"),
    ],
)
def test_damaged_state_is_told(state, message):
    with pytest.raises(RankerFormatError, match=message):
        load_calibrator(state)


@pytest.mark.parametrize("name", ["platt", "beta", "isotonic"])
def test_state_of_another_calibrator(name):
    with pytest.raises(RankerFormatError, match="must have the entries"):
        CALIBRATORS[name].from_dict({"name": "identity"})


def test_state_under_a_wrong_name():
    with pytest.raises(RankerFormatError, match="'name' must be 'platt', got 'beta'"):
        CALIBRATORS["platt"].from_dict(PLATT | {"name": "beta"})


@fitted
def test_before_fit(kind):
    with pytest.raises(NotFittedError, match=r"Calibrator.fit before transform"):
        kind().transform([0.0])
    with pytest.raises(NotFittedError, match=r"Calibrator.fit before to_dict"):
        kind().to_dict()


@each
class TestErrors:
    def test_lengths(self, kind):
        with pytest.raises(ShapeError, match="logits and labels must have equal len"):
            kind().fit([0.0, 1.0], [1])

    def test_no_row(self, kind):
        with pytest.raises(DataError, match="logits and labels must hold at least one"):
            kind().fit([], [])

    def test_labels(self, kind):
        with pytest.raises(DataError, match="labels must be 0 or 1, got nan in row 1"):
            kind().fit([0.0, 1.0], [1, math.nan])

    def test_logits(self, kind):
        calibrator = kind().fit([0.0, 1.0], [1, 0])

        with pytest.raises(DataError, match="logits must be finite, got inf in row 1"):
            calibrator.transform([0.0, math.inf])
        with pytest.raises(ShapeError, match="logits must be a vector"):
            calibrator.transform([[0.0]])
