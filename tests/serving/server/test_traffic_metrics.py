"""What Prometheus is told of values, numbers, scores and drift."""

import time

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.serving.server.running import running


def metrics_of(client):
    text = client.get("/metrics").text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found, name, **labels):
    return found[(name, *sorted(labels.items()))]


def counted(client, num_rows):
    """The metrics once all rows have been counted."""
    for _ in range(100):
        found = metrics_of(client)
        labels = {"ranker": "clicks", "field": "site"}
        if value(found, "fieldwise_values_total", **labels) >= num_rows:
            time.sleep(1.2)  # the comparison with training comes right after
            return metrics_of(client)
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two processes"])
def asked(request, folders, log):
    """Metrics after ninety rows, their sites another mixture than in training."""
    rows = log.drop("rating", "click").head(90).to_dicts()
    for place, row in enumerate(rows):
        row["site"] = "new" if place % 3 == 0 else "a"
    with running(folders / "clicks", "--workers", request.param) as server:
        predictions = []
        for start in range(0, 90, 10):
            # Each connection may be another process's.
            with server.client() as client:
                body = {"rows": rows[start : start + 10]}
                found = client.post("/v1/predict", json=body).json()["predictions"]
                predictions += found["click"]
        with server.client() as client:
            yield rows, predictions, counted(client, 90)


def test_values_and_unknown_ones(asked):
    _, _, found = asked

    for name, labels, wanted in (
        ("fieldwise_values_total", {"field": "site"}, 90),
        ("fieldwise_unknown_values_total", {"field": "site"}, 30),
        ("fieldwise_unknown_values_total", {"field": "user"}, 0),
        ("fieldwise_unknown_share_at_fit", {"field": "site"}, 0),
    ):
        assert value(found, name, ranker="clicks", **labels) == wanted, name


def test_scores(asked):
    _, predictions, found = asked
    labels = {"ranker": "clicks", "label": "click"}

    assert value(found, "fieldwise_scores_count", **labels) == 90
    total = value(found, "fieldwise_scores_sum", **labels)
    assert total == pytest.approx(sum(predictions))
    half = value(found, "fieldwise_scores_bucket", le="0.5", **labels)
    assert half == np.sum(np.array(predictions) <= 0.5)


def test_numbers(asked, ranker):
    rows, _, found = asked
    field = ranker.schema["price"]
    raw = np.array([row["price"] for row in rows if row["price"] is not None])
    clipped = np.clip(raw, field.low, field.high)
    numbers = (np.log1p(clipped) - field.center) / field.scale

    labels = {"ranker": "clicks", "field": "price"}
    mean = value(found, "fieldwise_number_mean", **labels)
    deviation = value(found, "fieldwise_number_deviation", **labels)
    assert mean == pytest.approx(numbers.mean(), abs=1e-5)
    assert deviation == pytest.approx(numbers.std(), abs=1e-5)


def test_drift_is_told_from_chance(asked):
    _, _, found = asked

    def drift(name, field):
        labels = {"ranker": "clicks", "field": field}
        return value(found, f"fieldwise_drift_{name}", **labels)

    assert drift("divergence", "site") > 3 * drift("chance", "site")
    assert drift("stability_index", "site") > 0.25
    assert drift("divergence", "user") <= drift("chance", "user")


def test_requests(asked):
    _, _, found = asked
    labels = {"ranker": "clicks", "endpoint": "predict"}

    requests = value(found, "fieldwise_requests_total", status="200", **labels)
    assert requests == 9
    assert value(found, "fieldwise_rows_total", **labels) == 90
    assert value(found, "fieldwise_request_seconds_count", **labels) == 9
