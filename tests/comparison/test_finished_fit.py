"""A result is one file, there whole or not at all."""

import numpy as np
import pytest

from fieldwise.comparison.finished_fit import FinishedFit, read_record
from fieldwise.comparison.plan import Job
from fieldwise.errors import DataError

JOB = Job(2, "fm")


@pytest.fixture
def fit():
    values = np.array([[0.25, 3.0], [0.5, -1.0]], dtype=np.float32)
    return FinishedFit(JOB, values, {"seconds": 1.5, "measures": {"auc": 0.75}})


def test_written_and_read(fit, tmp_path):
    path = tmp_path / "fits" / "fm-2.parquet"

    fit.write(path)

    again = FinishedFit.read(path, JOB)
    np.testing.assert_array_equal(again.values, fit.values)
    assert again.values.dtype == np.float32
    assert again.record == read_record(path) == fit.record
    assert [item.name for item in path.parent.iterdir()] == ["fm-2.parquet"]


def test_nothing_is_left_of_half_a_file(fit, tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))

    with pytest.raises(OSError, match="full"):
        fit.write(tmp_path / "fm-2.parquet")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PAR1 no parquet PAR1"])
def test_damaged(tmp_path, content):
    (tmp_path / "x.parquet").write_bytes(content)

    with pytest.raises(DataError, match="must be the result of a fit"):
        FinishedFit.read(tmp_path / "x.parquet", JOB)


def test_another_file(tmp_path, log):
    log.write_parquet(tmp_path / "x.parquet")

    with pytest.raises(DataError, match="must be the result of a fit"):
        read_record(tmp_path / "x.parquet")
