"""Nested values as flat ones."""

from fieldwise.tracking.flat_values import flat_metrics, flat_settings


def test_settings_are_texts_by_path():
    settings = {"model": {"name": "dnn", "hidden_dims": [32, 16]}, "negative_rate": 1.0}

    assert flat_settings(settings) == {
        "model.name": "dnn",
        "model.hidden_dims": "[32, 16]",
        "negative_rate": "1.0",
    }
    assert flat_settings({"clip_norm": None, "empty": {}}) == {"clip_norm": "None"}


def test_metrics_of_several_labels_are_told_apart():
    metrics = {
        "valid": {"click": {"auc": 0.7}, "buy": {"auc": 0.8}},
        "test": {"auc": 1},
    }

    assert flat_metrics(metrics) == {
        "valid.click.auc": 0.7,
        "valid.buy.auc": 0.8,
        "test.auc": 1.0,
    }
