"""What a folder of results keeps, refuses and throws away."""

import numpy as np
import pytest
from filelock import FileLock

from fieldwise.comparison.finished_fit import FinishedFit
from fieldwise.comparison.folder import LOCK, LOG, ComparisonFolder
from fieldwise.comparison.manifest import MANIFEST, agree
from fieldwise.comparison.plan import Job
from fieldwise.errors import DataError

JOBS = [Job(0, "fm"), Job(0, "lr"), Job(1, "fm")]


def fit(job):
    return FinishedFit(job, np.zeros((2, 1), dtype=np.float32), {"seconds": 1.0})


@pytest.fixture
def folder(tmp_path, measured):
    folder = ComparisonFolder(tmp_path / "results")
    with folder.opened(overwrite=False):
        agree(folder.root, {"model": {}})
        folder.write_rows(measured(np.array([0.0, 1.0])), {"warnings": ["a leak"]})
    return folder


def test_only_what_is_missing(folder):
    folder.keep(fit(JOBS[0]))

    assert folder.missing(JOBS) == JOBS[1:]
    assert folder.read(JOBS[0]).job == JOBS[0]
    assert folder.record(JOBS[0]) == {"seconds": 1.0}
    assert folder.record(JOBS[1]) is None
    assert folder.others(JOBS[1:]) == ["fm-0"]


def test_a_damaged_result_is_made_again(folder, caplog):
    folder.keep(fit(JOBS[0]))
    (folder.root / "fits" / "fm-0.parquet").write_bytes(b"PAR1")

    assert folder.missing(JOBS) == JOBS
    assert "fm, seed 0 must be fitted again" in caplog.text


def test_without_rows_everything_is_missing(folder):
    folder.keep(fit(JOBS[0]))
    (folder.root / "rows.parquet").unlink()

    assert folder.missing(JOBS) == JOBS


def test_rows_come_back(folder):
    rows, about = folder.read_rows()

    assert rows.labels[:, 0].tolist() == [0.0, 1.0]
    assert about == {"warnings": ["a leak"]}


def test_states_go_when_their_fit_is_done(folder):
    for job in JOBS[:2]:
        folder.state(job).mkdir(parents=True)

    folder.keep(fit(JOBS[0]))
    assert [path.name for path in (folder.root / "unfinished").iterdir()] == ["lr-0"]
    folder.keep(fit(JOBS[1]))
    assert not (folder.root / "unfinished").exists()


def test_overwriting_keeps_the_log_only(folder):
    folder.keep(fit(JOBS[0]))
    (folder.root / LOG).write_text("said", "utf-8")

    with folder.opened(overwrite=True):
        left = {path.name for path in folder.root.iterdir()}

    assert left == {LOCK, LOG}


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", "utf-8")
    folder = ComparisonFolder(tmp_path)

    for overwrite in (False, True):
        with (
            pytest.raises(DataError, match="new folder or that of a comparison"),
            folder.opened(overwrite=overwrite),
        ):
            pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(DataError, match="new folder"):
        ComparisonFolder(tmp_path / "thesis.tex").check()


def test_one_process_at_a_time(folder):
    with (
        FileLock(folder.root / LOCK),
        pytest.raises(DataError, match="another process is at work"),
        folder.opened(overwrite=False),
    ):
        pass


def test_a_folder_with_a_log_only_is_new(tmp_path):
    (tmp_path / LOG).write_text("", "utf-8")

    ComparisonFolder(tmp_path).check()
    (tmp_path / MANIFEST).write_text("{}", "utf-8")
    ComparisonFolder(tmp_path).check()
