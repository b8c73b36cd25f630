"""Patience and plateau, by hand."""

import pytest

from fieldwise.training.monitor import Monitor


def watch(**settings):
    defaults = {
        "higher_is_better": True,
        "learning_rate": 1e-3,
        "patience": 2,
        "min_delta": 1e-6,
        "plateau_factor": 0.1,
    }
    return Monitor(**(defaults | settings))


def test_plateau_and_patience_by_hand():
    monitor = watch()

    # auc -> improved, rate of the next epoch, stop: a success forgives a failure,
    # but the rate never rises again
    for auc, improved, rate, stop in [
        (0.70, True, 1e-3, False),
        (0.75, True, 1e-3, False),
        (0.74, False, 1e-4, False),
        (0.76, True, 1e-4, False),
        (0.76, False, 1e-5, False),
        (0.70, False, 1e-6, True),
    ]:
        assert monitor.update(auc) is improved
        assert monitor.learning_rate == pytest.approx(rate, rel=1e-12)
        assert monitor.should_stop is stop
    assert (monitor.best_epoch, monitor.best_value) == (4, 0.76)


def test_lower_is_better():
    monitor = watch(higher_is_better=False)

    assert [monitor.update(loss) for loss in (0.5, 0.6, 0.4)] == [True, False, True]
    assert monitor.best_epoch == 3


def test_an_improvement_must_exceed_min_delta():
    # steps of 0.25 are exact in floating point
    monitor = watch(min_delta=0.25)

    assert [monitor.update(v) for v in (0.0, 0.25, 0.5)] == [True, False, True]


def test_the_rate_has_a_floor():
    monitor = watch(patience=100)
    for _ in range(10):
        monitor.update(0.5)

    assert monitor.learning_rate == 1e-6


def test_a_rate_below_the_floor_is_not_raised():
    monitor = watch(learning_rate=1e-8, patience=100)
    for _ in range(3):
        monitor.update(0.5)

    assert monitor.learning_rate == 1e-8


def test_factor_one_keeps_the_rate():
    monitor = watch(plateau_factor=1.0, patience=100)
    for _ in range(5):
        monitor.update(0.5)

    assert monitor.learning_rate == 1e-3


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_nan_never_improves(higher_is_better):
    monitor = watch(higher_is_better=higher_is_better)

    assert [monitor.update(v) for v in (float("nan"), 0.5, float("nan"))] == [
        False,
        True,
        False,
    ]


def test_before_the_first_evaluation():
    assert watch().best_epoch == 0
    assert not watch().should_stop
