"""Seconds of one row and of many; how many they are is no test's business."""

from fieldwise.diagnosis.latency import NUM_CALLS, measure_latency, typical_row


def test_all_is_measured(observed):
    ranker, parts = observed

    found = measure_latency(ranker, parts["test"])

    assert 0 < found["one_row_ms"]["median"] <= found["one_row_ms"]["p95"]
    assert found["one_row_ms"]["calls"] == NUM_CALLS
    assert found["many_rows"]["rows"] == 300
    assert found["many_rows"]["rows_per_second"] > 0


def test_typical_row_can_be_scored(observed):
    ranker, _ = observed

    row = typical_row(ranker.encoder)

    assert set(row) == {"site", "noise", "price", "tags"}
    unknown = ranker.score([row]).unknown_shares
    assert set(unknown.values()) == {0.0}
