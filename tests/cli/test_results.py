"""Metrics and unknown values for people."""

from fieldwise.cli.results import (
    by_label,
    show_fit_metrics,
    show_metrics,
    worst_shares,
)

ONE = {"num_rows": 3, "auc": 0.75, "log_loss": 0.5}
TWO = {"click": ONE, "price": {"num_rows": 3, "rmse": 2.0}}


def lines(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_by_label():
    assert by_label(ONE) == {"": ONE}
    assert by_label(TWO) == TWO


def test_metrics_of_one_label(capsys):
    show_metrics(ONE)

    assert lines(capsys) == [
        ["metric", "value"],
        ["num_rows", "3"],
        ["AUC", "0.75000"],
        ["log", "loss", "0.50000"],
    ]


def test_metrics_of_several_labels(capsys):
    show_metrics(TWO)

    shown = lines(capsys)
    assert shown[0] == ["label", "metric", "value"]
    assert ["price", "RMSE", "2.00000"] in shown


def test_fit_metrics(capsys):
    show_fit_metrics(
        {"valid": {"log_loss": 0.6}, "test": TWO}, {"valid": ONE, "test": TWO}
    )

    shown = lines(capsys)
    # An AUC that was undefined before is no reason to fail.
    assert ["valid", "AUC", "-", "0.75000"] in shown
    assert ["valid", "log", "loss", "0.60000", "0.50000"] in shown
    assert ["test", "price", "RMSE", "2.00000", "2.00000"] in shown


def test_worst_shares():
    shares = {"a": 0.1, "b": 0.0, "c": 0.9, "d": 0.2, "e": 0.3}

    assert worst_shares(shares) == "'c' 90.0%, 'e' 30.0%, 'd' 20.0%"
    assert worst_shares({"b": 0.0}) == "none"
    assert worst_shares({}) == "none"
