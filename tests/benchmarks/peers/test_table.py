"""The generated table against what it claims about itself."""

import numpy as np
import polars as pl
import pytest

from benchmarks.peers.settings import CATEGORICAL, FIELDS, LABEL, NUMERIC
from benchmarks.peers.table import GAPS, PAIRS, generate, write_table

ROWS = 20_000


@pytest.fixture(scope="module")
def table():
    return generate(ROWS)


def test_shape_of_the_log(table):
    assert table.frame.columns == [LABEL, *FIELDS]
    assert [table.frame[name].dtype for name in NUMERIC] == [pl.Int64] * 13
    assert [table.frame[name].dtype for name in CATEGORICAL] == [pl.String] * 26


def test_seed_decides_everything(table):
    again, other = generate(ROWS), generate(ROWS, seed=1)

    assert again.frame.equals(table.frame)
    assert not other.frame.equals(table.frame)


def test_labels_are_drawn_from_the_probabilities(table):
    labels = table.frame[LABEL].to_numpy()
    deviation = np.sqrt((table.probabilities * (1 - table.probabilities)).mean() / ROWS)

    assert table.probabilities.mean() == pytest.approx(0.256, abs=1e-6)
    assert labels.mean() == pytest.approx(0.256, abs=4 * deviation)


def test_frequencies_follow_a_power_law(table):
    # The share of the ranks [k, k + 1) of n values is
    # (k ** -0.12 - (k + 1) ** -0.12) / (1 - (n + 1) ** -0.12), k from 1.
    share = (1 - 2**-0.12) / (1 - 1501**-0.12)
    counts = table.frame["C1"].value_counts(sort=True)["count"]

    assert counts[0] / ROWS == pytest.approx(share, abs=0.015)


def test_gaps(table):
    share = table.frame["C22"].null_count() / ROWS

    assert share == pytest.approx(GAPS["C22"], abs=0.015)
    assert table.frame["C1"].null_count() == table.frame["I2"].null_count() == 0


def test_no_additive_model_explains_the_planted_pairs(table):
    logits = np.log(table.probabilities / (1 - table.probabilities))
    first, second = PAIRS[1]
    frame = table.frame.select(first, second).with_columns(logit=logits)
    frame = frame.with_columns(
        additive=pl.col("logit").mean().over(first)
        + pl.col("logit").mean().over(second)
        - pl.col("logit").mean(),
        together=pl.col("logit").mean().over(first, second),
    ).filter(pl.len().over(first, second) >= 20)

    additive = frame.select(pl.corr("logit", "additive")).item()
    together = frame.select(pl.corr("logit", "together")).item()

    assert together > additive + 0.05


def test_files_are_written_once(tmp_path):
    about = write_table(tmp_path / "table", 1000, csv=True)
    written = (tmp_path / "table" / "train.parquet").stat().st_mtime_ns
    again = write_table(tmp_path / "table", 1000, csv=True)

    assert about == again
    assert (tmp_path / "table" / "train.parquet").stat().st_mtime_ns == written
    assert about["train_rows"] == 900
    assert 0.5 < about["bayes_auc"] < 1
    types = pl.read_parquet(tmp_path / "table" / "test.parquet").schema
    csv = pl.read_csv(tmp_path / "table" / "test.csv", schema_overrides=types)
    assert csv.equals(pl.read_parquet(tmp_path / "table" / "test.parquet"))
