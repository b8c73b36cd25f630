"""Rows of any number, scored chunk by chunk, in the precision that was asked for."""

import logging
from contextlib import contextmanager

import numpy as np
import polars as pl
import pytest

from fieldwise.errors import SchemaError
from fieldwise.ranker import Predictions, streaming
from fieldwise.ranker import ranker as ranker_module
from fieldwise.scoring import score_batches

# Batches of other sizes sum in another order: equal up to the rounding of 32 bits.
ROUNDING = 1e-6


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(streaming, "CHUNK_ROWS", 64)


@pytest.fixture
def asked(monkeypatch):
    """The precisions that logits were asked for in; all are computed in float32."""
    precisions = []

    def score(model, batches, *, precision):
        precisions.append(precision)
        return score_batches(model, batches)

    monkeypatch.setattr(ranker_module, "score_batches", score)
    return precisions


def test_chunks_join_to_the_whole(ranker, log, small_chunks):
    parts = list(ranker.score_chunks(log))

    whole = ranker.score(log)
    joined = Predictions.join(parts)
    assert max(len(part) for part in parts) == 64
    np.testing.assert_array_equal(joined.values, whole.values)
    np.testing.assert_array_equal(joined.logits, whole.logits)
    assert joined.unknown_shares == whole.unknown_shares
    assert {part.kept for part in parts} == {None}


def test_several_labels(both_labels, log, small_chunks):
    parts = list(both_labels.score_chunks(log))

    assert len(parts) > 1
    assert Predictions.join(parts).values.shape == (300, 2)


def test_kept_columns_stand_beside_their_rows(ranker, log, small_chunks):
    parts = list(ranker.score_chunks(log, keep=["query", "site"]))

    kept = pl.concat(part.kept for part in parts)
    assert kept.equals(log.select("query", "site"))
    expected = ranker.predict(log)
    np.testing.assert_allclose(
        Predictions.join(parts).values, expected, rtol=0, atol=ROUNDING
    )


def test_columns_that_cannot_be_kept(ranker, log):
    with pytest.raises(SchemaError, match=r"keep must be columns.*got \['quer'\]"):
        ranker.score_chunks(log, keep=["quer", "site"])


def test_what_is_missing_is_told_before_the_first_chunk(ranker, log):
    with pytest.raises(SchemaError, match=r"'price' is missing"):
        ranker.score_chunks(log.drop("price"))


def test_a_dictionary_is_a_chunk(ranker, log):
    row = log.row(0, named=True)

    (part,) = ranker.score_chunks(row)

    assert part.values == pytest.approx(ranker.predict(row), abs=ROUNDING)


def test_no_rows(ranker, log):
    assert sum(map(len, ranker.score_chunks(log.head(0)))) == 0
    assert sum(map(len, ranker.score_chunks([]))) == 0


def test_drift_is_told_once_at_the_end(ranker, log, small_chunks, caplog):
    drifted = log.with_columns(site=pl.lit("new"))
    chunks = ranker.score_chunks(drifted)
    with caplog.at_level(logging.WARNING, logger="fieldwise"):
        next(chunks)
        assert caplog.text == ""

        list(chunks)

    assert caplog.text.count("far more unknown values than at fit") == 1


@pytest.mark.parametrize("progress", [True, False])
def test_a_bar(ranker, log, small_chunks, monkeypatch, progress):
    drawn, steps = [], []

    @contextmanager
    def bar(title, num_rows, *, shown):
        drawn.append((title, num_rows, shown))
        yield steps.append

    monkeypatch.setattr(ranker_module, "row_bar", bar)

    ranker.predict(log, progress=progress)

    assert drawn == [("scoring", 300 if progress else 0, progress)]
    assert max(steps) == 64
    assert sum(steps) == 300


def test_float32_unless_asked(ranker, log, asked):
    assert ranker.precision == "float32"

    ranker.predict(log)

    assert asked == ["float32"]


def test_precision_reaches_all_that_scores(ranker, log, asked):
    row = log.drop("query").row(0, named=True)
    ranker.precision = "bf16"
    try:
        ranker.predict(log)
        ranker.predict(row)
        ranker.evaluate(log)
    finally:
        ranker.precision = "float32"

    assert asked == ["bf16"] * 3


def test_auto_leaves_single_rows_in_float32(ranker, log, asked):
    row = log.drop("query").row(0, named=True)
    ranker.precision = "auto"
    try:
        ranker.predict(row)
        assert asked == []

        ranker.predict(log)
    finally:
        ranker.precision = "float32"

    assert asked == ["auto"]


def test_an_unknown_precision_is_refused(ranker):
    with pytest.raises(ValueError, match=r"precision must be one of .* got 'fp8'"):
        ranker.precision = "fp8"
    assert ranker.precision == "float32"
